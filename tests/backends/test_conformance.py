"""What each provider's preset comes to on the wire: address, headers, model, the limit of tokens.

The bodies of the four formats are held to the providers' own clients and their types in
`tests/e2e/test_official.py`. Here is what differs from preset to preset, as the providers'
references have it ("Chat completions", "Responses", "Messages", "generateContent").
"""

import json
from typing import get_args

import httpx
import pytest
from tests.backends.fakes import CALM, Stream, sse, transport

from firsthand.backends.base import BackendError, Endpoint
from firsthand.backends.frontier import Message, Question, open_talk
from firsthand.settings.presets import PRESETS, Provider

CHAT, RESPONSES, MESSAGES = "/chat/completions", "/responses", "/messages"
BEARER, ANTHROPIC, GOOGLE = "authorization", "x-api-key", "x-goog-api-key"
GEMINI = "/v1beta/models/gemini-4-argon:streamGenerateContent?alt=sse"
# The address below the preset's, the header of the key, and where the limit of tokens stands.
EXPECTED: dict[Provider, tuple[str, str, str]] = {
    "llamacpp": (f"http://127.0.0.1:8012/v1{CHAT}", BEARER, "max_tokens"),
    "ollama": (f"http://127.0.0.1:11434/v1{CHAT}", BEARER, "max_tokens"),
    "lmstudio": (f"http://127.0.0.1:1234/v1{CHAT}", BEARER, "max_tokens"),
    "vllm": (f"http://127.0.0.1:8000/v1{CHAT}", BEARER, "max_tokens"),
    "sglang": (f"http://127.0.0.1:30000/v1{CHAT}", BEARER, "max_tokens"),
    "tgi": (f"http://127.0.0.1:3000/v1{CHAT}", BEARER, "max_tokens"),
    "max": (f"http://127.0.0.1:8000/v1{CHAT}", BEARER, "max_tokens"),
    "litellm": (f"http://127.0.0.1:4000/v1{CHAT}", BEARER, "max_tokens"),
    "openai": (f"https://api.openai.com/v1{RESPONSES}", BEARER, "max_output_tokens"),
    "mistral": (f"https://api.mistral.ai/v1{CHAT}", BEARER, "max_tokens"),
    "codestral": (f"https://codestral.mistral.ai/v1{CHAT}", BEARER, "max_tokens"),
    "deepseek": (f"https://api.deepseek.com/beta{CHAT}", BEARER, "max_tokens"),
    "inception": (f"https://api.inceptionlabs.ai/v1{CHAT}", BEARER, "max_tokens"),
    "openrouter": (f"https://openrouter.ai/api/v1{CHAT}", BEARER, "max_tokens"),
    "anthropic": (f"https://api.anthropic.com/v1{MESSAGES}", ANTHROPIC, "max_tokens"),
    "gemini": (
        f"https://generativelanguage.googleapis.com{GEMINI}",
        GOOGLE,
        "generationConfig.maxOutputTokens",
    ),
    "qwen": (
        f"https://dashscope-intl.aliyuncs.com/compatible-mode/v1{CHAT}",
        BEARER,
        "max_completion_tokens",
    ),
    "moonshot": (f"https://api.moonshot.ai/v1{CHAT}", BEARER, "max_tokens"),
    "zai": (f"https://api.z.ai/api/paas/v4{CHAT}", BEARER, "max_tokens"),
    "xai": (f"https://api.x.ai/v1{RESPONSES}", BEARER, "max_output_tokens"),
    "groq": (f"https://api.groq.com/openai/v1{CHAT}", BEARER, "max_tokens"),
    "cerebras": (f"https://api.cerebras.ai/v1{CHAT}", BEARER, "max_tokens"),
    "together": (f"https://api.together.xyz/v1{CHAT}", BEARER, "max_tokens"),
    "fireworks": (f"https://api.fireworks.ai/inference/v1{CHAT}", BEARER, "max_tokens"),
}
TOP = {
    "chat": {"model", "messages", "max_tokens", "stream", "stream_options"},
    "responses": {"model", "instructions", "input", "max_output_tokens", "store", "stream"},
    "anthropic": {"model", "max_tokens", "system", "messages", "stream"},
    "gemini": {"systemInstruction", "contents", "generationConfig"},
}
UNCOUNTED = ("mistral", "codestral", "inception")  # they count unasked; Mistral refuses the field


def test_every_provider_is_in_the_table() -> None:
    assert set(EXPECTED) == set(get_args(Provider)) == set(PRESETS)


@pytest.mark.asyncio
@pytest.mark.parametrize("provider", EXPECTED)
async def test_what_is_sent(provider: Provider) -> None:
    preset = PRESETS[provider]
    url, header, limit = EXPECTED[provider]
    model = preset.model or next(iter(preset.prices), "some/model")
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, stream=Stream(sse()))

    endpoint = Endpoint("m", provider, preset.url, model, remote=preset.url.startswith("https"))
    talker = open_talk(endpoint, "key", deadlines=CALM, transport=transport(answer))
    question = Question("task", "code", (Message("user", "q"),), 4096)
    with pytest.raises(BackendError):  # it is answered with nothing
        async for _ in talker.stream(question):
            pass
    await talker.aclose()
    (request,) = sent
    assert (request.method, str(request.url)) == ("POST", url)
    assert request.headers[header] == ("Bearer key" if header == BEARER else "key")
    assert [name for name in (BEARER, ANTHROPIC, GOOGLE) if name in request.headers] == [header]
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.content)
    top = {preset.limit if each == "max_tokens" else each for each in TOP[preset.talk]}
    assert set(body) == top - ({"stream_options"} if provider in UNCOUNTED else set())
    assert model in (body.get("model"), url.split("/models/")[-1].partition(":")[0])
    for name in limit.split("."):
        body = body[name]
    assert body == 4096
