"""What a person's typing asks of a server, and how many people that is."""

import pytest
from bench.replay.capacity import Load, load


def test_the_replays_figures_are_for_a_hundred_keys() -> None:
    run = {"requests": 2.0, "prompt_tokens": 1000.0, "computed": 400.0, "generated": 50.0}
    assert load(run, keys=300) == Load(6.0, 3000.0, 1200.0, 150.0)
    assert load(run).cached == pytest.approx(0.6)


def test_people_share_half_of_a_servers_time() -> None:
    one = Load(6.0, 3000.0, 1000.0, 100.0)
    assert one.people(computes=1000.0, generates=100.0) == 15  # two seconds of a minute each
    assert one.people(computes=10_000.0, generates=1000.0) == 150
