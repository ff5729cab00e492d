"""Which model begins, and who follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.routing import bounded, ladder

BIG, MIDDLE, CHEAP, FREE = (5.0, 25.0), (1.0, 5.0), (0.1, 0.4), (0.0, 0.0)


@pytest.mark.parametrize(
    ("prices", "small", "order"),
    [
        ((BIG, MIDDLE, CHEAP), True, (2, 1, 0)),
        ((BIG, MIDDLE, CHEAP), False, (0, 1, 2)),
        ((MIDDLE, BIG, CHEAP, FREE), False, (0, 1, 2, 3)),
        ((None, BIG, FREE), True, (2, 1, 0)),
        ((BIG, BIG), True, (0, 1)),
        ((), False, ()),
    ],
)
def test_a_small_task_begins_with_the_cheapest(
    prices: tuple[tuple[float, float] | None, ...], small: bool, order: tuple[int, ...]
) -> None:
    assert ladder(prices, small) == order


@pytest.mark.parametrize(
    ("lines", "instruction", "problems", "small"),
    [
        (0, "", (), True),
        (30, "", (), True),
        (30, "", ("undefined name",), True),
        (30, "use a heap", (), False),
        (30, "mend it", ("undefined name",), True),
        (10, "use a heap", (), True),
        (10, "x" * 300, (), False),
        (80, "", (), False),
    ],
)
def test_what_is_a_small_task(
    lines: int, instruction: str, problems: tuple[str, ...], small: bool
) -> None:
    assert bounded("a\n" * lines, instruction, problems) is small


PRICES = st.lists(st.none() | st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=6)


@given(PRICES, st.booleans())
def test_everybody_is_asked_once(prices: list[tuple[float, float] | None], small: bool) -> None:
    order = ladder(prices, small)
    assert sorted(order) == list(range(len(prices)))
    assert small or not order or order[0] == 0
