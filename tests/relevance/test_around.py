from collections.abc import Mapping

from tests.codebase import Codebase
from tests.relevance.store import DRAWING, VIEW, kin_of, place_of

from firsthand.core.codeview import CodeView
from firsthand.core.sources.place import NAME
from firsthand.relevance.around import Around, Asked, around
from firsthand.relevance.candidates import Candidates
from firsthand.relevance.nearby import kin
from firsthand.relevance.ranker import OF_CURSOR, fitted


def asked_for(
    drawing: str, above: str = "", view: CodeView = VIEW
) -> tuple[Around, Mapping[str, Mapping[str, float]]]:
    """What is said of a cursor, and for each source its names with their values."""
    place, text = place_of(above + drawing)
    candidates = Candidates(kin_of(text), fitted())
    found = around(view, place, candidates, Asked())
    named = {
        source: {name: float(it) for name, it in zip(candidates.names, values, strict=True) if it}
        for source, values in found.values.items()
    }
    return found, named


def test_every_source_speaks() -> None:
    _, found = asked_for(DRAWING)
    assert tuple(found) == OF_CURSOR


def test_pieces_of_code_like_this_one_say_what_is_next() -> None:
    around_it, found = asked_for(DRAWING)
    assert {"get", "put"} <= set(found["similar"])
    assert {"get", "put"} <= set(found["follows"])  # what `store.` goes on with there
    assert around_it.chunks[0][0].path == "app/user.py"


def test_names_that_the_file_holds_alone_count_against_what_is_alike() -> None:
    def share(above: str) -> float:
        place, text = place_of(above + DRAWING)
        view = Codebase({**VIEW.files, "app/new.py": text})
        candidates = Candidates(kin(view, place.path, "python", NAME.findall(text)), fitted())
        return around(view, place, candidates, Asked()).chunks[0][1]

    assert 0 < share("mine_alone = 1\n") < share("")


def test_what_stands_near_the_same_names_is_likelier_than_what_is_far() -> None:
    far = "\n".join(f"filler{chr(97 + n)} = 0" for n in range(7))
    user = f"from app.store import open_store\nfirst = open_store()\n{far}\nlast = 1\n"
    view = Codebase({**VIEW.files, "app/user.py": user})
    place, text = place_of("from app.store import open_store\n\nx = open_store()\n║\n")
    candidates = Candidates(kin_of(text), fitted())
    values = around(view, place, candidates, Asked()).values
    row = {name: number for number, name in enumerate(candidates.names)}
    close, after = values["close"], values["next"]
    assert close[row["first"]] > close[row["fillera"]] > 0 == close[row["fillerg"]]
    assert after[row["fillera"]] > 0 < after[row["fillerg"]]
    assert values["similar"][row["first"]] == values["similar"][row["fillerg"]]


def test_files_that_share_names_with_these_lines_say_what_goes_with_them() -> None:
    _, found = asked_for(DRAWING, "import canvas\n")
    assert found["akin"]["load"] > found["akin"].get("colour", 0.0)
    _, found = asked_for("canvas.║\n", DRAWING.replace("║", "") + "\n" * 40)
    assert found["akin"]["colour"] > found["akin"].get("load", 0.0)


def test_types_near_the_cursor_have_members() -> None:
    _, found = asked_for("def save(store: Store):\n    ║\n")
    members = found["members"]
    assert members["get"] > members["put"] > 0


def test_names_of_the_same_words_are_likely_comments_count() -> None:
    _, found = asked_for("# Load what the store holds.\n║\n")
    assert {"load", "open_store"} <= set(found["words"])
    assert "canvas" not in found["words"]


def test_names_that_are_met_join_the_candidates() -> None:
    place, text = place_of("x = canvas\n║\n")
    candidates = Candidates(kin_of(text), fitted())
    before = len(candidates.names)
    others = Codebase({**VIEW.files, "late.py": "canvas = later_met\n"})
    asked = Asked()
    values = around(others, place, candidates, asked).values
    assert candidates.names[before:] == ["later_met"]
    assert len(candidates.told) == len(values["similar"]) == before + 1
    again = around(others, place, candidates, asked).values
    assert all((again[source] == values[source]).all() for source in values)


def test_a_codebase_without_files_says_nothing() -> None:
    place, _ = place_of(DRAWING)
    empty = Codebase({})
    candidates = Candidates(kin(empty, "app/new.py", "python", ["x"]), fitted())
    found = around(empty, place, candidates, Asked())
    assert found.chunks == ()
    assert all(not values.any() for values in found.values.values())
