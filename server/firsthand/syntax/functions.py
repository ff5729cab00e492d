"""What the functions of a file say: their calls, raises and returns, for questions about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from firsthand.core.quiz import Call, Function, Module, Raised, Returned
from firsthand.core.text import Text
from firsthand.syntax.tree import Tree, parse

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGES = frozenset({"python"})
"""The languages whose functions are read."""

_OWN = frozenset({"function_definition", "lambda", "class_definition", "decorated_definition"})
_RETURN = "return_statement"
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


def functions(language: str, text: Text) -> Module | None:
    """The functions of a file, in its order; None for a language whose functions are not read.

    A function with a fault of syntax is left out.
    """
    if language not in LANGUAGES:
        return None
    tree = parse(language, text)
    if tree is None:
        return None
    found = [_function(tree, node, containers) for node, containers in _definitions(tree.root, ())]
    bound = Counter(_bound(tree.root))
    return Module(
        tuple(each for each in found if each is not None),
        frozenset(name for name, times in bound.items() if times == 1),
    )


def _definitions(
    node: Node, containers: tuple[Node, ...]
) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    for child in node.named_children:
        if child.type == "function_definition":
            yield child, containers
        names = child.type in ("function_definition", "class_definition")
        inner = (*containers, child) if names else containers
        yield from _definitions(child, inner)


def _function(tree: Tree, node: Node, containers: tuple[Node, ...]) -> Function | None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if node.has_error or name is None or body is None:
        return None
    own = list(_walk(body, _OWN))
    everything = list(_walk(node, frozenset()))
    named = (each.child_by_field_name("name") for each in containers)
    return Function(
        name=_text(name),
        container=".".join(_text(each) for each in named if each is not None),
        method=bool(containers) and containers[-1].type == "class_definition",
        first_line=node.start_point[0],
        last_line=node.end_point[0],
        calls=tuple(_calls(own)),
        raises=tuple(_raises(own)),
        returns=tuple(_returned(tree, each, node) for each in own if each.type == _RETURN),
        within=frozenset(each.name for each in _calls(everything)),
        raised_within=frozenset(each.name.rpartition(".")[2] for each in _raises(everything)),
    )


def _walk(node: Node, but: frozenset[str]) -> Iterator[Node]:
    """A node's parts in order, without those of some kinds and what is in them."""
    for child in node.named_children:
        if child.type not in but:
            yield child
            yield from _walk(child, but)


def _calls(nodes: list[Node]) -> Iterator[Call]:
    for node in nodes:
        called = node.child_by_field_name("function") if node.type == "call" else None
        if called is None:
            continue
        written = _dotted(called)
        name = written.rpartition(".")[2]
        if not written and called.type == "attribute":
            last = called.child_by_field_name("attribute")
            name = _text(last) if last is not None else ""
        if name:
            yield Call(node.start_point[0], name, written)


def _raises(nodes: list[Node]) -> Iterator[Raised]:
    for node in nodes:
        if node.type != "raise_statement" or not node.named_children:
            continue
        raised = node.named_children[0]
        if raised == node.child_by_field_name("cause"):
            continue
        if raised.type == "call":
            raised = raised.child_by_field_name("function") or raised
        name = _dotted(raised)
        if name.rpartition(".")[2][:1].isupper():  # a variable holds whatever it holds
            yield Raised(node.start_point[0], name)


def _returned(tree: Tree, node: Node, function: Node) -> Returned:
    value = next((each for each in node.named_children if each.type != "comment"), None)
    none: bool | None = False
    if value is None or value.type == "none":
        none = True
    elif any(each.type == "none" for each in _walk(value, frozenset())):
        none = None
    branch = function
    around = node.parent
    while around is not None and around.id != function.id:
        if around.type in _BRANCHES:
            branch = around
            break
        around = around.parent
    line = branch.start_point[0]
    return Returned(node.start_point[0], line, tree.text.line(line).strip(), none)


def _bound(node: Node) -> Iterator[str]:
    """Every name that is bound in the text, once for each time; attributes too."""
    for child in node.named_children:
        if child.type == "identifier" and node.type in _BINDING:
            yield _text(child)
        yield from _bound(child)
    for kind, field in _BINDING_FIELDS:
        target = node.child_by_field_name(field) if node.type == kind else None
        if target is not None and target.type == "identifier":
            yield _text(target)
        elif target is not None and target.type == "attribute":
            last = target.child_by_field_name("attribute")
            if last is not None:
                yield _text(last)


def _dotted(node: Node) -> str:
    """Names joined by dots, where it is nothing else."""
    if node.type == "identifier":
        return _text(node)
    if node.type in _SPLATS:  # the grammar reads *a.f(x) as (*a).f(x)
        return _dotted(node.named_children[0]) if node.named_children else ""
    if node.type != "attribute":
        return ""
    before, last = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    start = _dotted(before) if before is not None else ""
    return f"{start}.{_text(last)}" if start and last is not None else ""


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
