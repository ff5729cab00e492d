"""What a person's typing asks of a server, and how many people that is."""

import pytest
from bench.replay.capacity import load

from firsthand.capacity import Load


def test_the_replays_figures_are_for_a_hundred_keys() -> None:
    run = {"requests": 2.0, "prompt_tokens": 1000.0, "computed": 400.0, "generated": 50.0}
    assert load(run, keys=300) == Load(6.0, 3000.0, 1200.0, 150.0)
    assert load(run).cached == pytest.approx(0.6)
