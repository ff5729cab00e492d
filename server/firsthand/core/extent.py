"""How much of what a model wrote is shown at once; the rest is kept for the keys to come."""

from __future__ import annotations

_OPENERS, _CLOSERS = "([{", ")]}"


def lines_shown(middle: str, *, block: bool, most: int) -> int:
    """How many lines of a middle to show.

    One line; at the end of a line the one below; where brackets stay open, up to the line that
    closes them; a whole block only where the syntax opens one.

    Args:
        middle: what is left of the model's text at the cursor.
        block: whether the syntax opens a block here.
        most: the most lines that may be shown.
    """
    lines = middle.split("\n")
    # Lines that are still empty belong to the one below them: the cursor is at a line's end.
    first = next((index for index, line in enumerate(lines, 1) if line.strip()), 1)
    if block:
        return max(most, first)
    count, depth = first, _depth(lines[first - 1])
    while depth > 0 and count < min(len(lines), most):
        depth += _depth(lines[count])
        count += 1
    # A statement too long to be shown whole is shown line by line.
    return count if depth <= 0 else first


def _depth(line: str) -> int:
    """How many more brackets a line opens than it closes; brackets in strings count as well."""
    return sum((each in _OPENERS) - (each in _CLOSERS) for each in line)
