"""What a change broke, as the grammar and the definitions of a text tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from firsthand.core.text import Text
from firsthand.syntax.definitions import Defined, outline
from firsthand.syntax.tree import parse

if TYPE_CHECKING:
    from tree_sitter import Node

_TOLD = 3


def new_fault(language: str, before: Text, after: Text) -> int | None:
    """The first line, from 0, of a syntax error in a text that has more of them than before.

    None where it has none, and where the language has no grammar.
    """
    was, now = _errors(language, before), _errors(language, after)
    if len(now) <= len(was):
        return None
    return next((line for line in now if line not in was), now[0])


def changed_signatures(language: str, before: Text, after: Text) -> tuple[str, ...]:
    """What a change did to definitions that others may use, each as a sentence."""
    was, now = _public(language, before), _public(language, after)
    said = [
        f"{name} is gone, or has another name."
        if name not in now
        else f"{name} has another signature: {now[name]}"
        for name, signature in was.items()
        if now.get(name) != signature
    ]
    return tuple(said[:_TOLD])


def _errors(language: str, text: Text) -> list[int]:
    tree = parse(language, text)
    return list(_broken(tree.root)) if tree else []


def _broken(node: Node) -> Iterator[int]:
    if node.is_error or node.is_missing:
        yield node.start_point[0]
    elif node.has_error:
        for child in node.children:
            yield from _broken(child)


def _public(language: str, text: Text) -> dict[str, str]:
    """The definitions of a text by their full names: the signature of each, the first one's."""
    found: dict[str, str] = {}
    for each in outline(language, text.string).definitions:
        if each.kind not in ("variable", "field") and not each.name.startswith("_"):
            found.setdefault(_full(each), each.signature)
    return found


def _full(each: Defined) -> str:
    return f"{each.container}.{each.name}" if each.container else each.name
