"""One file of a tier, mapped into memory: the tokens of some files and their contexts in order.

It holds the tokens from the last to the first and the *context array*: the places of all tokens,
ordered by the up to 16 tokens that stand before them, the nearest first. That is the suffix array
of the reversed text (Manber and Myers 1993), cut at 16. All places whose context begins alike are
neighbours in it, so one bisection finds the longest match of a context, and its neighbourhood
holds the successors seen after every shorter one.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firsthand.embedded.words import Words

DEPTH = 16  # tokens of context
Excluded = tuple[int, ...]
"""Places that are left out: sorted bounds of spans, each the first place and one past the last."""

_MAGIC = b"FHT\x04"
_HEAD = struct.Struct("<4sIQQ")  # magic, checksum of the index, where it lies, its length
_NEAR = 14  # successors taken on each side of the longest match
_LOOKED = 150  # places looked at on each side, should most of them be excluded
_COUNTED = 1000  # places after which a word's followers are only sampled
_FAR = 16  # successors sampled from all places of a context that has more


class Layer:
    """A file of a tier, open for reading.

    A layer may stand on another, its base: the words of that one keep their numbers in it, and its
    own further words are numbered from there on.

    Attributes:
        words: its own words.
        known: how many words the base has; 0 without one.
        offset: how many places the base has: its own are numbered from there on in `Excluded`.
        spans: for each file the first token and one past the last.
        dead: the files of the base that this layer replaces.
        tokens: how many tokens it holds.
    """

    def __init__(self, path: Path, base: Layer | None = None) -> None:
        """Open a layer's file.

        Raises:
            OSError: it can't be read.
            ValueError, KeyError, TypeError: it is damaged, of another version, or of another base.
        """
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = read_index(data)
        places = head["sections"]
        view = memoryview(data)

        def section(name: str) -> memoryview:
            at, size = places[name]
            return view[at : at + size]

        if head["base"] != (base.name if base else ""):
            raise ValueError("it stands on another file")
        self.name: str = path.name
        self.known = base.words.size if base else 0
        self.offset = base.tokens + 1 if base else 0
        self.words: Words = Words(data, places["words"][0], section("ends").cast("i"))
        self.spans: dict[str, tuple[int, int]] = {
            name: (first, last) for name, first, last in head["files"]
        }
        self.dead = frozenset(map(str, head["dead"]))
        self.spaced = section("spaced")
        self._firsts = section("firsts").cast("i") if base else None
        self._starts = section("starts").cast("i")
        self._votes: memoryview[int] = section("votes").cast("i")
        self._blanks = section("blanks")
        self._coded = section("coded")
        self._public = section("public").cast("i")
        self._public_ends = section("public_ends").cast("i")
        self._place = {path: place for place, path in enumerate(self.spans)}
        self._shape_order = Order(data, places["shapes"][0], 2, section("shaped").cast("i"))
        self._order = Order(data, places["tokens"][0], 4, section("contexts").cast("i"))
        self.tokens: int = len(self._votes)

    def bounds(self, number: int) -> tuple[int, int]:
        """The part of the context array whose nearest token is a word."""
        if self._firsts is None:
            if number >= self.words.size:
                return 0, 0
            return self._starts[number], self._starts[number + 1]
        at = bisect_left(self._firsts, number)
        if at == len(self._firsts) or self._firsts[at] != number:
            return 0, 0
        return self._starts[at], self._starts[at + 1]

    def in_code(self, number: int) -> bool:
        """Whether a word stands in code here, strings and comments left out."""
        at = number >> 3
        return at < len(self._coded) and bool(self._coded[at] >> (number & 7) & 1)

    def public(self, path: str) -> list[int]:
        """The numbers of the names that others may import from a file, in its order."""
        place = self._place[path]
        return self._public[self._public_ends[place] : self._public_ends[place + 1]].tolist()

    def counts(self, first: int, last: int) -> NDArray[np.int32]:
        """How often each of some words stands, by their numbers."""
        if self._firsts is None:
            return np.diff(np.asarray(self._starts[first : last + 1]))
        bounds = map(self.bounds, range(first, last))
        return np.array([high - low for low, high in bounds], np.int32)

    def successors(self, query: int, excluded: Excluded) -> list[tuple[int, int]]:
        """Words that followed a context, each with how many of its tokens agreed."""
        bounds = self.bounds(query >> 32 * (DEPTH - 1))
        if bounds[0] == bounds[1]:
            return []
        data, base = self._order.data, self._order.base
        return [
            (int.from_bytes(data[base + 4 * place - 4 : base + 4 * place], "big"), match)
            for place, match in self._order.around(query, bounds, excluded, self.offset)
        ]

    def votes(self, query: int, excluded: Excluded) -> list[tuple[int, int]]:
        """Votes after a context of shapes, each with how many of them agreed."""
        votes = self._votes
        bounds = 0, len(self._shape_order.contexts)
        found = self._shape_order.around(query, bounds, excluded, self.offset)
        return [(votes[place - 1], match) for place, match in found]

    def followers(
        self, numbers: tuple[int, ...], excluded: Excluded
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The words that stand after some words (the nearest first), and how often each.

        Words that stand more often than some 1,000 times are sampled, and the counts scaled.
        """
        low, high = self._standing(numbers)
        stride = max(1, (high - low) // _COUNTED)
        places = np.asarray(self._order.contexts[low:high:stride])
        if excluded and excluded[0] != excluded[-1]:
            ends = np.array(excluded)
            inside = np.searchsorted(ends, places + self.offset, "right") & 1
            places = places[inside == 0]
        raw = np.frombuffer(self._order.data, ">i4", self.tokens, self._order.base)
        found, times = np.unique(raw[places - 1], return_counts=True)
        return found.astype(np.int32), times * stride

    def following(self, numbers: tuple[int, ...], excluded: Excluded, length: int) -> list[int]:
        """The words that follow some words (the nearest first) at one place; empty if at none."""
        low, high = self._standing(numbers)
        for place in self._order.contexts[low : min(high, low + _LOOKED)]:
            if not bisect_right(excluded, place + self.offset) & 1:
                first = max(0, place - length)
                at = self._order.base + 4 * first
                raw = np.frombuffer(self._order.data, ">i4", place - first, at)
                return raw[::-1].tolist()  # type: ignore[no-any-return]  # whole numbers
        return []

    def _standing(self, numbers: tuple[int, ...]) -> tuple[int, int]:
        bounds = self.bounds(numbers[0])
        if len(numbers) == 1 or bounds[0] == bounds[1]:
            return bounds
        return self.narrowed(b"".join(each.to_bytes(4, "big") for each in numbers), bounds)

    def narrowed(self, prefix: bytes, bounds: tuple[int, int]) -> tuple[int, int]:
        """The part of a range of contexts that begin with some numbers, 4 bytes each."""
        return self._order.range(prefix, *bounds)

    def outside(self, low: int, high: int, excluded: Excluded) -> int:
        """How many of a range of contexts do not lie in an excluded place."""
        if not excluded or excluded[0] == excluded[-1]:
            return high - low
        offset = self.offset
        if high - low > 48:
            places = np.asarray(self._order.contexts[low:high])
            if len(excluded) == 2:
                first, last = excluded[0] - offset, excluded[1] - offset
                outside = np.count_nonzero((places < first) | (places >= last))
                return int(outside)
            ends = np.array(excluded) - offset
            inside = np.count_nonzero(np.searchsorted(ends, places, "right") & 1)
            return high - low - int(inside)
        contexts = self._order.contexts[low:high]
        return sum(not bisect_right(excluded, place + offset) & 1 for place in contexts)

    def excluding(self, paths: Iterable[str]) -> list[tuple[int, int]]:
        """The places of files' tokens, as pairs of bounds."""
        end = self.offset + self.tokens + 1
        spans = (self.spans.get(path) for path in paths)
        return [(end - last, end - first) for first, last in filter(None, spans)]

    def text(self) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """The tokens' numbers in the order of the text, and whether space stands before each."""
        at = self._order.base
        raw = np.frombuffer(self._order.data, ">i4", self.tokens, at)
        blanks = np.unpackbits(np.asarray(self._blanks), count=self.tokens)
        return raw[::-1].astype(np.int32), blanks


class Order:
    """A context array over a reversed text of numbers.

    Attributes:
        data: the file.
        base: where in it the text lies; DEPTH numbers of 0 follow it.
        contexts: places in the text, ordered by the text from there on.
    """

    def __init__(self, data: mmap.mmap, base: int, size: int, contexts: memoryview) -> None:
        """`size` is the number of bytes of each number, big end first."""
        self.data = data
        self.base = base
        self.contexts = contexts
        self._size = size

    def around(
        self, query: int, bounds: tuple[int, int], excluded: Excluded, offset: int
    ) -> list[tuple[int, int]]:
        """Places whose context begins like the query, with the number of tokens that agree.

        The longest matches are among them; a context that stands more often than some 40 times is
        sampled. `offset` is what `excluded` counts a place of 0 as.
        """
        size, data, base, contexts = self._size, self.data, self.base, self.contexts
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
        shortest = 0  # the match length below which a side was not followed to its end
        for side in (
            range(left - 1, max(low - 1, left - 1 - _LOOKED), -1),
            range(left, min(high, left + _LOOKED)),
        ):
            taken = 0
            for at in side:
                place = contexts[at]
                if bisect_right(excluded, place + offset) & 1:
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
                if not bisect_right(excluded, place + offset) & 1:
                    found.append((place, shortest))
        return found

    def range(self, prefix: bytes, low: int, high: int) -> tuple[int, int]:
        """The part of a range of contexts that begin with some numbers, given as bytes."""
        low = self._bound(prefix, low, high, after=False)
        return low, self._bound(prefix, low, high, after=True)

    def _bound(self, prefix: bytes, low: int, high: int, after: bool) -> int:
        data, base, contexts, size = self.data, self.base, self.contexts, self._size
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


def write_file(
    path: Path, sections: Iterable[tuple[str, bytes]], about: Mapping[str, object]
) -> None:
    """Write a file of a tier; the name is taken once all of it is on the disk.

    Args:
        path: the file.
        sections: names and contents, taken one by one.
        about: what its index says besides.

    Raises:
        OSError: the disk refuses.
    """
    partial = path.with_name(f"{path.name}.partial")
    places: dict[str, tuple[int, int]] = {}
    words = 0
    with partial.open("wb") as file:
        file.write(bytes(_HEAD.size))
        for name, raw in sections:
            file.write(bytes(-file.tell() % 8))
            places[name] = (file.tell(), len(raw))
            file.write(raw)
            if name == "words":
                words = zlib.crc32(raw)
        index = {"byteorder": sys.byteorder, "sections": places, "words": words, **about}
        raw = json.dumps(index).encode("ascii")
        at = file.tell()
        file.write(raw)
        file.seek(0)
        file.write(_HEAD.pack(_MAGIC, zlib.crc32(raw), at, len(raw)))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read_index(data: mmap.mmap) -> dict[str, Any]:
    """The checked index of a tier's file.

    Raises:
        ValueError, KeyError, struct.error: it is damaged or of another version.
    """
    magic, check, at, size = _HEAD.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError("another version wrote it")
    if len(data) != at + size:
        raise ValueError("it is cut short")
    raw = data[at : at + size]
    if zlib.crc32(raw) != check:
        raise ValueError("its index is damaged")
    index: dict[str, Any] = json.loads(raw)
    if index["byteorder"] != sys.byteorder:
        raise ValueError("a machine of another byte order wrote it")
    at, size = index["sections"]["words"]
    if zlib.crc32(data[at : at + size]) != index["words"]:
        raise ValueError("its words are damaged")
    return index
