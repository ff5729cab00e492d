"""The call that a place lies in."""

from __future__ import annotations

import pytest

from firsthand.embedded.calls import Call, arguments_of, call_of
from firsthand.embedded.lexer import lex, rules_for


def keys(line: str) -> tuple[str, ...]:
    return lex(line, "", rules_for("python")).keys[:-1]


def check(line: str, call: Call | None) -> None:
    """The call at the end of a line that is being written."""
    assert call_of(["\n", *keys(line)]) == call


def test_the_innermost_open_call() -> None:
    check("x = f(a, g(b), ", Call("f", 2, True, frozenset()))


def test_an_argument_by_name() -> None:
    check("f(a, b=1, c=", Call("f", "c", True, frozenset({"b", "c"})))


def test_the_middle_of_an_argument() -> None:
    check("f(a, b.", Call("f", 1, False, frozenset()))


@pytest.mark.parametrize("line", ["x = ", "f(a)", "x = [a, ", "def f(a, ", "if (a, ", "x = (a, "])
def test_no_call(line: str) -> None:
    check(line, None)


def test_the_arguments_of_a_line() -> None:
    assert list(arguments_of(keys("f(a, g(b.c), key=d)[e, f]"))) == [
        ("f", 0, "a"),
        ("f", 1, "g"),
        ("g", 0, "b"),
        ("f", 2, "key"),
        ("f", "key", "d"),
    ]
