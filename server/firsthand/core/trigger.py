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


def ask_delay(misses: int) -> float:
    """Seconds that nothing has to be typed before a model is asked.

    Zero while its answers are of use. Someone who writes what no model foresees would have it asked
    at every key: after some misses it is asked in ever longer pauses only.
    """
    if misses < 3:
        return 0.0
    return min(0.4, float(0.05 * 2 ** (misses - 3)))
