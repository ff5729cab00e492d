"""A suggestion is a line, unless the syntax opens a block or a bracket stays open."""

import pytest

from firsthand.core.extent import lines_shown

_CALL = "f(\n    1,\n    2,\n)\ng()"


@pytest.mark.parametrize(
    ("middle", "block", "most", "lines"),
    [
        ("a = 1", False, 8, 1),
        ("a = 1\nb = 2\nc = 3", False, 8, 1),
        ("\n    a = 1\n    b = 2", False, 8, 2),  # from the end of a line the one below
        ("\n\n    a = 1\n    b = 2", False, 8, 3),
        ("a = 1\nb = 2\nc = 3", True, 8, 8),
        ("a = 1\nb = 2\nc = 3", True, 2, 2),
        (_CALL, False, 8, 4),
        (_CALL, False, 3, 1),  # what can't be shown whole comes line by line
        (")\nb = 2", False, 8, 1),
        ("", False, 8, 1),
    ],
)
def test_so_many_lines_are_shown(middle: str, block: bool, most: int, lines: int) -> None:
    assert lines_shown(middle, block=block, most=most) == lines
