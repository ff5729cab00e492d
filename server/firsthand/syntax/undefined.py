"""Names that a change uses and no scope defines.

It speaks up only where it can be sure: in languages whose every name stands in the file itself, and
not where one brings all names of another file into it.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firsthand.core.text import Text
from firsthand.syntax.globals import JAVASCRIPT
from firsthand.syntax.tree import parse

if TYPE_CHECKING:
    from tree_sitter import Node

_TOLD = 3
# Names of types may come from anywhere, and tags in small letters are no names.
_TYPE = "type_identifier"
_TAGS = frozenset(("jsx_opening_element", "jsx_closing_element", "jsx_self_closing_element"))


@dataclass(frozen=True, slots=True)
class _Rules:
    """How a grammar writes names.

    Attributes:
        names: types of the nodes that are names.
        scopes: types of nodes that hold names of their own; for each the fields that belong to
            the scope around it.
        around: likewise for types of nodes in a scope, as a parameter with its default.
        hidden: types of scopes whose names functions within them do not see.
        patterns: types of nodes that only group what is bound.
        bound: for types of nodes the fields whose names they bind; "" for names in no field.
        ignored: likewise for what looks like a name and is none.
        all: types of nodes that bring names which nobody can know.
        known: what is defined everywhere.
    """

    names: frozenset[str]
    scopes: dict[str, tuple[str, ...]]
    around: dict[str, tuple[str, ...]]
    hidden: frozenset[str]
    patterns: frozenset[str]
    bound: Mapping[str, tuple[str, ...]]
    ignored: Mapping[str, tuple[str, ...]]
    all: frozenset[str]
    known: frozenset[str]


_COMPREHENSIONS = (
    "list_comprehension",
    "set_comprehension",
    "dictionary_comprehension",
    "generator_expression",
)
_PYTHON = _Rules(
    names=frozenset(("identifier",)),
    scopes={
        "module": (),
        "function_definition": ("name", "return_type"),
        "lambda": (),
        "class_definition": ("name", "superclasses"),
        **dict.fromkeys(_COMPREHENSIONS, ()),
    },
    around={
        "default_parameter": ("value",),
        "typed_parameter": ("type",),
        "typed_default_parameter": ("type", "value"),
    },
    hidden=frozenset(("class_definition",)),
    patterns=frozenset(
        [
            "pattern_list",
            "tuple_pattern",
            "list_pattern",
            "list_splat_pattern",
            "as_pattern_target",
            "dictionary_splat_pattern",
            "parenthesized_expression",
            "case_pattern",
            "union_pattern",
            "splat_pattern",
            "class_pattern",
            "dict_pattern",
            "keyword_pattern",
            "dotted_name",
            "type",
            "type_parameter",
            "constrained_type",
            "generic_type",
            "expression_list",
            "tuple",
            "list",
        ]
    ),
    bound={
        "function_definition": ("name", "type_parameters"),
        "class_definition": ("name", "type_parameters"),
        "parameters": ("",),
        "lambda_parameters": ("",),
        "default_parameter": ("name",),
        "typed_parameter": ("",),
        "typed_default_parameter": ("name",),
        "assignment": ("left",),
        "augmented_assignment": ("left",),
        "for_statement": ("left",),
        "for_in_clause": ("left",),
        "as_pattern": ("alias",),
        "named_expression": ("name",),
        "import_statement": ("name",),
        "import_from_statement": ("name",),
        "future_import_statement": ("name",),
        "aliased_import": ("alias",),
        "global_statement": ("",),
        "nonlocal_statement": ("",),
        "case_clause": ("",),
        "type_alias_statement": ("left",),
    },
    ignored={
        "attribute": ("attribute",),
        "keyword_argument": ("name",),
        "import_from_statement": ("module_name",),
        "aliased_import": ("name",),
        "relative_import": ("",),
    },
    all=frozenset(("wildcard_import",)),
    known=frozenset(dir(builtins)),
)
_FUNCTIONS = (
    "function_declaration",
    "generator_function_declaration",
    "function_expression",
    "generator_function",
    "arrow_function",
    "method_definition",
)
_JAVASCRIPT = _Rules(
    names=frozenset(
        (
            "identifier",
            "shorthand_property_identifier",
            "shorthand_property_identifier_pattern",
            "type_identifier",
        )
    ),
    scopes={"program": (), **dict.fromkeys(_FUNCTIONS, ("name",))},
    around={},
    hidden=frozenset(),
    patterns=frozenset(("array_pattern", "object_pattern", "rest_pattern", "pair_pattern")),
    bound={
        "function_declaration": ("name",),
        "generator_function_declaration": ("name",),
        "function_expression": ("name",),
        "class_declaration": ("name",),
        "class": ("name",),
        "abstract_class_declaration": ("name",),
        "enum_declaration": ("name",),
        "internal_module": ("name",),
        "function_signature": ("name",),
        "variable_declarator": ("name",),
        "formal_parameters": ("",),
        "required_parameter": ("pattern",),
        "optional_parameter": ("pattern",),
        "arrow_function": ("parameter",),
        "assignment_pattern": ("left",),
        "object_assignment_pattern": ("left",),
        "catch_clause": ("parameter",),
        "for_in_statement": ("left",),
        "import_clause": ("",),
        "namespace_import": ("",),
        "import_specifier": ("name", "alias"),
        "import_alias": ("",),
        "import_require_clause": ("",),
        "object_pattern": ("",),
    },
    ignored={
        "export_specifier": ("name", "alias"),
        "namespace_export": ("",),
        "nested_identifier": ("property", ""),
        "jsx_attribute": ("",),
        "index_signature": ("name",),
        "predefined_type": ("",),
        "function_type": ("",),
        "type_predicate": ("name",),
        "type_query": ("",),
    },
    all=frozenset(("with_statement",)),
    known=JAVASCRIPT,
)
_RULES = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "javascriptreact": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "typescriptreact": _JAVASCRIPT,
}


def undefined_names(language: str, before: Text, after: Text) -> tuple[str, ...]:
    """The first names that a changed text uses and no scope defines; those of before count not."""
    rules = _RULES.get(language)
    if rules is None:
        return ()
    was = frozenset(_undefined(rules, language, before) or ())
    new = (each for each in _undefined(rules, language, after) or () if each not in was)
    return tuple(dict.fromkeys(new))[:_TOLD]


@dataclass(slots=True)
class _Scope:
    """The names of one scope, those of the scopes around it not among them."""

    kind: str
    around: _Scope | None
    names: set[str] = field(default_factory=set)


def _undefined(rules: _Rules, language: str, text: Text) -> list[str] | None:
    """Names without a definition, in the order of the text; None where nobody can know."""
    tree = parse(language, text)
    if tree is None or tree.root.has_error:
        return None
    top = _Scope(tree.root.type, None)
    used: list[tuple[int, str, _Scope]] = []
    left = [(tree.root, top)]
    while left:
        node, scope = left.pop()
        if node.type in rules.all:
            return None
        if node.type in rules.names:
            name = (node.text or b"").decode("utf-8", "replace")
            _take(rules, node, name, scope, used)
            continue
        inner = _Scope(node.type, scope) if node.type in rules.scopes and node.parent else scope
        outer = scope if node.type in rules.scopes else scope.around or scope
        outside = {
            each.id
            for named in (rules.scopes | rules.around).get(node.type, ())
            for each in node.children_by_field_name(named)
        }
        left.extend((each, outer if each.id in outside else inner) for each in node.named_children)
    return [
        name
        for _, name, scope in sorted(used, key=lambda each: each[0])
        if name not in rules.known and not name.startswith("__") and not _seen(rules, name, scope)
    ]


def _take(
    rules: _Rules, node: Node, name: str, scope: _Scope, used: list[tuple[int, str, _Scope]]
) -> None:
    """Take note of a name: as bound in its scope, as used there, or as none."""
    inner, outer = node, node.parent
    while outer is not None and not _holds(rules.bound, outer, inner):
        if _holds(rules.ignored, outer, inner):
            return
        if outer.type not in rules.patterns:
            if node.type != _TYPE and not (outer.type in _TAGS and name[0].islower()):
                used.append((node.start_byte, name, scope))
            return
        inner, outer = outer, outer.parent
    if outer is None:
        return
    at: _Scope | None = scope
    if outer.type in ("global_statement", "nonlocal_statement"):
        while at is not None:
            at.names.add(name)
            at = at.around
    elif outer.type == "named_expression":
        # It is bound in the function around a comprehension.
        while at is not None:
            at.names.add(name)
            at = at.around if at.kind in _COMPREHENSIONS else None
    else:
        scope.names.add(name)
        if inner.type == "type_parameter" and scope.around:
            scope.around.names.add(name)  # annotations see it, which belong to the scope around


def _holds(table: Mapping[str, tuple[str, ...]], outer: Node, inner: Node) -> bool:
    fields = table.get(outer.type)
    if fields is None:
        return False
    for number, child in enumerate(outer.children):
        if child.id == inner.id:
            return (outer.field_name_for_child(number) or "") in fields
    return False


def _seen(rules: _Rules, name: str, scope: _Scope) -> bool:
    return any(name in each.names for each in _visible(rules, scope))


def _visible(rules: _Rules, scope: _Scope) -> Iterator[_Scope]:
    """The scopes whose names a scope sees."""
    at: _Scope | None = scope
    own = True  # within a class, and not in a function of it
    while at is not None:
        if own or at.kind not in rules.hidden:
            yield at
        own = own and at.kind in _COMPREHENSIONS
        at = at.around
