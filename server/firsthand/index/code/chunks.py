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
    first, end = 0, len(lines)
    while first < end:
        if not lines[first].strip():
            first += 1
            continue
        stop = min(end, first + _MOST)
        if stop < end:
            stop = max(
                range(first + _FEWEST, stop + 1), key=lambda at: (_worth(lines, starts, at), at)
            )
        last = stop - 1
        while not lines[last].strip():
            last -= 1
        pieces.append((first, last))
        first = stop
    return pieces


def _worth(lines: Sequence[str], starts: Collection[int], at: int) -> int:
    """How good a place the beginning of a line is to cut at; 0 is the worst."""
    line = lines[at]
    worth = 0
    if line.strip():
        if at in starts:
            worth += 4
        if not lines[at - 1].strip():
            worth += 3
        if not line[0].isspace() and line[0] not in ")]}":
            worth += 2
    return worth
