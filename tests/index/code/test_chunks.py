"""Where texts are cut into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from firsthand.index.code.chunks import cut


def check(text: str, expected: list[tuple[int, int]], starts: tuple[int, ...] = ()) -> None:
    assert cut(text.split("\n"), set(starts)) == expected


def test_short_texts_are_one_piece() -> None:
    check("", [])
    check("\n \n\t\n", [])
    check("\n\na\n\nb\n\n", [(2, 4)])


def test_cuts_fall_where_something_begins() -> None:
    body = ["def f():"] + ["    a = 1"] * 9
    check("\n".join([*body, "", "", *body, "", *body]), [(0, 21), (23, 32)], (0, 12, 23))
    check("\n".join(["x"] * 20 + [""] + ["y"] * 20), [(0, 19), (21, 40)])


def test_a_long_run_is_cut_at_the_most() -> None:
    check("\n".join(["    x"] * 60), [(0, 27), (28, 55), (56, 59)])


@given(st.lists(st.sampled_from(["", "a", "  b", "}"]), max_size=120), st.sets(st.integers(0, 119)))
def test_pieces_hold_every_line_that_is_not_blank_once(lines: list[str], starts: set[int]) -> None:
    pieces = cut(lines, starts)
    held = [number for first, last in pieces for number in range(first, last + 1)]
    assert held == sorted(set(held))
    assert {number for number, line in enumerate(lines) if line} <= set(held)
    assert all(lines[first] and lines[last] and last - first < 28 for first, last in pieces)


def test_a_line_more_moves_only_the_cuts_near_it() -> None:
    body = "".join(f"def f{number}():\n    return {number}\n\n" for number in range(60))
    lines = body.split("\n")
    starts = {number for number, line in enumerate(lines) if line.startswith("def")}
    before = {"\n".join(lines[first : last + 1]) for first, last in cut(lines, starts)}
    longer = [*lines[:4], "    x = 1", *lines[4:]]
    starts = {number for number, line in enumerate(longer) if line.startswith("def")}
    after = {"\n".join(longer[first : last + 1]) for first, last in cut(longer, starts)}
    assert len(after - before) <= 3
