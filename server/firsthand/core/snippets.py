"""What a model is shown of the codebase around a document.

What is chosen is written in an order that depends on nothing but what was chosen, and `novelty`
says whether an earlier choice still serves, so that a model's server can keep its work on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firsthand.core.lexical import PROSE, kind_at_end
from firsthand.core.listing import Entry
from firsthand.core.sources.place import Place
from firsthand.core.tokens import estimate

NAMES_PATH = "names"
"""What the list of names is called, where a file's path would stand."""
PROBLEMS_PATH = "problems"
"""What the editor's reports are called there."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what a model is shown.

    Attributes:
        source: what it was taken from: "names", "own file", "similar code", "edited" or
            "diagnostics"; and for a frontier model what `sources.pack.ORDER` names.
        path: where it is from; `NAMES_PATH` and `PROBLEMS_PATH` where it is from no file.
        text: what is shown.
        tokens: what it takes, estimated.
        reason: why it was chosen, in words.
    """

    source: str
    path: str
    text: str
    tokens: int
    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a cursor.

    Attributes:
        pieces: in the order to be shown.
        entries: the names in the list, the most worth for their tokens first.
        odds: of each to be needed, to a factor that all have in common.
        reasons: for each of their names the source that ranks it highest, and its rank there,
            from 1.
        near: the names that stood near the cursor.
    """

    pieces: tuple[Piece, ...] = ()
    entries: tuple[Entry, ...] = ()
    odds: tuple[float, ...] = ()
    reasons: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    near: frozenset[str] = frozenset()

    @property
    def snippets(self) -> tuple[tuple[str, str], ...]:
        """The pieces as a prompt takes them: paths and texts."""
        return tuple((each.path, each.text) for each in self.pieces)


def piece(source: str, path: str, text: str, reason: str) -> Piece:
    """A piece with its tokens counted."""
    return Piece(source, path, text, round(estimate(text)), reason)


def speaks(place: Place) -> bool:
    """Whether the line at a cursor may need something of the codebase: it is code.

    Comments, the inside of strings and languages that are not written in code need nothing.
    """
    if place.language in PROSE:
        return False
    kind, _ = kind_at_end("\n".join(place.above), place.language)
    return kind == "code"


def novelty(now: Chosen, before: Chosen) -> float:
    """The share of what is likely to be needed now that was not shown before, 0 to 1."""
    shown = {each.name for each in before.entries}
    every = sum(now.odds)
    pairs = zip(now.entries, now.odds, strict=True)
    fresh = sum(odds for each, odds in pairs if each.name not in shown)
    return fresh / every if every else 0.0
