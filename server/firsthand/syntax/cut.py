"""A middle of several lines, cut where the statement or block ends that begins at the cursor."""

from __future__ import annotations

from firsthand.core.text import Edit, Position, Range, Text, advance
from firsthand.syntax.statements import statement_end
from firsthand.syntax.tree import heavy, parse

# How many lines around the cursor are parsed: little enough for the event loop.
_ABOVE = 150
_BELOW = 20
_CLOSERS = tuple(")]}")


def cut_at_statement(language: str, text: Text, position: Position, middle: str) -> str:
    """The part of a middle up to the end of its statement, or of its block.

    Only the lines from the outermost definition around the cursor on are parsed. All of the middle
    is given where there is no grammar, or where it knows no end.

    Args:
        language: the LSP language id.
        text: the document.
        position: an existing position in it, where the middle is to be inserted.
        middle: several lines.
    """
    first = _outermost(text, position.line)
    if first is None:
        return middle
    near = Text.of("".join(text.lines[first : position.line + 1 + _BELOW]))
    start = Position(position.line - first, position.character)
    written = near.apply(Edit(Range.at(start), middle))
    tree = None if heavy(written) else parse(language, written)
    end = tree and statement_end(tree, start, advance(start, middle))
    return written.slice(Range(start, end)) if end else middle


def _outermost(text: Text, line: int) -> int | None:
    """The nearest line above, or the line itself, in which code begins at the very left."""
    for number in range(line, max(-1, line - _ABOVE), -1):
        first = text.lines[number][:1]
        if first.strip() and first not in _CLOSERS:
            return number
    return None
