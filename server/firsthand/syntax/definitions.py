"""What a text defines, what it imports and which names it holds, read off its tree.

Made for the index of the codebase, which reads thousands of files: a few milliseconds for a file
of ordinary size, and nothing is kept of the tree.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from firsthand.syntax.grammars import grammar
from firsthand.syntax.imports import Imported, imported
from firsthand.syntax.queries import QUERIES

if TYPE_CHECKING:
    from tree_sitter import Node, Query

NAME = re.compile(r"[^\W\d]\w*")
"""A name, in any language: what the index counts."""

_LONGEST_NAME = 100
_LONGEST_SIGNATURE = 240
_LONGEST_DOC = 120
_PARSE_SECONDS = 5.0
_PIECE = 65_536

_CONTAINING = frozenset(("class", "interface", "enum", "module", "scope"))
_CALLABLE = frozenset(("function", "method", "constructor", "macro"))
_KINDS = _CONTAINING | _CALLABLE | {"type", "variable", "constant", "field"}
_BODIES = frozenset(("function_body", "class_body", "enum_class_body", "enum_body", "block"))
_DECLARATORS = frozenset(("parenthesized_declarator", "attributed_declarator"))
_NAMED = re.compile(r"[:#@]?([^\W\d]\w*)[?!=]?")
_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_TAIL = re.compile(r"(?:\s|=>|[:{=(;])+$")
_SPACE = re.compile(r"\s+")
_COMMENT_MARKS = " \t/*#!-<>"
_ABOVE = re.compile(r"\s*(?:#\[|@\w|template\b)")  # may stand between a comment and its code


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition in a text; as `core.codeview.Definition`, but for the path.

    Attributes:
        doc: the first line of its comment or docstring; empty when it has none.
    """

    name: str
    kind: str
    container: str
    signature: str
    first_line: int
    last_line: int
    doc: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What a text defines and imports.

    Attributes:
        definitions: in the order of the text.
        imports: each module once, in the order of the text.
        code: the text without what its comments and strings say, line for line.
    """

    definitions: tuple[Defined, ...]
    imports: tuple[Imported, ...]
    code: str


def outline(language: str, text: str) -> Outline:
    """What a text defines and imports, and its code alone.

    A text without a grammar, or one that its grammar does not read in five seconds, defines
    nothing, and all of it counts as code.

    Args:
        language: the LSP language id.
        text: lines ended by line feeds.
    """
    source = text.encode("utf-8", "replace")
    root = _parsed(language, source)
    if root is None:
        return Outline((), (), text)
    return _Reading(language, source, root).outline()


class _Reading:
    """One text while it is read."""

    def __init__(self, language: str, source: bytes, root: Node) -> None:
        self._language = language
        self._source = source
        self._root = root
        self._found: dict[int, tuple[int, _Found]] = {}
        self._silent: list[tuple[int, int]] = []
        self._comments: dict[int, int] = {}  # the first line of a comment, by its last
        self._remarks: list[tuple[int, int]] = []  # where comments begin and end
        self._imports: dict[str, dict[str, None]] = {}
        self._lines = source.split(b"\n")

    def outline(self) -> Outline:
        from tree_sitter import QueryCursor

        query = _query(self._language)
        if query is None:
            return Outline((), (), self._source.decode())
        for pattern, captures in QueryCursor(query).matches(self._root):
            if comment := captures.get("comment"):
                self._silence(comment[0])
                self._comment(comment[0])
            elif string := captures.get("string"):
                self._silence(string[0])
            elif "module" in captures or "use" in captures:
                self._import(captures)
            else:
                self._define(pattern, captures)
        self._remarks.sort()
        found = sorted((each for _, each in self._found.values()), key=_Found.order)
        imports = tuple(Imported(module, tuple(names)) for module, names in self._imports.items())
        return Outline(tuple(self._definitions(found)), imports, self._code())

    def _silence(self, node: Node) -> None:
        self._silent.append((node.start_byte, node.end_byte))

    def _comment(self, node: Node) -> None:
        """Note where a comment is, and the lines that it has for itself."""
        self._remarks.append((node.start_byte, node.end_byte))
        (first, column), (last, end) = node.start_point, node.end_point
        if not self._lines[first][:column].strip():
            self._comments[last - (end == 0)] = first

    def _import(self, captures: dict[str, list[Node]]) -> None:
        node = (captures.get("module") or captures["use"])[0]
        written = self._text(node)
        if self._source[node.end_byte : node.end_byte + 2] == b".*":
            written += ".*"
        items = [self._text(each) for each in captures.get("item", ())]
        for module, names in imported(self._language, written, items, "use" in captures):
            self._imports.setdefault(module, {}).update(dict.fromkeys(names))

    def _define(self, pattern: int, captures: dict[str, list[Node]]) -> None:
        kind = next((each for each in map(_kind, captures) if each in _KINDS), None)
        if kind is None or "name" not in captures:
            return
        node = next(nodes[0] for key, nodes in captures.items() if _kind(key) == kind)
        name, container, is_function = self._named(captures["name"][0])
        if kind == "scope":
            name = _plain(name)
        if (match := _NAMED.fullmatch(name)) and len(name) <= _LONGEST_NAME:
            name = match[1]
        elif kind != "module" and kind != "scope":
            return
        if is_function and kind in ("variable", "field"):
            kind = "function"
        if owner := captures.get("container"):
            container = _plain(self._text(owner[0]))
        body = captures["body"][0] if "body" in captures else None
        at = captures["name"][0].start_byte
        if at not in self._found or self._found[at][0] <= pattern:
            self._found[at] = pattern, _Found(node, kind, name, container, body)

    def _named(self, node: Node) -> tuple[str, str, bool]:
        """The name in a declarator, what qualifies it, and whether it declares a function."""
        is_function = False
        while True:
            inner = node.child_by_field_name("declarator")
            if inner is None and node.type in _DECLARATORS and node.named_child_count:
                inner = node.named_child(node.named_child_count - 1)
            if inner is None:
                break
            if node.type == "function_declarator":
                is_function = inner.type not in _DECLARATORS
            node = inner
        text = self._text(node)
        if node.type != "qualified_identifier":
            return text, "", is_function
        scope, _, name = text.rpartition("::")
        return name.strip(), _plain(scope), is_function

    def _definitions(self, found: list[_Found]) -> Iterator[Defined]:
        around: list[tuple[Node, str, str]] = []  # the nodes, names and kinds of what contains
        fields: set[tuple[str, str]] = set()
        for each in found:
            while around and not _holds(around[-1][0], each.node):
                around.pop()
            innermost = around[-1][2] if around else ""
            kind = _kind_within(each, innermost)
            if not kind:
                continue
            scopes = [name for _, name, _ in around]
            while kind == "field" and scopes and around[len(scopes) - 1][2] in _CALLABLE:
                scopes.pop()
            container = ".".join(filter(None, (*scopes, each.container)))
            if kind not in ("field", "constant"):
                around.append((each.node, each.path, kind))
            if kind == "scope" or (kind == "field" and (container, each.name) in fields):
                continue
            if kind == "field":
                fields.add((container, each.name))
            yield self._defined(each, kind, container)

    def _defined(self, found: _Found, kind: str, container: str) -> Defined:
        node = found.node
        body = found.body or node.child_by_field_name("body")
        if body is None and kind not in ("field", "variable", "constant"):
            body = next((each for each in node.named_children if each.type in _BODIES), None)
        end = body.start_byte if body is not None else node.end_byte
        signature = self._uncommented(node.start_byte, min(end, node.start_byte + 1_000))
        if body is None and kind in ("field", "variable", "constant", "macro"):
            # A value is told by its line; a definition by all up to its body.
            signature = signature.partition("\n")[0]
        signature = _TAIL.sub("", _SPACE.sub(" ", signature).strip())[:_LONGEST_SIGNATURE]
        first, (last, column) = node.start_point[0], node.end_point
        last = max(first, last - (column == 0))
        doc = self._doc(first, body)
        return Defined(found.name, kind, container, signature, first, last, doc)

    def _uncommented(self, start: int, end: int) -> str:
        pieces = []
        for at in range(bisect_left(self._remarks, (start, 0)), len(self._remarks)):
            begin, stop = self._remarks[at]
            if begin >= end:
                break
            pieces.append(self._source[start:begin])
            start = stop
        pieces.append(self._source[start:end])
        return b"".join(pieces).decode("utf-8", "ignore")

    def _doc(self, first: int, body: Node | None) -> str:
        if self._language == "python":
            return self._docstring(body)
        line = first - 1
        while line >= 0 and _ABOVE.match(self._line(line)):
            line -= 1
        top = line
        while top in self._comments:
            top = self._comments[top] - 1
        for number in range(top + 1, line + 1):
            if said := self._line(number).strip(_COMMENT_MARKS):
                return said[:_LONGEST_DOC]
        return ""

    def _docstring(self, body: Node | None) -> str:
        statement = _first(body) if body is not None else None
        string = _first(statement) if statement is not None else None
        if string is None or string.type != "string":
            return ""
        said = self._text(string).lstrip("rRuUbB").strip("\"' \t\n")
        return said.partition("\n")[0][:_LONGEST_DOC]

    def _code(self) -> str:
        """The source without comments and strings; a string that is a single name is kept."""
        pieces, done = [], 0
        for start, end in sorted(self._silent):
            if start < done or self._is_a_name(start, end):
                continue
            pieces.append(self._source[done:start])
            pieces.append(b" " + b"\n" * self._source.count(b"\n", start, end))
            done = end
        pieces.append(self._source[done:])
        return b"".join(pieces).decode("utf-8", "replace")

    def _is_a_name(self, start: int, end: int) -> bool:
        if end - start > 40:
            return False
        return NAME.fullmatch(self._source[start:end].decode("utf-8", "replace")) is not None

    def _text(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _line(self, number: int) -> str:
        return self._lines[number][:400].decode("utf-8", "ignore")


@dataclass(frozen=True, slots=True)
class _Found:
    """A node that defines or contains something, before it is known what it is contained in."""

    node: Node
    kind: str
    name: str
    container: str
    body: Node | None

    @property
    def path(self) -> str:
        return ".".join(filter(None, (self.container, self.name)))

    def order(self) -> tuple[int, int]:
        return self.node.start_byte, -self.node.end_byte


def _kind_within(found: _Found, innermost: str) -> str:
    """The kind of a definition, seen from what it is directly in; empty for a local variable."""
    kind = found.kind
    if kind in ("variable", "constant") and (innermost in _CALLABLE or innermost == "variable"):
        return ""
    if kind == "variable" and innermost not in ("", "module"):
        return "field"
    if kind == "function":
        owned = innermost and innermost not in _CALLABLE and innermost != "module"
        return "method" if found.container or owned else "function"
    return kind


def _holds(outer: Node, inner: Node) -> bool:
    """Whether a node is in another one that does not begin after it: two names can share a node."""
    return inner.start_byte < outer.end_byte and inner.id != outer.id


def _first(node: Node) -> Node | None:
    return node.named_child(0) if node.named_child_count else None


def _kind(capture: str) -> str:
    return capture.rstrip("_") if capture != "module" else ""


def _plain(qualified: str) -> str:
    """What contains something, without pointers, type arguments and the like."""
    bare = re.split(r"[<\[({]", qualified.lstrip("*& "), maxsplit=1)[0]
    bare = bare.replace("::", ".").replace("\\", ".").replace(":", ".").strip(". ")
    bare = bare.removesuffix(".prototype")
    return bare if _PATH.fullmatch(bare) and bare not in ("module.exports", "exports") else ""


def _parsed(language: str, source: bytes) -> Node | None:
    from tree_sitter import Parser

    rules = grammar(language)
    if rules is None:
        return None
    end = time.monotonic() + _PARSE_SECONDS

    def piece(offset: int, _point: tuple[int, int]) -> bytes:
        return source[offset : offset + _PIECE]

    try:
        tree = Parser(rules).parse(
            piece, progress_callback=lambda _offset, _error: time.monotonic() > end
        )
    except (ValueError, RuntimeError, MemoryError):
        return None
    return tree.root_node


@cache
def _query(language: str) -> Query | None:
    """The queries of a language; None where its grammar is of another version than ours."""
    from tree_sitter import Query, QueryError

    rules = grammar(language)
    if rules is None:
        return None
    try:
        return Query(rules, QUERIES[language])
    except QueryError:
        return None
