"""Functions of Python."""

from __future__ import annotations

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

_SPLATS = ("list_splat", "dictionary_splat")
_BRANCHES = frozenset(
    {
        *("if_statement", "elif_clause", "else_clause", "for_statement", "while_statement"),
        *("try_statement", "except_clause", "except_group_clause", "finally_clause"),
        *("with_statement", "case_clause"),
    }
)
# Where an identifier that is a direct part is bound, not read.
_BINDING = frozenset(
    {
        *("parameters", "lambda_parameters", "typed_parameter", "list_splat_pattern"),
        *("dictionary_splat_pattern", "pattern_list", "tuple_pattern", "list_pattern"),
        *("as_pattern_target", "aliased_import", "dotted_name", "global_statement"),
        *("nonlocal_statement", "delete_statement", "case_pattern", "splat_pattern"),
    }
)
# And where one of its fields is.
_BINDING_FIELDS = (
    *(("assignment", "left"), ("augmented_assignment", "left"), ("for_statement", "left")),
    *(("for_in_clause", "left"), ("named_expression", "name"), ("default_parameter", "name")),
    *(("typed_default_parameter", "name"), ("function_definition", "name")),
    *(("class_definition", "name"), ("type_alias_statement", "left")),
)


def _named(node: Node) -> Named | None:
    name = node.child_by_field_name("name")
    if name is None or node.type not in ("function_definition", "class_definition"):
        return None
    function = node.type == "function_definition"
    return Named(text_of(name), node.child_by_field_name("body") if function else None)


def _call(node: Node) -> Call | None:
    return call_in(node, "attribute", "attribute", _dotted) if node.type == "call" else None


def _raised(node: Node) -> list[Raised]:
    if node.type != "raise_statement" or not node.named_children:
        return []
    raised = node.named_children[0]
    if raised == node.child_by_field_name("cause"):
        return []
    if raised.type == "call":
        raised = raised.child_by_field_name("function") or raised
    name = _dotted(raised)
    # A variable holds whatever it holds.
    return [Raised(line_of(node), name)] if name.rpartition(".")[2][:1].isupper() else []


def _mentioned(node: Node) -> list[str]:
    return [each.name.rpartition(".")[2] for each in _raised(node)]


def _none(node: Node, _function: Node) -> bool | None:
    value = next((each for each in node.named_children if each.type != "comment"), None)
    if value is None or value.type == "none":
        return True
    return None if any(each.type == "none" for each in walk(value)) else False


def _branch(_node: Node, parent: Node) -> int | None:
    return line_of(parent) if parent.type in _BRANCHES else None


def _bound(node: Node) -> Iterator[str]:
    """Attributes too."""
    if node.type in _BINDING:
        yield from (text_of(each) for each in node.named_children if each.type == "identifier")
    for kind, field in _BINDING_FIELDS:
        target = node.child_by_field_name(field) if node.type == kind else None
        if target is not None and target.type == "identifier":
            yield text_of(target)
        elif target is not None and target.type == "attribute":
            yield text_of(target.child_by_field_name("attribute"))


def _dotted(node: Node) -> str:
    """Names joined by dots, where it is nothing else."""
    if node.type == "identifier":
        return text_of(node)
    if node.type in _SPLATS:  # the grammar reads *a.f(x) as (*a).f(x)
        return _dotted(node.named_children[0]) if node.named_children else ""
    if node.type != "attribute":
        return ""
    return member_of(node, "object", "attribute", _dotted)


PYTHON = Grammar(
    words=Words(
        "Which branch of {} has a return of None, or a bare one?",
        "Which exception does a raise statement of {} name?",
        ("ValueError", "KeyError", "TypeError", "RuntimeError", "OSError", "LookupError"),
        raising="raises",
        nothing="None",
    ),
    own=frozenset({"function_definition", "lambda", "class_definition", "decorated_definition"}),
    named=_named,
    this="self",
    call=_call,
    raised=_raised,
    mentioned=_mentioned,
    none=_none,
    branch=_branch,
    bound=_bound,
)
