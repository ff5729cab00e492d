from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.core.authorship import Authorship, Mark, Origin, Run, cut, joined
from firsthand.core.text import Edit, Position, Range, Text

STRINGS = st.text(alphabet="ab \n\r", max_size=12)
MARKS = st.sampled_from([0, 8, 16, 24])


def flat(runs: list[Run]) -> list[int]:
    return [mark for length, mark in runs for _ in range(length)]


@given(st.sampled_from(Origin), st.integers(0, 2**45), st.booleans(), st.booleans())
def test_marks_are_packed_into_64_bits(origin: Origin, at: int, certain: bool, read: bool) -> None:
    mark = Mark(origin, at, certain, read)
    assert Mark.of(mark.packed) == mark
    assert mark.packed < 2**64


@settings(deadline=None)
@given(
    STRINGS, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12), STRINGS, MARKS)), st.data()
)
def test_splices_are_as_on_a_list_of_characters(
    start: str, edits: list[tuple[int, int, str, int]], data: st.DataObject
) -> None:
    text = Text.of(start * 40)
    authorship, wanted = Authorship.unknown(text), [0] * len(text.string)
    for line, character, new_text, mark in edits:
        one = text.clamp(Position(line, character))
        other = text.clamp(Position(line + data.draw(st.integers(0, 300)), character))
        edit = Edit(Range(one, max(one, other)), new_text)
        offset = len(text.slice(Range(Position(0, 0), one)))
        removed = len(text.slice(edit.range))
        after = text.apply(edit)
        kept = authorship.slice(text, edit.range)
        assert flat(kept) == wanted[offset : offset + removed]
        authorship = authorship.splice(text, edit, after, [(len(new_text), mark)])
        wanted[offset : offset + removed] = [mark] * len(new_text)
        text = after
        assert flat(authorship.runs()) == wanted
        assert sum(authorship.lines) == len(text.lines)


def test_runs_are_joined_and_cut() -> None:
    assert joined([(2, 1), (0, 5), (3, 1), (1, 2)]) == [(5, 1), (1, 2)]
    assert cut([(5, 1), (3, 2)], 4, 7) == [(1, 1), (2, 2)]
    assert cut([(5, 1)], 5, 5) == []


def test_some_marks_take_the_place_of_others() -> None:
    text = Text.of("abc")
    assert Authorship.of(text, [(1, 8), (2, 16)]).remarked({8: 24}).runs() == [
        (1, 24),
        (2, 16),
    ]
