import math

import pytest

from firsthand.core.outcome import Silence
from firsthand.core.pace import Moment, Pace, paced
from firsthand.core.snapshot import Snapshot, Tuning
from firsthand.core.text import Position, Text

FOLDER = "/home/me/course"


def check(pace: Pace, *, rested: float = math.inf, minute: int = 600) -> Silence | None:
    return made(pace, Moment((FOLDER, "/home"), rested, minute, 0.8)).held


def made(pace: Pace, moment: Moment) -> Snapshot:
    snapshot = Snapshot("u", "a.rs", "rust", 1, Text.of(""), Position(0, 0), tuning=Tuning())
    return paced(snapshot, pace, moment)


@pytest.mark.parametrize("where", ["rust", "*", FOLDER])
def test_where_one_learns_completions_wait_for_a_pause(where: str) -> None:
    pace = Pace(frozenset({where}), learning_pause_s=3.0)
    assert check(pace, rested=1.0) is Silence.RESTING
    assert check(pace, rested=3.0) is None
    assert check(Pace(frozenset({where}), learning_pause_s=0.0)) is Silence.LEARNING
    calm = made(pace, Moment((FOLDER,), 9.0, 600, 0.8))
    assert calm.tuning.max_lines == 1
    assert calm.pace == ("one line at a time, by the setting pace.learning",)
    assert made(pace, Moment((FOLDER,), 1.0, 600, 0.8)).pace[0] == Silence.RESTING.value


def test_elsewhere_they_do_not() -> None:
    pace = Pace(frozenset({"go", "/home/me/other"}))
    assert check(pace, rested=0.0) is None
    other = made(pace, Moment((), 0.0, 600, 0.8))
    assert (other.tuning, other.pace) == (Tuning(), ())


@pytest.mark.parametrize(
    ("hours", "minute", "quiet"),
    [
        ("12:00-13:00", 12 * 60, True),
        ("12:00-13:00", 13 * 60, False),
        ("22:00-07:00", 23 * 60, True),
        ("22:00-07:00", 6 * 60 + 59, True),
        ("22:00-07:00", 7 * 60, False),
        ("00:00-24:00", 1439, True),
        ("nonsense", 0, False),
    ],
)
def test_quiet_hours(hours: str, minute: int, quiet: bool) -> None:
    assert check(Pace(quiet_hours=(hours,)), minute=minute) is (Silence.QUIET if quiet else None)


@pytest.mark.parametrize(("welcome", "aggression"), [(0.8, 0.5), (0.5, 0.5), (0.25, 0.25)])
def test_many_rejections_make_less_eager(welcome: float, aggression: float) -> None:
    snapshot = made(Pace(), Moment((), 0.0, 600, welcome))
    assert snapshot.tuning.aggression == aggression
    assert snapshot.calmed == (welcome < 0.5)
