import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.marked import drawn, marked

from firsthand.core.text import (
    Edit,
    Encoding,
    Position,
    Range,
    Text,
    advance,
    character_to_units,
    difference,
    line_edits,
    units_to_character,
)

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
STRINGS = st.text(alphabet="ab\n\r é😀e\u0301\ud800\u2028\x0c", max_size=24)


def offset(text: Text, position: Position) -> int:
    return sum(map(len, text.lines[: position.line])) + position.character


def check(drawing: str, new_text: str, expected: str) -> None:
    text, position = marked(drawing)
    after = text.apply(Edit(Range.at(position), new_text))
    assert drawn(after, advance(position, new_text)) == expected


def test_insert() -> None:
    check("def f(║):\n", "x", "def f(x║):\n")
    check("a\n║", "b\nc", "a\nb\nc║")
    check("║", "one\r\ntwo", "one\r\ntwo║")


def test_lines_end_where_lsp_says() -> None:
    assert Text.of("a\r\nb\rc\nd\u2028e\x0cf").lines == ("a\r\n", "b\r", "c\n", "d\u2028e\x0cf")


@given(STRINGS, STRINGS, st.data())
def test_apply_is_splicing(string: str, new_text: str, data: st.DataObject) -> None:
    text = Text.of(string)
    places = [Position(i, j) for i in range(len(text.lines)) for j in range(len(text.line(i)) + 1)]
    start, end = sorted((data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))))
    after = text.apply(Edit(Range(start, end), new_text))
    expected = string[: offset(text, start)] + new_text + string[offset(text, end) :]
    assert after == Text.of(expected)
    assert after.fingerprint == Text.of(expected).fingerprint
    assert text.slice(Range(start, end)) == string[offset(text, start) : offset(text, end)]


@given(STRINGS, STRINGS)
@example("\r\n", "\r")
@example("\r\n", "\n")
@example("a\r", "a\r\n")
def test_difference_turns_one_into_the_other(old: str, new: str) -> None:
    before, after = Text.of(old), Text.of(new)
    assert before.apply(difference(before, after)) == after


@given(STRINGS, STRINGS)
def test_line_edits_turn_one_into_the_other(old: str, new: str) -> None:
    before = text = Text.of(old)
    for edit in reversed(line_edits(before, Text.of(new))):
        assert edit.range.start.character == 0 or edit.range.start == before.end
        text = text.apply(edit)
    assert text == Text.of(new)


def test_lines_between_two_edits_are_in_neither() -> None:
    before, after = Text.of("a\nb\nc\n"), Text.of("new\na\nb\nC\n")
    first, last = line_edits(before, after)
    assert (first.range.start, first.range.end) == (Position(0, 0), Position(0, 0))
    assert (last.range.start, last.range.end) == (Position(2, 0), Position(3, 0))


@given(STRINGS.filter(lambda s: "\n" not in s and "\r" not in s), st.data())
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_positions_round_trip(encoding: Encoding, line: str, data: st.DataObject) -> None:
    character = data.draw(st.integers(0, len(line)))
    units = character_to_units(line, character, encoding)
    assert units_to_character(line, units, encoding) == character
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    assert units == len(line[:character].encode(codec, "surrogatepass")) // width


def test_offsets_inside_a_character_mean_its_start() -> None:
    assert units_to_character("a😀b", 2, "utf-16") == 1
    assert units_to_character("aéb", 2, "utf-8") == 1
    assert units_to_character("a😀b", 99, "utf-16") == 3
    assert units_to_character("ab", -1, "utf-16") == 0


def test_clamp() -> None:
    text = Text.of("ab\r\nc")
    assert text.clamp(Position(0, 9)) == Position(0, 2)
    assert text.clamp(Position(7, 0)) == Position(1, 1)
    assert text.clamp(Position(-1, 3)) == Position(0, 0)
