"""What came of a request: something to show, or nothing and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firsthand.core.completion import Completion


class Silence(Enum):
    """Why nothing is shown; the value is said to the person."""

    STARTING = "Firsthand is starting"
    OFF = "switched off in the settings"
    MANUAL = "completes only when asked, by the setting trigger"
    PAUSED = "paused"
    LANGUAGE_OFF = "switched off for this language"
    NOT_A_FILE = "only files, unsaved documents and cells of notebooks are completed"
    TOO_LARGE = "the file is too large"
    LONG_LINE = "the line is too long"
    TEXT_RIGHT = "there is text right of the cursor"
    POPUP = "nothing extends the selected item of the menu"
    UNKNOWN_DOCUMENT = "the editor never opened this document"
    PROSE = "nothing is likely enough to be right in a comment or a string"
    LEARNING = "completes only when asked here, by the setting pace.learning"
    RESTING = "completes here when you pause or ask, by the setting pace.learning"
    QUIET = "quiet hours, by the setting pace.quiet_hours"
    CALMED = "suggestions in this file were rejected of late, so fewer are shown"
    UNSURE = "nothing is likely enough to be right"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request for completions is answered with.

    Attributes:
        completions: best first; the first one is what an editor draws.
        silence: why there are none.
        superseded: a newer request took its place, so that it has nothing to say.
    """

    completions: tuple[Completion, ...] = ()
    silence: Silence | None = None
    superseded: bool = False


def worth_showing(confidence: float, characters: int, aggression: float) -> bool:
    """Whether a model's text is expected to save more than reading it costs.

    A right text of n characters saves n keys. A wrong one costs the reading of it: a glance, worth
    some six keys, and its length. Aggression weighs that cost: 0 silences all, 0.5 takes it as it
    is, 1 takes a quarter of it. For the embedded model's see `showing`.

    Args:
        confidence: the probability that all of it is right.
        characters: its length.
        aggression: 0 to 1.
    """
    if aggression <= 0 or characters <= 0:
        return False
    cost = (6 + characters) * 4 ** (1 - 2 * aggression)
    return confidence * characters > (1 - confidence) * cost
