"""The figures of counts, by hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.evaluate.faults import Fault
from firsthand.evaluate.replay import Shown, Typed
from firsthand.evaluate.tally import (
    Tally,
    calibration_error,
    faulty,
    mean_reciprocal_rank,
    percentile,
    reliability,
    share,
    top_1,
    total,
)


def test_ranks() -> None:
    ranks = [1, 2, 1, 10, 11, 99]
    assert top_1(ranks) == pytest.approx(2 / 6)
    assert mean_reciprocal_rank(ranks) == pytest.approx((1 + 0.5 + 1 + 0.1) / 6)
    assert share([True, False, True, True]) == 0.75


def test_nothing_counted_has_no_figure() -> None:
    assert top_1([]) is None
    assert mean_reciprocal_rank([]) is None
    assert share([]) is None
    assert calibration_error([]) is None
    assert reliability([]) == []
    assert percentile([], 50) is None


def test_calibration_by_hand() -> None:
    # Two bins of 15: around 0.9 it is right half the time (off by 0.4), at 0.35 never.
    met = [(0.88, True), (0.92, False), (0.35, False), (0.35, False)]
    assert calibration_error(met) == pytest.approx((2 * 0.4 + 2 * 0.35) / 4)
    rows = reliability([*met, (1.0, True)])
    assert [(row.low, row.answers, row.right) for row in rows] == [
        (0.3, 2, 0),
        (0.8, 1, 1),
        (0.9, 2, 0.5),  # the last row holds 1 as well
    ]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())), st.integers(1, 20))
def test_every_answer_is_in_one_row(met: list[tuple[float, bool]], bins: int) -> None:
    rows = reliability(met, bins)
    assert sum(row.answers for row in rows) == len(met)
    assert sum(row.right * row.answers for row in rows) == pytest.approx(sum(r for _, r in met))
    assert all(row.low - 1e-9 <= row.confidence <= row.high + 1e-9 for row in rows)
    error = calibration_error(met)
    assert error is None if not met else error is not None and 0 <= error <= 1 + 1e-9


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 5), (51, 6), (99, 10), (100, 10)])
def test_percentiles(percent: float, expected: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected


def one(line: str, cpu: int) -> Tally:
    tally = Tally(met=[(0.5, True)], cpu=[cpu])
    tally.count(line)
    tally.ranks["all"].append(1)
    tally.rests["any"].append(False)
    tally.faults.update([frozenset(), frozenset({Fault.NAME})])
    tally.replay(0.5).add(Typed((Shown(0, "abc", True), Shown(3, "x", False)), (), 2))
    return tally


def test_tallies_add_up() -> None:
    both = total([one("  abcd", 3), one("ab", 4)])
    assert (both.lines, both.keys, both.cpu) == (2, 5 + 3, [3, 4])
    assert (both.ranks["all"], both.rests["any"], len(both.met)) == ([1, 1], [False, False], 2)
    replay = both.replay(0.5)
    assert (replay.shown, replay.right, replay.saved) == (4, 2, 4)
    assert both.replay(0.7).shown == 0
    assert faulty(both.faults) == faulty(both.faults, Fault.NAME) == 0.5
    assert faulty(both.faults, Fault.SYNTAX) == 0
    assert faulty(Counter()) is None
