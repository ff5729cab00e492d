"""When a text is shown, and how much of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.showing import Choice, Cut, Price, choose

FREE = Price(0.0, 0.0)
USUAL = Price.at(0.5)


def check(cuts: str, price: Price, shown: int | None) -> None:
    """Cuts as `keys@confidence`; the index of the one that is shown, None to wait."""
    pairs = (each.split("@") for each in cuts.split())
    found = choose([Cut(int(keys), float(sure)) for keys, sure in pairs], price)
    assert (found.cut if found.gain > 0 else None) == shown


@pytest.mark.parametrize(
    ("cuts", "shown"),
    [
        ("10@0.99", 0),
        ("10@0.2", None),
        ("1@0.99", None),  # accepting takes as many keys as typing
        ("4@0.99 20@0.98", 1),  # one text instead of two
        ("12@0.97 20@0.3", 0),  # what is sure, without what is not
        ("2@0.5 3@0.48 40@0.47", None),  # the next key tells
    ],
)
def test_what_is_shown_at_the_usual_price(cuts: str, shown: int | None) -> None:
    check(cuts, USUAL, shown)


def test_where_nothing_costs_anything_all_that_saves_a_key_is_shown() -> None:
    check("2@0.9", FREE, 0)


def test_nothing_to_choose_from_is_nothing_to_show() -> None:
    assert choose([], USUAL) == Choice(0, 0.0)


CUTS = st.lists(st.tuples(st.integers(1, 30), st.floats(0.05, 1.0)), min_size=1, max_size=8).map(
    lambda pairs: [
        Cut(sum(keys for keys, _ in pairs[: at + 1]), min(sure for _, sure in pairs[: at + 1]))
        for at in range(len(pairs))
    ]
)


@given(CUTS, st.floats(0.05, 1.0), st.floats(0.0, 0.5))
def test_a_lower_price_never_saves_less(cuts: list[Cut], aggression: float, more: float) -> None:
    def worth(price: Price) -> float:
        best = choose(cuts, price)
        cut = cuts[best.cut]
        saved = cut.confidence * (cut.keys - 1)
        return saved - price.shown - (1 - cut.confidence) * price.wrong

    if choose(cuts, Price.at(aggression)).gain > 0 and len(cuts) == 1:
        assert worth(Price.at(min(1.0, aggression + more))) > 0


@given(CUTS, st.integers(1, 5))
def test_what_was_contradicted_makes_the_next_text_dearer(cuts: list[Cut], times: int) -> None:
    after = USUAL.after(times)
    assert after.shown > USUAL.shown
    assert after.wrong > USUAL.wrong
    if len(cuts) == 1 and choose(cuts, after).gain > 0:
        assert choose(cuts, USUAL).gain > 0


@given(CUTS)
def test_what_is_hopeless_is_not_shown(cuts: list[Cut]) -> None:
    unlikely = [Cut(each.keys, each.confidence / 50) for each in cuts]
    if unlikely[-1].keys <= 50:
        assert choose(unlikely, USUAL).gain <= 0
