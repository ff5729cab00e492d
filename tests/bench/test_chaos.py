"""What the measurement of failing models rests on: time that jumps, and honest counts."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from bench.chaos.__main__ import added
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


def test_parts_add_up_and_times_of_a_busy_machine_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    counts = ("faults", "keys", "commands", "commands_past_deadline", "unanswered", "crashed")
    whole: dict[str, Any] = {}
    for busy in (3.0, 30.0):
        row = dict.fromkeys(counts, 2) | {"without_models_ms": {"p50": busy}, "p99_more_ms": 0.5}
        whole = added(file, {"storm": row, "faults": {str(busy): row}, "bench_seconds": 1})
        file.write_text(json.dumps(whole), encoding="utf-8")
    assert whole["storm"] == dict.fromkeys(counts, 4)
    assert ["p99_more_ms" in each for each in whole["storms"]] == [True, False]
    assert [each.get("too_busy_for_times") for each in whole["faults"].values()] == [None, True]
