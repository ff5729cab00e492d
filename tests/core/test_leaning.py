"""How readily texts are shown, after what became of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.leaning import MOST, Decided, Leanings, leaned
from firsthand.core.showing import Price

COUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("decided", "dearer"),
    [
        (Decided(), 1.0),
        (Decided(accepted=10, rejected=10), 1.0),
        (Decided(accepted=100, rejected=20), 0.58),
        (Decided(accepted=30, rejected=10), 0.77),
        (Decided(accepted=10, rejected=30), 1.29),
        (Decided(rejected=1_000), MOST),
        (Decided(accepted=1_000), 1 / MOST),
        # What is accepted and thrown away was no help.
        (Decided(accepted=40, rejected=20, survived=25, lost=75), 1.53),
        (Decided(accepted=40, rejected=20, survived=100), 0.82),
    ],
)
def test_the_price_of_showing(decided: Decided, dearer: float) -> None:
    assert decided.dearer == pytest.approx(max(dearer, 1 / MOST), abs=0.01)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_it_is_bounded_and_moves_the_right_way(a: int, r: int, s: int, lost: int) -> None:
    decided = Decided(a, r, s, lost)
    assert 1 / MOST <= decided.dearer <= MOST
    assert Decided(a, r + 1, s, lost).dearer >= decided.dearer
    assert Decided(a, r, s, lost + 1).dearer >= decided.dearer - 1e-12


@given(st.floats(0.2, 0.8), st.floats(1 / MOST, MOST))
def test_an_aggression_with_that_price(aggression: float, dearer: float) -> None:
    price = Price.at(leaned(aggression, dearer))
    assert price.wrong == pytest.approx(Price.at(aggression).wrong * dearer)


def test_silence_stays_silent() -> None:
    assert leaned(0.0, 0.7) == 0.0
    assert leaned(0.05, MOST) > 0
    assert leaned(1.0, 1 / MOST) == 1.0


def test_what_was_not_seen_changes_nothing() -> None:
    found = Leanings({("inline", "python"): Decided(rejected=100)})
    assert found.dearer("inline", "python") > 1
    assert found.dearer("embedded", "python") == found.dearer("inline", "go") == 1.0
