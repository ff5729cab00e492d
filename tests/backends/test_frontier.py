"""Each format of frontier models: what is sent, exactly, and what is understood of a stream.

The recordings named for a format are written by hand after its provider's reference, with the same
answer and usage in each: Anthropic's "Streaming messages", OpenAI's "Streaming events" of Responses
and "Chat completions", Google's "streamGenerateContent", Mistral's "Reasoning". In
`tests/e2e/test_official.py` the providers' own clients read them, and each record is held to the
types that those clients have for it. Those named for LiteLLM are what a real proxy said before a
real llama.cpp server; `python -m tests.e2e.record` makes them anew.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.backends.fakes import CALM, Handler, Stream, transport

from firsthand.backends.base import BackendError, Endpoint, Failed, Garbled, Refused, Usage
from firsthand.backends.frontier import Declined, End, Message, Question, open_talk

pytestmark = pytest.mark.asyncio

RECORDINGS = Path(__file__).parent / "recordings" / "frontier"
TURNS = (Message("user", "q"), Message("assistant", "r"), Message("user", "s"))
ASKED = Question("task", "code", TURNS, 4096)
ANTHROPIC = Endpoint("m", "anthropic", "https://api.anthropic.com", "claude", remote=True)
OPENAI = Endpoint("m", "openai", "https://api.openai.com/v1", "gpt", remote=True)
GEMINI = Endpoint(
    "m", "gemini", "https://generativelanguage.googleapis.com", "gemini-4/x", remote=True
)
ZAI = Endpoint("m", "zai", "https://api.z.ai/api/paas/v4", "glm", remote=True)
MISTRAL = Endpoint("m", "mistral", "https://api.mistral.ai", "medium", remote=True)
LITELLM = Endpoint("m", "litellm", "http://127.0.0.1:4000", "any")
OTHERS = Endpoint("m", "openai", "https://models.example.com/v1", "qwen", remote=True)


async def ask(where: Endpoint, handler: Handler, key: str | None = "k") -> tuple[str, End | None]:
    """All that a model says, and the end."""
    talker = open_talk(where, key, deadlines=CALM, transport=transport(handler))
    try:
        parts = [part async for part in talker.stream(ASKED)]
    finally:
        await talker.aclose()
    return "".join(part.text for part in parts), parts[-1].end


def kept(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


ANTHROPICS = {
    "model": "claude",
    "max_tokens": 4096,
    "system": [text("task")],
    "messages": [
        {"role": "user", "content": [kept("code"), text("q")]},
        {"role": "assistant", "content": [text("r")]},
        {"role": "user", "content": [text("s")]},
    ],
    "stream": True,
}
RESPONSES = {
    "model": "gpt",
    "instructions": "task",
    "input": [
        {"type": "message", "role": "user", "content": "code"},
        {"type": "message", "role": "user", "content": "q"},
        {"type": "message", "role": "assistant", "content": "r"},
        {"type": "message", "role": "user", "content": "s"},
    ],
    "max_output_tokens": 4096,
    "store": False,
    "stream": True,
}
GEMINIS = {
    "systemInstruction": {"parts": [{"text": "task"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "code\nq"}]},
        {"role": "model", "parts": [{"text": "r"}]},
        {"role": "user", "parts": [{"text": "s"}]},
    ],
    "generationConfig": {"maxOutputTokens": 4096},
}


def chat(model: str, counted: bool = True) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": "task"},
            {"role": "user", "content": "code\nq"},
            {"role": "assistant", "content": "r"},
            {"role": "user", "content": "s"},
        ],
        "max_tokens": 4096,
        "stream": True,
        **({"stream_options": {"include_usage": True}} if counted else {}),
    }


@pytest.mark.parametrize(
    ("where", "recording", "url", "headers", "body", "usage"),
    [
        (
            ANTHROPIC,
            "anthropic",
            "https://api.anthropic.com/v1/messages",
            {"x-api-key": "k", "anthropic-version": "2023-06-01"},
            ANTHROPICS,
            Usage(1120, 1000, 15, 100),
        ),
        (
            OPENAI,
            "responses",
            "https://api.openai.com/v1/responses",
            {"authorization": "Bearer k"},
            RESPONSES,
            Usage(1120, 1000, 15, 100),
        ),
        (
            GEMINI,
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-4%2Fx:"
            "streamGenerateContent?alt=sse",
            {"x-goog-api-key": "k"},
            GEMINIS,
            Usage(1120, 1000, 15),
        ),
        (
            ZAI,
            "chat",
            "https://api.z.ai/api/paas/v4/chat/completions",
            {"authorization": "Bearer k"},
            chat("glm"),
            Usage(1120, 1000, 15, 100),
        ),
        (
            MISTRAL,
            "mistral",
            "https://api.mistral.ai/v1/chat/completions",
            {"authorization": "Bearer k"},
            chat("medium", counted=False),
            Usage(1120, 1000, 15),
        ),
        (
            LITELLM,
            "chat",
            "http://127.0.0.1:4000/v1/chat/completions",
            {"authorization": "Bearer k"},
            chat("any"),
            Usage(1120, 1000, 15, 100),
        ),
        (
            OTHERS,
            "chat",
            "https://models.example.com/v1/chat/completions",
            {"authorization": "Bearer k"},
            chat("qwen"),
            Usage(1120, 1000, 15, 100),
        ),
    ],
)
async def test_what_is_sent_and_understood(
    where: Endpoint,
    recording: str,
    url: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    usage: Usage,
) -> None:
    content = (RECORDINGS / f"{recording}.sse").read_bytes()
    requests: list[httpx.Request] = []
    for size in (len(content), 1, 7, 64):
        pieces = [content[at : at + size] for at in range(0, len(content), size)]

        def handle(request: httpx.Request, pieces: list[bytes] = pieces) -> httpx.Response:
            requests.append(request)
            return httpx.Response(200, stream=Stream(pieces))

        assert await ask(where, handle) == ("a + b", End(cut=False, usage=usage))
    first = requests[0]
    assert str(first.url) == url
    assert {name: first.headers[name] for name in headers} == headers
    assert ("authorization" in first.headers) is ("authorization" in headers)
    assert json.loads(first.content) == body


def _given(answer: httpx.Response, _: httpx.Request) -> httpx.Response:
    return answer


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("litellm-chat", LITELLM),
        ("litellm-anthropic", ANTHROPIC),
        ("litellm-responses", OPENAI),
    ],
)
async def test_what_a_real_proxy_said_is_understood(name: str, where: Endpoint) -> None:
    content = (RECORDINGS / f"{name}.sse").read_bytes()
    for size in (len(content), 1, 64):
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        answer = httpx.Response(200, stream=Stream(pieces))
        text, end = await ask(where, partial(_given, answer))
        assert text == "return a + b"
        assert end is not None
        assert not end.cut
        assert end.usage is not None
        assert end.usage.prompt > 40
        assert 12 <= end.usage.completion <= 14


async def test_each_record_is_a_piece_whatever_came_together() -> None:
    content = (RECORDINGS / "litellm-chat.sse").read_bytes()
    talker = open_talk(
        LITELLM, "k", transport=transport(partial(_given, httpx.Response(200, content=content)))
    )
    parts = [part.text async for part in talker.stream(ASKED)]
    await talker.aclose()
    assert len(list(filter(None, parts))) == len("return a + b")


def said(*records: Mapping[str, Any]) -> Handler:
    content = b"".join(b"data: %s\n\n" % json.dumps(each).encode() for each in records)
    return lambda _: httpx.Response(200, content=content)


OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "secret"}}
REFUSAL = {"type": "message_delta", "delta": {"stop_reason": "refusal"}, "usage": {}}
HALF = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}
BROKEN = {"type": "error", "code": "server_error", "message": "secret", "param": None}
PARTED = {"choices": [{"delta": {"content": [{"type": "text", "text": 3}]}}]}
FILTERED = {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}
BLOCKED = {"promptFeedback": {"blockReason": "SAFETY"}}
UNSAFE = {"candidates": [{"finishReason": "SAFETY"}]}
INCOMPLETE = {
    "type": "response.incomplete",
    "response": {"incomplete_details": {"reason": "content_filter"}},
}


@pytest.mark.parametrize(
    ("where", "handler", "error"),
    [
        (ANTHROPIC, said(HALF, OVERLOADED), Failed),
        (ANTHROPIC, said(HALF), Failed),
        (ANTHROPIC, said(REFUSAL), Declined),
        (ANTHROPIC, said({**HALF, "delta": 3}), Garbled),
        (ANTHROPIC, lambda _: httpx.Response(200, content=b"data: {\n\n"), Garbled),
        (ANTHROPIC, lambda _: httpx.Response(200), Garbled),
        (ANTHROPIC, lambda _: httpx.Response(529), Refused),
        (OPENAI, said({"type": "response.refusal.delta", "delta": "no"}), Declined),
        (OPENAI, said({"type": "response.failed", "response": {}}), Failed),
        (OPENAI, said(BROKEN), Failed),
        (OPENAI, said(INCOMPLETE), Declined),
        (OPENAI, said({"type": "response.output_text.delta", "delta": None}), Garbled),
        (OPENAI, lambda _: httpx.Response(402), Refused),
        (GEMINI, said(BLOCKED), Declined),
        (GEMINI, said(UNSAFE), Declined),
        (GEMINI, lambda _: httpx.Response(429, headers={"Retry-After": "7"}), Refused),
        (ZAI, said(FILTERED), Declined),
        (ZAI, said({"choices": [{"delta": {"refusal": "no"}}]}), Declined),
        (ZAI, said({"choices": 3}), Garbled),
        (MISTRAL, said(PARTED), Garbled),
    ],
)
async def test_what_goes_wrong_has_its_class(
    where: Endpoint, handler: Handler, error: type[BackendError]
) -> None:
    with pytest.raises(error) as caught:
        await ask(where, handler)
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "last"),
    [
        (ANTHROPIC, {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}),
        (
            OPENAI,
            {
                "type": "response.incomplete",
                "response": {"incomplete_details": {"reason": "max_output_tokens"}},
            },
        ),
        (GEMINI, {"candidates": [{"finishReason": "MAX_TOKENS"}]}),
        (ZAI, {"choices": [{"delta": {}, "finish_reason": "length"}]}),
    ],
)
async def test_an_answer_that_was_cut_says_so(where: Endpoint, last: Mapping[str, Any]) -> None:
    _, end = await ask(where, said(last))
    assert end is not None
    assert end.cut
