"""Functions of Go."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from firsthand.core.quiz import Call, Raised, Words
from firsthand.syntax.saying.grammar import (
    Grammar,
    Named,
    call_in,
    line_of,
    member_of,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_CASES = frozenset({"expression_case", "default_case", "type_case", "communication_case"})
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "package_identifier"})
# By what Go calls its errors: https://go.dev/wiki/Errors, "Naming".
_ERROR = re.compile(r"(?:Err[A-Z0-9]\w*|EOF|[A-Z]\w*Error)$")
# Where a name that is a direct part is bound.
_BINDING = frozenset(
    {
        *("parameter_declaration", "variadic_parameter_declaration", "var_spec", "const_spec"),
        *("function_declaration", "method_declaration", "type_spec", "type_alias"),
        *("import_spec", "field_declaration", "method_elem", "method_spec", "inc_statement"),
        *("dec_statement", "type_parameter_declaration", "labeled_statement", "type_elem"),
        *("type_switch_statement", "receive_statement", "dot", "interface_type"),
    }
)
# And where one of its fields is.
_BINDING_FIELDS = (
    *(("short_var_declaration", "left"), ("assignment_statement", "left")),
    *(("range_clause", "left"), ("receive_statement", "left")),
    ("type_switch_statement", "alias"),
)


def _named(node: Node) -> Named | None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return None
    if node.type == "function_declaration":
        return Named(text_of(name), body)
    receiver = node.child_by_field_name("receiver") if node.type == "method_declaration" else None
    if receiver is None:
        return None
    inside = list(walk(receiver))
    kind = next((text_of(each) for each in inside if each.type == "type_identifier"), "")
    this = next((text_of(each) for each in inside if each.type == "identifier"), "")
    # Where the name is bound once more, it may be something else.
    again = Counter(each for part in (node, *walk(node)) for each in _bound(part))[this] > 1
    return Named(text_of(name), body, kind, "" if again else this)


def _call(node: Node) -> Call | None:
    return (
        call_in(node, "selector_expression", "field", _dotted)
        if node.type == "call_expression"
        else None
    )


def _raised(node: Node) -> list[Raised]:
    """Errors have no statement of their own: they are returned, by name or made of a type."""
    found = []
    for value in _values(node):
        if value.type == "unary_expression" and text_of(value).startswith("&"):
            value = value.named_children[0]
        if value.type == "composite_literal":
            value = value.child_by_field_name("type") or value
        name = _dotted(value)
        if _ERROR.match(name.rpartition(".")[2]):
            found.append(Raised(line_of(node), name))
    return found


def _mentioned(node: Node) -> list[str]:
    inside = walk(node) if node.type == "return_statement" else ()
    return [text_of(each) for each in inside if each.type in _NAMES]


def _none(node: Node, function: Node) -> bool | None:
    values = _values(node)
    if not values:  # with names for its results they are what it says
        return True if function.child_by_field_name("result") is None else None
    if all(each.type == "nil" for each in values):
        return True
    return None if any(each.type == "nil" for each in walk(node)) else False


def _branch(node: Node, parent: Node) -> int | None:
    if parent.type == "if_statement":
        if parent.child_by_field_name("alternative") == node:
            word = node.prev_sibling
            while word is not None and word.type != "else":
                word = word.prev_sibling
            return line_of(word or parent)
        return line_of(parent)
    return line_of(parent) if parent.type in _CASES or parent.type == "for_statement" else None


def _bound(node: Node) -> Iterator[str]:
    if node.type in _BINDING:
        yield from (text_of(each) for each in node.named_children if each.type in _NAMES)
    for kind, field in _BINDING_FIELDS:
        target = node.child_by_field_name(field) if node.type == kind else None
        for each in target.named_children if target is not None else ():
            if each.type == "identifier":
                yield text_of(each)
            elif each.type == "selector_expression":
                yield text_of(each.child_by_field_name("field"))


def _values(node: Node) -> list[Node]:
    """What a return statement returns."""
    inside = node.named_children if node.type == "return_statement" else []
    lists = [each for each in inside if each.type == "expression_list"]
    return [each for each in lists[0].named_children if each.type != "comment"] if lists else []


def _dotted(node: Node) -> str:
    """Names joined by dots, where it is nothing else."""
    if node.type in ("identifier", "type_identifier"):
        return text_of(node)
    if node.type == "qualified_type":
        return text_of(node)
    if node.type != "selector_expression":
        return ""
    return member_of(node, "operand", "field", _dotted)


GO = Grammar(
    words=Words(
        "Which branch of {} has a return of nil alone?",
        "Which error does a return statement of {} name?",
        (
            *("io.EOF", "os.ErrNotExist", "io.ErrUnexpectedEOF", "os.ErrPermission"),
            *("io.ErrClosedPipe", "os.ErrClosed"),
        ),
        raising="returns",
        nothing="nil alone",
    ),
    own=frozenset({"func_literal"}),
    named=_named,
    this="",
    call=_call,
    raised=_raised,
    mentioned=_mentioned,
    none=_none,
    branch=_branch,
    bound=_bound,
)
