"""Choosing the function to type: found in any language, and nothing of the file is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firsthand.demo.pick import count_keys, holes, next_key, pick


def check(source: str, first: str, last: str) -> None:
    """The function picked begins and ends with these lines."""
    hole = pick(source)
    assert hole is not None
    lines = hole.middle.split("\n")
    assert (lines[0], lines[-1].strip()) == (first, last)
    assert hole.head + hole.middle + hole.tail == source
    assert source.split("\n")[hole.line - 1].strip() == first


def body(count: int, indent: str, end: str = "") -> str:
    return "".join(f"{indent}step_{number}(){end}\n" for number in range(count))


def test_picks_the_python_function_nearest_to_the_middle() -> None:
    one, two, three = (f"def {name}():\n" + body(20, "    ") + "\n\n" for name in "abc")
    check(one + two + three, "def b():", "step_19()")


def test_a_signature_over_several_lines_belongs_to_the_function() -> None:
    signature = "def long(\n    first: int,\n    second: int,\n) -> int:\n"
    check("import os\n\n" + signature + body(15, "    ") + "\nlast = 1\n", "def long(", "step_14()")


def test_a_method_keeps_its_indentation_in_the_head() -> None:
    source = "class A:\n\n    def method(self):\n" + body(15, " " * 8) + "\n    x = 1\n"
    check(source, "def method(self):", "step_14()")
    hole = pick(source)
    assert hole is not None
    assert hole.head.endswith("\n    ")


def test_brace_languages_end_at_the_closing_brace() -> None:
    check("\n".join(["const a = 1;", "function go(x) {", body(15, "  ", ";") + "}", ""]), *GO)
    check("fn main() {}\n\npub fn run(a: u8) -> u8 {\n" + body(15, "    ", ";") + "}\n", *RUST)
    check("int f(void);\nint f(void)\n{\n" + body(15, "\t", ";") + "}\n", "int f(void)", "}")
    check("class A {\n  int f(int a) {\n" + body(15, "    ", ";") + "  }\n}\n", *JAVA)
    check("func Go(a int) error {\n" + body(15, "\t") + "}\n", "func Go(a int) error {", "}")


GO = ("function go(x) {", "}")
RUST = ("pub fn run(a: u8) -> u8 {", "}")
JAVA = ("int f(int a) {", "}")


def test_ruby_ends_at_end() -> None:
    check("x = 1\ndef go(a)\n" + body(16, "  ") + "end\n", "def go(a)", "end")


def test_a_statement_s_block_is_taken_only_where_no_function_is() -> None:
    block = "if ready:\n" + body(20, "    ")
    check(block, "if ready:", "step_19()")
    check(block * 3 + "def go():\n" + body(15, "    "), "def go():", "step_14()")


def test_a_file_without_a_block_of_that_size_has_nothing_to_pick() -> None:
    assert pick("") is None
    assert pick("x = 1\n" * 100) is None
    assert pick("def short():\n" + body(3, "    ")) is None
    assert pick("def long():\n" + body(80, "    ")) is None


@given(st.text(alphabet="ab(){}: \t\n\r\x0c\u2028é", max_size=400).map(lambda s: s * 8))
def test_a_hole_s_parts_are_the_file(source: str) -> None:
    for hole in holes(source):
        assert hole.head + hole.middle + hole.tail == source
        assert 15 <= hole.middle.count("\n") + 1 <= 60


@given(st.text(alphabet="ab \t\n😀", max_size=60))
def test_keys_add_up_to_the_text(middle: str) -> None:
    typed, at = [], 0
    while at < len(middle):
        typed.append(next_key(middle, at))
        at += len(typed[-1])
    assert "".join(typed) == middle
    assert len(typed) == count_keys(middle)


def test_enter_brings_the_next_line_s_indentation() -> None:
    assert next_key("\n    x", 0) == "\n    "
    assert next_key("\n\n    x", 0) == "\n"
    assert next_key("\n   \n", 0) == "\n"
