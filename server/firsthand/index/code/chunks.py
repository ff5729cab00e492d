"""Cutting a text into pieces of some lines, where it falls apart by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

_MOST = 28
_FEWEST = 8


def cut(lines: Sequence[str], starts: Collection[int]) -> list[tuple[int, int]]:
    """The first and last line of each piece; pieces do not overlap and leave out blank lines.

    A piece ends before a line that is likely to begin something: a definition, or what follows a
    blank line, the less indented the better. As that is seen line by line, a change moves only
    the cuts near it.

    Args:
        lines: of the text.
        starts: the lines in which definitions begin.
    """
    pieces = []
    worth = _worths(lines, starts)
    first, end = 0, len(lines)
    while first < end:
        if not lines[first].strip():
            first += 1
            continue
        stop = min(end, first + _MOST)
        if stop < end:
            near = worth[first + _FEWEST : stop + 1]
            stop -= near[::-1].index(max(near))  # of several places as good, the last
        last = stop - 1
        while not lines[last].strip():
            last -= 1
        pieces.append((first, last))
        first = stop
    return pieces


def _worths(lines: Sequence[str], starts: Collection[int]) -> list[int]:
    """How good a place the beginning of each line is to cut at; 0 is the worst."""
    worths = []
    after_blank = True
    for at, line in enumerate(lines):
        if not line or line.isspace():
            worths.append(0)
            after_blank = True
            continue
        begins = not line[0].isspace() and line[0] not in ")]}"
        worths.append(4 * (at in starts) + 3 * after_blank + 2 * begins)
        after_blank = False
    return worths
