"""A line typed key by key, by hand."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.evaluate.replay import Shown, indentation, keys_of, type_line


@dataclass(frozen=True)
class Guess:
    text: str
    confidence: float


def check(line: str, offers: dict[int, Guess], shown: list[Shown], met: list[int]) -> None:
    """Type a line with these offers; `met` are the characters at which one was met."""
    typed = type_line(line, offers.get, lambda offer: offer.confidence >= 0.5)
    assert list(typed.shown) == shown
    rest = line.rstrip()
    assert list(typed.met) == [
        (offers[at].confidence, rest.startswith(offers[at].text, at)) for at in met
    ]


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
    check(line, offers, shown, met)


def test_what_is_counted() -> None:
    offers = {0: Guess("abx", 0.6), 3: Guess("def", 0.9)}
    typed = type_line("abcdef", offers.get, lambda _: True)
    assert (len(typed.shown), typed.right, typed.saved) == (2, 1, 2)
    assert keys_of("  abcdef ") == 7
    assert keys_of("") == 1
    assert indentation("\t x") == 2


@given(
    st.text("ab", max_size=12),
    st.dictionaries(
        st.integers(0, 11),
        st.builds(Guess, st.text("ab", min_size=1, max_size=4), st.floats(0, 1)),
    ),
)
def test_no_key_is_saved_twice(line: str, offers: dict[int, Guess]) -> None:
    typed = type_line(line, offers.get, lambda offer: offer.confidence > 0.3)
    ends = 0
    for shown in typed.shown:
        assert shown.at >= ends
        assert shown.right == line.startswith(shown.text, shown.at)
        ends = shown.at + (len(shown.text) if shown.right else 1)
    assert 0 <= typed.saved < keys_of(line)
    assert len(typed.shown) <= len(typed.met)
