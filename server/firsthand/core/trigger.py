"""Whether a keystroke deserves an answer at all."""

from __future__ import annotations

import re

from firsthand.core.outcome import Silence
from firsthand.core.snapshot import Snapshot, Tuning
from firsthand.core.text import Position, Text

# A longer line is data or generated code: nobody types in it, and every step on it costs.
LONGEST_LINE = 2_000

# Closing characters and punctuation right of the cursor leave room for an insertion before them.
_ROOM = re.compile(r"[\s)\]}>\"'`;:,]*")

# Answers in a row that were contradicted at once, from which on a model is asked later; how often
# that doubles; and seconds: between keys while nobody knows better, and of the longest delay.
_MISSES, _DOUBLED = 3, 8
_RHYTHM, _LONGEST_DELAY = 0.1, 0.4


def decide(snapshot: Snapshot) -> Silence | None:
    """The reason to stay silent, or None when an answer is wanted.

    An explicit request is silenced only by what makes an answer impossible or forbidden.
    """
    tuning = snapshot.tuning
    if not tuning.enabled:
        return Silence.OFF
    if len(snapshot.text.lines[snapshot.position.line]) > LONGEST_LINE:
        return Silence.LONG_LINE
    if snapshot.explicit:
        return None
    if snapshot.language in tuning.languages_off:
        return Silence.LANGUAGE_OFF
    if snapshot.paused:
        return Silence.PAUSED
    if tuning.trigger == "manual":
        return Silence.MANUAL
    if snapshot.held is not None:
        return snapshot.held
    return None if room(snapshot.text, snapshot.position) else Silence.TEXT_RIGHT


def room(text: Text, position: Position) -> bool:
    """Whether an insertion fits: nothing but closing characters stands right of the cursor."""
    return _ROOM.fullmatch(text.after(position)) is not None


def patience(
    tuning: Tuning,
    *,
    guessed: bool,
    refreshable: bool,
    usual: float | None,
    next_key: float | None,
    doubted: bool = False,
) -> float:
    """Seconds a request that typing made waits for a model before it is answered without.

    Args:
        tuning: holds a fixed wait, or "auto".
        guessed: the embedded model has something to show meanwhile.
        refreshable: the editor can be told of an answer that comes later.
        usual: seconds in which the model's first line comes nine times of ten, if known.
        next_key: seconds until the next key is to be expected; None when the person has stopped.
        doubted: the model failed, or is overdue: it may answer, but nobody waits for that.
    """
    if doubted:
        return 0.0
    if tuning.patience_ms != "auto":
        return tuning.patience_ms / 1000
    if guessed:
        longest = 0.040
    else:
        longest = 0.080 if refreshable else 0.300
        longest = min(longest, usual) if usual is not None else longest
    return longest if next_key is None else min(longest, next_key)


def ask_delay(misses: int, usual: float | None = None, rhythm: float | None = None) -> float:
    """Seconds that nothing has to be typed before a model is asked.

    Zero while its answers are of use, and where they come before the next key. Someone who writes
    what no model foresees would have a slower one asked at every key, for answers that the keys
    before them contradict: after some misses it is asked in ever longer pauses only. How long these
    are, the person's rhythm says, and how much of the wait for an answer lies behind the next key.

    Args:
        misses: how many answers in a row were contradicted at once.
        usual: seconds in which the model begins to answer nine times of ten; None where that is not
            known, or is not to count.
        rhythm: seconds between the person's keys; None where that is not known.
    """
    if misses < _MISSES:
        return 0.0
    between = _RHYTHM if rhythm is None else rhythm
    late = 0.5 if usual is None else max(0.0, 1 - between / usual) if usual > 0 else 0.0
    doubled = min(misses - _MISSES, _DOUBLED)
    return min(late * between * 2.0**doubled, max(_LONGEST_DELAY, 2 * between))
