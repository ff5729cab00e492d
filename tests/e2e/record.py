"""`python -m tests.e2e.record`: keep what real servers send, for the tests that need none of them.

A real llama.cpp server with a tiny model is asked by each of its interfaces, and a real LiteLLM
proxy before it in its completions and in its three formats for large models. What the model writes
is held to a known answer. The bytes are kept as they came, but for the folder of the model.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx
from tests.e2e.asking import KNOWN
from tests.e2e.litellm_proxy import KEY, proxying
from tests.e2e.llama import serving, tiny_model

from firsthand.backends import connect, http
from firsthand.backends.base import Endpoint, Request
from firsthand.backends.frontier import PATIENT, Message, Question
from firsthand.backends.frontier.anthropic import Anthropic
from firsthand.backends.frontier.chat import ChatCompletions
from firsthand.backends.frontier.responses import Responses
from firsthand.backends.frontier.talk import Talk
from firsthand.core.fim import Hole

BACKENDS = Path(__file__).parents[1] / "backends"
GRAMMAR = 'root ::= "a + b"'
HOLE = Request(Hole("def add(a, b):\n    return ", "\n"), max_tokens=32)
QUESTION = Question("You write code.", "def add(a, b):\n", (Message("user", "add"),), 64)
FORMATS: Mapping[str, type[Talk]] = {
    "chat": ChatCompletions,
    "anthropic": Anthropic,
    "responses": Responses,
}


def main() -> None:
    """Run the servers, ask each, and keep what it sends."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = tiny_model(folder / "qwen2.5-coder-tiny.gguf")
        with serving(model, "--grammar", GRAMMAR) as server:
            url = server.url
            fill("llamacpp-infill", "/infill", Endpoint("m", "llamacpp", url, "m"), folder)
            templated = Endpoint("m", "llamacpp", url, "m", "qwen")
            fill("llamacpp-completion", "/completion", templated, folder)
            v1 = Endpoint("m", "openai", url, "m", "qwen")
            fill("llamacpp-v1", "/v1/completions", v1, folder)
            with proxying({"m": (server, {"grammar": GRAMMAR})}) as proxy:
                v1 = Endpoint("m", "openai", proxy.url, "m", "qwen")
                fill("litellm", "/v1/completions", v1, folder)
        with serving(model) as server, proxying({"known": (server, KNOWN)}) as proxy:
            asyncio.run(ask(proxy.url, folder))


def fill(name: str, path: str, endpoint: Endpoint, folder: Path) -> None:
    """Have a hole filled."""
    body = connect(endpoint, None).body(HOLE)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    answer = httpx.post(endpoint.url + path, content=body, headers=headers, timeout=60)
    keep(BACKENDS / "real" / f"{name}.sse", answer, folder)


async def ask(url: str, folder: Path) -> None:
    """Ask in each of the proxy's formats for large models."""
    for name, kind in FORMATS.items():
        endpoint = Endpoint("m", "litellm", url, "known")
        talk = kind(http.connection(endpoint, KEY, PATIENT, None, kind.headers))
        headers = {**kind.headers(KEY), "content-type": "application/json"}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.post(talk.address(), content=talk.body(QUESTION), headers=headers)
        keep(BACKENDS / "recordings" / "frontier" / f"litellm-{name}.sse", answer, folder)
        await talk.aclose()


def keep(file: Path, answer: httpx.Response, folder: Path) -> None:
    """Write what came, without the path of the model's folder."""
    answer.raise_for_status()
    file.write_bytes(answer.content.replace(f"{folder}/".encode(), b""))


if __name__ == "__main__":
    main()
