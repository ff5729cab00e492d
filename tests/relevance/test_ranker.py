import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.relevance.store import DRAWING, VIEW, kin_of, place_of

from firsthand.relevance.around import Asked, around
from firsthand.relevance.candidates import Candidates
from firsthand.relevance.ranker import (
    PLACED,
    RANKS,
    SAID,
    SOURCES,
    TOLD,
    Ranker,
    fitted,
    of_names,
    of_place,
    ranked,
)


@given(st.lists(st.floats(0, 9, width=32), max_size=30))
def test_ranks_go_by_values_and_ties_by_number(values: list[float]) -> None:
    rows, said = ranked(np.array(values, np.float32))
    told = [(-values[row], int(row)) for row in rows]
    assert told == sorted(told)
    assert {int(row) for row in rows} == {row for row, value in enumerate(values) if value}
    assert said.shape == (len(rows), SAID)
    assert (np.diff(said, axis=0) <= 0).all()


def test_no_more_names_of_a_source_are_looked_at_than_is_worth_it() -> None:
    rows, said = ranked(np.ones(RANKS + 5, np.float32))
    assert len(rows) == len(said) == RANKS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("getHTTPResponse", (0.75, 0.75, 0, 0, 0, 0, 0)),
        ("__init__", (0.4, 0.25, 0, 0, 1, 1, 0)),
        ("MAX_SIZE", (0.4, 0.5, 1, 1, 0, 0, 0)),
        ("TestCase", (0.4, 0.5, 0, 1, 0, 0, 1)),
    ],
)
def test_how_a_name_is_written(name: str, expected: tuple[float, ...]) -> None:
    told = of_names([name], [7], 14, "python")
    assert told[0, 0] == pytest.approx(np.log(7) / 5)
    assert told[0, 1] == 0.5
    assert told[0, 4:].tolist() == pytest.approx(expected)


def test_what_the_language_gives_is_told() -> None:
    names = ["str", "len", "append", "mine"]
    by_itself, after_a_dot = of_names(names, [1] * 4, 9, "python")[:, 2:4].T.tolist()
    assert by_itself[0] == 1 > by_itself[1] > 0 == by_itself[2] == by_itself[3]
    assert after_a_dot == [0, 0, 1, 0]
    assert not of_names(names, [1] * 4, 9, "cobol")[:, 2:4].any()


def test_what_tells_of_a_cursor() -> None:
    place, _ = place_of("import os\n║\n", "tests/test_app.py")
    assert of_place(place, 3, 20)[:2].tolist() == [1, 1]
    place, _ = place_of("x = 1\n║\n")
    assert of_place(place, 3, 20)[:2].tolist() == [0, 0]


def test_the_network_is_what_it_says() -> None:
    make = np.random.default_rng(0)
    weights = {
        "said": make.normal(size=(SAID * len(SOURCES), 4)),
        "told": make.normal(size=(TOLD, 4)),
        "placed": make.normal(size=(PLACED, 4)),
        "bias": make.normal(size=4),
        "second": make.normal(size=(5, 3)),
        "out": make.normal(size=4),
    }
    ranker = Ranker({name: each.astype(np.float32) for name, each in weights.items()})
    hidden, placed = make.normal(size=(6, 4)), make.normal(size=PLACED)
    first = np.maximum(hidden + placed @ weights["placed"] + weights["bias"], 0)
    second = np.maximum(np.hstack((first, np.ones((6, 1)))) @ weights["second"], 0)
    expected = np.hstack((second, np.ones((6, 1)))) @ weights["out"]
    found = ranker.scores(hidden.astype(np.float32), placed.astype(np.float32))
    assert found == pytest.approx(expected, rel=1e-4)


def test_what_is_needed_ranks_first() -> None:
    place, text = place_of(DRAWING)
    candidates = Candidates(kin_of(text), fitted())
    values = around(VIEW, place, candidates, Asked()).values
    scores, orders = candidates.scores(place, values)
    assert tuple(orders) == SOURCES
    best = [candidates.names[row] for row in np.argsort(-scores)[:6]]
    assert {"get", "put"} <= set(best)


def test_a_choice_says_the_same_again() -> None:
    place, text = place_of(DRAWING)
    candidates = Candidates(kin_of(text), fitted())
    values = around(VIEW, place, candidates, Asked()).values
    first, _ = candidates.scores(place, values)
    assert (candidates.scores(place, values)[0] == first).all()
