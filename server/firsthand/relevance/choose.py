"""What of a codebase a model is shown at a cursor, chosen under a budget of tokens.

Most of it is one list of the names that are likely in the next lines, with their signatures: for
its size it holds several times as much of what is needed as pieces of code do. With it go the
file's own definitions that lie outside of the window, the piece of code most like this one where
one is very much like it, what was edited elsewhere a moment ago, and what the editor reports.

Whether it is worth choosing anew at all is told by `settled`, for a fraction of what that costs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from firsthand.core.codeview import Chunk, CodeView, Definition
from firsthand.core.listing import entry, render
from firsthand.core.packing import Offer, offer, packed
from firsthand.core.snippets import NAMES_PATH, Chosen, Piece
from firsthand.core.sources.place import NAME, Place, names_in
from firsthand.core.tokens import estimate
from firsthand.matrix import Floats
from firsthand.relevance.around import Asked, around
from firsthand.relevance.candidates import Candidates
from firsthand.relevance.nearby import kin
from firsthand.relevance.ranker import RANKS, Rows, fitted

# Shares of the budget that pieces other than the names may take.
_OUTLINE, _SIMILAR, _EDITS, _PROBLEMS = 0.12, 0.2, 0.1, 0.1
# A piece of code is shown when it holds this share of the rare names around the cursor.
_VERY_ALIKE = 0.6
_ENTRIES = 1_200  # names whose entries are made ahead
_SPARE = 32  # names that are looked at beyond those that fit
_FRESH = 16  # names near the cursor that were not in the document before
_LONGEST_DOCUMENT = 400_000  # characters
# The share of rare names near the cursor that are new, from which on it is chosen anew. Less finds
# nothing more of what the next lines need, and chooses twice as often.
_STIR = 0.4
_SHORTEST = 1.8  # tokens that a name takes on an average where names are short


@dataclass(frozen=True, slots=True)
class Known:
    """What holds for a whole document, so that it is found out once.

    Attributes:
        candidates: the names that it may need; those found out later join.
        offers: names as they may be listed, likewise.
        asked: what was asked for cursors in it, likewise.
    """

    candidates: Candidates
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


@lru_cache(maxsize=4_096)
def _offer(name: str, definition: Definition | None, language: str) -> Offer:
    """How a name may be listed; most names of a document are likely in others as well."""
    return offer(entry(name, definition, language))


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
    candidates = known.candidates
    surroundings = around(view, place, candidates, known.asked)
    pieces = list(_within(extra, budget))
    if (alike := _similar(surroundings.chunks, budget * _SIMILAR)) is not None:
        pieces.append(alike)
    left = budget - sum(each.tokens for each in pieces)
    near = _near(place)
    scores, orders = candidates.scores(place, surroundings.values)
    likely = _likeliest(candidates.names, scores, near, int(left / _SHORTEST) + _SPARE)
    names = [candidates.names[row] for row in likely]
    known.consider(view, names, place)
    offered = [known.offers[name] for name in names]
    entries, odds, tokens = packed(list(zip(offered, scores[likely].tolist(), strict=True)), left)
    if entries:
        reason = f"the {len(entries)} names that are likeliest here"
        pieces.insert(0, Piece("names", NAMES_PATH, render(entries), round(tokens), reason))
    told = zip(names, _reasons(likely, orders, len(scores)), strict=True)
    listed = {each.name for each in entries}
    reasons = {name: reason for name, reason in told if name in listed}
    return Chosen(tuple(pieces), tuple(entries), tuple(map(math.exp, odds)), reasons, near)


def _likeliest(names: Sequence[str], scores: Floats, near: frozenset[str], most: int) -> Rows:
    """The numbers of the likeliest names, best first, but for those that stand near the cursor."""
    few = most + len(near)
    every = np.arange(len(scores))
    likely = np.argpartition(-scores, few)[:few] if few < len(scores) else every
    # Of equals the one that was met first.
    likely = likely[np.lexsort((likely, -scores[likely]))]
    return np.array([row for row in likely if names[row] not in near][:most], np.int64)


def _reasons(likely: Rows, orders: Mapping[str, Rows], size: int) -> Iterable[tuple[str, int]]:
    """For each name the source that ranks it highest, and its rank there, from 1."""
    sources = list(orders)
    ranks = np.full((len(sources), size), RANKS + 1, np.int16)
    for number, order in enumerate(orders.values()):
        ranks[number, order] = np.arange(1, len(order) + 1)
    mine = ranks[:, likely]
    return zip((sources[it] for it in mine.argmin(0)), mine.min(0).tolist(), strict=True)


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
    candidates = Candidates(relatives, fitted())
    known = Known(candidates)
    scores, _ = candidates.scores(place, {})
    likely = _likeliest(candidates.names, scores, frozenset(), _ENTRIES)
    known.consider(view, [candidates.names[row] for row in likely], place)
    return known


def outdated(known: Known, place: Place) -> bool:
    """Whether so much was written that what holds for the whole document has to be found anew."""
    return len(_near(place) - known.candidates.kin.known) > _FRESH


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
    kin = known.candidates.kin
    return sum(math.log(1 + kin.files / kin.rarity[it]) for it in names if kin.rarity.get(it))
