"""Functions of JavaScript and TypeScript."""

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

_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration"})
_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_BRANCHES = frozenset(
    {
        *("if_statement", "else_clause", "for_statement", "for_in_statement", "while_statement"),
        *("do_statement", "switch_case", "switch_default", "try_statement", "catch_clause"),
        *("finally_clause", "with_statement"),
    }
)
_NAMES = frozenset({"identifier", "property_identifier", "private_property_identifier"})
_PATTERN = "shorthand_property_identifier_pattern"
_NOTHING = ("null", "undefined")
# Where an identifier that is a direct part is read, not bound.
_READING = frozenset(
    {
        *("arguments", "return_statement", "binary_expression", "template_substitution"),
        *("spread_element", "unary_expression", "await_expression", "new_expression"),
        *("ternary_expression", "parenthesized_expression", "subscript_expression"),
        *("throw_statement", "expression_statement", "array", "yield_expression"),
        *("call_expression", "export_specifier", "member_expression", "non_null_expression"),
        *("as_expression", "satisfies_expression", "sequence_expression", "extends_clause"),
        *("class_heritage", "jsx_expression", "type_query", "decorator"),
        "pair",  # a key of an object is no name of this file
    }
)
# And where one of its fields is.
_READ_FIELDS = (
    *(("variable_declarator", "value"), ("assignment_expression", "right")),
    *(("augmented_assignment_expression", "right"), ("for_in_statement", "right")),
    *(("arrow_function", "body"), ("assignment_pattern", "right"), ("switch_case", "value")),
    *(("required_parameter", "value"), ("optional_parameter", "value")),
    *(("public_field_definition", "value"), ("field_definition", "value")),
)
# Where a member's name is bound.
_WRITING = (
    *(("assignment_expression", "left"), ("augmented_assignment_expression", "left")),
    *(("for_in_statement", "left"), ("update_expression", "argument")),
)


def _named(node: Node) -> Named | None:
    """A declared function, one that a name was declared for, a method, or a class."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or name.type not in {*_NAMES, "type_identifier"}:
        return None
    if node.type in _CLASSES:
        return Named(text_of(name), None)
    if node.type in _FUNCTIONS:
        return Named(text_of(name), body)
    if node.type == "method_definition":
        read = any(each.type in ("get", "set") for each in node.children)
        around = node.parent.parent if node.parent and node.parent.type == "class_body" else None
        known = around is not None and around.child_by_field_name("name") is not None
        return Named(text_of(name), body) if known and not read else None
    value = node.child_by_field_name("value") if node.type == "variable_declarator" else None
    if value is not None and value.type in _VALUES:
        return Named(text_of(name), value.child_by_field_name("body"))
    return None


def _call(node: Node) -> Call | None:
    return (
        call_in(node, "member_expression", "property", _dotted)
        if node.type == "call_expression"
        else None
    )


def _raised(node: Node) -> list[Raised]:
    raised = node.named_children[0] if node.type == "throw_statement" else None
    if raised is None or raised.type not in ("new_expression", "call_expression"):
        return []
    field = "constructor" if raised.type == "new_expression" else "function"
    made = raised.child_by_field_name(field)
    name = _dotted(made) if made is not None else ""
    return [Raised(line_of(node), name)] if name.rpartition(".")[2][:1].isupper() else []


def _mentioned(node: Node) -> list[str]:
    inside = walk(node) if node.type == "throw_statement" else ()
    return [text_of(each) for each in inside if each.type in _NAMES]


def _none(node: Node, _function: Node) -> bool | None:
    value = next((each for each in node.named_children if each.type != "comment"), None)
    if value is None or value.type in _NOTHING:
        return True
    if any(each.type in _NOTHING for each in walk(value)) or text_of(value).startswith("void"):
        return None
    return False


def _branch(_node: Node, parent: Node) -> int | None:
    return line_of(parent) if parent.type in _BRANCHES else None


def _bound(node: Node) -> Iterator[str]:
    """Every name that is not plainly read counts as bound."""
    read = {
        child.id
        for kind, field in _READ_FIELDS
        if node.type == kind and (child := node.child_by_field_name(field)) is not None
    }
    for child in node.named_children:
        plain = node.type in _READING or child.id in read
        if child.type == _PATTERN or (child.type in _NAMES and not plain):
            yield text_of(child)
    for kind, field in _WRITING:
        target = node.child_by_field_name(field) if node.type == kind else None
        if target is not None and target.type == "member_expression":
            yield text_of(target.child_by_field_name("property"))


def _dotted(node: Node) -> str:
    """Names joined by dots, where it is nothing else."""
    if node.type in ("identifier", "this"):
        return text_of(node)
    if node.type != "member_expression":
        return ""
    if any(each.type == "optional_chain" for each in node.named_children):
        return ""
    return member_of(node, "object", "property", _dotted)


ECMA = Grammar(
    words=Words(
        "Which branch of {} has a return of null or undefined, or a bare one?",
        "Which error does a throw statement of {} make?",
        ("TypeError", "RangeError", "SyntaxError", "ReferenceError", "URIError", "EvalError"),
        raising="throws",
        nothing="null, undefined or nothing",
    ),
    own=_FUNCTIONS | _VALUES | _CLASSES | {"method_definition", "class_static_block"},
    named=_named,
    this="this",
    call=_call,
    raised=_raised,
    mentioned=_mentioned,
    none=_none,
    branch=_branch,
    bound=_bound,
)
