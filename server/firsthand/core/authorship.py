"""Who wrote each character of a document: runs of marks, spliced by edits.

An `Authorship` is immutable and shares what an edit left alone with the one before it, so that a
document keeps those of its earlier states for little. It holds no text; what needs the text is told
it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import accumulate

from firsthand.core.text import Edit, Range, Text

# Lines of a block: short enough to splice at a key, long enough that there are few of them.
_LINES = 64


class Origin(IntEnum):
    """Where a character came from; the numbers are kept on disk."""

    UNKNOWN = 0  # it was there before, or something else than the editor changed the file
    TYPED = 1
    PASTED = 2  # it came in one piece: from the clipboard, a snippet or another tool
    EMBEDDED = 3
    INLINE = 4
    FRONTIER = 5
    CHANGED = 6  # the person typed it within or in place of accepted text


ACCEPTED = frozenset({Origin.EMBEDDED, Origin.INLINE, Origin.FRONTIER})
FIRST_HAND = frozenset({Origin.TYPED, Origin.CHANGED})
TIERS = {"embedded": Origin.EMBEDDED, "inline": Origin.INLINE, "frontier": Origin.FRONTIER}

# The bits of a packed mark, for what looks at marks with each key.
ORIGIN, CERTAIN, READ = 7, 8, 16


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a character.

    Attributes:
        origin: where it came from.
        at: when, in milliseconds since 1970; of accepted text it names the acceptance as well.
        certain: the editor said so; otherwise it was inferred from the texts.
        read: the person said that they have read it, or edited the block that it stands in.
    """

    origin: Origin
    at: int = 0
    certain: bool = False
    read: bool = False

    @property
    def packed(self) -> int:
        """The mark as one number of 64 bits."""
        return self.at << 5 | self.read * READ | self.certain * CERTAIN | self.origin

    @classmethod
    def of(cls, packed: int) -> Mark:
        """The mark that a number stands for."""
        known = packed & ORIGIN
        origin = Origin(known) if known <= Origin.CHANGED else Origin.UNKNOWN
        return cls(origin, packed >> 5, bool(packed & CERTAIN), bool(packed & READ))


# So many characters in a row have one mark, packed.
Run = tuple[int, int]


# The lengths and the marks of the runs of some lines; never changed once they are in an authorship.
_Block = tuple["array[int]", "array[int]"]


@dataclass(frozen=True)
class Authorship:
    """The marks of all characters of one text, line ends included.

    Attributes:
        blocks: the runs of some lines in a row each.
        lines: how many lines each block has.
    """

    blocks: tuple[_Block, ...]
    lines: tuple[int, ...]

    @classmethod
    def of(cls, text: Text, runs: Iterable[Run]) -> Authorship:
        """The authorship of a text by the runs of all its characters."""
        return cls(*_blocks(text, 0, len(text.lines), _packed(joined(runs))))

    @classmethod
    def unknown(cls, text: Text) -> Authorship:
        """The authorship of a text that nothing is known of."""
        return cls.of(text, [(sum(map(len, text.lines)), 0)])

    def runs(self) -> list[Run]:
        """All of it as runs, as few as there can be."""
        return joined(run for block in self.blocks for run in zip(*block, strict=True))

    def slice(self, text: Text, range_: Range) -> list[Run]:
        """The runs of a range of the text that this is the authorship of."""
        first, line, last, _ = self._find(range_.start.line, range_.end.line)
        start = sum(map(len, text.lines[line : range_.start.line])) + range_.start.character
        (_, marks), ends = self._looked_at(first, last)
        return joined(_within(ends, marks, start, start + _size(text, range_)))

    def splice(self, before: Text, edit: Edit, after: Text, runs: Iterable[Run]) -> Authorship:
        """The authorship after an edit.

        Args:
            before: the text that this is the authorship of.
            edit: an edit of it.
            after: the text that the edit made.
            runs: those of the edit's new text.
        """
        start, end = edit.range.start, edit.range.end
        # A line that ends with a lone carriage return may become one with the next.
        joint = start.line > 0 and before.lines[start.line - 1].endswith("\r")
        first, line, last, stop = self._find(start.line - joint, end.line)
        head = sum(map(len, before.lines[line : start.line])) + start.character
        around, ends = self._looked_at(first, last)
        spliced = _cut(around, ends, 0, head)
        _add(spliced, _packed(joined(runs)))
        tail = head + _size(before, edit.range)
        _add(spliced, _cut(around, ends, tail, ends[-1] if ends else 0))
        more = stop + len(after.lines) - len(before.lines)
        blocks, lines = _blocks(after, line, more, spliced)
        as_many = lines == self.lines[first : last + 1]
        return self._with(
            self.blocks[:first] + blocks + self.blocks[last + 1 :],
            self.lines if as_many else self.lines[:first] + lines + self.lines[last + 1 :],
        )

    def remarked(
        self, marks: Mapping[int, int], first: int = 0, last: int | None = None
    ) -> Authorship:
        """The same with some marks in place of others; what has none of these is shared.

        Args:
            marks: what takes the place of what.
            first: the line in whose block it begins.
            last: the line in whose block it ends; by default that is the last one.
        """
        ends, most = self._ends, len(self.blocks) - 1
        one = bisect_right(ends, first)
        other = most if last is None else min(most, bisect_right(ends, last))
        blocks = tuple(
            (lengths, array("Q", [marks.get(mark, mark) for mark in known]))
            if not marks.keys().isdisjoint(known)
            else (lengths, known)
            for lengths, known in self.blocks[one : other + 1]
        )
        return self._with((*self.blocks[:one], *blocks, *self.blocks[other + 1 :]), self.lines)

    def accepted(self, at: int) -> int:
        """How many characters of an acceptance are left."""
        return sum(
            length
            for block in self.blocks
            for length, mark in zip(*block, strict=True)
            if mark >> 5 == at and mark & ORIGIN in ACCEPTED
        )

    def _with(self, blocks: tuple[_Block, ...], lines: tuple[int, ...]) -> Authorship:
        """Another one, which knows where its blocks end if they end where these do."""
        made = Authorship(blocks, lines)
        made.__dict__["_kept"] = self._kept
        if lines is self.lines:
            made.__dict__["_ends"] = self._ends
        return made

    @cached_property
    def _kept(self) -> list[tuple[tuple[_Block, ...], int, int, _Block, list[int]]]:
        """What was looked at last: one for a document, whichever of its states it was."""
        return []

    @cached_property
    def _ends(self) -> list[int]:
        """The line after each block."""
        return list(accumulate(self.lines))

    def _find(self, first: int, last: int) -> tuple[int, int, int, int]:
        """The block that holds a line and where it begins, and the same of a later line's end."""
        ends = self._ends
        one, other = bisect_right(ends, first), bisect_right(ends, last)
        return one, ends[one] - self.lines[one], other, ends[other]

    def _looked_at(self, first: int, last: int) -> tuple[_Block, list[int]]:
        """The runs of some blocks in a row, and where they end."""
        kept = self._kept
        if kept and kept[0][0] is self.blocks and kept[0][1:3] == (first, last):
            return kept[0][3:]
        block = self._merged(first, last)
        ends = list(accumulate(block[0]))
        kept[:] = [(self.blocks, first, last, block, ends)]
        return block, ends

    def _merged(self, first: int, last: int) -> _Block:
        """The runs of some blocks in a row."""
        if first == last:
            return self.blocks[first]
        lengths, marks = array("I"), array("Q")
        for some_lengths, some_marks in self.blocks[first : last + 1]:
            lengths += some_lengths
            marks += some_marks
        return lengths, marks


def joined(runs: Iterable[Run]) -> list[Run]:
    """Runs as few as there can be: none is empty, and no two neighbours are alike."""
    found: list[Run] = []
    for length, mark in runs:
        if found and found[-1][1] == mark:
            found[-1] = (found[-1][0] + length, mark)
        elif length:
            found.append((length, mark))
    return found


def cut(runs: list[Run], start: int, end: int) -> list[Run]:
    """The runs of the characters from start to before end."""
    if end <= start:
        return []
    ends = list(accumulate(length for length, _ in runs))
    found: list[Run] = []
    for number in range(bisect_right(ends, start), len(runs)):
        length, mark = runs[number]
        first = ends[number] - length
        if first >= end:
            break
        found.append((min(ends[number], end) - max(first, start), mark))
    return found


def _size(text: Text, range_: Range) -> int:
    """How many characters a range of a text has."""
    start, end = range_.start, range_.end
    if start.line == end.line:
        return end.character - start.character
    between = sum(map(len, text.lines[start.line : end.line]))
    return between - start.character + end.character


def _within(ends: list[int], marks: Sequence[int], start: int, end: int) -> Iterator[Run]:
    """The runs of the characters from start to before end, of runs with these ends and marks."""
    while start < end:
        number = bisect_right(ends, start)
        stop = min(ends[number], end)
        yield stop - start, marks[number]
        start = stop


def _cut(block: _Block, ends: list[int], start: int, end: int) -> _Block:
    """The same of a block, whose runs have these ends, by copies of its arrays."""
    lengths, marks = block
    if end <= start:
        return array("I"), array("Q")
    first, last = bisect_right(ends, start), bisect_left(ends, end)
    some = lengths[first : last + 1]
    some[-1] -= ends[last] - end
    some[0] -= start - (ends[first] - lengths[first])
    return some, marks[first : last + 1]


def _add(block: _Block, more: _Block) -> None:
    """Add runs to those of a block that nobody has yet; only where they meet are they looked at."""
    (lengths, marks), (other_lengths, other_marks) = block, more
    if marks and other_marks and marks[-1] == other_marks[0]:
        lengths[-1] += other_lengths[0]
        other_lengths, other_marks = other_lengths[1:], other_marks[1:]
    lengths.extend(other_lengths)
    marks.extend(other_marks)


def _packed(runs: list[Run]) -> _Block:
    return array("I", [length for length, _ in runs]), array("Q", [mark for _, mark in runs])


def _blocks(
    text: Text, first: int, end: int, runs: _Block
) -> tuple[tuple[_Block, ...], tuple[int, ...]]:
    """Lines of a text as blocks, by the runs of their characters, and how long each is."""
    if end - first <= 2 * _LINES:
        return (runs,), (end - first,)
    starts = range(first, end, _LINES)
    lines = tuple(min(_LINES, end - line) for line in starts)
    sizes = [sum(map(len, text.lines[line : line + _LINES])) for line in starts[:-1]]
    last = starts[-1]
    sizes.append(sum(map(len, text.lines[last:end])))
    return tuple(_parted(runs, sizes)), lines


def _parted(runs: _Block, sizes: list[int]) -> Iterator[_Block]:
    """Runs cut into pieces of so many characters, in one walk."""
    left = zip(*runs, strict=True)
    length, mark = 0, 0
    for size in sizes:
        piece: list[Run] = []
        while size:
            if not length:
                length, mark = next(left)
            taken = min(size, length)
            piece.append((taken, mark))
            size, length = size - taken, length - taken
        yield _packed(piece)
