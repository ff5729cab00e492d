"""What Python's own parser says of functions, to hold questions about them against."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from firsthand.core.quiz import Function, Question

Def = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def own(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that are not in another function or class."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, SCOPES):
            yield child
            yield from own(child)


def body(definition: Def) -> Iterator[ast.AST]:
    """The parts of a function's body that are its own."""
    for statement in definition.body:
        if not isinstance(statement, SCOPES):
            yield statement
            yield from own(statement)


def written(node: ast.expr) -> str:
    """Names joined by dots, where it is nothing else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{start}.{name}" if (start := written(value)) else ""
    return ""


def called(nodes: Iterator[ast.AST]) -> set[str]:
    """What is called by plain names."""
    return {written(node.func) for node in nodes if isinstance(node, ast.Call)} - {""}


def raised(nodes: Iterator[ast.AST]) -> set[str]:
    """Which exceptions are raised by name."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Raise) and node.exc is not None:
            exc = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found.add(written(exc))
    return {each for each in found if each.rpartition(".")[2][:1].isupper()}


class Branches:
    """By the line of the innermost branch: whether its returns are of None."""

    def __init__(self, definition: Def, lines: list[str]) -> None:
        self.lines = lines
        self.found: dict[int, set[bool]] = {}
        for statement in definition.body:
            self.visit(statement, definition.lineno)

    def visit(self, node: ast.AST, branch: int) -> None:
        """Take a part that is in a branch."""
        if isinstance(node, SCOPES):
            return
        if isinstance(node, ast.Return):
            value = node.value
            none = value is None or (isinstance(value, ast.Constant) and value.value is None)
            self.found.setdefault(branch, set()).add(none)
        for name, value in ast.iter_fields(node):
            inner = self.inner(node, name, value, branch)
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self.visit(child, inner)

    def inner(self, node: ast.AST, name: str, value: object, branch: int) -> int:
        """The branch of a part: that of its own line; `else` and `finally` stand above theirs."""
        if isinstance(node, (ast.ExceptHandler, ast.With, ast.AsyncWith)):
            return node.lineno
        if isinstance(node, ast.match_case):
            return node.pattern.lineno
        if not isinstance(node, (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try)):
            return branch
        if name not in ("orelse", "finalbody"):
            return node.lineno
        first = value[0] if isinstance(value, list) and value else None
        if not isinstance(first, ast.stmt):
            return branch
        if isinstance(first, ast.If) and self.begins(first.lineno, "elif"):
            return first.lineno
        word = "else" if name == "orelse" else "finally"
        return next(at for at in range(first.lineno, 0, -1) if self.begins(at, word))

    def begins(self, line: int, word: str) -> bool:
        """Whether a line begins with a word."""
        return self.lines[line - 1].strip().startswith(word)


class Oracle:
    """One file by Python's parser."""

    def __init__(self, source: str) -> None:
        tree = ast.parse(source)
        self.lines = source.split("\n")
        self.tree = tree
        self.definitions = [
            node
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
        self.by_line = {each.lineno - 1: each for each in self.definitions}
        self.paths = dict(self._named(tree, ()))

    def _named(self, node: ast.AST, around: tuple[str, ...]) -> Iterator[tuple[int, str]]:
        for child in ast.iter_child_nodes(node):
            inner = around
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = (*around, child.name)
                if not isinstance(child, ast.ClassDef):
                    yield child.lineno - 1, ".".join(inner)
            yield from self._named(child, inner)

    def right(self, question: Question, function: Function) -> set[str]:
        """The options that are right."""
        definition = self.by_line[function.first_line]
        if question.kind == "calls":
            return {each for each in question.options if each in called(body(definition))}
        if question.kind == "raises":
            return {each for each in question.options if each in raised(body(definition))}
        if question.kind == "called":
            paths = {
                self.paths[line]
                for line, each in self.by_line.items()
                if self._calls(each, function)
            }
            return {each for each in question.options if each in paths}
        branches = Branches(definition, self.lines).found
        names = {
            f"line {line}: {self.lines[line - 1].strip()}"
            if line != definition.lineno
            else "none of its branches: at the function's own level"
            for line, kinds in branches.items()
            if True in kinds
        }
        return {each for each in question.options if each in names}

    def _calls(self, caller: Def, function: Function) -> bool:
        name = f"self.{function.name}" if function.method else function.name
        return name in called(body(caller))
