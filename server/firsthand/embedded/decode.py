"""From probabilities of tokens to a text that may be shown, and how much of it.

The likeliest drafts are grown first, as far as they are likely, and past the end of the line where
a copy goes on. The places where a text may end are its cuts; `core.showing` says which of them is
worth the most, and whether it is worth showing now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from firsthand.core.showing import Cut, Price, choose
from firsthand.embedded.calibration import Experience, Scorer, measures
from firsthand.embedded.draft import Draft, Start, begin, chain, grow, search
from firsthand.embedded.lines import follow
from firsthand.embedded.mixer import Mixer
from firsthand.embedded.sources import Sources

_BEGINNINGS = 2  # tokens a text may begin with, unless more texts are asked for
_FRESH_OTHERS = 2  # contexts weighed for each text after the first
_FRESH_LINES = 3  # for further lines
_LEAST_REPEATED = 4  # characters of a line that the next one may not repeat


@dataclass(frozen=True, slots=True)
class Guess:
    """A scored middle.

    Attributes:
        text: what to insert at the cursor; it has no end of line but between its lines.
        confidence: the probability that all of it is what the person wants, 0 to 1.
        gain: how many keys showing it now is expected to save more than waiting for the next key;
            it is worth showing above 0.
        score: the logarithm of the odds before the project's own experience.
    """

    text: str
    confidence: float
    gain: float = 0.0
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text and the places where it may end, the shortest cut first; at least one."""

    texts: tuple[str, ...]
    cuts: tuple[Cut, ...]
    scores: tuple[float, ...]

    def guess(self, price: Price) -> Guess:
        """The best part of it to show at a price."""
        found = choose(self.cuts, price)
        at = found.cut
        return Guess(self.texts[at], self.cuts[at].confidence, found.gain, self.scores[at])


def candidates(
    start: Start,
    sources: Sources,
    mixer: Mixer,
    scorer: Scorer,
    experience: Experience,
    limit: int = 1,
    most_lines: int = 1,
) -> tuple[Candidate, ...]:
    """The likeliest texts, each begun by another token but for the first ones, best first.

    Args:
        start: where to begin.
        sources: the tiers.
        mixer: weighs them.
        scorer: says how often such texts are right in projects at large.
        experience: how they turned out in this one.
        limit: how many further texts are wanted.
        most_lines: how many lines a text may have.
    """
    found = chains(start, sources, mixer, limit, most_lines)
    if not found:
        return ()
    rows = [measures(draft, start, len(sources.document)) for each in found for draft in each]
    scores = iter(scorer.scores(np.array(rows, np.float32)).tolist())
    return tuple(_candidate(drafts, scores, experience) for drafts in found)


def chains(
    start: Start, sources: Sources, mixer: Mixer, limit: int, most_lines: int
) -> list[list[Draft]]:
    """The drafts of `candidates`, each text with its cuts, the shortest first."""
    begun = begin(start, sources, mixer, max(limit, _BEGINNINGS))
    grown = search(begun[:_BEGINNINGS], start, sources, mixer)
    if most_lines > 1 and grown and grown[0].ended:
        start.fresh += _FRESH_LINES
        grown[0] = follow(grown[0], start, sources, mixer, most_lines)
    for draft in begun[_BEGINNINGS:]:
        start.fresh = _FRESH_OTHERS
        grown += list(grow(draft, start, sources, mixer))[-1:]
    return [drafts for draft in grown if (drafts := _unsaid(chain(draft), start))]


def guesses(found: Sequence[Candidate], price: Price, limit: int) -> tuple[Guess, ...]:
    """The best parts of some texts, at most `limit` different ones, the most useful first."""
    best: dict[str, Guess] = {}
    for each in (candidate.guess(price) for candidate in found):
        if each.text not in best or best[each.text].gain < each.gain:
            best[each.text] = each
    order = sorted(best.values(), key=lambda each: (each.gain, each.confidence), reverse=True)
    return tuple(order[:limit])


def _unsaid(drafts: list[Draft], start: Start) -> list[Draft]:
    """The drafts that do not write the line that stands below already."""
    return [
        draft
        for draft in drafts
        if (line := (start.prefix + draft.text).strip()) not in start.below[:1]
        or len(line) < _LEAST_REPEATED
    ]


def _candidate(drafts: list[Draft], scores: Iterator[float], experience: Experience) -> Candidate:
    cuts: list[Cut] = []
    said: list[float] = []
    for draft in drafts:
        said.append(next(scores))
        sure = experience.chance(said[-1])
        keys = len(draft.text) - draft.white
        cuts.append(Cut(keys, min(sure, cuts[-1].confidence) if cuts else sure))
    return Candidate(tuple(draft.text for draft in drafts), tuple(cuts), tuple(said))
