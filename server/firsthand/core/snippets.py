"""What a model is shown of the codebase around a document: chosen under a budget of tokens.

Most of it is one list of the names that are likely in the next lines, with their signatures: for
its size it holds several times as much of what is needed as pieces of code do. With it go the
file's own definitions that lie outside of the window, the piece of code most like this one where
one is very much like it, what was edited elsewhere a moment ago, and what the editor reports.

What is chosen is written in an order that depends on nothing but what was chosen, and `novelty`
says whether an earlier choice still serves, so that a model's server can keep its work on it.
Whether it is worth choosing anew at all is told by `settled`, for a fraction of what that costs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from firsthand.core.codeview import Chunk, CodeView, Definition
from firsthand.core.lexical import PROSE, kind_at_end
from firsthand.core.listing import Entry, entry, render
from firsthand.core.packing import Offer, offer, packed
from firsthand.core.sources.around import Around, Asked, around
from firsthand.core.sources.fusion import Standing, fuse, ranks, standing, worth
from firsthand.core.sources.nearby import kin
from firsthand.core.sources.place import NAME, Place, names_in
from firsthand.core.tokens import estimate

# Shares of the budget that pieces other than the names may take.
_OUTLINE, _SIMILAR, _EDITS, _PROBLEMS = 0.12, 0.2, 0.1, 0.1
# A piece of code is shown when it holds this share of the rare names around the cursor.
_VERY_ALIKE = 0.6
_ENTRIES = 640  # names whose entries are made ahead
_SPARE = 32  # names that are looked at beyond those that fit
_FRESH = 12  # names near the cursor that were not in the document before
_LONGEST_DOCUMENT = 400_000  # characters
# The share of rare names near the cursor that are new, from which on it is chosen anew. Less finds
# nothing more of what the next lines need, and chooses twice as often.
_STIR = 0.4
_SHORTEST = 1.7  # tokens that a name takes on an average where names are short
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
        ranked: what the sources say of the cursor, and of the file.
        near: the names that stood near the cursor.
    """

    pieces: tuple[Piece, ...] = ()
    entries: tuple[Entry, ...] = ()
    odds: tuple[float, ...] = ()
    ranked: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    near: frozenset[str] = frozenset()

    @property
    def snippets(self) -> tuple[tuple[str, str], ...]:
        """The pieces as a prompt takes them: paths and texts."""
        return tuple((each.path, each.text) for each in self.pieces)

    def reasons(self) -> dict[str, tuple[str, int]]:
        """For each name the source that speaks for it most, and its rank there, from 1."""
        best: dict[str, tuple[float, str, int]] = {}
        for source, values in self.ranked.items():
            for rank, name in enumerate(ranks(values)):
                told = worth(source, rank), source, rank + 1
                best[name] = max(best.get(name, told), told)
        return {each.name: best[each.name][1:] for each in self.entries if each.name in best}


@lru_cache(maxsize=4_096)
def _offer(name: str, definition: Definition | None, language: str) -> Offer:
    """How a name may be listed; most names of a document are likely in others as well."""
    return offer(entry(name, definition, language))


@dataclass(frozen=True, slots=True)
class Known:
    """What holds for a whole document, so that it is found out once.

    Attributes:
        standing: what the file's relatives say.
        offers: names as they may be listed; those found out later are added.
        asked: what was asked for cursors in it, likewise.
    """

    standing: Standing
    offers: dict[str, Offer] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)

    def consider(self, view: CodeView, names: Iterable[str], place: Place) -> None:
        """Find out how names may be listed, as far as that is not known."""
        offers = self.offers
        unknown = [name for name in names if name not in offers]
        if unknown:
            # What the document defines is in its text.
            defined = view.defined(unknown, place.path)
            for name in unknown:
                offers[name] = _offer(name, defined.get(name), place.language)


def choose(
    view: CodeView,
    place: Place,
    known: Known,
    budget: int,
    extra: Sequence[Piece] = (),
) -> Chosen:
    """Choose what a model is shown at a cursor.

    Args:
        view: the codebase.
        place: the cursor.
        known: what holds for the document.
        budget: the most tokens.
        extra: pieces that other sources bring, best first; they get their share of the budget.
    """
    surroundings = around(view, place, known.standing.kin, known.standing.parts, known.asked)
    pieces = list(_within(extra, budget))
    if (alike := _similar(surroundings.chunks, budget * _SIMILAR)) is not None:
        pieces.append(alike)
    left = budget - sum(each.tokens for each in pieces)
    near = _near(place)
    entries, odds, tokens = _listed(view, place, known, surroundings, near, left)
    if entries:
        reason = f"the {len(entries)} names that are likeliest here"
        pieces.insert(0, Piece("names", NAMES_PATH, render(entries), round(tokens), reason))
    ranked = {**known.standing.kin.ranked, **surroundings.ranked}
    return Chosen(tuple(pieces), tuple(entries), tuple(odds), ranked, near)


def _within(extra: Iterable[Piece], budget: int) -> Iterable[Piece]:
    """The pieces that fit the shares of their sources."""
    shares = {"own file": _OUTLINE, "edited": _EDITS, "diagnostics": _PROBLEMS}
    left = {source: budget * share for source, share in shares.items()}
    for each in extra:
        if each.tokens <= left.get(each.source, 0):
            left[each.source] -= each.tokens
            yield each


def _similar(chunks: Sequence[tuple[Chunk, float]], most: float) -> Piece | None:
    """The piece of code most like the surroundings, if it is very much like them."""
    for chunk, share in chunks[:3]:
        if share < _VERY_ALIKE:
            return None
        tokens = round(estimate(chunk.text))
        if tokens <= most:
            reason = f"it holds {share:.0%} of the rare names around the cursor"
            return Piece("similar code", chunk.path, chunk.text, tokens, reason)
    return None


def _listed(
    view: CodeView,
    place: Place,
    known: Known,
    surroundings: Around,
    near: frozenset[str],
    budget: float,
) -> tuple[list[Entry], list[float], float]:
    """The names that fit a budget, the most worth first, their odds, and the tokens they take."""
    most = int(budget / _SHORTEST) + _SPARE
    likely = fuse(known.standing, surroundings.ranked, near, most)
    known.consider(view, [name for name, _ in likely], place)
    offers = known.offers
    entries, scores, tokens = packed([(offers[name], score) for name, score in likely], budget)
    return entries, list(map(math.exp, scores)), tokens


def speaks(place: Place) -> bool:
    """Whether the line at a cursor may need something of the codebase: it is code.

    Comments, the inside of strings and languages that are not written in code need nothing.
    """
    if place.language in PROSE:
        return False
    kind, _ = kind_at_end("\n".join(place.above), place.language)
    return kind == "code"


def know(view: CodeView, place: Place, text: str, opened: Sequence[str] = ()) -> Known:
    """Find out what holds for a whole document.

    Args:
        view: the codebase.
        place: a cursor in the document.
        text: the document.
        opened: the paths of documents looked at recently, the last one first.
    """
    names = NAME.findall(text[:_LONGEST_DOCUMENT])
    relatives = kin(view, place.path, place.language, dict.fromkeys(names), opened)
    known = Known(standing(relatives))
    known.consider(view, known.standing.order[:_ENTRIES], place)
    return known


def outdated(known: Known, place: Place) -> bool:
    """Whether so much was written that what holds for the whole document has to be found anew."""
    return len(_near(place) - known.standing.kin.known) > _FRESH


def settled(before: Chosen, place: Place, known: Known) -> bool:
    """Whether a choice made for another line of the same document serves at a cursor as it is.

    It does as long as the names near the cursor are nearly the same, the rare ones above all: by
    these it was chosen.
    """
    near = _near(place)
    came = _rareness(near - before.near, known)
    return came == 0 or came <= _STIR * _rareness(near, known)


def _near(place: Place) -> frozenset[str]:
    return frozenset().union(*(names_in(line) for line, _ in place.near()))


def _rareness(names: Iterable[str], known: Known) -> float:
    """How much names tell that other files hold: each the more, the fewer these are."""
    kin = known.standing.kin
    return sum(math.log(1 + kin.files / kin.rarity[it]) for it in names if it in kin.rarity)


def novelty(now: Chosen, before: Chosen) -> float:
    """The share of what is likely to be needed now that was not shown before, 0 to 1."""
    shown = {each.name for each in before.entries}
    every = sum(now.odds)
    pairs = zip(now.entries, now.odds, strict=True)
    fresh = sum(odds for each, odds in pairs if each.name not in shown)
    return fresh / every if every else 0.0


def piece(source: str, path: str, text: str, reason: str) -> Piece:
    """A piece with its tokens counted."""
    return Piece(source, path, text, round(estimate(text)), reason)
