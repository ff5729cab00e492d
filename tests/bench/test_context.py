from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from bench.context.__main__ import main
from bench.context.coverage import Project as Measured
from bench.context.coverage import Viewing, coverage, project, typing
from bench.context.fit import HIDDEN, examples, fitted
from bench.context.places import File, hole, holes
from tests.codebase import Codebase

from firsthand.core.keywords import KEYWORDS
from firsthand.core.sources.place import NAME
from firsthand.relevance.ranker import PLACED, SAID, SOURCES, TOLD, Ranker

LOAD = """\
from app.store import Store
def load(path):
    store = Store(path)
    # fetch is told of in a comment
    value = store.fetch(path)
    value.own_alone()
    return store.close(value)
"""
STORE = """\
class Store:
    def fetch(self, path):
        return path
    def close(self, value):
        return value
"""
VIEW = Codebase({"load.py": LOAD, "store.py": STORE})


def file_of(path: str) -> File:
    lines = tuple(VIEW.files[path].split("\n"))
    words = tuple(frozenset(NAME.findall(each)) for each in lines)
    names = [frozenset(NAME.findall(each.partition("#")[0])) for each in lines]
    code = tuple(each - KEYWORDS["python"] for each in names)
    return File(path, "python", lines, code, words)


@contextmanager
def without(file: File, line: int, end: int) -> Iterator[Viewing]:
    view = Codebase({**VIEW.files, file.path: file.without(line, end).string})
    yield lambda: nullcontext(view)


MEASURED = Measured("it", (file_of("load.py"),), VIEW, without)


def test_needed_is_what_others_hold_and_the_rest_of_the_file_does_not() -> None:
    it = hole(VIEW, file_of("load.py"), 4, 3)
    assert it.needed == {"close", "value"}  # fetch stands in a comment, own_alone in no other file
    assert it.text.string.endswith("in a comment\n\n")


def test_places_are_drawn_the_same_each_time() -> None:
    drawn = holes([file_of("load.py")], VIEW, 2, seed=3)
    assert drawn == holes([file_of("load.py")], VIEW, 2, seed=3)
    assert all(each.line > 3 for each in drawn)


def test_what_is_shown_is_counted() -> None:
    figures = coverage(MEASURED, 3, 0)
    assert figures["needed"] >= 1
    for budget in figures["budgets"].values():
        assert budget["shown"] == budget["with_signature"] == 1.0
        assert 0 < budget["tokens"] <= 512


def test_nothing_is_typed_where_files_are_short() -> None:
    assert typing(MEASURED, 0)["lines"] == 0


def test_lines_that_are_not_written_yet_are_not_in_the_index(tmp_path: Path) -> None:
    for path, text in VIEW.files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    with project(tmp_path) as it:
        assert it.view.rarity(["close", "fetch"]) == {"close": 2, "fetch": 2}
        (file,) = (each for each in it.files if each.path == "load.py")
        with it.without(file, 4, 7) as viewing, viewing() as view:
            assert view.rarity(["close", "fetch"]) == {"close": 1, "fetch": 1}
            assert it.view.rarity(["close"]) == {"close": 2}
        with it.without(file, 6, 7) as viewing, viewing() as view:
            assert view.rarity(["close", "fetch"]) == {"close": 1, "fetch": 2}


def test_the_ranker_is_fitted() -> None:
    (found,) = examples(MEASURED, [hole(VIEW, file_of("load.py"), 4, 3)])
    width = SAID * len(SOURCES) + TOLD + PLACED
    assert found.rows.shape == (len(found.needed), width)
    assert found.needed.sum() == 2
    chance = np.random.default_rng(0)
    inputs = chance.random((4_000, width)).astype(np.float32)
    needed = ((inputs[:, 0] > 0.5) ^ (inputs[:, 40] > 0.5)).astype(np.float32)
    ranker = Ranker(fitted(inputs, needed, epochs=400))
    first = inputs[:, : SAID * len(SOURCES)] @ np.vstack(list(ranker.said.values()))
    first += inputs[:, SAID * len(SOURCES) : -PLACED] @ ranker.told
    scores = np.concatenate(
        [
            ranker.scores(hidden[None], placed)
            for hidden, placed in zip(first[:200], inputs[:200, -PLACED:], strict=True)
        ]
    )
    assert np.mean((scores > np.median(scores)) == needed[:200]) > 0.8


def test_weights_are_fitted_only_where_something_is_needed(tmp_path: Path) -> None:
    (tmp_path / "lonely.py").write_text(LOAD, encoding="utf-8")
    with pytest.raises(SystemExit, match="by --places"):
        main(["fit", str(tmp_path), "--places", "2", "--weights", str(tmp_path / "w.npz")])
    (tmp_path / "store.py").write_text(STORE, encoding="utf-8")
    main(["fit", str(tmp_path), "--places", "9", "--weights", str(tmp_path / "w.npz")])
    with np.load(tmp_path / "w.npz") as weights:
        assert weights["said"].shape == (SAID * len(SOURCES), HIDDEN)
