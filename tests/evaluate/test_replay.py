"""Lines typed key by key, by hand."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.evaluate.replay import Person, Shown, Typed, agrees, indentation, keys_of


@dataclass(frozen=True)
class Guess:
    text: str
    confidence: float


def type_line(person: Person, number: int, offers: dict[int, Guess]) -> Typed:
    return person.type_line(
        number, lambda at, wrong: offers.get(at), lambda offer: offer.confidence >= 0.5
    )


@pytest.mark.parametrize(
    ("line", "offers", "shown", "met"),
    [
        ("", {}, [], []),
        ("    ", {0: Guess("x", 1.0)}, [], []),
        # Accepted: what lies within it is not asked.
        ("abcd", {1: Guess("bc", 0.9), 2: Guess("cd", 0.9)}, [Shown(1, "bc", True)], [1]),
        # The indentation is the editor's, and white space at the end is nobody's.
        ("  ab  ", {0: Guess("  ab", 1.0), 2: Guess("ab", 1.0)}, [Shown(2, "ab", True)], [2]),
        ("ab  ", {0: Guess("ab  ", 1.0)}, [Shown(0, "ab  ", False)], [0]),
        # Not shown, but met.
        ("abc", {0: Guess("abc", 0.4), 1: Guess("bx", 0.3)}, [], [0, 1]),
        # A wrong text stays as long as it agrees: the offer at 1 is not seen, that at 3 is.
        (
            "abcd",
            {0: Guess("abx", 0.6), 1: Guess("bcd", 0.9), 3: Guess("d", 0.9)},
            [Shown(0, "abx", False), Shown(3, "d", True)],
            [0, 3],
        ),
        # One that contradicts the next key is gone with it.
        (
            "abc",
            {0: Guess("x", 0.6), 1: Guess("bc", 0.6)},
            [Shown(0, "x", False), Shown(1, "bc", True)],
            [0, 1],
        ),
    ],
    ids=str,
)
def test_a_line(line: str, offers: dict[int, Guess], shown: list[Shown], met: list[int]) -> None:
    typed = type_line(Person([line]), 0, offers)
    assert list(typed.shown) == shown
    rest = line.rstrip()
    assert list(typed.met) == [
        (offers[at].confidence, rest.startswith(offers[at].text, at)) for at in met
    ]


def test_what_is_counted() -> None:
    typed = type_line(Person(["abcdef"]), 0, {0: Guess("abx", 0.6), 3: Guess("def", 0.9)})
    assert (len(typed.shown), typed.right, typed.saved) == (2, 1, 2)
    assert keys_of("  abcdef ") == 7
    assert keys_of("") == 1
    assert indentation("\t x") == 2


def test_a_text_of_several_lines_saves_in_each_of_them() -> None:
    lines = ["if a:", "    b()  ", "", "    c = 1", "d"]
    person = Person(lines)
    first = type_line(person, 0, {3: Guess("a:\n    b()\n\n    c", 0.9)})
    assert first.saved == 2  # two characters and the end, less one key for the accept
    assert type_line(person, 1, {4: Guess("x", 0.9)}) == Typed((), (), 3 + 1)
    assert type_line(person, 2, {}).saved == 1
    fourth = type_line(person, 3, {5: Guess(" = 1", 0.9)})
    assert (fourth.saved, fourth.shown) == (1 + 3, (Shown(5, " = 1", True),))
    assert type_line(person, 4, {}).saved == 0
    # Lines that are not typed in between change nothing.
    person = Person(lines)
    type_line(person, 0, {3: Guess("a:\n    b()", 0.9)})
    assert type_line(person, 3, {}).saved == 0


def test_whoever_answers_hears_how_many_texts_were_wrong() -> None:
    heard: list[tuple[int, int]] = []

    def answer(at: int, wrong: int) -> Guess:
        heard.append((at, wrong))
        return Guess("x" if at < 2 else "c", 1.0)

    Person(["abc"]).type_line(0, answer, lambda _: True)
    assert heard == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("character", "text", "expected"),
    [
        (0, "ab", True),
        (1, "b\ncd", True),
        (1, "b\ncdx", False),
        (2, "", True),
        (0, "ab ", False),
        (0, "ab\ncd\n", False),
    ],
)
def test_agreement(character: int, text: str, expected: bool) -> None:
    assert agrees(["ab ", "cd"], 0, character, text) is expected


@given(
    st.lists(st.text("ab", max_size=6), min_size=1, max_size=4),
    st.dictionaries(
        st.integers(0, 5),
        st.builds(Guess, st.text("ab\n", min_size=1, max_size=6), st.floats(0, 1)),
    ),
)
def test_no_key_is_saved_twice(lines: list[str], offers: dict[int, Guess]) -> None:
    person = Person(lines)
    for number, line in enumerate(lines):
        typed = type_line(person, number, offers)
        ends = 0
        for shown in typed.shown:
            assert shown.at >= ends
            assert shown.right == agrees(lines, number, shown.at, shown.text)
            ends = shown.at + (len(shown.text) if shown.right else 1)
        assert 0 <= typed.saved <= keys_of(line)
        assert len(typed.shown) <= len(typed.met)
