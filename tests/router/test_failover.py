"""Who answers first of two, what a second request costs, and deadlines."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.fakes import ASKED, Handler, Stream, giving, sse
from tests.router.world import ONE, TWO, World, says, says_openai

from firsthand.backends.base import Failed, TimedOut
from firsthand.router import NoModel
from firsthand.router.failover import Bucket, hedged, punctual
from firsthand.router.health import Health

pytestmark = pytest.mark.asyncio

NEVER = 60.0


class Answers:
    """Two answers and how far they came."""

    def __init__(self) -> None:
        self.closed: list[str] = []

    async def give(self, name: str, *pieces: str | float | Exception) -> AsyncGenerator[str]:
        try:
            for piece in pieces:
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    yield piece
        finally:
            self.closed.append(name)


async def check(
    first: tuple[str | float | Exception, ...],
    second: tuple[str | float | Exception, ...] | None,
    expected: str,
) -> None:
    answers = Answers()
    another = None if second is None else answers.give("second", *second)
    pieces = [each async for each in hedged(answers.give("first", *first), lambda: another, 0.0)]
    assert "".join(pieces) == expected
    assert sorted(answers.closed) == (["first"] if second is None else ["first", "second"])


async def test_whoever_begins_first_goes_on_alone() -> None:
    await check((NEVER, "a"), ("b", "c"), "bc")
    await check((0.0, 0.0, "a", 0.0, "a"), (NEVER, "b"), "aa")
    await check((0.0, "a"), None, "a")
    await check((0.0,), None, "")


async def test_one_of_two_may_fail() -> None:
    await check((0.0, 0.0, Failed("one")), (0.0, 0.0, 0.0, "b"), "b")
    await check((0.0, 0.0, 0.0, 0.0, "a"), (Failed("two"),), "a")
    with pytest.raises(Failed, match="one"):
        await check((0.0, 0.0, Failed("one")), (Failed("two"),), "")
    with pytest.raises(Failed, match="two"):
        await check((NEVER,), ("b", Failed("two")), "")


async def test_who_stops_listening_closes_both() -> None:
    answers = Answers()
    second = answers.give("second", NEVER)
    pieces = hedged(answers.give("first", NEVER), lambda: second, 0.0)
    waiting = asyncio.ensure_future(anext(pieces))
    for _ in range(5):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert sorted(answers.closed) == ["first", "second"]


@given(st.lists(st.booleans(), max_size=2000))
async def test_no_more_than_one_second_request_in_twenty(wants: list[bool]) -> None:
    bucket, taken = Bucket(), 0
    for number, wanted in enumerate(wants, 1):
        bucket.fill()
        taken += wanted and bucket.take()
        assert taken <= 0.05 * number + 1e-6


async def test_an_answer_is_cut_at_its_deadlines() -> None:
    loop = asyncio.get_running_loop()
    for pieces, first in (((NEVER, "a"), 0.01), (("a", NEVER), None)):
        answers = Answers()
        given = punctual(answers.give("one", *pieces), ONE, first, loop.time() + 0.02)
        with pytest.raises(TimedOut, match="one"):
            async for _ in given:
                pass
        assert answers.closed == ["one"]


def silent(_: httpx.Request) -> httpx.Response:
    async def never() -> AsyncGenerator[bytes]:
        await asyncio.sleep(NEVER)
        yield b""

    return giving(Stream([never()]))(_)


async def hedges(world: World, *, explicit: bool = True) -> str:
    chunks = world.router.stream(ASKED, explicit=explicit)
    return "".join([chunk.text async for chunk in chunks])


async def primed(first: Handler) -> World:
    """A router that knows how fast its servers are and may send one second request."""
    world = World(ONE, TWO)
    world.servers = {"1": says, "2": says_openai}
    for _ in range(20):
        await hedges(world)
    world.servers["1"] = first
    return world


async def test_a_command_is_sent_to_a_second_server_when_the_first_is_late() -> None:
    world = await primed(silent)
    before = len(world.requests)
    assert await hedges(world) == "b"
    assert [each.url.port for each in world.requests[before:]] == [1, 2]


async def test_what_others_were_quicker_than_counts_as_late() -> None:
    health = Health()
    for seconds in (0.1,) * 20:
        health.answered(health.begin(), seconds, 0.0, "")
    assert health.hedge_after == 0.1
    health.unheard(0.05)  # it might have come at once
    assert health.hedge_after == 0.1
    health.unheard(0.3)
    assert health.hedge_after == 0.3
    assert health.slow == 1.0


async def test_but_what_typing_asks_is_not() -> None:
    world = await primed(silent)
    waiting = asyncio.ensure_future(hedges(world, explicit=False))
    for _ in range(20):
        await asyncio.sleep(0)
    assert world.requests[-1].url.port == 1
    waiting.cancel()
    await asyncio.wait([waiting])


async def test_a_probe_that_nobody_waits_for_is_no_longer_one() -> None:
    world = await primed(says)
    world.servers.clear()
    for _ in range(99):
        world.clock.now += 0.1
        with suppress(NoModel):
            await hedges(world)
    assert world.router.choose() is None
    world.clock.now += 60
    world.servers = {"1": says, "2": says_openai}
    for ticks in range(6):
        waiting = asyncio.ensure_future(hedges(world))
        for _ in range(ticks):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert world.router.choose() == ONE, ticks


async def test_an_answer_that_begins_and_breaks_off_is_one_failure() -> None:
    world = World(ONE)
    world.servers["1"] = giving(Stream(sse({"content": "a"})))
    for _ in range(5):
        assert world.router.choose() == ONE
        with pytest.raises(Exception, match="broke off"):
            await hedges(world)
    assert world.router.choose() is None
