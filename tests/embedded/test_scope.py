"""What the lines above say of names."""

from __future__ import annotations

from firsthand.embedded.lexer import lex, rules_for, width
from firsthand.embedded.scope import (
    LOCAL,
    LOOP,
    MEMBER,
    METHOD,
    PARAMETER,
    UNUSED,
    Marks,
    marks_of,
    parameters_of,
    roles_of,
)


def above(text: str, language: str) -> list[tuple[int, Marks]]:
    lines, state = [], ""
    for line in text.splitlines():
        lexed = lex(line, state, rules_for(language))
        state = lexed.state
        if line.strip():
            lines.append((width(line), marks_of(lexed.keys)))
    return lines[::-1]


def check(text: str, deep: int, roles: dict[str, int], language: str = "python") -> None:
    """The roles of names for a line that deep below a text; names without one are left out."""
    assert roles_of(above(text, language), deep) == roles


def test_parameters_and_locals_tell_whether_they_were_used() -> None:
    check(
        "def f(alpha, beta: int = 2, *rest):\n    gamma = alpha\n    delta = gamma\n",
        4,
        {
            "alpha": PARAMETER,
            "beta": PARAMETER | UNUSED,
            "rest": PARAMETER | UNUSED,
            "gamma": LOCAL,
            "delta": LOCAL | UNUSED,
            "f": METHOD,
        },
    )


def test_what_another_function_binds_is_out_of_scope() -> None:
    check(
        "class A:\n    def g(self):\n        inner = 1\n    def f(self):\n        self.own = 2\n",
        8,
        {"own": MEMBER, "g": METHOD, "f": METHOD},
    )


def test_a_block_above_belongs_to_the_same_function() -> None:
    check(
        "def f():\n    if True:\n        inner = 1\n",
        4,
        {"inner": LOCAL, "f": METHOD},
    )


def test_a_loop_gives_names() -> None:
    check("for name, number in pairs:\n    use(name)\n", 4, {"name": LOOP, "number": LOOP | UNUSED})


def test_a_head_of_several_lines() -> None:
    check(
        "def f(\n    alpha,\n    beta: int,\n) -> None:\n    use(beta)\n",
        4,
        {"alpha": PARAMETER | UNUSED, "beta": PARAMETER, "f": METHOD},
    )


def test_other_languages() -> None:
    check(
        "fn serve(input: &str, mut count: u8) {\n    let total = count;\n",
        4,
        {
            "input": PARAMETER | UNUSED,
            "count": PARAMETER,
            "total": LOCAL | UNUSED,
            "serve": METHOD,
        },
        "rust",
    )


def test_parameters_leave_the_object_and_defaults_out() -> None:
    keys = lex("def f(self, a: dict[str, int] = {}, *args, b=1, **more):", "", rules_for("python"))
    assert parameters_of(keys.keys) == ("a", "args", "b", "more")
