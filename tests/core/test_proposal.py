"""Hunks make of a text what was proposed, wherever it moved meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.patch import Check, Reply
from firsthand.core.proposal import (
    Proposal,
    apply,
    checks,
    hunks_of,
    note_of,
    rebased,
    rest,
    whole_lines,
)
from firsthand.core.text import Edit, Position, Range, Text

LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "c\n"]), max_size=8)


def lines(first: int, end: int) -> Range:
    return Range(Position(first, 0), Position(end, 0))


def proposal(text: Text, range_: Range, new: str, *checks: Check) -> Proposal:
    return Proposal(1, "u", 1, range_, hunks_of(text, range_, Reply(new, "", checks)))


def test_whole_lines() -> None:
    text = Text.of("one\ntwo\nthree")
    assert whole_lines(text, Range(Position(0, 1), Position(1, 0))) == lines(0, 1)
    assert whole_lines(text, Range(Position(0, 1), Position(1, 1))) == lines(0, 2)
    assert whole_lines(text, Range.at(Position(2, 2))) == Range(Position(2, 0), text.end)


@given(LINES, LINES, LINES, LINES, st.sampled_from(["", "x"]))
def test_all_hunks_together_are_the_proposal(
    before: list[str], old: list[str], new: list[str], after: list[str], last: str
) -> None:
    text = Text.of("".join([*before, *old, *after]) + last)
    range_ = lines(len(before), len(before) + len(old))
    made = apply(text, proposal(text, range_, "".join(new)).hunks)
    assert made.string == "".join([*before, *new, *after]) + last


def test_what_to_check_goes_to_its_hunk() -> None:
    text = Text.of("a\nb\nc\nd\n")
    made = proposal(text, lines(0, 4), "x\nb\nc\ny\n", Check("y", "why"), Check("gone", "lost"))
    assert [(each.new_text, each.check) for each in made.hunks] == [
        ("x\n", "lost"),
        ("y\n", "y: why"),
    ]


def test_what_to_check_has_its_line_in_the_new_text() -> None:
    text = Text.of("a\nb\nc\nd\n")
    new = "x: 1\nb\nc\ny\nz: 2: 3\n"
    about = (Check("z: 2", "once: twice"), Check("gone", "lost"))
    made = proposal(text, lines(0, 4), new, *about)
    assert checks(made.hunks) == ((0, "lost"), (4, "z: 2: once: twice"))
    assert checks(made.hunks[1:]) == ((4, "z: 2: once: twice"),)
    made = proposal(text, lines(0, 4), f"one\ntwo\n{new}", *about)
    assert checks(made.hunks) == ((0, "lost"), (6, "z: 2: once: twice"))


def test_what_a_hunk_does_is_said() -> None:
    text = Text.of("a\nb\nc\nd\n")
    (added,) = proposal(text, lines(0, 4), "a\nx\ny\nb\nc\nd\n").hunks
    assert note_of(added) == "Adds 2 lines before line 2."
    (replaced,) = proposal(text, lines(0, 4), "a\nx\nd\n").hunks
    assert note_of(replaced) == "Replaces lines 2 to 3 by 1 line."
    (removed,) = proposal(text, lines(0, 4), "a\nb\nc\n").hunks
    assert note_of(removed) == "Removes line 4."


@given(LINES, LINES, st.lists(st.sampled_from(["a\n", "b\n"]), min_size=1, max_size=5), LINES)
def test_an_edit_before_it_moves_it(
    before: list[str], more: list[str], old: list[str], new: list[str]
) -> None:
    text = Text.of("".join([*before, *old]) + "end")
    made = proposal(text, lines(len(before), len(before) + len(old)), "".join(new))
    edit = Edit(Range.at(Position(0, 0)), "".join(more))
    moved = rebased(made, 2, edit)
    assert moved is not None
    after = apply(text.apply(edit), moved.hunks)
    assert after.string == "".join([*more, *before, *new]) + "end"


def test_an_edit_in_it_ends_it_and_one_behind_does_not() -> None:
    text = Text.of("a\nb\nc\nd\n")
    made = proposal(text, lines(1, 2), "x\n")
    assert rebased(made, 2, Edit(Range.at(Position(1, 1)), "!")) is None
    assert rebased(made, 2, Edit(Range(Position(0, 1), Position(2, 0)), "")) is None
    behind = rebased(made, 2, Edit(Range.at(Position(3, 0)), "new\n"))
    assert behind is not None
    assert (behind.version, behind.hunks) == (2, made.hunks)


@given(LINES, LINES, LINES, LINES, st.sets(st.integers(1, 4)), st.sampled_from(["", "x"]))
def test_what_is_left_of_it_can_be_applied_later(
    before: list[str], old: list[str], new: list[str], after: list[str], ids: set[int], last: str
) -> None:
    text = Text.of("".join([*before, *old, *after]) + last)
    made = proposal(text, lines(len(before), len(before) + len(old)), "".join(new))
    chosen = tuple(each for each in made.hunks if each.id in ids)
    left = rest(made, chosen)
    between = apply(text, chosen)
    assert (left is None) is (len(chosen) == len(made.hunks))
    made_later = apply(between, left.hunks) if left else between
    assert made_later == apply(text, made.hunks)
    if left:
        assert between.slice(Range(left.range.end, between.end)) == "".join(after) + last
