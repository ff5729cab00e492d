"""A person who types a line key by key, and what suggestions save.

Pure: whatever answers, a model of any tier, is asked for what it would offer at a character.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Offer(Protocol):
    """A text for the cursor, and the probability that all of it is right."""

    @property
    def text(self) -> str:
        """What would be inserted."""

    @property
    def confidence(self) -> float:
        """0 to 1."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that was shown: at which character, and whether all of it agreed with the line."""

    at: int
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed line.

    Attributes:
        shown: what was shown, in order; what was right was accepted.
        met: (confidence, whether all of the text agreed) of every answer, shown or not.
    """

    shown: tuple[Shown, ...]
    met: tuple[tuple[float, bool], ...]

    @property
    def right(self) -> int:
        """How many of the shown texts agreed with the line."""
        return sum(each.right for each in self.shown)

    @property
    def saved(self) -> int:
        """The characters accepted less one key for each accept."""
        return sum(len(each.text) - 1 for each in self.shown if each.right)


Given = TypeVar("Given", bound=Offer)


def type_line(
    line: str, answer: Callable[[int], Given | None], shows: Callable[[Given], bool]
) -> Typed:
    """Type a line.

    A text that is shown stays while what is typed agrees with it, and is accepted when all of it
    agrees with the line. The indentation is not typed, as an editor makes it.

    Args:
        line: without its end.
        answer: what is offered when so many characters stand there.
        shows: whether an offer is shown.
    """
    line = line.rstrip()
    at = indentation(line)
    shown: list[Shown] = []
    met: list[tuple[float, bool]] = []
    screen = ""
    while at < len(line):
        if not screen and (offer := answer(at)) is not None:
            right = line.startswith(offer.text, at)
            met.append((offer.confidence, right))
            if shows(offer):
                shown.append(Shown(at, offer.text, right))
                if right:
                    at += len(offer.text)
                    continue
                screen = offer.text
        screen = screen[1:] if screen[:1] == line[at] else ""
        at += 1
    return Typed(tuple(shown), tuple(met))


def keys_of(line: str) -> int:
    """How many keys a line takes without suggestions: its end is one, its indentation none."""
    return len(line.strip()) + 1


def indentation(line: str) -> int:
    """The number of characters of white space a line begins with."""
    return len(line) - len(line.lstrip())
