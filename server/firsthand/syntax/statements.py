"""Where the statement or the block ends that begins at the cursor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firsthand.core.text import Position, Text, advance
from firsthand.syntax.tree import Tree, point_of, position_of

if TYPE_CHECKING:
    from tree_sitter import Node

# What belongs to a statement that its node leaves out: separators and a comment behind it.
_TAIL = re.compile(r"[ \t]*[,;]*(?:[ \t]*(?:#|//).*)?$")
# Nodes that begin where their first statement does.
_SEQUENCES = frozenset(("block", "statement_list"))
_CLOSERS = re.compile(r"[\s)\]}>;,]*")


def statement_end(tree: Tree, start: Position, limit: Position) -> Position | None:
    """Where the statement or block ends that begins at a cursor; at most at a limit.

    Cuts a middle of several lines: parse the document with the middle inserted, then ask for the
    cursor and the end of the middle. In a line with code it is the statement of that line; in a
    blank line that begins a block, all whole statements of the block; in another blank line, the
    statement that follows.

    Args:
        tree: the tree of the document with the middle inserted.
        start: the cursor, where the middle begins.
        limit: where the middle ends.

    Returns:
        The end, or None where the grammar knows none: what begins at the cursor is not whole, or
        there is an error in it.
    """
    text = tree.text
    own_line = not text.before(start).strip()
    first = _first_code(text, start, limit, own_line=own_line)
    if first is None:
        return None
    node = _statement(tree, point_of(text, first), point_of(text, start), blocks=own_line)
    if node is None:
        return None
    last = node
    siblings = _siblings_from(node, point_of(text, limit)) if own_line else [node]
    if siblings:
        whole = [each for each in siblings if not each.has_error]
        if len(whole) < len(siblings):
            whole = siblings[: next(i for i, each in enumerate(siblings) if each.has_error)]
        if not whole:
            return None
        last = whole[-1]
    elif node.has_error:
        return None
    end = min(_with_tail(text, position_of(text, last.end_point)), limit)
    return end if end > start else None


def _first_code(text: Text, start: Position, limit: Position, *, own_line: bool) -> Position | None:
    """Where the statement begins that the cursor is in or before."""
    line = text.lines[start.line]
    if not own_line:
        begin = _CLOSERS.match(line)
        return Position(start.line, begin.end() if begin else 0)
    for number in range(start.line, limit.line + 1):
        content = text.line(number)
        if content.strip():
            return Position(number, len(content) - len(content.lstrip()))
    return None


def _statement(
    tree: Tree, first: tuple[int, int], cursor: tuple[int, int], *, blocks: bool
) -> Node | None:
    """The largest node that begins at a point, or a larger one if that ends left of the cursor."""
    node = tree.root.descendant_for_point_range(first, first)
    while node is not None and node.parent is not None and node.parent.parent is not None:
        begins = node.parent.start_point == first and (blocks or node.parent.type not in _SEQUENCES)
        if not begins and node.end_point > cursor:
            break
        node = node.parent
    if node is None or node.parent is None or node.is_error:
        return None
    return node


def _siblings_from(node: Node, limit: tuple[int, int]) -> list[Node]:
    """The statements of the block that a node begins, or the node alone if it does not."""
    if node.type in _SEQUENCES and node.named_children:
        children = node.named_children
    else:
        parent = node.parent
        if parent is None or parent.parent is None or parent.is_error:
            return [node]
        before = [each for each in parent.named_children if each.end_point <= node.start_point]
        if not _is_body(parent) or not all(_says_nothing(each) for each in before):
            return [node]
        children = [each for each in parent.named_children if each.start_point >= node.start_point]
    return [each for each in children if each.start_point < limit]


def _is_body(node: Node) -> bool:
    """Whether a node is what stands between the brackets or under the header of a block."""
    return any(word in node.type for word in ("block", "body", "list", "object", "dictionary"))


def _says_nothing(node: Node) -> bool:
    """Whether a node before the first statement is a comment or a docstring."""
    return "comment" in node.type or (
        node.type == "expression_statement"
        and node.named_child_count == 1
        and node.named_children[0].type == "string"
    )


def _with_tail(text: Text, end: Position) -> Position:
    """An end with the separator and the comment that stand behind it in its line."""
    after = text.after(end)
    return advance(end, after.rstrip()) if _TAIL.fullmatch(after) else end
