"""The mixer: one probability for each candidate from all that speaks for it.

A softmax over the candidates of a score each. The score has two parts: one hidden layer over the
logarithms and shares of counts (log-linear interpolation with learned, context-dependent weights),
and the product of a vector made of the tokens before with the candidate's own vector (a neural
probabilistic language model: Y. Bengio and others, 2003). A token's vector is the sum of those of
its text and of the words in it, by hash, so that no vocabulary is kept. The weights are fitted by
`python -m bench.embedded fit` on other projects, and lie beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from zlib import crc32

import numpy as np

from firsthand.embedded.evidence import TRAIL, Evidence
from firsthand.embedded.facts import Floats
from firsthand.embedded.kinds import KINDS, parts
from firsthand.embedded.lexer import is_word
from firsthand.matrix import product

FAR_SHARE = 0.25  # of each token far back in what is taken as their sum
_MOST_BUCKETS = 5  # of one token
_REMEMBERED = 40_000  # tokens whose vectors are kept


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the mixer makes of evidence.

    Attributes:
        scores: (candidates,) before the softmax; the first one's is that of none of the others.
        hidden: (candidates, hidden) what each hidden unit adds to them.
        ahead: (dimensions,) the vector of what is expected.
        vectors: (candidates, dimensions) of the candidates.
    """

    scores: Floats
    hidden: Floats
    ahead: Floats
    vectors: Floats


class Mixer:
    """Fitted weights.

    Attributes:
        rows: (WIDTH, hidden).
        context: (GLOBAL, hidden).
        pairs: (KINDS * KINDS, hidden) by the kinds of the token before and of the candidate.
        second: (KINDS, hidden) by the kind of the token before that.
        out: (hidden,).
        vectors: (buckets, dimensions + 1) of tokens by hash, and what each adds to any score.
        trail: ((TRAIL + 1) * dimensions + GLOBAL, middle) from the tokens before, those far back as
            one, and the context.
        trail_bias: (middle,).
        ahead: (middle, dimensions + hidden) to the vector of what is expected, and to the layer.
    """

    def __init__(self, weights: dict[str, Floats]) -> None:
        self.weights = weights
        self.rows = weights["rows"]
        self.context = weights["context"]
        self.pairs = weights["pairs"]
        self.second = weights["second"]
        self.out = weights["out"]
        self.vectors = weights["vectors"]
        self.trail = weights["trail"]
        self.trail_bias = weights["trail_bias"]
        self.ahead = weights["ahead"]
        self._dimensions = self.vectors.shape[1] - 1
        self.known = Vectors(self.vectors)

    def weigh(self, evidence: Evidence) -> Weighed:
        """The score of each candidate and what it is made of."""
        size = self._dimensions
        found = self.known.of(evidence.trail + evidence.keys)
        count = len(evidence.trail)
        far = found[TRAIL:count, :size].sum(axis=0)
        far *= np.float32(FAR_SHARE)
        near = found[:TRAIL, :size].ravel()
        middle = np.concatenate((near, far, evidence.context)) @ self.trail
        middle += self.trail_bias
        np.maximum(middle, 0, out=middle)
        ahead = np.asarray(middle @ self.ahead, np.float32)
        last, before = evidence.before
        hidden = product(evidence.rows, self.rows)
        hidden += self.pairs[last * KINDS : (last + 1) * KINDS][evidence.kinds]
        hidden += evidence.context @ self.context + self.second[before] + ahead[size:]
        np.maximum(hidden, 0, out=hidden)
        hidden *= self.out
        vectors = found[count:]
        scores: Floats = hidden.sum(axis=1) + vectors[:, :size] @ ahead[:size] + vectors[:, size]
        return Weighed(scores, hidden, ahead[:size], vectors[:, :size])

    def probabilities(self, evidence: Evidence) -> Floats:
        """The probability of each candidate; the first one's is that of none of the others."""
        return softmax(self.weigh(evidence).scores)


class Vectors:
    """The vectors of tokens, which are sums; those made are kept."""

    def __init__(self, hashed: Floats) -> None:
        """Take the rows that tokens' hashes point to."""
        self._hashed = hashed
        self._places: dict[str, int] = {}
        self._known = np.zeros((1024, hashed.shape[1]), np.float32)

    def of(self, keys: list[str]) -> Floats:
        """(keys, dimensions + 1) the vectors of tokens."""
        places = self._places
        try:
            rows = [places[key] for key in keys]
        except KeyError:
            if len(places) > _REMEMBERED:
                places.clear()
            rows = [self._place(key) for key in keys]
        return self._known.take(rows, axis=0)

    def _place(self, key: str) -> int:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self._places)
            if place >= len(self._known):
                self._known = np.concatenate((self._known, np.zeros_like(self._known)))
            found = buckets(key, len(self._hashed))
            if found:
                self._known[place] = self._hashed.take(found, axis=0).sum(axis=0)
                self._known[place] /= np.float32(sqrt(len(found)))
            else:
                self._known[place] = 0
        return place


def softmax(scores: Floats) -> Floats:
    """Probabilities from scores."""
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    return np.asarray(chances, np.float32)


def buckets(key: str, count: int) -> list[int]:
    """The rows of `count` whose sum is a token's vector; none for no token."""
    if not key:
        return []
    texts = [key]
    if is_word(key):
        texts += sorted("#" + part for part in parts(key))
    return [
        1 + crc32(text.encode("utf-8", "surrogatepass")) % (count - 1)
        for text in texts[:_MOST_BUCKETS]
    ]


@lru_cache(maxsize=1)
def fitted() -> Mixer:
    """The mixer that comes with the package.

    Most of them lie there as whole numbers, and beside them the step that each row counts in.
    """
    with np.load(Path(__file__).with_name("weights.npz"), allow_pickle=False) as file:
        weights = {name: np.ascontiguousarray(file[name], np.float32) for name in file.files}
    for name in [name for name in weights if f"{name}_steps" in weights]:
        weights[name] *= weights.pop(f"{name}_steps")[:, None]
    return Mixer(weights)
