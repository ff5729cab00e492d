"""What the measurement of failing models rests on: time that jumps, and honest counts."""

import asyncio
import random

import pytest
from bench.chaos.hedging import SHAPES, Shape, jumping


def test_time_jumps_and_keeps_its_order() -> None:
    async def sleepers() -> list[tuple[str, float]]:
        loop, woke = asyncio.get_running_loop(), []

        async def sleep(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            woke.append((name, loop.time()))

        await asyncio.gather(sleep("late", 3600.0), sleep("soon", 60.0))
        return woke

    assert jumping(sleepers()) == [("soon", 60.0), ("late", 3600.0)]


def test_a_shape_has_the_median_and_the_share_of_its_tail() -> None:
    chance = random.Random(3)
    drawn = sorted(Shape(0.1, 0.3, 0.1, 60.0).draw(chance) for _ in range(4000))
    assert drawn[2000] == pytest.approx(0.1, rel=0.15)
    assert sum(each > 2.0 for each in drawn) / 4000 == pytest.approx(0.1, rel=0.2)
    assert any(shape.held == 0 for shape in SHAPES.values())  # where there is nothing to gain
