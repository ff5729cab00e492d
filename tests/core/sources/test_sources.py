from collections.abc import Mapping

import pytest
from tests.codebase import Codebase
from tests.marked import marked

from firsthand.core.sources.around import Asked, around
from firsthand.core.sources.edits import diff
from firsthand.core.sources.fusion import WEIGHTS, fuse, standing
from firsthand.core.sources.nearby import Kin, kin
from firsthand.core.sources.overview import overview, ranked_files
from firsthand.core.sources.own import outside
from firsthand.core.sources.place import NAME, Place, subwords
from firsthand.core.text import Text

STORE = """\
class Store(Base):
    def get(self, key):
        return self.backend.fetch(key)
    def put(self, key, value):
        self.backend.write(key, value)
def open_store(path):
    return Store(path)
"""
USER = """\
from app.store import open_store
def load(path):
    with open_store(path) as store:
        value = store.get(path)
        store.put(path, value)
        return value
"""
OTHER = """\
def paint(canvas, colour):
    canvas.fill(colour)
"""
VIEW = Codebase(
    {"app/store.py": STORE, "app/user.py": USER, "app/paint.py": OTHER, "lib/paint.py": OTHER}
)
DRAWING = """\
from app.store import open_store
def save(path, value):
    with open_store(path) as store:
        ║
"""


def place_of(drawing: str, path: str = "app/new.py") -> tuple[Place, str]:
    text, position = marked(drawing)
    return Place.at(path, "python", text, position), text.string


def kin_of(text: str, path: str = "app/new.py", opened: tuple[str, ...] = ()) -> Kin:
    return kin(VIEW, path, "python", NAME.findall(text), opened)


def best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


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


def test_files_that_share_rare_names_say_what_is_missing() -> None:
    _, text = place_of(DRAWING)
    relatives = kin_of(text)
    assert {"get", "put", "load"} <= set(relatives.ranked["alike"])
    assert "open_store" in relatives.known
    assert not any("open_store" in values for values in relatives.ranked.values())


def test_keywords_are_no_names() -> None:
    relatives = kin_of("x = 1\n")
    assert not any({"def", "return", "with"} & set(each) for each in relatives.ranked.values())


def test_what_is_imported_defines_names() -> None:
    view = Codebase({"app/store.py": STORE, "app/new.py": "from app.store import Store\n"})
    relatives = kin(view, "app/new.py", "python", ["app", "store", "Store"])
    assert set(relatives.ranked["imported"]) == {"get", "put", "open_store"}


def test_an_import_that_is_gone_from_the_text_says_nothing() -> None:
    view = Codebase({"app/store.py": STORE, "app/new.py": "from app.store import Store\n"})
    assert kin(view, "app/new.py", "python", ["x"]).ranked["imported"] == {}


def test_a_file_that_only_passes_on_stands_for_what_it_passes_on() -> None:
    view = Codebase(
        {
            "store.py": STORE,
            "index.py": "from store import Store\n",
            "new.py": "from index import Store\n",
        }
    )
    found = kin(view, "new.py", "python", ["index", "Store"]).ranked["imported"]
    assert set(found) == {"get", "put", "open_store"}


def test_documents_looked_at_last_count_most() -> None:
    relatives = kin_of("x = 1\n", opened=("app/new.py", "app/paint.py", "app/user.py"))
    opened = relatives.ranked["opened"]
    assert opened["canvas"] > opened["load"] > 0


def test_pieces_of_code_like_this_one_say_what_is_next() -> None:
    place, text = place_of(DRAWING)
    relatives = kin_of(text)
    found = around(VIEW, place, relatives, standing(relatives).parts, Asked())
    assert {"get", "put"} <= set(found.ranked["similar"])
    assert {"get", "put"} <= set(found.ranked["follows"])  # what `store.` goes on with there
    assert found.chunks[0][0].path == "app/user.py"


def test_relatives_that_share_names_with_these_lines_say_what_goes_with_them() -> None:
    place, text = place_of(f"import canvas\n{DRAWING}")
    relatives = kin_of(text)
    assert {"load", "colour"} <= {name for it in relatives.relatives for name in it.others}
    akin = around(VIEW, place, relatives, standing(relatives).parts, Asked()).ranked["akin"]
    assert akin["load"] > akin.get("colour", 0.0)
    place, text = place_of(DRAWING.replace("║", "") + "\n" * 40 + "canvas.║\n")
    relatives = kin_of(text)
    akin = around(VIEW, place, relatives, standing(relatives).parts, Asked()).ranked["akin"]
    assert akin["colour"] > akin.get("load", 0.0)


def test_types_near_the_cursor_have_members() -> None:
    place, text = place_of("def save(store: Store):\n    ║\n")
    relatives = kin_of(text)
    found = around(VIEW, place, relatives, standing(relatives).parts, Asked())
    assert list(found.ranked["members"]) == ["get", "put"]


def test_names_of_the_same_words_are_likely_comments_count() -> None:
    place, text = place_of("# Load what the store holds.\n║\n")
    relatives = kin_of(text)
    words = around(VIEW, place, relatives, standing(relatives).parts, Asked()).ranked["words"]
    assert {"load", "open_store"} <= set(words)
    assert "canvas" not in words


def test_the_fused_ranking_holds_what_is_needed_first() -> None:
    place, text = place_of(DRAWING)
    relatives = kin_of(text)
    whole = standing(relatives)
    found = around(VIEW, place, relatives, whole.parts, Asked())
    first = dict(fuse(whole, found.ranked, frozenset(), 6))
    assert {"get", "put"} <= set(first)
    assert "get" not in dict(fuse(whole, found.ranked, {"get"}, 6))


def test_every_source_has_a_weight() -> None:
    place, text = place_of(DRAWING)
    relatives = kin_of(text)
    found = around(VIEW, place, relatives, {}, Asked())
    assert {*relatives.ranked, *found.ranked} == set(WEIGHTS)


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
