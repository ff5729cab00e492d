"""Which names fit into a budget of tokens, and which of them with how they are used.

A name alone takes two tokens, a signature twice as much beside it. So there are two offers of a
name: to list it, and to write its signature and its container as well, which is worth a share of
that. Offers are taken in the order of what they are worth for their tokens, so that the likeliest
names stand there with their signatures, and many more by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from firsthand.core.listing import Entry
from firsthand.core.tokens import estimate

# What a signature is worth, where its name is worth 1.
_SIGNATURE = 0.2
# How much tokens count against an offer: its worth is divided by such a power of them.
_NAME_THRIFT, _SIGNATURE_THRIFT = 0.75, 0.75
_LEAST_MORE = 0.3  # tokens; less is no signature
_LINES = 4  # tokens of the ends of lines that every list has


@dataclass(frozen=True, slots=True)
class Offer:
    """A name as it may be listed.

    Attributes:
        whole: with how it is used.
        alone: the name.
        beneath: the name, behind its container where that is written anyway.
        more: the tokens that the whole takes beyond.
        costs: what the tokens of the name count against its score.
        gain: what the whole is worth beside the name, for its tokens: a difference of scores. It
            is never worth more than the name; -inf where there is no more to say.
    """

    whole: Entry
    alone: Entry
    beneath: Entry
    more: float
    costs: float
    gain: float


def offer(entry: Entry) -> Offer:
    """How a name may be listed, by how it is listed whole."""
    if not entry.kind:
        costs = _NAME_THRIFT * math.log(max(entry.tokens, 1.0))
        return Offer(entry, entry, entry, 0.0, costs, -math.inf)
    name, kind, path = entry.name, entry.kind, entry.path
    tokens = estimate(name)
    more = max(0.0, entry.tokens - tokens)
    costs = _NAME_THRIFT * math.log(max(tokens, 1.0))
    gain = -math.inf
    if more > _LEAST_MORE or entry.container:
        worth = math.log(_SIGNATURE) - _SIGNATURE_THRIFT * math.log(max(more, 1.0))
        gain = min(worth + costs, 0.0)
    alone = Entry(name, name, "", kind, path, tokens)
    beneath = Entry(name, name, entry.container, kind, path, tokens) if entry.container else alone
    return Offer(entry, alone, beneath, more, costs, gain)


def packed(
    likely: Sequence[tuple[Offer, float]], budget: float
) -> tuple[list[Entry], list[float], float]:
    """The entries that fit, the most worth first, their scores, and the tokens that they take.

    Args:
        likely: names with their scores, which are logarithms of odds.
        budget: the most tokens.
    """
    size = len(likely)
    worths = [score - it.costs for it, score in likely]
    worths += [worth + it.gain for (it, _), worth in zip(likely, worths, strict=True)]
    # The sort is stable: of a name's two offers the one of the name comes first.
    order = sorted(range(2 * size), key=worths.__getitem__, reverse=True)
    chosen: dict[int, Entry] = {}
    lone: set[str] = set()  # containers with one member so far, which is listed without them
    headed = {""}
    left = budget - _LINES
    for index in order:
        if index < size:
            alone = likely[index][0].alone
            if alone.tokens > left:
                break
            left -= alone.tokens
            chosen[index] = alone
            continue
        index -= size
        it = likely[index][0]
        if it.gain == -math.inf:
            break  # none that is left has more to say
        cost, container = it.more, it.whole.container
        heads = container in lone and container not in headed
        if heads:
            cost += _head(container)
        if cost > left:
            continue
        left -= cost
        chosen[index] = it.whole
        lone.add(container)
        if heads:
            headed.add(container)
    entries = []
    for index, entry in chosen.items():
        it = likely[index][0]
        free = entry is it.alone and it.beneath.container in headed
        entries.append(it.beneath if free else entry)
    return entries, [likely[index][1] for index in chosen], budget - left


@lru_cache(maxsize=4_096)
def _head(container: str) -> float:
    """The tokens that a line for the members of something takes beside them."""
    return estimate(f"{container}: \n")
