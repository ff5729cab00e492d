"""One model on two real llama.cpp servers, of which one is killed, with and without a proxy.

Every answer is known, so that one that is missing, or another's, is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from tests.e2e.asking import HOLE, KNOWN
from tests.e2e.litellm_proxy import KEY, proxying
from tests.e2e.llama import serving, tiny_model
from tests.e2e.servers import Server

from firsthand.backends.base import Endpoint, Request
from firsthand.router import NoModel, Router

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

T = TypeVar("T")

DOCUMENTS = [f"doc{number}.py" for number in range(4)]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    model = tiny_model(tmp_path / "tiny.gguf")
    with ExitStack() as stack:
        one, two = (stack.enter_context(serving(model)) for _ in range(2))
        yield one, two


async def at_once(call: Callable[[], T]) -> T:
    return call()


def routing(endpoint: Endpoint) -> Router:
    return Router([endpoint], run=at_once, keys=lambda _: KEY)


async def ask(router: Router, document: str, *, explicit: bool = True) -> tuple[str, str]:
    """The answer for a document, and who gave it."""
    request = Request(replace(HOLE, path=document), max_tokens=16)
    text, url = "", ""
    async for chunk in router.stream(request, explicit=explicit):
        text += chunk.text
        url = chunk.ending.endpoint.url if chunk.ending else url
    return text, url


async def worked(server: Server) -> int:
    """How many prompts a server has read after its first one."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        (slot,) = (await client.get("/slots")).json()
    return int(slot.get("id_task", 0))


async def test_documents_are_spread_and_move_when_a_server_dies(
    pair: tuple[Server, Server],
) -> None:
    one, two = pair
    urls = (one.url, two.url)
    router = routing(Endpoint("team", "llamacpp", urls[0], "tiny", "qwen", urls=urls))
    asked = [asyncio.ensure_future(ask(router, each)) for each in DOCUMENTS]
    places = {each: (await task)[1] for each, task in zip(DOCUMENTS, asked, strict=True)}
    assert sorted(places.values()) == sorted(urls * 2)
    for each in DOCUMENTS:
        assert (await ask(router, each))[1] == places[each]
    one.kill()
    for _ in range(3):
        for each in DOCUMENTS:
            assert (await ask(router, each))[1] == two.url
    assert router.choose() is not None
    await router.aclose()


async def test_behind_a_proxy_one_of_two_may_die(pair: tuple[Server, Server]) -> None:
    one, two = pair
    with proxying({"coder": (one, KNOWN)}, {"coder": (two, KNOWN)}, retries=3) as proxy:
        router = routing(Endpoint("team", "litellm", proxy.url, "coder", "chat"))
        for _ in range(3):  # the proxy loads much of itself with its first requests
            with suppress(NoModel):
                await ask(router, DOCUMENTS[0])
                break
        async with asyncio.timeout(60):
            while not (await worked(one) and await worked(two)):  # the proxy draws who is asked
                for each in DOCUMENTS:
                    assert (await ask(router, each))[0] == "return a + b"
        one.kill()
        for each in DOCUMENTS * 2:
            assert (await ask(router, each))[0] == "return a + b"
        await router.aclose()
