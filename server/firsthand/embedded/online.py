"""What the mixer learns of one project while its lines are written.

The fitted weights stay as they are; on top come corrections, moved a little down the slope of the
cross entropy with every token of a finished line (logistic mixing with selected sets of weights, as
in PAQ; for the words, the dynamic evaluation of B. Krause and others, 2018):

- what each hidden unit adds counts more or less, in one set by the kind of the token before and in
  another by how long the matched contexts are and whether file and project agree;
- a word gets a vector of its own beside the hashed one, and a plain bonus.

It learns from the places that were asked for a suggestion, so that it costs no search of its own.
All corrections are bounded.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np

from firsthand.embedded.evidence import Evidence
from firsthand.embedded.facts import Floats
from firsthand.embedded.kinds import KINDS
from firsthand.embedded.mixer import Mixer, Weighed, softmax
from firsthand.embedded.sources import BINS

_RATE, _WORD_RATE = 0.03, 0.03
_LEAST = 0.02  # error below which a word is left alone
_MOST_WORDS = 6000
_MOST_ASKED = 240  # places of a line that are kept
_SETS = 2 * (BINS + 1)
_FILE, _PROJECT = BINS, 2 * BINS  # where the counts of file and project begin in a context


@dataclass(frozen=True, slots=True)
class _Asked:
    keys: list[str]
    kind: int
    order: int
    weighed: Weighed
    chances: Floats


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a mixer learned at one time.

    Attributes:
        keys: the words that have a vector of their own.
        words: (keys, dimensions + 1) those vectors, and the plain bonus last.
        kinds: (KINDS, hidden) by the kind of the token before.
        orders: (sets, hidden) by how much of the context was seen before.
        base: the fitted weights by which it can be told whether it belongs to them.
        taught: how often a token taught it.
    """

    keys: tuple[str, ...]
    words: Floats
    kinds: Floats
    orders: Floats
    base: Floats
    taught: int

    def raw(self) -> bytes:
        """It as bytes, for `Adapted.restore`."""
        found = io.BytesIO()
        keys = "\0".join(self.keys).encode("utf-8", "surrogatepass")
        np.savez(  # such numbers hardly get smaller when packed, and take 20 times as long
            found,
            base=self.base,
            kinds=self.kinds,
            orders=self.orders,
            words=self.words,
            keys=np.frombuffer(keys, np.uint8),
            taught=np.int64(self.taught),
        )
        return found.getvalue()


class Adapted(Mixer):
    """A mixer that goes on learning.

    Attributes:
        taught: how often a token taught it.
    """

    def __init__(self, mixer: Mixer) -> None:
        """Begin with the fitted mixer."""
        super().__init__(mixer.weights)
        self.known = mixer.known
        hidden, size = self.out.shape[0], self.vectors.shape[1]
        self._kinds = np.zeros((KINDS, hidden), np.float32)
        self._orders = np.zeros((_SETS, hidden), np.float32)
        self._rows: dict[str, int] = {}  # of the words, from 1 on
        self._words = np.zeros((_MOST_WORDS + 1, size), np.float32)
        self._asked: dict[tuple[int, str], _Asked] = {}
        self.taught = 0

    @property
    def words(self) -> frozenset[str]:
        """The words that have a vector of their own."""
        return frozenset(self._rows)

    def probabilities(self, evidence: Evidence) -> Floats:
        """The probability of each candidate; the place is kept to be learned from."""
        weighed = self.weigh(evidence)
        order = _order(evidence)
        scores = weighed.scores + weighed.hidden @ (
            self._kinds[evidence.before[0]] + self._orders[order]
        )
        if self._rows:
            number = self._rows.get
            words = self._words.take([number(key, 0) for key in evidence.keys], axis=0)
            scores += words[:, :-1] @ weighed.ahead + words[:, -1]
        chances = softmax(scores)
        if len(self._asked) < _MOST_ASKED:
            self._asked[evidence.asked] = _Asked(
                evidence.keys, evidence.before[0], order, weighed, chances
            )
        return chances

    def learn(self, place: int, key: str) -> None:
        """Take the token that was written at a place, by its context; see `sources.Context.file`.

        The place teaches once as it was before any letter was typed, and once after the first.
        """
        for stem in ("", key[:1]):
            asked = self._asked.get((place, stem))
            if asked is not None:
                self._learn(asked, key)
                self.taught += 1

    def forget_asked(self) -> None:
        """Drop the places that were asked: another line begins."""
        self._asked.clear()

    def learned(self) -> Corrections:
        """What was learned so far, as it is now."""
        words = self._words[list(self._rows.values())]
        return Corrections(
            tuple(self._rows),
            words,
            self._kinds.copy(),
            self._orders.copy(),
            self.out,
            self.taught,
        )

    def restore(self, raw: bytes) -> bool:
        """Take up `Corrections.raw`; False, and nothing changes, if it is not of these weights."""
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
            keys = found["keys"].tobytes().decode("utf-8", "surrogatepass").split("\0")
            same = np.array_equal(found["base"], self.out)
            words, kinds, orders = found["words"], found["kinds"], found["orders"]
            taught = int(found["taught"])
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
            return False
        fits = (
            same
            and kinds.shape == self._kinds.shape
            and orders.shape == self._orders.shape
            and words.shape == (len(words), self._words.shape[1])
            and len(words) <= _MOST_WORDS
            and all(np.isfinite(each).all() for each in (words, kinds, orders))
        )
        if not fits or (len(words) and len(keys) != len(words)):
            return False
        self._kinds, self._orders = kinds.astype(np.float32), orders.astype(np.float32)
        self.taught = taught
        self._words[1 : len(words) + 1] = words
        self._rows = {key: row for row, key in enumerate(keys, 1)} if len(words) else {}
        return True

    def _learn(self, asked: _Asked, key: str) -> None:
        keys = asked.keys
        wrong = asked.chances.copy()
        wrong[keys.index(key, 1) if key in keys[1:] else 0] -= 1
        slope = _RATE * _within(asked.weighed.hidden.T @ wrong, 3)
        for weights in (self._kinds[asked.kind], self._orders[asked.order]):
            weights -= slope
            _within(weights, 0.5)
        ahead = np.append(asked.weighed.ahead / (1 + np.linalg.norm(asked.weighed.ahead)), 1)
        moved = np.flatnonzero(np.abs(wrong) > _LEAST)
        rows = [self._row(keys[at]) for at in moved.tolist()]
        words = self._words[rows] - _WORD_RATE * wrong[moved, None] * ahead
        self._words[rows] = _within(words, 3)

    def _row(self, key: str) -> int:
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) < _MOST_WORDS:
                row = len(self._rows) + 1
            else:  # the word that came in first makes room
                row = self._rows.pop(next(iter(self._rows)))
                self._words[row] = 0
            self._rows[key] = row
        return row


def _within(numbers: Floats, bound: float) -> Floats:
    """Numbers, none of them further from 0 than a bound; changes them."""
    np.minimum(numbers, bound, out=numbers)
    return np.maximum(numbers, -bound, out=numbers)


def _order(evidence: Evidence) -> int:
    """The set of weights for a context: how much of it was seen before, and whether in both."""
    file = int(np.count_nonzero(evidence.context[_FILE : _FILE + BINS]))
    project = int(np.count_nonzero(evidence.context[_PROJECT : _PROJECT + BINS]))
    return 2 * max(file, project) + (file == project)
