"""Each provider: what is sent, exactly, and what is understood of a recorded stream.

The recordings are written after what each server's reference says that it sends; `test_real` has
those of real servers. Every stream is fed whole and in pieces of every small size.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.backends.fakes import Stream, collect

from firsthand.backends.base import Endpoint, Request, Usage
from firsthand.core.fim import Hole, ends
from firsthand.router.endpoints import endpoint_of
from firsthand.settings import PRESETS
from firsthand.settings.sources import parse_user

pytestmark = pytest.mark.asyncio

RECORDINGS = Path(__file__).parent / "recordings"
HOLE = Hole("def add(a, b):\n    return ", "\n", "src/add.py", "demo", (("b.py", "B = 2\n"),))
ASKED = Request(HOLE)

QWEN = (
    "<|repo_name|>demo\n<|file_sep|>b.py\nB = 2\n\n<|file_sep|>src/add.py\n"
    "<|fim_prefix|>def add(a, b):\n    return <|fim_suffix|>\n<|fim_middle|>"
)
STOPS = ["<|endoftext|>", "<|file_sep|>", "<|im_end|>", "<|fim_pad|>"]
ALL_STOPS = [*STOPS, "<|repo_name|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
TEMPLATED = {
    "model": "qwen2.5-coder-1.5b",
    "prompt": QWEN,
    "max_tokens": 96,
    "temperature": 0.0,
    "stop": STOPS,
    "stream": True,
}
COUNTED = {"stream_options": {"include_usage": True}}
LIMITS = {"max_tokens": 96, "temperature": 0.0, "stream": True}


def endpoint(table: str) -> Endpoint:
    """An endpoint as a person configures it."""
    loaded = parse_user(f'[inline]\nmodels = ["m"]\n[models.m]\n{table}', "config.toml")
    assert loaded.faults == ()
    return endpoint_of(loaded.inline_models[0])


async def check(
    table: str,
    recording: str,
    path: str,
    body: Mapping[str, Any],
    usage: Usage | None = None,
    *,
    early: str = "",
    confidence: float | None = None,
    asked: Request = ASKED,
) -> None:
    content = (RECORDINGS / recording).read_bytes()
    where = endpoint(table)
    requests: list[httpx.Request] = []
    for size in (len(content), 1, 7, 64):
        pieces = [content[at : at + size] for at in range(0, len(content), size)]

        def handle(request: httpx.Request, pieces: list[bytes] = pieces) -> httpx.Response:
            requests.append(request)
            return httpx.Response(200, stream=Stream(pieces))

        chunks = await collect(where, handle, asked)
        assert "".join(chunk.text for chunk in chunks) == "a + b"
        ending = chunks[-1].ending
        assert ending is not None
        assert (ending.endpoint, ending.early, ending.usage) == (where, early, usage)
        assert ending.confidence == pytest.approx(confidence, abs=1e-4)
    assert str(requests[0].url) == path
    assert json.loads(requests[0].content) == body


async def test_llamacpp() -> None:
    asked = Request(HOLE, certainty=True)
    body = {
        "prompt": QWEN,
        "stop": ALL_STOPS,
        "n_predict": 96,
        "temperature": 0.0,
        "n_probs": 1,
        "cache_prompt": True,
        "stream": True,
    }
    await check(
        'provider = "llamacpp"\nmodel = "qwen2.5-coder-1.5b"',
        "llamacpp.sse",
        "http://127.0.0.1:8012/completion",
        body,
        Usage(31, 27, 4),
        confidence=0.8187,
        asked=asked,
    )


async def test_ollama_with_a_model_that_inserts() -> None:
    await check(
        'provider = "ollama"\nmodel = "my-own-model"',
        "ollama.ndjson",
        "http://127.0.0.1:11434/api/generate",
        {
            "model": "my-own-model",
            "prompt": HOLE.prefix,
            "suffix": HOLE.suffix,
            "options": {"num_predict": 96, "temperature": 0.0},
            "think": False,
            "stream": True,
        },
        Usage(34, 0, 4),
    )


async def test_ollama_with_our_template() -> None:
    await check(
        'provider = "ollama"\nmodel = "qwen2.5-coder:1.5b-base"',
        "ollama-raw.ndjson",
        "http://127.0.0.1:11434/api/generate",
        {
            "model": "qwen2.5-coder:1.5b-base",
            "prompt": QWEN,
            "raw": True,
            "options": {"num_predict": 96, "temperature": 0.0, "stop": ALL_STOPS},
            "think": False,
            "stream": True,
        },
        Usage(34, 0, 3),
        early="length",
        confidence=0.6065,
    )


async def test_ollama_is_never_sent_an_empty_prompt_or_suffix() -> None:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, content=(RECORDINGS / "ollama.ndjson").read_bytes())

    await collect(endpoint('provider = "ollama"\nmodel = "m"'), handle, Request(Hole("", "")))
    body = json.loads(requests[0].content)
    assert (body["prompt"], body["suffix"]) == ("\n", "\n")
    assert "num_ctx" not in body["options"]


@pytest.mark.parametrize(
    ("provider", "port", "early", "confidence"),
    [
        ("vllm", 8000, "", 0.8187),
        ("sglang", 30000, "", 0.8187),
        ("lmstudio", 1234, "", None),
        ("tgi", 3000, "length", None),
        ("max", 8000, "", None),
    ],
)
async def test_servers_of_ones_own(
    provider: str, port: int, early: str, confidence: float | None
) -> None:
    logprobs = {"logprobs": 1} if confidence else {}
    await check(
        f'provider = "{provider}"\nmodel = "qwen2.5-coder-1.5b"',
        f"{provider}.sse",
        f"http://127.0.0.1:{port}/v1/completions",
        {**TEMPLATED, **logprobs},
        early=early,
        confidence=confidence,
    )


async def test_any_compatible_server() -> None:
    table = 'provider = "openai"\nurl = "https://a.example/v1"\nmodel = "qwen2.5-coder-1.5b"'
    await check(
        table,
        "openai.sse",
        "https://a.example/v1/completions",
        {**TEMPLATED, **COUNTED},
        Usage(34, 16, 4),
    )


async def test_mistral() -> None:
    for provider, host in (("mistral", "api"), ("codestral", "codestral")):
        await check(
            f'provider = "{provider}"',
            "mistral.sse",
            f"https://{host}.mistral.ai/v1/fim/completions",
            {
                "model": "codestral-latest",
                **LIMITS,
                "prompt": f"+++++ b.py\nB = 2\n\n\n+++++ src/add.py\n{HOLE.prefix}",
                "suffix": HOLE.suffix,
            },
            Usage(21, 0, 4),
            early="length",
        )


async def test_deepseek() -> None:
    body = {
        "model": "deepseek-flash",
        **LIMITS,
        **COUNTED,
        "prompt": f"#b.py\nB = 2\n\n#src/add.py\n{HOLE.prefix}",
        "suffix": HOLE.suffix,
        "max_tokens": 4096,
    }
    await check(
        'provider = "deepseek"',
        "deepseek.sse",
        "https://api.deepseek.com/beta/completions",
        body,
        Usage(34, 20, 4),
        asked=Request(HOLE, max_tokens=9000),
    )


async def test_inception() -> None:
    await check(
        'provider = "inception"',
        "inception.sse",
        "https://api.inceptionlabs.ai/v1/fim/completions",
        {
            "model": "mercury-edit-2",
            **LIMITS,
            "prompt": HOLE.prefix,
            "suffix": HOLE.suffix,
        },
        Usage(30, 0, 4),
    )


async def test_chat_models() -> None:
    for table, url in (
        ('provider = "openrouter"\nmodel = "a/b"', "https://openrouter.ai/api"),
        ('provider = "openai"\nurl = "https://a.example"\nmodel = "a/b"\nfim = "chat"', ""),
        ('provider = "llamacpp"\nurl = "https://a.example"\nmodel = "a/b"\nfim = "chat"', ""),
    ):
        where = endpoint(table)
        requests: list[httpx.Request] = []

        def handle(request: httpx.Request, requests: list[Any] = requests) -> httpx.Response:
            requests.append(request)
            return httpx.Response(200, content=(RECORDINGS / "openrouter.sse").read_bytes())

        chunks = await collect(where, handle, ASKED)
        assert "".join(chunk.text for chunk in chunks) == "a + b"
        assert chunks[-1].ending
        assert chunks[-1].ending.usage == Usage(90, 0, 5)
        assert str(requests[0].url) == f"{url or 'https://a.example'}/v1/chat/completions"
        body = json.loads(requests[0].content)
        system, user = body.pop("messages")
        assert body == {"model": "a/b", **LIMITS, **COUNTED}
        assert system["role"] == "system"
        assert "only the text" in system["content"]
        assert user["content"].endswith("<before_cursor>" + HOLE.prefix)
        assert user["content"].index("B = 2") < user["content"].index("<after_cursor>\n<")


@pytest.mark.parametrize(
    ("provider", "url", "counted"),
    [
        ("mistral", "https://api.mistral.ai/v1/chat/completions", False),
        ("deepseek", "https://api.deepseek.com/beta/chat/completions", True),
    ],
)
async def test_chat_where_it_is_not_the_usual_way(provider: str, url: str, counted: bool) -> None:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, content=(RECORDINGS / "openrouter.sse").read_bytes())

    await collect(endpoint(f'provider = "{provider}"\nmodel = "m"\nfim = "chat"'), handle)
    assert str(requests[0].url) == url
    assert ("stream_options" in json.loads(requests[0].content)) is counted


async def test_every_provider_is_recorded() -> None:
    recorded = {path.stem for path in RECORDINGS.iterdir()}
    # What is asked as in a chat is asked like OpenRouter.
    own = {name for name, preset in PRESETS.items() if preset.wire != "chat"}
    assert {*own, "openrouter"} - {"codestral"} <= recorded


@pytest.mark.parametrize("end", ends())
async def test_a_control_token_as_text_ends_an_answer(end: str) -> None:
    """Also where the server puts the template around the text, so that none of ours is known."""
    record = {"choices": [{"delta": {"content": f"a + b{end}c"}, "finish_reason": "stop"}]}
    content = f"data: {json.dumps(record)}\n\n".encode()
    chunks = await collect(
        endpoint('provider = "mistral"'), lambda _: httpx.Response(200, content=content)
    )
    assert "".join(chunk.text for chunk in chunks) == "a + b"
