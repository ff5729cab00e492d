"""Mutants of a function: one small change each, of the kind that people and models get wrong."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

_COMPARES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
}


def mutants(code: str) -> Iterator[str]:
    """All mutants of a function, in the order of its text, as `ast.unparse` writes them."""
    tree = ast.parse(code)
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            mutant = copy.deepcopy(tree)
            target = next(each for at, each in enumerate(ast.walk(mutant)) if at == number)
            change(target)
            yield ast.unparse(mutant) + "\n"


Change = Callable[[ast.AST], None]


def _changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARES:
        yield _other_compare
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _OPERATORS:
        yield _other_operator
    elif isinstance(node, ast.BoolOp):
        yield _other_bool
        yield _without_last
    elif isinstance(node, ast.UnaryOp):
        yield _positive
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield _one_more
    elif isinstance(node, ast.If) and (node.orelse or len(node.body) == 1):
        yield _always
    if isinstance(node, (ast.For, ast.While, ast.If, ast.FunctionDef)):
        for at in range(len(node.body)):
            if not _needed(node, at):
                yield _without(at)


def _needed(node: ast.For | ast.While | ast.If | ast.FunctionDef, at: int) -> bool:
    """Whether a statement can't go: others use what it says, or nothing would be left."""
    statement = node.body[at]
    defines = isinstance(statement, (ast.Assign, ast.Return)) and isinstance(node, ast.FunctionDef)
    docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return defines or docstring or len(node.body) == 1


def _without(at: int) -> Change:
    def change(node: ast.AST) -> None:
        assert isinstance(node, (ast.For, ast.While, ast.If, ast.FunctionDef))
        del node.body[at]

    return change


def _other_compare(node: ast.AST) -> None:
    assert isinstance(node, ast.Compare)
    node.ops[0] = _COMPARES[type(node.ops[0])]()


def _other_operator(node: ast.AST) -> None:
    assert isinstance(node, (ast.BinOp, ast.AugAssign))
    node.op = _OPERATORS[type(node.op)]()


def _other_bool(node: ast.AST) -> None:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()


def _without_last(node: ast.AST) -> None:
    assert isinstance(node, ast.BoolOp)
    if len(node.values) > 2:
        node.values.pop()
    else:
        node.values[1] = node.values[0]


def _positive(node: ast.AST) -> None:
    assert isinstance(node, ast.UnaryOp)
    node.op = ast.UAdd() if isinstance(node.op, ast.USub) else node.op


def _one_more(node: ast.AST) -> None:
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int)
    node.value += 1


def _always(node: ast.AST) -> None:
    assert isinstance(node, ast.If)
    node.test = ast.Constant(True)
