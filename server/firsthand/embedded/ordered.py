"""Numbers in order, of which one can be added or taken away at little cost however many there are.

One sorted list would move half of its entries with each; here it is cut into short ones.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from firsthand.embedded.layer import DEPTH

_LONGEST = 1000  # entries of a list; a longer one is cut in two
_EACH = 16  # successors taken on each side of the longest match
_LAST = 0xFFFFFFFF


class Ordered:
    """Sorted numbers; equal ones are kept as often as they were added."""

    def __init__(self) -> None:
        self._lists: list[list[int]] = []  # none of them empty
        self._lasts: list[int] = []  # the largest of each
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, number: int) -> None:
        """Put a number in its place."""
        self._size += 1
        lists, lasts = self._lists, self._lasts
        at = bisect_left(lasts, number)
        if at == len(lists):
            if not lists:
                lists.append([number])
                lasts.append(number)
                return
            at -= 1
        found = lists[at]
        insort(found, number)
        if len(found) > _LONGEST:
            half = len(found) // 2
            lists.insert(at + 1, found[half:])
            lasts.insert(at, found[half - 1])
            del found[half:]
        lasts[at] = lists[at][-1]
        if at + 1 < len(lists):
            lasts[at + 1] = lists[at + 1][-1]

    def remove(self, number: int) -> None:
        """Take a number away once, if it is there."""
        at = bisect_left(self._lasts, number)
        if at == len(self._lists):
            return
        found = self._lists[at]
        place = bisect_left(found, number)
        if found[place] != number:
            return
        self._size -= 1
        del found[place]
        if found:
            self._lasts[at] = found[-1]
        else:
            del self._lists[at], self._lasts[at]

    def around(self, number: int, most: int) -> Iterator[Iterator[int]]:
        """The numbers below one, the nearest first, then those from it on; at most so many each."""
        at = bisect_left(self._lasts, number)
        place = bisect_left(self._lists[at], number) if at < len(self._lists) else 0
        yield self._below(at, place, most)
        yield self._above(at, place, most)

    def _below(self, at: int, place: int, most: int) -> Iterator[int]:
        while most > 0:
            if not place:
                if not at:
                    return
                at -= 1
                place = len(self._lists[at])
            taken = self._lists[at][max(0, place - most) : place]
            yield from reversed(taken)
            most -= len(taken)
            place = 0

    def _above(self, at: int, place: int, most: int) -> Iterator[int]:
        while most > 0 and at < len(self._lists):
            taken = self._lists[at][place : place + most]
            yield from taken
            most -= len(taken)
            at, place = at + 1, 0


def successors(contexts: Ordered, query: int, bits: int) -> Iterator[tuple[int, int]]:
    """What followed the contexts nearest to a query, and how many of their tokens agree.

    Args:
        contexts: each of DEPTH numbers, the nearest token's on top, and 32 bits of what followed.
        query: a context.
        bits: of each of its numbers.
    """
    for entries in contexts.around(query << 32, _EACH):
        for entry in entries:
            match = (bits * DEPTH - ((entry >> 32) ^ query).bit_length()) // bits
            if not match:
                break
            yield entry & _LAST, match
