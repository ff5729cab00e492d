"""What is slow is slow by what the server itself needed before, and counts as a failure."""

import pytest

from firsthand.router.health import Health

SLOWLY = "it is too slow"


def measured(*seconds: float, times: int = 10) -> Health:
    """A server that answered after some seconds, again and again."""
    health = Health()
    for _ in range(times):
        for each in seconds:
            answer(health, each)
    return health


def answer(health: Health, seconds: float, now: float = 0.0) -> None:
    call = health.begin()
    health.answered(call, seconds, now, SLOWLY)
    health.worked(call, now)


@pytest.mark.parametrize(
    ("usual", "slow"),
    [
        (0.01, 1.0),  # nobody fails for a second
        (0.5, 2.0),
        (2.0, 8.0),
        (5.0, 10.0),  # whatever it needed before, nobody waits for longer
    ],
)
def test_how_slow_is_too_slow(usual: float, slow: float) -> None:
    assert measured(usual).slow == slow
    for seconds, reason in ((slow, ""), (slow + 0.01, SLOWLY)):
        health = measured(usual)
        call = health.begin()
        health.answered(call, seconds, 0.0, SLOWLY)
        assert health.reason == reason


def test_what_is_slow_for_one_is_not_for_another() -> None:
    quick, steady = measured(0.1), measured(1.0)
    for health in (quick, steady):
        for _ in range(10):
            answer(health, 3.0)
    assert not quick.usable(4.999)
    assert quick.usable(5.0)
    assert steady.usable(0.0)
    assert steady.reason == ""


def test_without_a_history_an_answer_that_comes_is_none_too_slow() -> None:
    health = measured(3.0, times=4)
    assert (health.slow, health.reason) == (health.patient, "")
    answer(health, 3.0)
    assert health.slow == 10.0


def test_a_server_that_stays_slow_is_by_and_by_known_as_one() -> None:
    health, now = measured(0.1), 0.0
    for _ in range(10):
        answer(health, 3.0)
    assert not health.usable(now)
    while health.slow < 3.0:
        now += 60.0
        assert health.usable(now)
        answer(health, 3.0, now)
    answer(health, 3.0, now + 60.0)
    assert health.usable(now + 60.0)
    assert health.reason == ""
