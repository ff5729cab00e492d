import pytest
from tests.marked import marked

from firsthand.core.completion import Completion, Offer
from firsthand.core.history import Act, Change, recognise
from firsthand.core.text import Range, Text

START = "x = ║\ny\n"


def check(after: str, act: Act, characters: int = 0, before: str = "x = \ny\n") -> None:
    text, position = marked(START)
    completion = Completion(1, Range.at(position), "foo(bar)\nbaz", "inline", id=7)
    change = recognise(
        Text.of(before), Text.of(after), [Offer(text, completion)], [Text.of("x =\ny\n")]
    )
    known = completion if act in (Act.ACCEPTED, Act.TYPED_THROUGH) else None
    assert change == Change(act, known, characters)


@pytest.mark.parametrize(
    ("after", "characters"),
    [("x = foo(bar)\nbaz\ny\n", 12), ("x = foo\ny\n", 3), ("x = foo(bar)\ny\n", 8)],
)
def test_accepted_all_a_word_or_a_line(after: str, characters: int) -> None:
    check(after, Act.ACCEPTED, characters)


def test_typed_through() -> None:
    check("x = f\ny\n", Act.TYPED_THROUGH, 1)
    check("x = fo\ny\n", Act.TYPED_THROUGH, 2)  # two keys that the editor sent together
    # The editor closed the pair by itself.
    check("x = foo()\ny\n", Act.TYPED_THROUGH, 1, before="x = foo\ny\n")


def test_the_rest_is_accepted_after_typing_through() -> None:
    check("x = foo(bar)\nbaz\ny\n", Act.ACCEPTED, 9, before="x = foo\ny\n")


def test_typed() -> None:
    check("x = g\ny\n", Act.TYPED)
    check("x = \ny\nz", Act.TYPED)


def test_undo_and_redo_restore() -> None:
    check("x =\ny\n", Act.RESTORED)


def test_keys_that_an_editor_tells_of_together_are_typed() -> None:
    text, position = marked(START)
    offer = Offer(text, Completion(1, Range.at(position), "foo(bar)", "inline", id=7))
    for longest, act in ((1, Act.TYPED_THROUGH), (3, Act.ACCEPTED), (None, Act.ACCEPTED)):
        after = Text.of("x = foo\ny\n")
        assert recognise(text, after, [offer], [], longest).act is act
