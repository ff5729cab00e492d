"""Where a model's text for a cursor belongs."""

import pytest
from tests.marked import marked

from firsthand.core.inserting import readings

METHOD = "class A:\n    def f(self):\n        ║\n\n    def g(self):\n        pass\n"


def check(drawing: str, written: str, expected: str, language: str = "python") -> None:
    text, position = marked(drawing)
    assert readings(written, text, position, language)[0] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("x = 1\n        return x", "x = 1\n        return x"),
        ("        x = 1\n        return x", "x = 1\n        return x"),
        ("x = 1\nreturn x", "x = 1\n        return x"),
        ("if self:\n    return 1\nreturn 2", "if self:\n            return 1\n        return 2"),
        ("\tx = 1\n\treturn x", "x = 1\n        return x"),
    ],
)
def test_lines_are_indented_as_the_cursor_is(written: str, expected: str) -> None:
    check(METHOD, written, expected)


def test_the_line_that_was_begun_is_not_said_again() -> None:
    check("def f():\n    return ║\n", "    return 1", "1")


def test_a_line_that_goes_on_keeps_its_space() -> None:
    check("def f():\n    return 0║\n", " + sum(prices)", " + sum(prices)")


def test_what_stands_below_is_not_said_again() -> None:
    check(METHOD, "return 1\n\n    def g(self):\n        pass", "return 1")


def test_both_ways_are_offered_where_lines_leave_the_block() -> None:
    text, position = marked(METHOD)
    read = readings("return 1\n\n    def h(self):\n        return 2", text, position, "python")
    assert len(read) == 2
    assert "return 1\n\n    def h(self):\n        return 2" in read
