import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.syntax import cut_at_statement


def check(language: str, drawing: str, middle: str, expected: str) -> None:
    text, position = marked(drawing)
    assert cut_at_statement(language, text, position, middle) == expected


def test_a_block_that_begins_is_taken_whole() -> None:
    check(
        "python",
        "def f(x):\n    ║\n\n\ny = 1\n",
        "if x:\n        return 1\n    return 2\n\n\ndef g():\n    pass",
        "if x:\n        return 1\n    return 2",
    )


def test_a_statement_over_several_lines() -> None:
    check("python", "x = ║\ny = 1\n", "f(\n    1,\n)\nz = 2", "f(\n    1,\n)")
    check("javascript", "const x = ║\n", "f({\n  a: 1,\n});\nconst y = 2;", "f({\n  a: 1,\n});")
    check("go", "func f() {\n\t║\n}\n", "if x {\n\t\treturn\n\t}", "if x {\n\t\treturn\n\t}")
    check(
        "lua", "local function f(a)\n  ║\nend\n", "g(a)\n  return 1\nend\n\nx()", "g(a)\n  return 1"
    )
    check("ruby", "def f(a)\n  x = ║\nend\n", "g(\n    a\n  )\nend\n\ny", "g(\n    a\n  )")
    check("csharp", "class A { void F() {\n  ║\n} }\n", "G();\n  H();\n}\nvoid I", "G();\n  H();")
    check("kotlin", "fun f() {\n    ║\n}\n", "g()\n    h()\n}\n\nfun i", "g()\n    h()")


@pytest.mark.parametrize("language", ["python", "rust", "cobol", "plaintext"])
def test_what_no_grammar_understands_is_left_alone(language: str) -> None:
    check(language, "((( ║\n", "a b c )))\n]]] {{{\n", "a b c )))\n]]] {{{\n")


@given(st.text(alphabet='ab (\n):=é😀"', max_size=30), st.text(alphabet="ab (\n):", max_size=20))
def test_it_only_cuts(head: str, middle: str) -> None:
    text, position = marked(head + "║\nx = 1\n")
    assert middle.startswith(cut_at_statement("python", text, position, middle))
