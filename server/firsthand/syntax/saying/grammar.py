"""What reading the functions of a language takes to know of its grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firsthand.core.quiz import Call, Raised, Words

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Named:
    """A function or a class, as a node tells of it.

    Attributes:
        name: its own.
        body: what it does; None for a class.
        container: what it is a method of, where that stands in its own head; else empty.
        this: the name by which its object goes in it; empty where it has none.
    """

    name: str
    body: Node | None
    container: str = ""
    this: str = ""


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language.

    Attributes:
        words: what questions are made of.
        own: the kinds of nodes whose code is not that of the function around them.
        named: a function or a class with a name; None for any other node.
        this: the name by which a method's object goes, where a method stands in its class.
        call: a call; None for any other node.
        raised: the errors that a node raises by name.
        mentioned: the names that stand in a node that raises.
        none: of a return statement whether it says nothing (True), something (False), or may
            (None); takes the function as well.
        branch: the line of the branch that a part of its parent is in; None where that is none.
        bound: the names that a node binds itself.
    """

    words: Words
    own: frozenset[str]
    named: Callable[[Node], Named | None]
    this: str
    call: Callable[[Node], Call | None]
    raised: Callable[[Node], list[Raised]]
    mentioned: Callable[[Node], list[str]]
    none: Callable[[Node, Node], bool | None]
    branch: Callable[[Node, Node], int | None]
    bound: Callable[[Node], Iterator[str]]


def call_in(node: Node, member: str, last: str, dotted: Callable[[Node], str]) -> Call | None:
    """The call that a node is; None where what is called has no name.

    Args:
        node: a call.
        member: the kind of a node that is something's member.
        last: its field that holds the member's name.
        dotted: names joined by dots, where a node is nothing else.
    """
    called = node.child_by_field_name("function")
    if called is None:
        return None
    written = dotted(called)
    name = written.rpartition(".")[2]
    if not written and called.type == member:
        name = text_of(called.child_by_field_name(last))
    return Call(line_of(node), name, written) if name else None


def member_of(node: Node, before: str, last: str, dotted: Callable[[Node], str]) -> str:
    """A member and what it is one of, joined by a dot; the fields are those that hold the two."""
    whole, name = node.child_by_field_name(before), node.child_by_field_name(last)
    start = dotted(whole) if whole is not None else ""
    return f"{start}.{text_of(name)}" if start and name is not None else ""


def walk(node: Node, but: frozenset[str] = frozenset()) -> Iterator[Node]:
    """A node's parts in order, without those of some kinds and what is in them."""
    for child in node.named_children:
        if child.type not in but:
            yield child
            yield from walk(child, but)


def text_of(node: Node | None) -> str:
    """What a node says; nothing where there is none."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line_of(node: Node) -> int:
    """The line that a node begins in, from 0."""
    return node.start_point[0]
