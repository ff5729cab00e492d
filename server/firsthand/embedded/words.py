"""The words of a tier's file: sorted, decoded only when they are asked for."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterable

_REMEMBERED = 60_000  # words that are kept decoded


class Words(dict[int, str]):
    """Words by their numbers; `find` gives the number of a word. It holds what was asked before.

    The numbers are the words' ranks in the order of their code points, which is that of UTF-8 too.
    """

    def __init__(self, data: mmap.mmap, at: int, ends: memoryview) -> None:
        """Take a file, where in it the words' UTF-8 lies, one after another, and where each ends.

        The ends are numbers of 32 bits, after a 0.
        """
        super().__init__()
        self._data = data
        self._at = at
        self._ends = ends
        self.size = len(ends) - 1

    def __missing__(self, number: int) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        at, ends = self._at, self._ends
        raw = self._data[at + ends[number] : at + ends[number + 1]]
        word = self[number] = str(raw, "utf-8", "surrogatepass")
        return word

    def place(self, word: str) -> int:
        """How many words come before a word in order."""
        data, at, ends = self._data, self._at, self._ends
        sought = word.encode("utf-8", "surrogatepass")
        low, high = 0, self.size
        while low < high:
            middle = (low + high) >> 1
            if data[at + ends[middle] : at + ends[middle + 1]] < sought:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, word: str) -> int:
        """The number of a word; -1 for one that is not among them."""
        number = self.place(word)
        return number if number < self.size and self[number] == word else -1

    def beginning(self, stem: str) -> tuple[int, int]:
        """The numbers of the words that begin with a stem: the first, and one past the last."""
        return self.place(stem), self.place(stem + "\U0010ffff")


def packed(words: Iterable[str]) -> tuple[bytes, bytes]:
    """Sorted words as `Words` takes them."""
    raw = bytearray()
    ends = array("i", [0])
    for word in words:
        raw += word.encode("utf-8", "surrogatepass")
        ends.append(len(raw))
    return bytes(raw), ends.tobytes()


class Numbers(dict[str, int]):
    """Numbers for keys, shared by the open documents; a new key gets a new one when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.keyed: list[str] = []  # the keys by their numbers

    def __missing__(self, key: str) -> int:
        self.keyed.append(key)
        self[key] = len(self.keyed) - 1
        return self[key]
