"""The project's tier: every token of a workspace folder on disk, and its contexts in order.

One memory-mapped file holds the tokens of all files from the last to the first and the *context
array*: the places of all tokens, ordered by the up to 16 tokens that stand before them, the nearest
first. That is the suffix array of the reversed text (Manber and Myers 1993), cut at 16. All places
whose context begins alike are neighbours in it, so one bisection finds the longest match of a
context, and its neighbourhood holds the successors seen after every shorter one.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
import zlib
from bisect import bisect_left
from pathlib import Path

import numpy as np

DEPTH = 16  # tokens of context
MAGIC = b"FHT\x02"
CURRENT = "current"  # the file that names the tier's file, replaced when a new one is complete
_HEAD = struct.Struct("<4sII")
_NEAR = 14  # successors taken on each side of the longest match
_FAR = 16  # successors sampled from all places of a context that has more


class CorruptTier(Exception):
    """A tier that can't be read; the message says why and that it has to be built again."""


class ProjectTier:
    """A built tier, open for reading. Single-threaded; only the words are copied from the file."""

    def __init__(self, data: mmap.mmap, head: dict[str, object], start: int) -> None:
        """Use `load`: this takes a mapped file that was checked."""
        sections: dict[str, list[int]] = head["sections"]  # type: ignore[assignment]
        self._data = data
        view = memoryview(data)

        def section(name: str) -> memoryview:
            at, size = sections[name]
            return view[start + at : start + at + size]

        words = bytes(section("words")).decode("utf-8", "surrogatepass")
        self.words = words.split("\0") if words else []
        self.spans: dict[str, tuple[int, int]] = {
            path: (first, last)
            for path, first, last in head["files"]  # type: ignore[attr-defined]
        }
        self._starts = section("starts").cast("i")
        self._spaced = section("spaced")
        self._counts = np.diff(np.asarray(self._starts))
        self._votes = section("votes").cast("i")
        self._ids: dict[str, int] = {}
        self._tokens = _Order(data, start + sections["tokens"][0], 4, section("contexts").cast("i"))
        self._shapes = _Order(data, start + sections["shapes"][0], 2, section("shaped").cast("i"))

    @classmethod
    def load(cls, folder: Path) -> ProjectTier:
        """The tier built in a folder; raises CorruptTier, or FileNotFoundError if there is none."""
        path = folder / (folder / CURRENT).read_text(encoding="utf-8").strip()
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return cls(data, *_head(data))
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            raise CorruptTier(
                f"The index {path} can't be used ({error}); it will be built again."
            ) from error

    def id(self, key: str) -> int:
        """The number of a key; one that stands nowhere gets a number without any successor."""
        found = self._ids.get(key)
        if found is None:
            at = bisect_left(self.words, key)
            found = at if at < len(self.words) and self.words[at] == key else len(self.words)
            if len(self._ids) > 50_000:
                self._ids.clear()
            self._ids[key] = found
        return found

    def excluded(self, path: str) -> tuple[int, int]:
        """The places of a file's tokens in the context array's terms, for `successors`."""
        first, last = self.spans.get(path, (0, 0))
        length = len(self._votes)
        return length - last + 1, length - first + 1

    def successors(self, query: int, excluded: tuple[int, int]) -> list[tuple[str, int]]:
        """Keys seen after a context, each with the number of tokens of context that agreed.

        `query` holds the context's ids, 32 bits each, the nearest on top.
        """
        first = query >> (32 * (DEPTH - 1))
        if first >= len(self.words):
            return []
        data, base, words = self._data, self._tokens.base, self.words
        found = []
        bounds = self._starts[first], self._starts[first + 1]
        for place, match in self._tokens.around(query, bounds, excluded):
            at = base + 4 * place
            found.append((words[int.from_bytes(data[at - 4 : at], "big")], match))
        return found

    def votes(self, query: int, excluded: tuple[int, int]) -> list[tuple[str | int, int]]:
        """Votes (see `kinds`) after a context of shapes, each with how many of them agreed.

        `query` holds the shapes, 16 bits each, the nearest on top. A vote is a key, or how many
        tokens back (a negative number) the name stands that follows.
        """
        votes, words = self._votes, self.words
        found: list[tuple[str | int, int]] = []
        bounds = 0, len(self._shapes.contexts)
        for place, match in self._shapes.around(query, bounds, excluded):
            vote = votes[place - 1]
            found.append((words[vote] if vote >= 0 else vote, match))
        return found

    def count(self, key: str, excluded: tuple[int, int]) -> int:
        """How often a key stands in the project, the excluded file left out if the key is rare."""
        number = self.id(key)
        return 0 if number >= len(self.words) else self._count(number, excluded)

    def _count(self, number: int, excluded: tuple[int, int]) -> int:
        return self._outside(self._starts[number], self._starts[number + 1], excluded)

    def _outside(self, low: int, high: int, excluded: tuple[int, int]) -> int:
        """How many of a range of contexts do not lie in the excluded file."""
        skip, until = excluded
        if skip == until:
            return high - low
        if high - low > 48:
            places = np.asarray(self._tokens.contexts[low:high])
            return int(np.count_nonzero((places < skip) | (places >= until)))
        return sum(not skip <= place < until for place in self._tokens.contexts[low:high])

    def after(
        self, key: str, before: tuple[str, str], excluded: tuple[int, int]
    ) -> tuple[int, int]:
        """How often a key stands after one token, and after two, the nearest of them first."""
        number = self.id(key)
        if number >= len(self.words):
            return 0, 0
        low, high = self._starts[number], self._starts[number + 1]
        prefix = number.to_bytes(4, "big")
        found = []
        for token in before:
            prefix += self.id(token).to_bytes(4, "big")
            low, high = self._tokens.range(prefix, low, high)
            found.append(self._outside(low, high, excluded))
        return found[0], found[1]

    def beginning(self, stem: str, limit: int, excluded: tuple[int, int]) -> list[str]:
        """The commonest words that begin with a stem, at most `limit` of them."""
        low = bisect_left(self.words, stem)
        high = bisect_left(self.words, stem + "\U0010ffff", low)
        if high - low > limit:
            counts = self._counts[low:high]
            best = (np.argpartition(counts, -limit)[-limit:] + low).tolist()
        else:
            best = list(range(low, high))
        return [self.words[number] for number in best if self._count(number, excluded)]

    def spaced(self, key: str, quote: bool) -> bool | None:
        """Whether white space mostly stands between a key and a word, or an opening quote."""
        number = self.id(key)
        if number >= len(self.words):
            return None
        habit = self._spaced[2 * number + quote]
        return None if habit == 0 else habit == 2


class _Order:
    """A context array over a reversed text of numbers.

    Attributes:
        base: where in the file the text lies; DEPTH numbers of 0 follow it.
        contexts: places in it, ordered by the text from there on.
    """

    def __init__(self, data: mmap.mmap, base: int, size: int, contexts: memoryview) -> None:
        """`size` is the number of bytes of each number, big end first."""
        self.base = base
        self.contexts = contexts
        self._data = data
        self._size = size

    def around(
        self, query: int, bounds: tuple[int, int], excluded: tuple[int, int]
    ) -> list[tuple[int, int]]:
        """Places whose context begins like the query, with the number of tokens that agree.

        The longest matches are among them; a context that stands more often than some 40 times is
        sampled.
        """
        size, data, base, contexts = self._size, self._data, self.base, self.contexts
        whole, bits = DEPTH * size, 8 * size
        asked = query.to_bytes(whole, "big")
        low, high = bounds
        left, right = low, high
        while left < right:
            middle = (left + right) >> 1
            at = base + size * contexts[middle]
            if data[at : at + whole] < asked:
                left = middle + 1
            else:
                right = middle
        found: list[tuple[int, int]] = []
        skip, until = excluded
        shortest = 0  # the match length below which a side was not followed to its end
        for step, at, end in ((-1, left - 1, low - 1), (1, left, high)):
            taken = 0
            while at != end:
                place = contexts[at]
                at += step
                if skip <= place < until:
                    continue
                here = base + size * place
                differ = int.from_bytes(data[here : here + whole], "big") ^ query
                match = (bits * DEPTH - differ.bit_length()) // bits
                if not match:
                    break
                found.append((place, match))
                taken += 1
                if taken == _NEAR:
                    shortest = max(shortest, match)
                    break
        if shortest:
            low, high = self.range(asked[: size * shortest], low, high)
            for at in range(low, high, max(1, (high - low) // _FAR)):
                place = contexts[at]
                if not skip <= place < until:
                    found.append((place, shortest))
        return found

    def range(self, prefix: bytes, low: int, high: int) -> tuple[int, int]:
        """The part of a range of contexts that begin with some numbers, given as bytes."""
        low = self._bound(prefix, low, high, after=False)
        return low, self._bound(prefix, low, high, after=True)

    def _bound(self, prefix: bytes, low: int, high: int, after: bool) -> int:
        data, base, contexts, size = self._data, self.base, self.contexts, self._size
        length = len(prefix)
        while low < high:
            middle = (low + high) >> 1
            at = base + size * contexts[middle]
            piece = data[at : at + length]
            if piece < prefix or (after and piece == prefix):
                low = middle + 1
            else:
                high = middle
        return low


def _head(data: mmap.mmap) -> tuple[dict[str, object], int]:
    """The checked head of a tier's file and where its sections start."""
    magic, size, check = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise ValueError("another version wrote it")
    raw = data[_HEAD.size : _HEAD.size + size]
    if zlib.crc32(raw) != check:
        raise ValueError("its head is damaged")
    head = json.loads(raw)
    if head["byteorder"] != sys.byteorder:
        raise ValueError("a machine of another byte order wrote it")
    start = _HEAD.size + size
    if len(data) != start + head["size"]:
        raise ValueError("it is cut short")
    at, size = head["sections"]["words"]
    if zlib.crc32(data[start + at : start + at + size]) != head["words_crc32"]:
        raise ValueError("its words are damaged")
    return head, start
