"""When a person wants to think for themselves: learning, quiet hours, and after rejections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from firsthand.core.outcome import Silence
from firsthand.core.snapshot import Snapshot
from firsthand.core.trust import Trust

HOURS = r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)"
# Of somebody who learns a language: everything of it.
ALL = "*"
# Where fewer than so many of the suggestions that were decided are right, fewer are shown.
_WELCOME = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """The settings of `[pace]`.

    Attributes:
        learning: languages, absolute paths of folders, or "*", where completions wait for a pause.
        learning_pause_s: how long that pause is, in seconds; 0 completes only when asked.
        quiet_hours: times of the day, as 22:00-07:00, in which nothing completes unless asked.
    """

    learning: frozenset[str] = field(default_factory=frozenset)
    learning_pause_s: float = 3.0
    quiet_hours: tuple[str, ...] = ()

    def quiet(self, minute: int) -> bool:
        """Whether a minute of the day, from midnight, lies in quiet hours."""
        return any(_within(hours, minute) for hours in self.quiet_hours)

    def learns(self, language: str, folders: tuple[str, ...]) -> bool:
        """Whether a file is one to learn in: by its language, or by the folders that it is in."""
        return bool(self.learning & {ALL, language, *folders})


@dataclass(frozen=True, slots=True)
class Moment:
    """What of now matters to the pace.

    Attributes:
        folders: the absolute paths of the folders that the document lies in.
        rested: seconds since it was changed last.
        minute: the minute of the local day.
        welcome: how often suggestions in this document were right of late.
    """

    folders: tuple[str, ...]
    rested: float
    minute: int
    welcome: float


def paced(snapshot: Snapshot, pace: Pace, moment: Moment) -> Snapshot:
    """A snapshot with what the pace makes of it: held back, shorter, or less eager."""
    tuning, held, told = snapshot.tuning, None, list[str]()
    if pace.learns(snapshot.language, moment.folders):
        tuning = replace(tuning, max_lines=1)
        told.append("one line at a time, by the setting pace.learning")
        if not pace.learning_pause_s:
            held = Silence.LEARNING
        elif moment.rested < pace.learning_pause_s:
            held = Silence.RESTING
    if pace.quiet(moment.minute):
        held = Silence.QUIET
    calmed = moment.welcome < _WELCOME
    if calmed:
        eager = tuning.aggression * moment.welcome / _WELCOME
        less = f"{eager:.2f} in place of {tuning.aggression:.2f}"
        told.append(f"aggression {less}, as suggestions in this file were rejected of late")
        tuning = replace(tuning, aggression=eager)
    told = [held.value, *told] if held else told
    return replace(snapshot, tuning=tuning, held=held, calmed=calmed, pace=tuple(told))


# Nothing is known of a document at first: as if eight of ten had been right.
UNDECIDED = Trust()


def _within(hours: str, minute: int) -> bool:
    found = re.fullmatch(HOURS, hours)
    if found is None:
        return False
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return start <= minute < end if start <= end else minute >= start or minute < end
