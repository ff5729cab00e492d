"""What a real llama.cpp server reuses, healed words, and the router before it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from tests.e2e.asking import ENDLESS, HOLE, KNOWN, answer, backend, taken
from tests.e2e.llama import serving, tiny_model
from tests.e2e.servers import Server, free_port

from firsthand.backends.base import Endpoint, Request
from firsthand.backends.plain import PlainTransport
from firsthand.core.fim import TEMPLATES, Hole, stem
from firsthand.router import NoModel, Router

T = TypeVar("T")

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

# What a server reuses of its work while a person types

FILE = Hole(
    "".join(f"value_{number} = {number} * 2\n" for number in range(20)) + "def add(a, b):\n    ",
    "\n\n" + "".join(f"print(value_{number})\n" for number in range(20)),
    "sums.py",
)


async def computed(server: Server, template: str) -> list[int]:
    """How many prompt tokens the server computes at each of three keys."""
    model = backend(server, "llamacpp", template, KNOWN)
    counts = []
    for typed in ("", "r", "re", "ret"):
        hole = replace(FILE, prefix=FILE.prefix + typed)
        usage = taken(await answer(model, Request(hole, max_tokens=2)))
        counts.append(usage.prompt - usage.cached)
    await model.aclose()
    return counts[1:]


async def test_suffix_first_computes_what_was_typed_alone(server: Server) -> None:
    """One token is one byte here, and the middle's spelling no token of this model."""
    key, middle = 1, len(TEMPLATES["seed-coder"].middle)
    assert max(await computed(server, "seed-coder")) <= key + middle
    assert min(await computed(server, "qwen")) > len(FILE.suffix)


# Words in the middle


@pytest.mark.parametrize("template", ["", "qwen"])
async def test_a_word_is_healed(server: Server, template: str) -> None:
    """The model writes noise, so that only the grammar can make it begin with the word."""
    model = backend(server, "llamacpp", template)
    for typed in ("    retu", 'x = "say', "größ", "\tself.na"):
        request = Request(Hole("def f():\n" + typed, "\n"), max_tokens=12, heal=stem(typed))
        chunks = await answer(model, request)
        ending = chunks[-1].ending
        assert ending is not None
        assert ending.early != "lead"
        assert ending.usage is None or ending.usage.completion > len(stem(typed).encode()) / 3
    await model.aclose()


async def test_while_a_word_is_typed_its_prompt_stays_the_same(server: Server) -> None:
    model = backend(server, "llamacpp", "qwen")
    computed = []
    for typed in ("r", "re", "ret"):
        hole = replace(FILE, prefix=FILE.prefix + typed)
        usage = taken(await answer(model, Request(hole, max_tokens=2, heal=stem(hole.prefix))))
        computed.append(usage.prompt - usage.cached)
    assert computed[1:] == [1, 1]
    await model.aclose()


# By the router: what the server says, slots, warmth, and prompts that are too long


async def at_once(call: Callable[[], T]) -> T:
    return call()


class Saying(PlainTransport):
    """Adds to every request for text what makes its answer known."""

    def __init__(self, extra: Mapping[str, object]) -> None:
        super().__init__()
        self.extra = extra

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/completion":
            return await super().handle_async_request(request)
        body = {**self.extra, **json.loads(await request.aread())}
        headers = {key: value for key, value in request.headers.items() if key != "content-length"}
        return await super().handle_async_request(
            httpx.Request("POST", request.url, headers=headers, json=body)
        )


@asynccontextmanager
async def routed(server: Server, extra: Mapping[str, object]) -> AsyncIterator[Router]:
    endpoint = Endpoint("tiny", "llamacpp", server.url, guessed=True)
    router = Router([endpoint], run=at_once, transport=Saying(extra))
    yield router
    await router.aclose()


async def test_the_servers_own_word(server: Server) -> None:
    async with routed(server, KNOWN) as router:
        await answer(router, Request(HOLE, max_tokens=2))
        learned = router.choose()
    assert learned is not None
    assert (learned.model, learned.template) == ("qwen2.5-coder-tiny", "qwen")


async def test_a_warmed_prompt_is_reused(server: Server) -> None:
    async with routed(server, KNOWN) as router:
        assert await router.warm(Request(FILE))
        usage = taken(await answer(router, Request(FILE, max_tokens=2)))
        assert usage.prompt - usage.cached == 1


async def test_a_prompt_that_is_too_long_is_shortened_and_sent_again(server: Server) -> None:
    async with routed(server, KNOWN) as router:
        long = Hole("line = 1\n" * 1000, "\n" * 50)
        for _ in range(2):
            usage = taken(await answer(router, Request(long, max_tokens=2)))
            assert 2000 < usage.prompt < 4096


async def test_slots_are_all_used_and_no_more(folder: Path) -> None:
    path = tiny_model(folder / "qwen2.5-coder-slots.gguf")
    with serving(path, "--parallel", "2", "--ctx-size", "8192") as twice:
        async with routed(twice, ENDLESS) as router, httpx.AsyncClient(trust_env=False) as http:
            await answer(router, Request(HOLE, max_tokens=2))
            requests = [Request(HOLE, max_tokens=3500, temperature=1.0) for _ in range(3)]
            streams = [router.stream(each, explicit=True) for each in requests]
            first = [asyncio.ensure_future(anext(each)) for each in streams]
            await asyncio.wait(first[:2])
            busy = [each["is_processing"] for each in (await http.get(f"{twice.url}/slots")).json()]
            assert busy == [True, True]
            assert not first[2].done()
            await streams[0].aclose()
            await first[2]
            for stream in streams[1:]:
                await stream.aclose()


async def test_another_model_behind_the_same_address(folder: Path) -> None:
    first, second = (
        tiny_model(folder / "qwen2.5-coder-one.gguf"),
        tiny_model(folder / "odd-two.gguf", fim=False),
    )
    port = free_port()
    with serving(first, port=port) as running:
        router = Router([Endpoint("tiny", "llamacpp", running.url, guessed=True)], run=at_once)
        await answer(router, Request(HOLE, max_tokens=2))
        assert router.choose() == Endpoint(
            *("tiny", "llamacpp", running.url, "qwen2.5-coder-one", "qwen"), guessed=True
        )
    with serving(second, port=port):
        for _ in range(2):
            with suppress(NoModel):
                await answer(router, Request(HOLE, max_tokens=2))
        learned = router.choose()
    await router.aclose()
    assert learned is None or (learned.model, learned.template) == ("odd-two", "")
