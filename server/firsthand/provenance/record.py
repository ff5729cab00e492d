"""What is kept of a file on disk: hashes of its lines and their runs, never its text."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from firsthand.core.alignment import matches
from firsthand.core.authorship import Authorship, Run, cut, joined
from firsthand.core.text import Text

# So many lines that something else than the person took out of a file are remembered.
_MOST_GONE = 20_000
_COLUMNS = "IIIQQIIQ"

# Lines that are not in the file now: by their own hash and that of the line above, their runs.
Gone = Mapping[int, tuple[Run, ...]]


class Unreadable(Exception):
    """A record is none of ours."""


@dataclass(frozen=True, slots=True)
class Record:
    """The authorship of a file as it was last seen.

    Attributes:
        lines: a hash of each line, its end left out.
        sizes: the characters of each line, its end included.
        runs: the marks of all characters.
        gone: the runs of lines that were taken out by something else than typing, as by a switch
            of branches, which brings them back when it is undone.
    """

    lines: tuple[int, ...]
    sizes: tuple[int, ...]
    runs: tuple[Run, ...]
    gone: Gone = field(default_factory=dict)

    @classmethod
    def of(cls, text: Text, authorship: Authorship, gone: Gone) -> Record:
        """The record of a text."""
        sizes = tuple(map(len, text.lines))
        return cls(hashes(text), sizes, tuple(authorship.runs()), gone)

    @property
    def digest(self) -> int:
        """What is equal for files of equal content."""
        return zlib.crc32(array("I", self.lines).tobytes()) << 24 | len(self.lines) & 0xFFFFFF

    @property
    def known(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.gone) or any(mark for _, mark in self.runs)

    def holds(self, text: Text) -> bool:
        """Whether it is the record of this very text, as far as hashes tell."""
        return hashes(text) == self.lines and tuple(map(len, text.lines)) == self.sizes

    def matched(self, text: Text) -> tuple[Authorship, Gone]:
        """The authorship of a text that the file holds now, and the lines that are gone.

        Lines that are the same keep their runs, and lines that were there some time ago get theirs
        back where they stand below the same line, each side of a merge's conflict too. What is new
        has an unknown origin.
        """
        runs = list(self.runs)
        if self.holds(text):
            return Authorship.of(text, runs), self.gone
        now = hashes(text)
        starts = list(accumulate(self.sizes, initial=0))
        own = _by_line(runs, starts)
        came: list[Run] = []
        stayed: set[int] = set()
        from_old = {
            other + step: one + step
            for one, other, count in matches(self.lines, now)
            for step in range(count)
        }
        above = _above(text, now)
        for number, line in enumerate(text.lines):
            old = from_old.get(number)
            if old is not None:
                stayed.add(old)
                came += _fitted(own[old], len(line))
            else:
                known = self.gone.get(_key(above[number], now[number]), ())
                came += _fitted(list(known), len(line))
        left = {
            _key(self.lines[number - 1] if number else 0, self.lines[number]): tuple(own[number])
            for number in range(len(self.lines))
            if number not in stayed and any(mark for _, mark in own[number])
        }
        gone = dict(list({**self.gone, **left}.items())[-_MOST_GONE:])
        return Authorship.of(text, came), gone

    def encoded(self) -> bytes:
        """The record as bytes, the same on every machine."""
        gone = [run for runs in self.gone.values() for run in runs]
        columns: tuple[Iterable[int], ...] = (
            self.lines,
            self.sizes,
            (length for length, _ in self.runs),
            (mark for _, mark in self.runs),
            self.gone,
            map(len, self.gone.values()),
            (length for length, _ in gone),
            (mark for _, mark in gone),
        )
        arrays = [array(code, column) for code, column in zip(_COLUMNS, columns, strict=True)]
        head = array("I", map(len, arrays))
        return zlib.compress(b"".join(_little(each).tobytes() for each in (head, *arrays)), 1)

    @classmethod
    def decoded(cls, raw: bytes) -> Record:
        """The record that bytes hold.

        Raises:
            Unreadable: they hold none.
        """
        try:
            content = memoryview(zlib.decompress(raw))
            counts, content = _read("I", len(_COLUMNS), content)
            columns: list[array[int]] = []
            for code, count in zip(_COLUMNS, counts, strict=True):
                column, content = _read(code, count, content)
                columns.append(column)
        except (zlib.error, ValueError) as error:
            raise Unreadable from error
        lines, sizes, lengths, marks, keys, numbers, gone_lengths, gone_marks = columns
        runs, gone = (
            tuple(zip(lengths, marks, strict=False)),
            zip(gone_lengths, gone_marks, strict=False),
        )
        if len(lines) != len(sizes) or sum(lengths) != sum(sizes):
            raise Unreadable
        left = {
            key: tuple(run for run, _ in zip(gone, range(number), strict=False))
            for key, number in zip(keys, numbers, strict=False)
        }
        return cls(tuple(lines), tuple(sizes), runs, left)


def hashes(text: Text) -> tuple[int, ...]:
    """A hash of each line, its end left out."""
    crc = zlib.crc32
    return tuple(crc(each.rstrip("\r\n").encode("utf-8", "surrogatepass")) for each in text.lines)


def _by_line(runs: list[Run], starts: list[int]) -> list[list[Run]]:
    """Runs cut at line ends, in one walk."""
    found: list[list[Run]] = []
    left = iter(runs)
    length, mark = next(left, (0, 0))
    for start, end in pairwise(starts):
        wanted, line = end - start, []
        while wanted and length:
            taken = min(wanted, length)
            line.append((taken, mark))
            wanted, length = wanted - taken, length - taken
            if not length:
                length, mark = next(left, (0, 0))
        found.append(line)
    return found


def _fitted(runs: list[Run], length: int) -> list[Run]:
    """Runs of a line whose end may be another one now."""
    total = sum(each for each, _ in runs)
    if total >= length:
        return runs if total == length else cut(runs, 0, length)
    return joined([*runs, (length - total, runs[-1][1] if runs else 0)])


def _above(text: Text, lines: tuple[int, ...]) -> list[int]:
    """The hash of the line that each line stands below.

    Git's marks of a conflict count as no lines, and each of its sides stands below what is before
    the conflict, as it does in the commit that it came from.
    """
    found: list[int] = []
    above, before = 0, None
    for line, known in zip(text.lines, lines, strict=True):
        found.append(above)
        mark = line[:7]
        if mark == "<<<<<<<":
            before = above
        elif before is not None and mark in ("=======", "|||||||"):
            above = before
        elif before is not None and mark == ">>>>>>>":
            before = None
        else:
            above = known
    return found


def _key(above: int, line: int) -> int:
    return above << 32 | line


def _little(column: array[int]) -> array[int]:
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _read(code: str, count: int, content: memoryview) -> tuple[array[int], memoryview]:
    column = array(code)
    end = count * column.itemsize
    if end > len(content):
        raise ValueError("it ends too soon")
    column.frombytes(content[:end])
    return _little(column), content[end:]
