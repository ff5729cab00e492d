"""What a person sees while typing, and how much of it was right.

A suggestion is right by *next key* when its first character is the next key: it has not been
contradicted, and a person who accepts a word or goes on typing loses nothing. It is right by *whole
line* when all of its first line (with the end of that line, where it goes on) is what comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Right = Callable[[str, str], bool]
"""Whether a suggestion is right before a text that will be typed."""


@dataclass(slots=True)
class State:
    """The time from one key to the next.

    Attributes:
        comes: the text that follows in the file.
        place: where that is, in words.
        began: when the key was typed, in seconds.
        ended: when the next one was.
        seen: what was on screen, each with when it came there, in seconds after the key.
    """

    comes: str
    place: str = ""
    began: float = 0.0
    ended: float = 0.0
    seen: list[tuple[float, str]] = field(default_factory=list)

    def at(self, seconds: float) -> str:
        """What was on screen so long after the key, or when the next one came if it came sooner."""
        moment = min(seconds, self.ended - self.began)
        return next((ghost for came, ghost in reversed(self.seen) if came <= moment), "")


class Screen:
    """The ghost text of an editor.

    Attributes:
        ghost: what is shown.
        state: the time since the last key.
        states: those before, each ended by a key.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """The clock gives seconds."""
        self.ghost = ""
        self.states: list[State] = []
        self._clock = clock
        self.state = State("")

    def show(self, ghost: str) -> None:
        """A suggestion comes, or goes when it is empty."""
        self.ghost = ghost
        self.state.seen.append((self._clock() - self.state.began, ghost))

    def leave(self) -> None:
        """The cursor goes elsewhere."""
        self.ghost = ""

    def type(self, key: str, comes: str, place: str = "", *, first: bool = False) -> None:
        """A key is typed: what agrees with it stays.

        Args:
            key: the character.
            comes: the text that follows it in the file.
            place: where that is, in words.
            first: whether the cursor was somewhere else before, so that no key ended a state.
        """
        now = self._clock()
        if not first:
            self.state.ended = now
            self.states.append(self.state)
        self.ghost = self.ghost[1:] if self.ghost.startswith(key) else ""
        self.state = State(comes, place, now, seen=[(0.0, self.ghost)])


def next_key(ghost: str, comes: str) -> bool:
    """Whether a suggestion begins with the next key."""
    return bool(ghost) and comes.startswith(ghost[0])


def whole_line(ghost: str, comes: str) -> bool:
    """Whether all of a suggestion's first line with something in it is what comes."""
    blank = len(ghost) - len(ghost.lstrip())
    end = ghost.find("\n", blank) + 1 or len(ghost)
    return bool(ghost) and comes.startswith(ghost[:end])


MOMENTS = {"at_once": 0.015, "within_100_ms": 0.100, "before_next_key": float("inf")}
"""When the screen is looked at, in seconds after a key."""


def shares(states: Sequence[State], right: Right) -> dict[str, float]:
    """The percentage of states with a right suggestion on screen at each moment."""
    return {
        name: round(100 * sum(right(s.at(moment), s.comes) for s in states) / len(states), 1)
        for name, moment in MOMENTS.items()
    }


def wrong_shown(states: Sequence[State]) -> float:
    """The percentage of states in which something was shown that the very next key contradicts."""
    wrong = sum(
        any(ghost and not next_key(ghost, state.comes) for _, ghost in state.seen)
        for state in states
    )
    return round(100 * wrong / len(states), 1)
