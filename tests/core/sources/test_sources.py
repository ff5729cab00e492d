import pytest
from tests.relevance.store import STORE, VIEW, place_of

from firsthand.core.sources.edits import diff
from firsthand.core.sources.overview import overview, ranked_files
from firsthand.core.sources.own import outside
from firsthand.core.sources.place import NAME, subwords
from firsthand.core.text import Text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("getHTTPResponse", {"get", "http", "response"}),
        ("LogOrderBSF", {"log", "order", "bsf"}),
        ("open_store", {"open", "store"}),
        ("x1", set()),
    ],
)
def test_subwords(name: str, expected: set[str]) -> None:
    assert subwords(name) == expected


def test_a_place_has_the_lines_around_it_the_nearest_weigh_most() -> None:
    place, _ = place_of("above = 1\nhere = ║2\nbelow = 3\n")
    assert place.above == ("above = 1", "here = ")
    assert place.below == ("below = 3", "")
    weights = dict(place.near())
    assert weights["here = "] == 1.0 > weights["above = 1"] > weights["below = 3"]


def test_what_the_file_defines_outside_of_the_window() -> None:
    known = frozenset(NAME.findall(STORE)) - {"put"}  # which was deleted since
    shown = outside(VIEW.outline("app/store.py"), known, 5, 6, 100)
    assert shown == "class Store(Base)\n    def get(self, key)\n"
    assert outside(VIEW.outline("app/store.py"), known, 5, 6, 2) == ""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", (1, "-b\n+B\n")),
        ("a\n", "a\nb\n", (1, "+b\n")),
        ("a\nb\n", "a\n", (1, "-b\n")),
        ("a\n", "a\n", (2, "")),
        ("", "x\n" * 50, (0, "")),
    ],
)
def test_small_diffs(before: str, after: str, expected: tuple[int, str]) -> None:
    assert diff(Text.of(before), Text.of(after)) == expected


def test_a_map_begins_with_what_the_file_refers_to() -> None:
    edges = [("a", "b", 1.0), ("b", "c", 1.0), ("d", "e", 9.0), ("a", "c", 3.0)]
    assert ranked_files(edges, "a") == ["c", "b"]
    shown = overview(VIEW, "app/user.py", 200, lambda _: True)
    assert shown.startswith("app/store.py:\n    class Store(Base)\n        def get(self, key)\n")
    assert overview(VIEW, "app/user.py", 3, lambda _: True) == ""
    assert overview(VIEW, "app/user.py", 200, lambda path: path != "app/store.py") == ""
