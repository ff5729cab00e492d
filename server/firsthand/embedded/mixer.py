"""The mixer: one probability for each candidate from all that speaks for it.

A softmax over the candidates of a score each, by one hidden layer over the logarithms and shares
of counts (log-linear interpolation with learned, context-dependent weights). The weights are
fitted by `python -m bench.embedded fit` on other projects, and lie beside this file.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from firsthand.embedded.evidence import Evidence
from firsthand.embedded.kinds import KINDS
from firsthand.embedded.sources import Floats


class Mixer:
    """Fitted weights.

    Attributes:
        rows: (WIDTH, hidden).
        context: (GLOBAL, hidden).
        pairs: (KINDS * KINDS, hidden) by the kinds of the token before and of the candidate.
        second: (KINDS, hidden) by the kind of the token before that.
        out: (hidden,).
    """

    def __init__(self, weights: dict[str, Floats]) -> None:
        self.rows = weights["rows"]
        self.context = weights["context"]
        self.pairs = weights["pairs"]
        self.second = weights["second"]
        self.out = weights["out"]

    def probabilities(self, evidence: Evidence) -> Floats:
        """The probability of each candidate; the first one's is that of none of the others."""
        last, before = evidence.before
        hidden = evidence.rows @ self.rows
        hidden += self.pairs[last * KINDS : (last + 1) * KINDS][evidence.kinds]
        hidden += evidence.context @ self.context + self.second[before]
        np.maximum(hidden, 0, out=hidden)
        scores = np.asarray(hidden @ self.out, np.float32)
        scores -= scores.max()
        np.exp(scores, out=scores)
        scores /= scores.sum()
        return scores


@lru_cache(maxsize=1)
def fitted() -> Mixer:
    """The mixer that comes with the package."""
    with np.load(Path(__file__).with_name("weights.npz"), allow_pickle=False) as file:
        return Mixer({name: np.ascontiguousarray(file[name], np.float32) for name in file.files})
