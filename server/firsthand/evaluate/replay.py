"""A person who types a file key by key, and what suggestions save.

Pure: whatever answers, a model of any tier, is asked for what it would offer at a character.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


Given = TypeVar("Given", bound=Offer)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that was shown: at which character, and whether all of it agreed with the file."""

    at: int
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed line.

    Attributes:
        shown: what was shown, in order; what was right was accepted.
        met: (confidence, whether all of the text agreed) of every answer, shown or not.
        saved: the characters of the line that were accepted, its end among them, less one key for
            each accept.
    """

    shown: tuple[Shown, ...]
    met: tuple[tuple[float, bool], ...]
    saved: int

    @property
    def right(self) -> int:
        """How many of the shown texts agreed with the file."""
        return sum(each.right for each in self.shown)


class Person:
    """Somebody who types a file, and accepts a shown text when all of it agrees with the file.

    A text that is shown stays while what is typed agrees with it. The indentation is not typed, as
    an editor makes it, nor is white space at the end of a line.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        """`lines` are the file's, without their ends."""
        self._lines = lines
        self._on = 0, 0  # the line and the character where they go on after the last accept

    def type_line(
        self,
        number: int,
        answer: Callable[[int, int], Given | None],
        shows: Callable[[Given], bool],
    ) -> Typed:
        """Type a line, or what is left of it after a text that was accepted above.

        Args:
            number: the line's.
            answer: what is offered when so many characters stand there and so many of the texts
                shown in the line were wrong.
            shows: whether an offer is shown.
        """
        line = self._lines[number].rstrip()
        at = indentation(line)
        on, character = self._on
        if on > number:
            return Typed((), (), keys_of(line))
        saved = max(0, character - at) if on == number else 0
        at += saved
        shown: list[Shown] = []
        met: list[tuple[float, bool]] = []
        screen = ""
        while at < len(line):
            wrong = sum(not each.right for each in shown)
            if not screen and (offer := answer(at, wrong)) is not None:
                right = agrees(self._lines, number, at, offer.text)
                met.append((offer.confidence, right))
                if shows(offer):
                    shown.append(Shown(at, offer.text, right))
                    if right:
                        first, *further = offer.text.split("\n")
                        saved += len(first) - 1 + bool(further)
                        at += len(first)
                        if further:
                            self._on = number + len(further), len(further[-1])
                            break
                        continue
                    screen = offer.text
            screen = screen[1:] if screen[:1] == line[at] else ""
            at += 1
        return Typed(tuple(shown), tuple(met), saved)


def agrees(lines: Sequence[str], number: int, character: int, text: str) -> bool:
    """Whether a text is what stands from a character of a line on, across lines too."""
    below = number + text.count("\n") + 1
    return "\n".join(line.rstrip() for line in lines[number:below]).startswith(text, character)


def keys_of(line: str) -> int:
    """How many keys a line takes without suggestions: its end is one, its indentation none."""
    return len(line.strip()) + 1


def indentation(line: str) -> int:
    """The number of characters of white space a line begins with."""
    return len(line) - len(line.lstrip())
