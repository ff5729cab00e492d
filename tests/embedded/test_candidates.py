"""Which tokens may come next."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firsthand.embedded.candidates import allowed
from firsthand.embedded.sources import BINS, CELLS, Seen


def seen(**heard: int) -> Seen:
    """Names that followed a context in the base alone, each as so long a match, once."""
    rows = np.zeros((len(heard) + 1, CELLS), np.float32)
    base = 3 * BINS
    for row, bins in enumerate(heard.values(), 1):
        rows[row, base : base + bins + 1] = 1
    return Seen(["", *heard], rows)


def check(found: Seen, kept: str, *, stem: str = "", most: int = 10) -> None:
    """The names that are kept of those that followed."""
    keys, heard = allowed(found, stem, False, False, most)
    assert keys == ["", *kept.split()]
    for key, row in zip(keys, heard, strict=True):
        assert (row == found.heard[found.keys.index(key)]).all()


def test_all_that_followed_may_come() -> None:
    check(seen(one=0, two=3, three=1), "one two three")


def test_what_is_typed_of_it_has_to_agree() -> None:
    check(seen(one=0, two=3, three=1), "two three", stem="t")


def test_the_longest_matches_stay_where_there_are_too_many() -> None:
    names = {f"name_{number}": number % 4 for number in range(12)}
    check(seen(**names), "name_2 name_3 name_6 name_7 name_10 name_11")


@given(st.lists(st.integers(0, BINS - 1), max_size=40), st.integers(5, 40))
def test_no_more_than_so_many_and_in_their_order(matches: list[int], most: int) -> None:
    found = seen(**{f"name_{number}": match for number, match in enumerate(matches)})
    keys, _ = allowed(found, "", False, False, most)
    assert len(keys) <= max(1, most)
    places = [found.keys.index(key) for key in keys]
    assert places == sorted(places)
    assert places[0] == 0
