from dataclasses import replace

import pytest
from tests.codebase import Codebase
from tests.relevance.store import DRAWING, USER, VIEW, place_of

from firsthand.core.snippets import NAMES_PATH, Chosen, novelty, piece
from firsthand.core.tokens import estimate
from firsthand.relevance.choose import choose, know, outdated, settled


def chosen_for(drawing: str, budget: int = 200, view: Codebase = VIEW) -> Chosen:
    place, text = place_of(drawing)
    return choose(view, place, know(view, place, text), budget)


def test_the_names_that_are_needed_are_listed_with_signatures() -> None:
    chosen = chosen_for(DRAWING)
    assert chosen.snippets[0][0] == NAMES_PATH
    assert "Store: get(key) put(key, value)\n" in chosen.snippets[0][1]


def test_each_name_has_its_reason() -> None:
    chosen = chosen_for(DRAWING)
    reasons = chosen.reasons
    assert set(reasons) == {each.name for each in chosen.entries}
    assert all(rank >= 1 for _, rank in reasons.values())
    assert {"get", "put"} <= {name for name, (source, _) in reasons.items() if source}


def test_what_stands_in_the_file_is_not_told_again() -> None:
    chosen = chosen_for("from app.store import Store\ndef save(store):\n    store.put(║)\n")
    assert not {"put", "Store", "store"} & {each.name for each in chosen.entries}


@pytest.mark.parametrize("budget", [0, 5, 20, 40, 200])
def test_the_budget_is_kept(budget: int) -> None:
    chosen = chosen_for(DRAWING, budget)
    assert sum(estimate(text) for _, text in chosen.snippets) <= budget + 0.5
    assert sum(each.tokens for each in chosen.pieces) <= budget + 0.5


def test_code_that_is_very_much_alike_is_shown() -> None:
    view = Codebase({**VIEW.files, "app/user.py": USER.replace("load", "save")})
    chosen = chosen_for(DRAWING, 500, view)
    shown = [each for each in chosen.pieces if each.source == "similar code"]
    assert [each.path for each in shown] == ["app/user.py"]
    assert "of the rare names" in shown[0].reason


def test_other_pieces_get_their_share_and_no_more() -> None:
    place, text = place_of(DRAWING)
    known = know(VIEW, place, text)
    small = piece("edited", "b.py", "+x = 1\n", "")
    large = piece("edited", "c.py", "+x = 1\n" * 50, "")
    chosen = choose(VIEW, place, known, 200, [large, small])
    assert [each.path for each in chosen.pieces if each.source == "edited"] == ["b.py"]


def test_the_same_is_chosen_for_the_same() -> None:
    assert chosen_for(DRAWING).snippets == chosen_for(DRAWING).snippets


def test_what_is_known_is_outdated_by_many_new_names() -> None:
    place, text = place_of(DRAWING)
    known = know(VIEW, place, text)
    assert not outdated(known, place)
    written = "\n".join(f"name{chr(97 + n)} = 1" for n in range(17))
    later, _ = place_of(written + "║")
    assert outdated(known, later)


@pytest.mark.parametrize(
    ("typed", "serves"),
    [
        ("", True),
        ("    amount = 1\n    ", True),  # no other file holds this name
        ("    store.get(value)\n    ", True),  # a few among many
        ("    canvas.fill(colour)\n    paint(store.get(value))\n    ", False),
    ],
)
def test_a_choice_serves_while_the_rare_names_stay(typed: str, serves: bool) -> None:
    drawing = "from app.store import Store\n\ndef save(store, path):\n    ║\n"
    place, text = place_of(drawing)
    known = know(VIEW, place, text)
    chosen = choose(VIEW, place, known, 200)
    later, _ = place_of(drawing.replace("║", f"{typed}║"))
    assert settled(chosen, later, known) == serves


def test_how_much_is_new() -> None:
    chosen = chosen_for(DRAWING)
    assert novelty(chosen, chosen) == 0
    assert novelty(chosen, Chosen()) == 1
    assert novelty(Chosen(), chosen) == 0
    assert 0 < novelty(chosen, replace(chosen, entries=chosen.entries[:5])) < 0.9


def test_an_empty_codebase_says_nothing() -> None:
    chosen = chosen_for(DRAWING, 200, Codebase({}))
    assert chosen == Chosen(near=chosen.near)
