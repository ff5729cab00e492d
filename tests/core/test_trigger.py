from dataclasses import replace

import pytest
from tests.marked import marked

from firsthand.core.outcome import Silence
from firsthand.core.snapshot import Snapshot, Tuning
from firsthand.core.trigger import ask_delay, decide, patience


def snapshot(drawing: str, tuning: Tuning | None = None, explicit: bool = False) -> Snapshot:
    text, position = marked(drawing)
    return Snapshot(
        "file:///a.py", "a.py", "python", 1, text, position, explicit, None, tuning or Tuning()
    )


def check(drawing: str, silence: Silence | None) -> None:
    assert decide(snapshot(drawing)) is silence


@pytest.mark.parametrize("drawing", ["x = ║", "f(║)", 'f("║")', "f(a║, ", "[║];", "x ║  \n", "{║}"])
def test_room_for_an_insertion(drawing: str) -> None:
    check(drawing, None)


@pytest.mark.parametrize("drawing", ["x = ║y", "║def f():", "f(║a)", "x║yz"])
def test_text_right_of_the_cursor(drawing: str) -> None:
    check(drawing, Silence.TEXT_RIGHT)
    assert decide(snapshot(drawing, explicit=True)) is None


def test_a_long_line() -> None:
    check("x" * 3000 + "║", Silence.LONG_LINE)


@pytest.mark.parametrize(
    ("tuning", "automatic", "explicit"),
    [
        (Tuning(enabled=False), Silence.OFF, Silence.OFF),
        (Tuning(languages_off=frozenset({"python"})), Silence.LANGUAGE_OFF, None),
        (Tuning(trigger="manual"), Silence.MANUAL, None),
    ],
)
def test_settings(tuning: Tuning, automatic: Silence, explicit: Silence | None) -> None:
    assert decide(snapshot("x = ║", tuning)) is automatic
    assert decide(snapshot("x = ║", tuning, explicit=True)) is explicit


def test_a_pause_yields_to_an_explicit_request() -> None:
    assert decide(replace(snapshot("x = ║"), paused=True)) is Silence.PAUSED
    assert decide(replace(snapshot("x = ║", explicit=True), paused=True)) is None


@pytest.mark.parametrize(
    ("guessed", "refreshable", "usual", "next_key", "seconds"),
    [
        (True, True, 0.010, None, 0.040),
        (False, True, None, None, 0.080),
        (False, False, None, None, 0.300),
        (False, False, 0.120, None, 0.120),
        (False, True, 0.500, None, 0.080),
        (False, False, None, 0.060, 0.060),
        (True, False, None, 0.005, 0.005),
    ],
)
def test_patience(
    guessed: bool, refreshable: bool, usual: float | None, next_key: float | None, seconds: float
) -> None:
    assert seconds == patience(
        Tuning(), guessed=guessed, refreshable=refreshable, usual=usual, next_key=next_key
    )


def test_a_fixed_patience() -> None:
    fixed = Tuning(patience_ms=120)
    waited = patience(fixed, guessed=True, refreshable=True, usual=None, next_key=0.01)
    assert waited == 0.120


@pytest.mark.parametrize(
    ("misses", "usual", "rhythm", "seconds"),
    [
        # While the answers are of use, there is no wait, however slow the model.
        (0, None, None, 0.0),
        (2, 2.0, 0.08, 0.0),
        # A model that is faster than the keys is asked at once.
        (3, 0.1, 0.15, 0.0),
        (50, 0.1, 0.1, 0.0),
        (50, 0.0, 0.1, 0.0),
        # Nothing is known of the model: half of its time may lie behind the next key.
        (3, None, None, 0.05),
        (4, None, None, 0.1),
        (5, None, 0.2, 0.4),
        # The slower the model, the longer; the slower the person, the longer.
        (3, 0.2, 0.1, 0.05),
        (3, 0.4, 0.1, 0.075),
        (3, 1.0, 0.1, 0.09),
        (3, 0.4, 0.2, 0.1),
        (3, 0.4, 0.3, 0.075),
        # There is an end to it, above the usual time between two keys.
        (9, 2.0, 0.1, 0.4),
        (5000, 2.0, 0.1, 0.4),
        (9, 2.0, 0.5, 1.0),
    ],
)
def test_a_model_that_misses_is_asked_in_pauses(
    misses: int, usual: float | None, rhythm: float | None, seconds: float
) -> None:
    assert ask_delay(misses, usual, rhythm) == pytest.approx(seconds)
