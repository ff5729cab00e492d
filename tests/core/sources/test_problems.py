import pytest

from firsthand.core.sources.problems import near, reported
from firsthand.core.text import Text

BEFORE = Text.of("import os\n\ndef f():\n    return missing\n\nx = undefined_too\ny = f(\n")
FOUND = [(3, "Undefined name\n  `missing`", 1), (0, "unused", 2), (5, "Undefined", 1)]
FIRST, SECOND, THIRD = (
    "Undefined name `missing`: return missing\n",
    "Undefined: x = undefined_too\n",
    "unused: import os\n",
)


def check(now: str, cursor: int, expected: str) -> None:
    assert near(reported(BEFORE, FOUND), Text.of(now), cursor) == expected


def test_the_worst_and_nearest_come_first() -> None:
    check(BEFORE.string, 2, FIRST + SECOND + THIRD)
    check(BEFORE.string, 6, SECOND + FIRST + THIRD)


def test_lines_may_move() -> None:
    check("# new\n\n" + BEFORE.string, 8, SECOND + FIRST + THIRD)


def test_what_was_changed_is_mended_perhaps() -> None:
    check(BEFORE.string.replace("missing", "present"), 2, SECOND + THIRD)


def test_the_line_that_is_written_says_nothing() -> None:
    check(BEFORE.string, 3, SECOND + THIRD)


def test_what_is_far_says_nothing() -> None:
    check(BEFORE.string + "\n" * 60, 50, "")
    many = Text.of("bad\n" * 9)
    shown = near(reported(many, [(n, f"no {n}", 1) for n in range(9)]), many, 8)
    assert shown == "no 7: bad\nno 6: bad\nno 5: bad\nno 4: bad\n"


@pytest.mark.parametrize("number", [-1, 1, 99])
def test_lines_that_are_empty_or_not_there_are_left_out(number: int) -> None:
    assert reported(BEFORE, [(number, "bad", 1)]) == ()
