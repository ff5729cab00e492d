"""One ranking out of many: reciprocal rank fusion of what the sources say about names.

Source: Cormack, Clarke and Buettcher 2009, "Reciprocal Rank Fusion outperforms Condorcet and
individual Rank Learning Methods". A name's score is the sum, over the sources that gave it, of
weight / (1 + rank / constant); each source counts with three constants, from steep to flat. The
weights are a logistic regression's over places of thirteen projects, in none of which the benchmark
reports; `python -m bench.context fit` makes such weights anew.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter

from firsthand.core.sources.nearby import Kin
from firsthand.core.sources.place import subwords

CONSTANTS = (8, 60, 400)
"""The ranks at which a name gets half of what the first one gets."""

WEIGHTS: Mapping[str, tuple[float, float, float]] = {
    "alike": (1.9, -0.45, 0.23),
    "nearest": (-0.59, -0.3, 0.96),
    "beside": (1.0, -0.58, 0.03),
    "imported": (0.39, -1.23, 0.56),
    # What a person looked at cannot be known of a repository: this one is set by hand.
    "opened": (0.5, 0.3, 0.3),
    "common": (-1.42, -0.57, 1.14),
    "similar": (0.52, 1.12, 0.06),
    "follows": (1.18, 0.68, -0.48),
    "akin": (2.25, 0.41, 1.13),
    "members": (2.77, -1.77, 1.43),
    "words": (1.63, 0.95, 0.26),
}
"""What the first name of each source gets, by each of the constants."""
FILES = (0.62, -0.08)
"""What a name gets for the logarithm of the number of files that hold it, and for its square."""

_RANKS = 1_000  # of a source that are looked at
_DROP = 0.5  # a source may speak against a name, but for no more than that


@dataclass(frozen=True, slots=True)
class Standing:
    """What a file's relatives say, fused: it holds for every cursor in the file.

    Attributes:
        kin: what was fused.
        scores: of each name.
        order: the names, best first.
        parts: the names by the words that they are made of.
    """

    kin: Kin
    scores: Mapping[str, float]
    order: Sequence[str]
    parts: Mapping[str, Sequence[str]]


def standing(kin: Kin) -> Standing:
    """Fuse what the relatives say."""
    rarity = kin.rarity
    scores = _summed(kin.ranked)
    for name in scores:
        scores[name] += _held(rarity.get(name, 1))
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for name in scores:
        for word in subwords(name):
            parts[word].append(name)
    return Standing(kin, scores, ranks(scores), parts)


def fuse(
    standing: Standing, ranked: Mapping[str, Mapping[str, float]], known: Container[str], most: int
) -> list[tuple[str, float]]:
    """The likeliest names at a cursor with their scores, best first.

    Args:
        standing: what holds for the whole file.
        ranked: what the sources say of the cursor.
        known: names to leave out.
        most: how many at most.
    """
    rarity, scores = standing.kin.rarity, standing.scores
    total = _summed(ranked)
    order = standing.order[:most]
    # There are as many as are asked for that the file alone puts above this, or nearly.
    least = scores[order[-1]] - _DROP if len(order) == most else -math.inf
    likely = [
        (name, score)
        for name, gain in total.items()
        if (score := gain + (scores[name] if name in scores else _held(rarity.get(name, 1))))
        >= least
    ]
    likely += [(name, scores[name]) for name in order if name not in total]
    likely.sort(key=itemgetter(1), reverse=True)
    return [pair for pair in likely[:most] if pair[0] not in known]


def ranks(values: Mapping[str, float]) -> list[str]:
    """A source's names, best first, as far as their rank is worth anything."""
    return sorted(values, key=values.__getitem__, reverse=True)[:_RANKS]


def worth(source: str, rank: int) -> float:
    """What a place among a source's names is worth; 0 is the first."""
    pairs = zip(WEIGHTS[source], CONSTANTS, strict=True)
    return sum(weight / (1 + rank / constant) for weight, constant in pairs)


@lru_cache(maxsize=4_096)
def _held(files: int) -> float:
    """What it is worth to be held by so many files."""
    size = math.log(files)
    return FILES[0] * size + FILES[1] * size * size


def _summed(ranked: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """What the ranks of each name are worth together."""
    total: dict[str, float] = {}
    for source, values in ranked.items():
        for name, gain in zip(ranks(values), _worths(source), strict=False):
            total[name] = total.get(name, 0.0) + gain
    return total


@cache
def _worths(source: str) -> tuple[float, ...]:
    return tuple(worth(source, rank) for rank in range(_RANKS))
