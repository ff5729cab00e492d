"""Who is asked, when somebody else is, and how fast they are."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from tests.backends.fakes import ASKED, Handler, Stream, giving, sse, streaming
from tests.router.world import (
    ONE,
    TWO,
    World,
    at_once,
    says,
    says_openai,
)

from firsthand.backends.base import Chunk, Ending, Endpoint, Misconfigured
from firsthand.router import Latency, NoModel, Router, Standing

pytestmark = pytest.mark.asyncio


# Order and failover


async def test_the_first_that_works_is_asked() -> None:
    world = World(ONE, TWO)
    world.servers = {"1": says, "2": says_openai}
    assert world.router.choose() == ONE
    assert await world.ask() == "a + b"
    assert world.ending == Ending(ONE)
    assert world.router.standing() == Standing("inline", "", ONE)
    assert len(world.requests) == 1


async def test_what_a_request_looks_like_is_what_was_sent() -> None:
    world = World(ONE, TWO)
    world.servers = {"1": says}
    assert world.router.body(ASKED, ONE) == b""
    await world.ask()
    assert world.router.body(ASKED, ONE) == world.requests[0].content
    assert world.router.body(ASKED, TWO) == b""


async def test_the_next_one_is_asked_before_the_first_text() -> None:
    world = World(ONE, TWO)
    world.servers = {"2": says_openai}
    assert await world.ask() == "b"
    assert world.ending == Ending(TWO)
    assert world.router.choose() == ONE  # one failure is not enough to leave it alone
    standing = world.router.standing()
    assert (standing.level, standing.endpoint) == ("inline", TWO)
    assert "one (127.0.0.1:1) cannot be reached" in standing.reason


async def test_but_not_after_it() -> None:
    world = World(ONE, TWO)
    world.servers = {"1": giving(Stream(sse({"content": "a"}))), "2": says_openai}
    chunks = world.router.stream(ASKED)
    assert await anext(chunks) == Chunk("a")
    with pytest.raises(NoModel, match="broke off"):
        await anext(chunks)
    assert len(world.requests) == 1


async def test_nobody_is_left() -> None:
    world = World(ONE, TWO)
    await world.fails("two .* cannot be reached")
    assert world.router.standing().level == "embedded"
    assert "one" in world.router.standing().reason
    for _ in range(4):
        await world.fails("two")
    assert world.router.choose() is None
    await world.fails("one")
    assert len(world.requests) == 10
    await World().fails("No model is configured")


# When somebody is left alone, and for how long


async def check_left_alone(handler: Handler | None, calls: int, *seconds: float) -> None:
    """A server is left alone after so many calls, each time for so many seconds."""
    world = World(ONE)
    for each in seconds:
        if handler:
            world.servers["1"] = handler
        for _ in range(calls):
            assert world.router.choose() == ONE
            await world.fails("one")
        calls = 1  # a probe
        world.clock.now += each - 0.001
        assert world.router.choose() is None
        world.clock.now += 0.002
        assert world.router.choose() == ONE
    world.servers["1"] = says
    assert await world.ask() == "a + b"
    assert world.router.standing().reason == ""


async def test_a_failure_is_followed_by_a_pause_that_doubles() -> None:
    await check_left_alone(None, 5, 5, 10, 20, 40, 60, 60)
    await check_left_alone(streaming(status=500), 5, 5, 10)
    await check_left_alone(streaming(status=503), 5, 5)
    await check_left_alone(giving(Stream([b"<html>"])), 5, 5)


async def test_a_server_that_asks_to_wait_is_waited_for() -> None:
    await check_left_alone(streaming(status=429, headers={"Retry-After": "90"}), 1, 90)
    await check_left_alone(streaming(status=429), 5, 5)


async def test_success_forgets_the_failures() -> None:
    world = World(ONE)
    for _ in range(5):
        await world.fails("one")
    world.clock.now += 6
    world.servers["1"] = says
    await world.ask()
    del world.servers["1"]
    for _ in range(3):
        await world.fails("one")
    assert world.router.choose() == ONE


async def test_one_request_alone_tries_a_server_that_failed() -> None:
    world = World(ONE, TWO)
    world.servers["2"] = says_openai
    for _ in range(5):
        assert await world.ask() == "b"
    world.clock.now += 6
    tried = len(world.requests)
    answers = await asyncio.gather(world.ask(), world.ask(), world.ask())
    assert list(answers) == ["b"] * 3
    assert [each.url.port for each in world.requests[tried:]].count(1) == 1


async def test_a_request_that_is_not_accepted_says_nothing_of_the_server() -> None:
    world = World(ONE)
    world.servers["1"] = streaming(status=400)
    for _ in range(9):
        await world.fails("did not accept the request")
    assert world.router.choose() == ONE


async def test_what_only_the_configuration_can_mend() -> None:
    for status in (401, 402, 403):
        world = World(ONE)
        world.servers["1"] = streaming(status=status)
        await world.fails("key")
        world.clock.now += 1e9
        assert world.router.choose() is None
    world = World(replace(TWO, template=""))
    await world.fails("fim template is not known")
    world.clock.now += 1e9
    assert world.router.choose() is None


async def test_a_key_that_is_missing() -> None:
    def keys(endpoint: Endpoint) -> str:
        raise Misconfigured(f"{endpoint.name} has no key: set it.")

    router = Router([TWO], run=at_once, keys=keys)
    with pytest.raises(NoModel, match="two has no key"):
        await anext(router.stream(ASKED))
    assert router.choose() is None


async def test_another_key_is_tried() -> None:
    key: list[str] = []

    def keys(endpoint: Endpoint) -> str:
        if not key:
            raise Misconfigured(f"{endpoint.name} has no key: set it.")
        return key[0]

    def server(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer new":
            return says_openai(request)
        return httpx.Response(401)

    world = World(TWO, keys=keys)
    world.servers["2"] = server

    async def later() -> None:
        await world.fails("two")
        world.clock.now += 6
        await world.fails("two")  # looks at the key
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    await later()
    assert world.router.choose() is None
    key[:] = ["old"]
    await later()
    await world.fails("did not accept the key")
    assert world.router.choose() is None
    await later()
    assert world.router.choose() is None
    key[:] = ["new"]
    await later()
    assert await world.ask() == "b"


async def test_a_cancelled_request_is_no_failure() -> None:
    async def never() -> AsyncIterator[bytes]:
        await asyncio.sleep(60)
        yield b""

    world = World(ONE)
    world.servers["1"] = giving(Stream([*sse({"content": "a"}), never()]))
    chunks = world.router.stream(ASKED)
    await anext(chunks)
    waiting = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert world.router.choose() == ONE
    assert world.router.standing().reason == ""


async def test_a_server_that_never_says_anything_is_found_out_although_nobody_waits_long() -> None:
    world = World(ONE)

    async def given_up_after(seconds: float) -> None:
        sent = asyncio.Event()

        async def never() -> AsyncIterator[bytes]:
            sent.set()
            await asyncio.sleep(60)
            yield b""

        world.servers["1"] = giving(Stream([never()]))
        waiting = asyncio.ensure_future(world.ask())
        await sent.wait()
        world.clock.now += seconds
        waiting.cancel()
        await asyncio.wait([waiting])

    for _ in range(9):
        await given_up_after(1)
        assert world.router.choose() == ONE
    await given_up_after(1)
    assert "is too slow" in world.router.standing().reason
    assert world.router.choose() is None


async def test_what_was_given_up_soon_says_nothing() -> None:
    world = World(ONE)
    for _ in range(20):
        sent = asyncio.Event()

        async def never(sent: asyncio.Event = sent) -> AsyncIterator[bytes]:
            sent.set()
            await asyncio.sleep(60)
            yield b""

        world.servers["1"] = giving(Stream([never()]))
        waiting = asyncio.ensure_future(world.ask())
        await sent.wait()
        world.clock.now += 0.9
        waiting.cancel()
        await asyncio.wait([waiting])
        world.servers["1"] = says
        await world.ask()
    assert world.router.standing() == Standing("inline", "", ONE)


async def test_a_server_that_begins_and_stops_is_found_out() -> None:
    world = World(ONE)
    for _ in range(10):
        world.servers["1"] = giving(Stream([*sse({"content": "a"}), _nothing()]))
        chunks = world.router.stream(ASKED)
        await anext(chunks)
        waiting = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        world.clock.now += 0.2  # a key contradicts what came
        waiting.cancel()
        await asyncio.wait([waiting])
    assert world.router.doubted()
    world.servers["1"] = says
    await world.ask()
    assert not world.router.doubted()
    assert world.router.standing() == Standing("inline", "", ONE)


async def test_a_model_is_named_once_it_gave_something_of_use() -> None:
    world = World(ONE, TWO)
    breaks_off = giving(Stream(sse({"content": "a"})))
    world.servers = {"1": breaks_off, "2": says_openai}
    with pytest.raises(NoModel, match="broke off"):
        await world.ask()
    for said, named in (("b", TWO), ("c\nd", ONE)):
        world.servers["1"] = giving(Stream([*sse({"content": said}), _nothing()]))
        chunks = world.router.stream(ASKED)
        await anext(chunks)
        standing = world.router.standing()
        assert (standing.endpoint, bool(standing.reason)) == (named, named == TWO)
        await chunks.aclose()


async def _nothing() -> AsyncIterator[bytes]:
    await asyncio.sleep(60)
    yield b""


# Before the first request


async def test_it_gets_ready_before_anybody_waits() -> None:
    local = World(ONE)
    local.servers["1"] = says
    await local.router.get_ready()
    known = len(local.questions)
    assert known > 0
    await local.ask()
    assert len(local.questions) == known
    assert len(local.requests) == 1

    far = World(replace(TWO, url="https://far.example", remote=True))
    await far.router.get_ready()
    assert far.questions == far.requests == []


async def test_getting_ready_may_fail() -> None:
    def nothing(endpoint: Endpoint) -> str | None:
        raise Misconfigured("no key")

    for world in (World(), World(ONE)):
        await world.router.get_ready()
    router = Router([ONE], run=at_once, keys=nothing)
    await router.get_ready()
    assert router.choose() == ONE  # the first request finds out, and says so


# Latency


async def test_latency_is_measured_to_the_first_text() -> None:
    world = World(ONE)

    def after(seconds: float) -> Handler:
        def handle(request: httpx.Request) -> httpx.Response:
            world.clock.now += seconds
            return says(request)

        return handle

    assert world.router.latency() is None
    for seconds in (0.5, 0.1, 0.2, 0.3, 0.4):
        world.servers["1"] = after(seconds)
        await world.ask()
    latency = world.router.latency(ONE)
    assert latency is not None
    assert latency == world.router.latency()
    assert latency.p50 == pytest.approx(0.3)
    assert latency.p90 == pytest.approx(0.5)
    assert latency.share_within(0.25) == pytest.approx(0.4)
    assert world.router.latency(TWO) is None
    assert Latency((0.1,)).p50 == Latency((0.1,)).p90 == 0.1
