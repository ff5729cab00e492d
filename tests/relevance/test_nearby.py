from tests.codebase import Codebase
from tests.relevance.store import DRAWING, STORE, VIEW, kin_of, place_of

from firsthand.relevance.nearby import kin
from firsthand.relevance.ranker import OF_FILE


def test_files_that_share_rare_names_say_what_is_missing() -> None:
    _, text = place_of(DRAWING)
    relatives = kin_of(text)
    assert set(relatives.ranked) == set(OF_FILE)
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


def test_documents_looked_at_last_count_as_the_nearest_do() -> None:
    _, text = place_of(DRAWING)
    assert "canvas" not in kin_of(text).ranked["nearest"]
    opened = kin_of(text, opened=("app/new.py", "app/paint.py", "app/user.py")).ranked["nearest"]
    assert opened["canvas"] > 0 < opened["load"]
    alone = kin_of("x = 1\n", opened=("app/paint.py", "app/user.py")).ranked["nearest"]
    assert alone["canvas"] > alone["load"] > 0


def test_the_types_that_a_file_names_have_members() -> None:
    found = kin_of("def save(store: Store):\n    store.put()\n").ranked["types"]
    assert found == {"get": 1.0}
    files = {**VIEW.files, "app/new.py": STORE.replace("put", "set")}
    own = kin(Codebase(files), "app/new.py", "python", ["Store"]).ranked["types"]
    assert set(own) == {"get", "put"}  # what the index knows of the file itself may be gone


def test_the_rarest_names_come_first() -> None:
    relatives = kin_of("store = open_store(canvas, path, nowhere)\n")
    rare = relatives.rare(["path", "canvas", "store", "nowhere"], 2)
    assert rare == [(1, "store"), (2, "canvas")]
