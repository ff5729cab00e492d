"""What the functions of a file say: their calls, raises and returns, for questions about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from firsthand.core.quiz import Call, Function, Module, Returned
from firsthand.core.text import Text
from firsthand.syntax.saying.ecma import ECMA
from firsthand.syntax.saying.go import GO
from firsthand.syntax.saying.grammar import Grammar, Named, line_of, walk
from firsthand.syntax.saying.python import PYTHON
from firsthand.syntax.tree import Tree, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMARS = {
    "python": PYTHON,
    "go": GO,
    **dict.fromkeys(
        ("javascript", "javascriptreact", "typescript", "typescriptreact"),
        ECMA,
    ),
}
LANGUAGES = frozenset(_GRAMMARS)
"""The languages whose functions are read."""

_RETURN = "return_statement"
_Around = tuple[tuple["Node", Named], ...]


def functions(language: str, text: Text) -> Module | None:
    """The functions of a file, in its order; None for a language whose functions are not read.

    A function with a fault of syntax is left out.
    """
    grammar = _GRAMMARS.get(language)
    tree = parse(language, text) if grammar else None
    if grammar is None or tree is None:
        return None
    found = [
        _function(tree, grammar, node, named, around)
        for node, named, around in _definitions(grammar, tree.root, ())
        if named.body is not None and not node.has_error
    ]
    bound = Counter(name for node in (tree.root, *walk(tree.root)) for name in grammar.bound(node))
    once = frozenset(name for name, times in bound.items() if times == 1)
    return Module(tuple(found), once, grammar.words)


def _definitions(
    grammar: Grammar, node: Node, around: _Around
) -> Iterator[tuple[Node, Named, _Around]]:
    for child in node.named_children:
        named = grammar.named(child)
        if named is not None:
            yield child, named, around
        yield from _definitions(grammar, child, (*around, (child, named)) if named else around)


def _function(tree: Tree, grammar: Grammar, node: Node, named: Named, around: _Around) -> Function:
    body = named.body
    own = [] if body is None or body.type in grammar.own else [body, *walk(body, grammar.own)]
    everything = list(walk(node))
    in_class = bool(around) and around[-1][1].body is None
    containers = [each.name for _, each in around]
    return Function(
        name=named.name,
        container=named.container or ".".join(containers),
        method=bool(named.container) or in_class,
        first_line=line_of(node),
        last_line=node.end_point[0],
        calls=tuple(_calls(grammar, own)),
        raises=tuple(raised for each in own for raised in grammar.raised(each)),
        returns=tuple(_returned(tree, grammar, each, node) for each in own if each.type == _RETURN),
        within=frozenset(each.name for each in _calls(grammar, everything)),
        raised_within=frozenset(name for each in everything for name in grammar.mentioned(each)),
        this=named.this or grammar.this,
    )


def _calls(grammar: Grammar, nodes: Iterable[Node]) -> Iterator[Call]:
    return filter(None, map(grammar.call, nodes))


def _returned(tree: Tree, grammar: Grammar, node: Node, function: Node) -> Returned:
    branch, part = line_of(function), node
    while part.parent is not None and part.id != function.id:
        line = grammar.branch(part, part.parent) if part.parent.id != function.id else None
        if line is not None:
            branch = line
            break
        part = part.parent
    head = tree.text.line(branch).strip()
    return Returned(line_of(node), branch, head, grammar.none(node, function))
