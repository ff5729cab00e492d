"""A date that jumps, forward and back, as a clock that is set does."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.router.world import FAR, ONE, World, says, says_paid

from firsthand.settings import Budget

pytestmark = pytest.mark.asyncio


async def test_a_clock_that_jumps_moves_caps_by_their_day_and_nothing_else(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    today = [noon]
    costs = 1000 * 1.0 / 1e6 + 500 * 2.0 / 1e6  # of an answer of `says_paid`
    world = World(
        *(FAR, ONE),
        folder=tmp_path,
        now=lambda: today[0],
        budget=Budget(day_usd=costs + 0.0001, month_usd=100.0),
    )
    world.servers = {"far.example": says_paid, "1": says}
    assert await world.ask() == "c"
    await asyncio.sleep(0)  # the ledger hears of the end
    assert await world.ask() == "a + b"  # the cap for the day
    for days, said in ((3, "c"), (3, "a + b"), (0, "a + b"), (-400, "c"), (0, "a + b")):
        today[0] = noon + timedelta(days=days)
        world.clock.now += 6.0  # for so long a refused one is left alone, whatever the date is
        assert await world.ask() == said
        await asyncio.sleep(0)  # the ledger hears of the end
    await world.router.aclose()
    world.ledger.close()  # type: ignore[union-attr]


async def test_a_clock_that_jumps_neither_ends_a_wait_nor_makes_it_longer(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    today = [noon]
    world = World(FAR, ONE, folder=tmp_path, now=lambda: today[0])
    waits = httpx.Headers({"Retry-After": "30"})
    world.servers = {"far.example": lambda _: httpx.Response(429, headers=waits), "1": says}
    assert await world.ask() == "a + b"
    world.servers["far.example"] = says_paid
    for days in (400, -400):
        today[0] = noon + timedelta(days=days)
        assert world.router.choose() == ONE
    world.clock.now = 30.0
    assert world.router.choose() == FAR
    assert await world.ask() == "c"
    await world.router.aclose()
    world.ledger.close()  # type: ignore[union-attr]
