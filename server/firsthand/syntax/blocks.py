"""Where several lines make sense: after what opens a block, and in a block that is empty."""

from __future__ import annotations

import re

from firsthand.core.lexical import PROSE
from firsthand.core.text import Position, Text
from firsthand.syntax.kind import kind_at, kind_at_lexically
from firsthand.syntax.tree import Tree

_CLOSERS = re.compile(r"[\s)\]}>;,\"'`]*")
_COLON_LANGUAGES = frozenset(("python", "nim", "gdscript", "starlark", "cython"))
_COLON_BLOCK = re.compile(
    r"\s*(?:(?:async\s+)?(?:def|class|if|elif|else|for|while|try|except|finally|with|match|case"
    r"|proc|func)\b.*|[)\]}].*):$"
)
_CASE_LABEL = re.compile(r"\s*(?:case\b.*|default\s*):$")
_WORD_BLOCK = re.compile(
    r"(?:\b(?:do|then|else|begin|where|try|of)|\bdo\s*\|[^|]*\|)$"
    r"|^\s*(?:def|class|module|function|local function|unless|until)\b[^=]*$"
)
_WORD_LANGUAGES = frozenset(
    ("ruby", "crystal", "lua", "elixir", "shellscript", "fish", "julia", "haskell", "ocaml", "elm")
)
_RETURNED = re.compile(r"(?:\breturn|=>|=)\s*\($")
_COMMENT = re.compile(r"\s*(?:#(?!\[|include|define)|//|/\*|\*|--)")
_DOCSTRING_END = re.compile(r"\"\"\"$|'''$")
_DOCSTRING = re.compile(r"\s*[rRuU]?(?:\"\"\"|''')")
_FARTHEST = 60  # lines


def opens_block(tree: Tree | None, text: Text, position: Position, language: str) -> bool:
    """Whether the syntax says that several lines make sense at a position.

    They do at the end of a line that opens a block, and in a blank line below one whose block
    holds nothing yet but comments. An unfinished document is what grammars know least about, so
    the lines decide; the tree tells code from strings and comments.

    Args:
        tree: the tree of the text; None where there is none.
        text: the document.
        position: an existing position in it.
        language: the LSP language id.
    """
    if language in PROSE or not _CLOSERS.fullmatch(text.after(position)):
        return False
    before = text.before(position)
    if before.strip():
        if not _opens(before.rstrip(), language):
            return False
        if tree is None:
            return kind_at_lexically(language, text, position) == "code"
        return kind_at(tree, text, position) == "code"
    header = _header(text, position.line, language)
    if header is None:
        return False
    line = text.line(header).rstrip()
    if not _opens(line, language) and not line.endswith(("(", "[", "{")):
        return False
    return _depth(_next_line(text, position.line)) <= _depth(line)


def _opens(line: str, language: str) -> bool:
    """Whether a line opens a block at its end."""
    if line.endswith("{") or _RETURNED.search(line):
        return True
    if language in _COLON_LANGUAGES:
        return bool(_COLON_BLOCK.match(line))
    if language == "yaml":
        return line.endswith(":")
    if language in _WORD_LANGUAGES:
        return bool(_WORD_BLOCK.search(line))
    return bool(_CASE_LABEL.match(line))


def _header(text: Text, line: int, language: str) -> int | None:
    """The nearest line above with code, not counting comments and a docstring."""
    last = max(-1, line - _FARTHEST)
    number = line - 1
    while number > last:
        content = text.line(number).rstrip()
        if language == "python" and _DOCSTRING_END.search(content):
            above = _docstring_start(text, number, last)
            if above is None:
                return number
            number = above
        elif content and not _COMMENT.match(content):
            return number
        number -= 1
    return None


def _docstring_start(text: Text, end: int, last: int) -> int | None:
    """The line that a docstring begins with which ends in a line."""
    content = text.line(end).strip()
    if _DOCSTRING.match(content) and len(content) > 3:
        return end if len(content) > 5 else None
    for number in range(end - 1, last, -1):
        if _DOCSTRING.match(text.line(number)):
            return number
    return None


def _next_line(text: Text, line: int) -> str:
    """The nearest line below that is not blank; empty if there is none nearby."""
    for number in range(line + 1, min(len(text.lines), line + _FARTHEST)):
        content = text.lines[number]
        if content and not content.isspace():
            return content[:1_000]
    return ""


def _depth(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip(" "))
