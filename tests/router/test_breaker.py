"""When a circuit breaker opens, for how long, and how it closes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.router.breaker import Breaker, Call


def after(calls: str, breaker: Breaker | None = None, now: float = 0.0) -> Breaker:
    """A breaker after some calls: `.` works, `x` fails, `o` says nothing."""
    breaker = breaker or Breaker()
    for each in calls:
        assert breaker.allows(now)
        end(breaker, breaker.begin(), each, now)
    return breaker


def end(breaker: Breaker, call: Call, outcome: str, now: float) -> None:
    if outcome == "o":
        breaker.abandoned(call)
    else:
        (breaker.failed if outcome == "x" else breaker.succeeded)(call, now)


@pytest.mark.parametrize(
    ("calls", "opened"),
    [
        ("xxxx", False),
        ("xxxxx", True),
        ("..x.x", False),
        ("..x.xx", True),  # three of six
        ("..xxx", True),
        (".....xxxx", False),
        (".....xxxxx", True),
        ("xooooxooxooxoo", False),  # what says nothing does not count
        ("." * 40 + "x" * 9, False),  # the last twenty count
        ("." * 40 + "x" * 10, True),
    ],
)
def test_half_of_at_least_five_calls(calls: str, opened: bool) -> None:
    assert after(calls).open is opened


def test_what_is_long_ago_does_not_count() -> None:
    breaker = after("xxxx")
    assert not after("x", breaker, 61.0).open
    assert after("xxxx", breaker, 61.0).open


def test_the_cool_down_doubles_up_to_a_minute_and_begins_anew() -> None:
    breaker, now = after("xxxxx"), 0.0
    for seconds in (5, 10, 20, 40, 60, 60):
        assert not breaker.allows(now + seconds - 0.001)
        now += seconds
        after("x", breaker, now)
    now += 60
    after(".", breaker, now)
    assert not breaker.open
    after("xxxx", breaker, now)
    assert breaker.open
    assert breaker.allows(now + 5)


def test_one_probe_at_a_time() -> None:
    breaker = after("xxxxx")
    probe = breaker.begin()
    assert not breaker.allows(5.0)
    breaker.abandoned(probe)
    assert breaker.allows(5.0)  # nothing is known yet
    probe = breaker.begin()
    breaker.answered(probe, 5.0)
    assert breaker.open  # servers that break off their answers begin them
    assert not breaker.allows(5.0)
    breaker.succeeded(probe, 5.0)
    assert not breaker.open
    breaker.failed(probe, 6.0)  # its answer broke off after all
    assert not breaker.open
    assert after("xxxx", breaker, 6.0).open


def test_answers_that_begin_and_break_off_end_no_fault() -> None:
    breaker = after("xxxxx")
    for now, seconds in ((5.0, 10.0), (15.0, 20.0)):
        probe = breaker.begin()
        breaker.answered(probe, now)
        breaker.failed(probe, now)
        assert not breaker.allows(now + seconds - 0.001)
        assert breaker.allows(now + seconds)


def test_what_came_late_stays_a_failure() -> None:
    breaker = after("xxxx")
    late = breaker.begin()
    breaker.failed(late, 0.0)
    breaker.succeeded(late, 0.0)
    assert breaker.open


def test_calls_from_before_the_fault_change_nothing() -> None:
    breaker = Breaker()
    early, late = breaker.begin(), breaker.begin()
    after("xxxxx", breaker)
    breaker.succeeded(early, 1.0)
    breaker.failed(late, 1.0)
    assert not breaker.allows(4.9)
    assert breaker.allows(5.0)


def test_a_server_is_asked_when_it_said() -> None:
    breaker = Breaker()
    breaker.rest(breaker.begin(), 0.0, 90.0)
    assert not breaker.allows(89.9)
    after("x", breaker, 90.0)
    assert not breaker.allows(94.9)
    assert breaker.allows(95.0)
    shorter = after("xxxxx")
    shorter.rest(Call(), 0.0, 1.0)
    assert not shorter.allows(4.9)  # a cool-down is no shorter for that


def test_what_is_locked_stays_so() -> None:
    breaker = Breaker()
    breaker.lock(breaker.begin())
    assert breaker.locked
    assert not breaker.allows(1e12)
    breaker.failed(Call(), 0.0)
    breaker.succeeded(Call(), 0.0)
    breaker.rest(Call(), 0.0, 1.0)
    assert not breaker.allows(1e12)


steps = st.lists(st.tuples(st.sampled_from(".xor"), st.floats(0, 30), st.booleans()), max_size=80)


@given(steps)
def test_it_is_never_stuck_and_never_asked_twice_while_half_open(
    steps: list[tuple[str, float, bool]],
) -> None:
    """Whatever happens, in whatever order, it is asked again within a minute, by one call alone."""
    breaker, now = Breaker(), 0.0
    running: list[Call] = []
    for outcome, seconds, overlapping in steps:
        now += seconds
        if breaker.allows(now):
            half_open = breaker.open
            running.append(breaker.begin())
            assert not half_open or not breaker.allows(now)
        if running and not overlapping:
            call = running.pop(0)
            if outcome == "r":
                breaker.rest(call, now, seconds)
            else:
                end(breaker, call, outcome, now)
    for call in running:
        breaker.abandoned(call)
    assert not breaker.locked
    assert breaker.allows(now + 60.0)
    assert breaker.allows(math.nextafter(now + 60.0, math.inf))


@given(st.lists(st.sampled_from(".x"), min_size=5, max_size=20))
def test_it_opens_at_the_first_half_and_not_before(outcomes: list[str]) -> None:
    breaker = Breaker()
    for number, outcome in enumerate(outcomes, 1):
        after(outcome, breaker)
        half = number >= 5 and outcomes[:number].count("x") * 2 >= number
        if outcome == "x" and half:
            assert breaker.open
            return
        assert not breaker.open
