"""What fills in the middle, beside the providers' own clients: what they send, what they read.

The same as in `test_official`, for the formats of completions. OpenAI's client also speaks to the
servers that are compatible with it, and to DeepSeek.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.e2e.answering import answering
from tests.e2e.asking import HOLE

from firsthand.backends import connect
from firsthand.backends.base import Endpoint, Request

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

Official = Callable[[str, str, Mapping[str, Any]], str]


def with_openai(url: str, path: str, body: Mapping[str, Any]) -> str:
    import openai

    base = url + path.removesuffix("/completions")
    with openai.OpenAI(base_url=base, api_key="k", max_retries=0) as client:
        return "".join(
            chunk.choices[0].text for chunk in client.completions.create(**body) if chunk.choices
        )


def with_openai_chat(url: str, path: str, body: Mapping[str, Any]) -> str:
    import openai

    base = url + path.removesuffix("/chat/completions")
    with openai.OpenAI(base_url=base, api_key="k", max_retries=0) as client:
        return "".join(
            chunk.choices[0].delta.content or ""
            for chunk in client.chat.completions.create(**body)
            if chunk.choices
        )


def with_ollama(url: str, path: str, body: Mapping[str, Any]) -> str:
    import ollama

    return "".join(each.response for each in ollama.Client(host=url).generate(**body))


@pytest.mark.parametrize(
    ("recording", "provider", "template", "official"),
    [
        ("ollama.ndjson", "ollama", "", with_ollama),
        ("ollama-raw.ndjson", "ollama", "qwen", with_ollama),
        ("deepseek.sse", "deepseek", "", with_openai),
        ("openai.sse", "openai", "qwen", with_openai),
        ("vllm.sse", "vllm", "qwen", with_openai),
        ("sglang.sse", "sglang", "qwen", with_openai),
        ("lmstudio.sse", "lmstudio", "qwen", with_openai),
        ("tgi.sse", "tgi", "qwen", with_openai),
        ("max.sse", "max", "qwen", with_openai),
        ("openrouter.sse", "openrouter", "chat", with_openai_chat),
    ],
)
async def test_the_official_client_sends_and_reads_the_same(
    recording: str, provider: str, template: str, official: Official
) -> None:
    with answering(recording) as told:
        ours = connect(Endpoint("m", provider, told.url, "m", template), "k")
        text = "".join([chunk.text async for chunk in ours.stream(Request(HOLE, certainty=True))])
        await ours.aclose()
        sent = replace(told)
        assert official(told.url, sent.path, sent.body) == text == "a + b"
    # Some clients write out what was not asked for.
    assert {key: each for key, each in told.body.items() if each not in ("", None)} == sent.body
    assert told.path == sent.path
    if provider != "ollama":  # its client knows no key
        assert told.headers["authorization"] == sent.headers["authorization"]
