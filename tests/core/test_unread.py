"""Which lines of a model's are unread, and which edits end that."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.core.attribution import typed
from firsthand.core.authorship import ACCEPTED, Authorship, Mark, Origin
from firsthand.core.text import Edit, Position, Range, Text, difference
from firsthand.core.unread import Block, blocks, edited, read, unread

_AT = 1_764_115_200_000
_KINDS = {
    "?": Mark(Origin.UNKNOWN),
    "t": Mark(Origin.TYPED, _AT),
    "f": Mark(Origin.FRONTIER, _AT + 1),
    "F": Mark(Origin.FRONTIER, _AT + 2, certain=True),
    "r": Mark(Origin.FRONTIER, _AT + 1, read=True),
    "i": Mark(Origin.INLINE, _AT + 3),
    "e": Mark(Origin.EMBEDDED, _AT + 4),
}


def authored(content: str, kinds: str) -> tuple[Text, Authorship]:
    """A text and whose it is, a letter a line or, where they are as many, a letter a character."""
    text = Text.of(content)
    if len(kinds) != len(content):
        kinds = "".join(
            kind * len(line) for kind, line in zip(kinds, text.lines[: len(kinds)], strict=True)
        )
    return text, Authorship.of(text, [(1, _KINDS[each].packed) for each in kinds])


def left(content: str, kinds: str, after: str) -> list[tuple[int, int]]:
    """The blocks that are unread after the person made another text of one."""
    text, was = authored(content, kinds)
    edit, new = difference(text, Text.of(after)), Text.of(after)
    now = was.splice(text, edit, new, typed(was, text, edit, _AT + 9))
    now = edited(was, text, edit, now, new)
    return [(each.first, each.last) for each in blocks(now, new, 0, len(new.lines) - 1)]


def as_accepted(content: str, kinds: str, after: str) -> str:
    """The kinds, in their order, of which something stands that nobody has read or touched."""
    text, was = authored(content, kinds)
    edit, new = difference(text, Text.of(after)), Text.of(after)
    now = was.splice(text, edit, new, typed(was, text, edit, _AT + 9))
    marks = {Mark.of(mark) for _, mark in edited(was, text, edit, now, new).runs()}
    return "".join(kind for kind in "fie" if _KINDS[kind] in marks)


@pytest.mark.parametrize(
    ("content", "kinds", "wanted"),
    [
        ("a\nb\nc\n", "???", []),
        ("a\nb\nc\nd\n", "tfft", [(1, 2)]),
        ("a\nb\nc\nd\n", "frff", [(0, 0), (2, 3)]),
        ("a\n  \nc\n  \n", "ftff", [(0, 2)]),  # what is blank parts nothing, and needs no mark
        ("abc\ndef\n", "tft?tttf", [(0, 0)]),  # a part of a line, and a line's end alone
        ("a\nb\n", "fF", [(0, 1)]),
        ("a", "f", [(0, 0)]),
    ],
)
def test_lines_in_a_row_are_a_block(
    content: str, kinds: str, wanted: list[tuple[int, int]]
) -> None:
    text, authorship = authored(content, kinds)
    found = blocks(authorship, text, 0, len(text.lines) - 1)
    assert [(each.first, each.last) for each in found] == wanted


def test_a_block_is_found_from_any_of_its_lines_and_from_no_other() -> None:
    text, authorship = authored("a\nb\nc\nd\n", "tfft")
    assert blocks(authorship, text, 2, 2) == [Block(1, 2)]
    assert blocks(authorship, text, 0, 0) == []
    assert blocks(authorship, text, 3, 4) == []


_BODY = "def f():\n    x = one(2)\n    return x\ny = 1\n"


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (_BODY.replace("one", "once"), []),  # something is put in
        (_BODY.replace("one(2)", "one()"), []),  # something is taken out
        (_BODY.replace("one(2)", "2"), []),
        (_BODY.replace("    return x\n", ""), []),
        (_BODY.replace("    return", "    z = 3\n    return"), []),
        (_BODY.replace("    ", "\t"), [(0, 2)]),  # it is formatted
        (_BODY.replace("    return", "\n    return"), [(0, 3)]),  # a blank line is put in
        (_BODY.replace("y = 1", "y = 12"), [(0, 2)]),  # what stands beside it is changed
        ("z = 3\n" + _BODY, [(1, 3)]),
        (_BODY.replace("y = 1", "z = 3\ny = 1"), [(0, 2)]),
    ],
)
def test_a_change_within_a_block_ends_it(after: str, wanted: list[tuple[int, int]]) -> None:
    assert left(_BODY, "ffft", after) == wanted


def test_a_change_ends_the_block_that_it_is_in_and_no_other() -> None:
    content = "one = 1\ntwo = 2\nthree = 3\n"
    assert left(content, "ftf", content.replace("one", "once")) == [(2, 2)]
    assert left(content, "fff", content.replace("two", "both")) == []


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (_BODY.replace("one", "once"), "e"),  # something is put in
        (_BODY.replace("one(2)", "one()"), "e"),  # something is taken out
        (_BODY.replace("    return x\n", ""), "e"),
        (_BODY.replace("x\n", "\n"), "e"),  # its end is
        (_BODY.replace("    return", "    z = 3\n    return"), "e"),
        (_BODY.replace("    return", "    \n    return"), "ie"),  # a blank line is put in
        (_BODY.replace("    ", "\t"), "ie"),  # it is formatted
        (_BODY.replace("y = 1", "y = 12"), "ie"),  # what stands beside it is changed
        (_BODY.replace("y = 1", "y = "), "ie"),
        ("z = 3\n" + _BODY, "ie"),
        (_BODY.replace("y = 1", "z = 3\ny = 1"), "ie"),
    ],
)
def test_a_change_touches_what_was_accepted_at_once(after: str, wanted: str) -> None:
    assert as_accepted(f"{_BODY}e = 2\n", "iiite", f"{after}e = 2\n") == wanted


def test_a_line_that_is_typed_within_a_block_by_keys_touches_it() -> None:
    opened = _BODY.replace("    return", "    \n    return")
    typed_in = opened.replace("    \n", "    z\n")
    assert left(opened, "fftft", typed_in) == []
    assert as_accepted(opened, "iitit", opened) == "i"
    assert as_accepted(opened, "iitit", typed_in) == ""


def test_what_a_block_left_as_it_was_is_a_part_of_it() -> None:
    content = "    checked = positive(amount)\n    return checked\n"
    kinds = "f" * 14 + "?" * 17 + "f" * 19
    assert left(content, kinds, content) == [(0, 1)]
    assert left(content, kinds, content.replace("positive", "posiive")) == []
    assert left(content, kinds, content.replace("(amount)", "(total)")) == []
    assert left(content, kinds, content.replace("(amount)", "( amount )")) == [(0, 1)]


def test_what_is_moved_here_is_an_edit() -> None:
    text, was = authored("a = f()\nb = g()\n", "ff")
    edit = Edit(Range.at(Position(0, 5)), "_two_of_them")
    after = text.apply(edit)
    now = was.splice(text, edit, after, [(12, _KINDS["t"].packed)])
    assert not blocks(edited(was, text, edit, now, after), after, 0, 2)


def test_lines_are_read() -> None:
    text, authorship = authored("a\nb\nc\nd\n", "ffFt")
    authorship = read(authorship, text, 0, 1)
    assert blocks(authorship, text, 0, 4) == [Block(2, 2)]
    assert [Mark.of(mark).read for _, mark in authorship.runs()] == [True, False, False]


@settings(deadline=None)
@given(
    st.text("ab \n", min_size=1, max_size=30),
    st.data(),
)
def test_reading_by_editing_changes_nothing_else(content: str, data: st.DataObject) -> None:
    kinds = data.draw(st.text("?tfFri", min_size=len(content), max_size=len(content)))
    text, was = authored(content, kinds)
    after = Text.of(data.draw(st.text("ab \n", max_size=30)))
    edit = difference(text, after)
    now = was.splice(text, edit, after, typed(was, text, edit, _AT + 9))
    then = edited(was, text, edit, now, after)
    before, behind = _flat(now), _flat(then)
    for one, other in zip(before, behind, strict=True):
        known = Mark.of(one)
        assert one == other or (
            known.origin in ACCEPTED and Mark.of(other) == replace(known, read=True)
        )
    lines = [
        number
        for number, line in enumerate(after.lines)
        if any(
            unread(mark) and not each.isspace()
            for mark, each in zip(
                _flat_of(
                    then.slice(after, Range(Position(number, 0), Position(number, len(line))))
                ),
                line,
                strict=True,
            )
        )
    ]
    found = blocks(then, after, 0, len(after.lines) - 1)
    marked = [line for each in found for line in range(each.first, each.last + 1)]
    assert [line for line in marked if after.lines[line].strip()] == lines
    assert all(each.first in lines and each.last in lines for each in found)


def _flat(authorship: Authorship) -> list[int]:
    return _flat_of(authorship.runs())


def _flat_of(runs: list[tuple[int, int]]) -> list[int]:
    return [mark for length, mark in runs for _ in range(length)]


def _line(number: int, line: str) -> Range:
    return Range(Position(number, 0), Position(number, len(line)))
