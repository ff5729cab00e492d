"""Trees of documents, kept up to date edit by edit.

Grammars count bytes of UTF-8 and rows that end in a line feed. Rows are made to agree with the
lines of a Text by reading a lone carriage return as a line feed; half of a surrogate pair takes
three bytes, as its code point would, and is an error to the grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firsthand.core.text import Edit, Position, Text, difference
from firsthand.syntax.grammars import grammar

if TYPE_CHECKING:
    import tree_sitter
    from tree_sitter import Node

# A first parse takes 1 ms for this many characters on a core of 2020, typing in a parsed text a
# tenth of that, and a key that breaks the syntax up to five times as much.
_HEAVY = 10_000

_LONE_RETURN = re.compile(r"\r(?!\n)")

_PIECE = 4_096  # bytes that a grammar is given at once


@dataclass(frozen=True, slots=True)
class Tree:
    """A document as its grammar reads it. Later parses leave it as it is.

    Attributes:
        language: the LSP language id.
        text: the document.
    """

    language: str
    text: Text
    _source: bytes = field(repr=False)
    _tree: tree_sitter.Tree = field(repr=False)

    @property
    def root(self) -> Node:
        """The node of the whole document; for the modules of this package."""
        return self._tree.root_node


def parse(
    language: str, text: Text, old: Tree | None = None, edit: Edit | None = None
) -> Tree | None:
    """The tree of a document; None when its language has no grammar or the grammar fails.

    Args:
        language: the LSP language id.
        text: the document.
        old: the tree of an earlier text of it: what did not change is taken over.
        edit: what turned that text into this one; found by comparing them if it is not given.
    """
    from tree_sitter import Parser

    rules = grammar(language)
    if rules is None:
        return None
    source = _source(text.string)
    edited = _edited(old, text, source, edit) if old and old.language == language else None

    def piece(offset: int, _point: tuple[int, int]) -> bytes:
        return source[offset : offset + _PIECE]

    try:
        parser = Parser(rules)
        if edited:
            tree = parser.parse(piece, edited, progress_callback=_let_others_run)
        else:
            tree = parser.parse(piece, progress_callback=_let_others_run)
    except (ValueError, RuntimeError, MemoryError):
        return None
    return Tree(language, text, source, tree)


def heavy(text: Text) -> bool:
    """Whether a parse of this text may take longer than the event loop can be held up.

    From 10,000 characters on it belongs on a worker thread, where it lets other threads run.
    """
    size = 0
    for line in text.lines:
        size += len(line)
        if size > _HEAVY:
            return True
    return False


def point_of(text: Text, position: Position) -> tuple[int, int]:
    """A grammar's row and column of a position."""
    return position.line, _size(text.lines[position.line][: position.character])


def position_of(text: Text, point: tuple[int, int]) -> Position:
    """The position of a grammar's row and column."""
    row, column = point
    if row >= len(text.lines):
        return text.end
    line = text.line(row)
    if line.isascii():
        return Position(row, min(column, len(line)))
    for character, each in enumerate(line):
        column -= _size(each)
        if column < 0:
            return Position(row, character)
    return Position(row, len(line))


def _let_others_run(_offset: int, _error: bool) -> bool:
    """Being called is enough for another thread to take its turn; True would stop the parse."""
    return False


def _source(string: str) -> bytes:
    if "\r" in string:
        string = _LONE_RETURN.sub("\n", string)
    return string.encode("utf-8", "surrogatepass")


def _size(string: str) -> int:
    return len(string) if string.isascii() else len(string.encode("utf-8", "surrogatepass"))


def _edited(old: Tree, text: Text, source: bytes, edit: Edit | None) -> tree_sitter.Tree | None:
    """The old tree told where it is out of date."""
    if edit is None:
        edit = difference(old.text, text)
    start = _offset(old.text, edit.range.start)
    old_end = _offset(old.text, edit.range.end)
    # A carriage return next to an edit may be read anew.
    if "\r" in edit.new_text or "\r" in old.text.string:
        start, old_end = max(0, start - 1), min(len(old._source), old_end + 1)
    new_end = old_end + len(source) - len(old._source)
    if new_end < start:
        return None
    tree = old._tree.copy()
    tree.edit(
        start,
        old_end,
        new_end,
        _point(old._source, start),
        _point(old._source, old_end),
        _point(source, new_end),
    )
    return tree


def _offset(text: Text, position: Position) -> int:
    if text.string.isascii():
        return sum(map(len, text.lines[: position.line])) + position.character
    size = sum(map(_size, text.lines[: position.line]))
    return size + _size(text.lines[position.line][: position.character])


def _point(source: bytes, offset: int) -> tuple[int, int]:
    return source.count(b"\n", 0, offset), offset - source.rfind(b"\n", 0, offset) - 1
