"""`python -m tests.e2e.recording`: keep what a real LiteLLM proxy says before a real llama.cpp.

One stream in each of its three formats, byte for byte, for the tests that need neither of them.
The prompts are ours; the model has random weights and a grammar that leaves it one answer.
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

from firsthand.backends import http
from firsthand.backends.base import Endpoint
from firsthand.backends.frontier import PATIENT, Message, Question
from firsthand.backends.frontier.anthropic import Anthropic
from firsthand.backends.frontier.chat import ChatCompletions
from firsthand.backends.frontier.responses import Responses
from firsthand.backends.frontier.talk import Talk

KEPT = Path(__file__).parents[1] / "backends" / "recordings" / "frontier"
ASKED = Question("You write code.", "def add(a, b):\n", (Message("user", "add"),), 64)
FORMATS: Mapping[str, type[Talk]] = {
    "chat": ChatCompletions,
    "anthropic": Anthropic,
    "responses": Responses,
}


async def record(url: str, folder: str) -> None:
    """Ask in each format, and keep what comes, without the path of the model's folder."""
    for name, kind in FORMATS.items():
        endpoint = Endpoint("m", "litellm", url, "known")
        talk = kind(http.connection(endpoint, KEY, PATIENT, None, kind.headers))
        headers = {**kind.headers(KEY), "content-type": "application/json"}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.post(talk.address(), content=talk.body(ASKED), headers=headers)
        answer.raise_for_status()
        (KEPT / f"litellm-{name}.sse").write_bytes(
            answer.content.replace(f"{folder}/".encode(), b"")
        )
        await talk.aclose()


def main() -> None:
    """Run both servers, and record."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(tiny_model(Path(folder) / "tiny.gguf")) as server,
        proxying({"known": (server, KNOWN)}) as proxy,
    ):
        asyncio.run(record(proxy.url, folder))


if __name__ == "__main__":
    main()
