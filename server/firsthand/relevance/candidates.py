"""The names that a document may need, as rows of numbers; more join them as they are met."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from firsthand.core.codeview import CodeView
from firsthand.core.sources.place import Place, subwords
from firsthand.matrix import Floats, product
from firsthand.relevance.nearby import Kin
from firsthand.relevance.ranker import RANKS, TOLD, Ranker, Rows, of_names, of_place, ranked

_MOST = 8_000  # names; who has met so many meets few that matter
_ROOM = 1_000


class Candidates:
    """Names that may be needed in a document.

    Args:
        kin: what the file's relatives say.
        ranker: what makes one ranking of what is said of them.

    Attributes:
        kin: as given.
        names: the names, in the order of their numbers.
        words: the numbers of the names by the words that they are made of.
        said: for each source that says the same at every cursor its names, best first, and what
            that says of each, as `ranked` gives it.
    """

    def __init__(self, kin: Kin, ranker: Ranker) -> None:
        self.kin = kin
        self.names: list[str] = []
        self.words: dict[str, list[int]] = {}
        self.said: dict[str, tuple[Rows, Floats]] = {}
        self._ranker = ranker
        self._numbers = dict.fromkeys(kin.known, -1)
        # Of the names that are settled; behind them is room for others.
        self._settled = 0
        self._told: Floats = np.empty((0, TOLD), np.float32)
        self._hidden: Floats = np.empty((0, ranker.told.shape[1]), np.float32)
        self._brevity: Floats = np.empty(0, np.float32)
        given = {source: _best(values) for source, values in kin.ranked.items()}
        rows = {source: self.rows(names) for source, names in given.items()}
        self._add(kin.rarity)
        for source, names in given.items():
            values = np.zeros(len(self.names), np.float32)
            joined = rows[source] >= 0
            worth = np.array([kin.ranked[source][name] for name in names], np.float32)
            values[rows[source][joined]] = worth[joined]
            order, said = self.said[source] = ranked(values)
            self._hidden[order] += said @ ranker.said[source]

    def rows(self, names: Sequence[str]) -> Rows:
        """The number of each name; new ones join, while there is room.

        It is -1 for those that the document holds, and for those that did not join. `settle` has
        to be called before anything is said of new ones.
        """
        numbers = self._numbers
        found = list(map(numbers.get, names))
        if None in found:
            for name in names:
                if name not in numbers and len(self.names) < _MOST:
                    numbers[name] = len(self.names)
                    self.names.append(name)
            found = [numbers.get(name, -1) for name in names]
        return np.array(found, np.int64)

    def others(self, names: Sequence[str]) -> Rows:
        """The numbers of those names that have one, as `rows` gives them."""
        rows = self.rows(names)
        return rows[rows >= 0]

    def settle(self, view: CodeView) -> None:
        """Find out what tells of the names that joined."""
        fresh = self.names[self._settled :]
        if fresh:
            self._add(view.rarity(fresh))

    @property
    def told(self) -> Floats:
        """(names, TOLD) what tells of each by itself."""
        return self._told[: self._settled]

    @property
    def brevity(self) -> Floats:
        """(names,) what a name of few words has before one that many words lead to."""
        return self._brevity[: self._settled]

    def scores(
        self, place: Place, values: Mapping[str, Floats]
    ) -> tuple[Floats, Mapping[str, Rows]]:
        """How likely each name is needed at a cursor, and each source's names, best first.

        Args:
            place: the cursor.
            values: for each source that speaks of it the value of each name, 0 for most.
        """
        orders = {source: order for source, (order, _) in self.said.items()}
        hidden = self._hidden[: self._settled].copy()
        for source, given in values.items():
            order, said = ranked(given)
            hidden[order] += said @ self._ranker.said[source]
            orders[source] = order
        placed = of_place(place, len(self.kin.known), self.kin.files)
        return self._ranker.scores(hidden, placed), orders

    def _add(self, rarity: Mapping[str, int]) -> None:
        first, size = self._settled, len(self.names)
        fresh = self.names[first:]
        if size > len(self._told):
            self._told = _roomier(self._told, size)
            self._hidden = _roomier(self._hidden, size)
            self._brevity = _roomier(self._brevity, size)
        held = [rarity.get(name, 1) for name in fresh]
        told = of_names(fresh, held, self.kin.files, self.kin.language)
        self._told[first:size] = told
        self._hidden[first:size] = product(told, self._ranker.told)
        self._brevity[first:size] = [_brevity(name) for name in fresh]
        self._settled = size
        for number, name in enumerate(fresh, first):
            for word in subwords(name):
                self.words.setdefault(word, []).append(number)


def _roomier(rows: Floats, size: int) -> Floats:
    """The same rows with room for so many, and for some more."""
    larger = np.empty((size + _ROOM, *rows.shape[1:]), np.float32)
    larger[: len(rows)] = rows
    return larger


def _best(values: Mapping[str, float]) -> list[str]:
    """A source's names, best first, as far as their rank is worth anything."""
    return sorted(values, key=values.__getitem__, reverse=True)[:RANKS]


@lru_cache(maxsize=16_384)
def _brevity(name: str) -> float:
    return math.pow(1 + len(subwords(name)), -0.7)
