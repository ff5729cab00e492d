"""Whether a keystroke deserves an answer at all."""

from __future__ import annotations

import re

from firsthand.core.outcome import Silence
from firsthand.core.snapshot import Snapshot

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
    if snapshot.language in tuning.languages_off:
        return Silence.LANGUAGE_OFF
    if len(snapshot.text.lines[snapshot.position.line]) > LONGEST_LINE:
        return Silence.LONG_LINE
    if snapshot.explicit:
        return None
    if snapshot.paused:
        return Silence.PAUSED
    if tuning.trigger == "manual":
        return Silence.MANUAL
    if not _ROOM.fullmatch(snapshot.text.after(snapshot.position)):
        return Silence.TEXT_RIGHT
    return None
