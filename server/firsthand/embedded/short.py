"""The short orders of many files: what followed three tokens, counted; the texts are not kept.

A project can have more files than there is room for whole. Of those that are farthest from the work
(`files.py` orders them) only this is kept, without what was seen once.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firsthand.embedded.layer import read_index, write_file
from firsthand.embedded.reading import Reading
from firsthand.embedded.words import Words, packed

ORDER = 3  # tokens of context
_SAMPLED = 12  # successors of a context
_PART = 1_000_000  # tokens that are counted at a time
_MOST = 2_500_000  # contexts with what followed


class Short:
    """The short orders of some files, open for reading.

    Attributes:
        name: of the file they lie in.
        files: how many they were counted in.
        tokens: how many tokens those had.
        words: the words that were kept.
    """

    def __init__(self, path: Path) -> None:
        """Open a file of short orders.

        Raises:
            OSError: it can't be read.
            ValueError, KeyError, TypeError: it is damaged or of another version.
        """
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        index = read_index(data)
        places = index["sections"]
        view = memoryview(data)

        def section(name: str) -> memoryview:
            at, size = places[name]
            return view[at : at + size]

        self.name = path.name
        self.files: int = index["files"]
        self.tokens: int = index["tokens"]
        self.words = Words(data, places["words"][0], section("ends").cast("i"))
        self._contexts = section("contexts")
        self._next = section("next").cast("i")
        self._before = section("before").cast("i")  # occurrences before each entry
        self._starts = section("starts").cast("i")

    def successors(self, context: tuple[int, ...]) -> list[tuple[int, int]]:
        """Words that followed a context (nearest first), each with how many of its tokens agreed.

        They are sampled in proportion to how often they did.
        """
        low, high, match = *self._bounds(context[0]), 1
        for length in range(2, ORDER + 1):
            further = self._narrowed(context[:length], low, high)
            if further[0] == further[1]:
                break
            low, high, match = *further, length
        before = self._before
        first, last = before[low], before[high]
        picks = range(first, last, max(1, (last - first) // _SAMPLED))
        return [(self._next[bisect_right(before, at, low, high) - 1], match) for at in picks]

    def count(self, context: tuple[int, ...]) -> int:
        """How often some tokens stand, the last of them first."""
        low, high = self._bounds(context[0])
        if len(context) > 1:
            low, high = self._narrowed(context, low, high)
        return self._before[high] - self._before[low]

    def commonest(self, low: int, high: int, limit: int, shift: int) -> list[tuple[int, int]]:
        """The commonest of some words: how often each stands, and its number plus `shift`."""
        starts, before = self._starts, self._before
        counts = np.diff(np.asarray(before)[np.asarray(starts[low : high + 1])])
        best = np.argsort(-counts)[:limit].tolist()
        return [(int(counts[each]), low + each + shift) for each in best]

    def _bounds(self, number: int) -> tuple[int, int]:
        if not 0 <= number < self.words.size:
            return 0, 0
        return self._starts[number], self._starts[number + 1]

    def _narrowed(self, context: tuple[int, ...], low: int, high: int) -> tuple[int, int]:
        if low == high or min(context) < 0:
            return low, low
        prefix = b"".join(number.to_bytes(4, "big") for number in context)
        rows = _Rows(self._contexts, len(prefix))
        low = bisect_left(rows, prefix, low, high)
        return low, bisect_right(rows, prefix, low, high)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The beginnings of the contexts, for bisecting."""

    raw: memoryview
    length: int

    def __len__(self) -> int:
        return len(self.raw) // (4 * ORDER)

    def __getitem__(self, row: int) -> bytes:
        at = 4 * ORDER * row
        return bytes(self.raw[at : at + self.length])


def write_short(files: Iterable[tuple[str, str, str]], path: Path) -> None:
    """Count the short orders of files of (path, language, text) and write them to a file.

    Raises:
        OSError: the disk refuses.
    """
    counted = _Counted()
    number = tokens = 0
    reading = Reading()
    for file in files:
        reading.add(*file)
        if len(reading.tokens) >= _PART:
            number, tokens = number + len(reading.spans), tokens + len(reading.tokens)
            counted.add(reading)
            reading = Reading()
    number, tokens = number + len(reading.spans), tokens + len(reading.tokens)
    counted.add(reading)
    write_file(path, counted.sections(), {"files": number, "tokens": tokens})


@dataclass(slots=True)
class _Counted:
    """Contexts with what followed, as rows of four words, nearest first and the follower last."""

    numbers: defaultdict[str, int] = field(default_factory=lambda: defaultdict(count().__next__))
    rows: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, ORDER + 1), np.int32))
    times: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, reading: Reading) -> None:
        """Count what was read; what was seen once in all of it is dropped."""
        tokens = np.frombuffer(reading.tokens, np.int32)
        if len(tokens) <= ORDER:
            return
        behind = [tokens[ORDER - back : len(tokens) - back] for back in range(1, ORDER + 1)]
        rows, times = _distinct(
            np.stack([*behind, tokens[ORDER:]], axis=1), np.ones(len(tokens) - ORDER, np.int64)
        )
        rows, times = rows[times > 1], times[times > 1]
        words = list(reading.numbers)
        mine = np.zeros(len(words), np.int32)
        for number in np.unique(rows).tolist():
            mine[number] = self.numbers[words[number]]
        self.rows, self.times = _distinct(
            np.concatenate((self.rows, mine[rows])), np.concatenate((self.times, times))
        )
        if len(self.rows) > _MOST:
            least = np.partition(self.times, len(self.times) - _MOST)[len(self.times) - _MOST]
            kept = self.times > least
            self.rows, self.times = self.rows[kept], self.times[kept]

    def sections(self) -> Iterator[tuple[str, bytes]]:
        """What a file of short orders holds."""
        used = np.unique(self.rows)
        names = list(self.numbers)
        words = sorted(names[number] for number in used.tolist())
        rank = np.zeros(len(names), np.int32)
        for number, word in enumerate(words):
            rank[self.numbers[word]] = number
        rows, times = _distinct(rank[self.rows], self.times)
        raw, ends = packed(words)
        firsts = np.bincount(rows[:, 0], minlength=len(words))
        yield "words", raw
        yield "ends", ends
        yield "starts", np.concatenate(([0], np.cumsum(firsts))).astype(np.int32).tobytes()
        yield "contexts", rows[:, :ORDER].astype(">i4").tobytes()
        yield "next", rows[:, ORDER].astype(np.int32).tobytes()
        yield "before", np.concatenate(([0], np.cumsum(times))).astype(np.int32).tobytes()


def _distinct(
    rows: NDArray[np.int32], times: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The different rows in order, and the sums of their times."""
    if not len(rows):
        return rows, times
    wide = rows.astype(np.int64)
    high, low = wide[:, 0] << 32 | wide[:, 1], wide[:, 2] << 32 | wide[:, 3]
    order = np.lexsort((low, high))
    high, low = high[order], low[order]
    fresh = np.flatnonzero(np.r_[True, (high[1:] != high[:-1]) | (low[1:] != low[:-1])])
    return rows[order[fresh]], np.add.reduceat(times[order], fresh)
