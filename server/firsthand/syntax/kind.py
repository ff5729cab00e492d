"""What is written at a position: code, a comment or a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firsthand.core.lexical import Kind, kind_at_end, lines_above
from firsthand.core.text import Position, Text
from firsthand.syntax.tree import Tree, point_of

if TYPE_CHECKING:
    from tree_sitter import Node

# Node types that hold code within a string, in the grammars of the table.
_CODE_IN_STRING = frozenset(("interpolation", "template_substitution", "command_substitution"))
_STRINGS = frozenset(
    (
        "string",
        "string_literal",
        "raw_string_literal",
        "interpreted_string_literal",
        "template_string",
        "char_literal",
        "rune_literal",
        "character_literal",
        "system_lib_string",
        "regex",
        "encapsed_string",
        "heredoc",
        "heredoc_body",
        "interpolated_string_expression",
        "multiline_string_literal",
        "nowdoc",
        "raw_string",
        "verbatim_string_literal",
    )
)
_LONGEST_LINE = 2_000


def kind_at(tree: Tree, text: Text, position: Position) -> Kind:
    """What would be written at a position of the tree's text.

    Where the grammar met an error, it does not know: an open quote hides what follows it. There
    the lines around are read without it.
    """
    point = point_of(text, position)
    row, column = point
    probe = (row, column - 1) if column else point
    node: Node | None = tree.root.descendant_for_point_range(probe, probe)
    while node is not None:
        if node.is_error or (node.has_error and node.start_point[0] == row and node.parent):
            return kind_at_lexically(tree.language, text, position)
        inside = node.start_point < point < node.end_point
        if node.type in _CODE_IN_STRING and inside:
            return "code"
        if node.type in _STRINGS and inside:
            return "string"
        if "comment" in node.type and (inside or _goes_on(node, text, point)):
            return "comment"
        node = node.parent
    return "code"


def kind_at_lexically(language: str, text: Text, position: Position) -> Kind:
    """What would be written at a position, estimated from the lines up to it, without a grammar."""
    above, _ = lines_above(text, position.line)
    start = max(0, position.character - _LONGEST_LINE)
    before = text.lines[position.line][start : position.character]
    return kind_at_end("\n".join((*above, before)), language)[0]


def _goes_on(node: Node, text: Text, point: tuple[int, int]) -> bool:
    """Whether a comment that ends at a point ends only because the line does."""
    line = text.lines[node.start_point[0]]
    return node.end_point == point and "/*" not in line
