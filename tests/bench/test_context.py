from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from bench.context.__main__ import main
from bench.context.coverage import Project as Measured
from bench.context.coverage import coverage, typing
from bench.context.fit import examples, fitted
from bench.context.places import File, hole, holes
from tests.codebase import Codebase

from firsthand.core.keywords import KEYWORDS
from firsthand.core.sources.fusion import CONSTANTS, WEIGHTS
from firsthand.core.sources.place import NAME

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


def test_needed_is_what_others_hold_and_the_rest_of_the_file_does_not() -> None:
    it = hole(VIEW, file_of("load.py"), 4, 3)
    assert it.needed == {"close", "value"}  # fetch stands in a comment, own_alone in no other file
    assert it.text.string.endswith("in a comment\n\n")
    assert "close" not in it.names


def test_places_are_drawn_the_same_each_time() -> None:
    drawn = holes([file_of("load.py")], VIEW, 2, seed=3)
    assert drawn == holes([file_of("load.py")], VIEW, 2, seed=3)
    assert all(each.line > 3 for each in drawn)


def test_what_is_shown_is_counted() -> None:
    figures = coverage(Measured("it", (file_of("load.py"),), VIEW, lambda: nullcontext(VIEW)), 3, 0)
    assert figures["needed"] >= 1
    for budget in figures["budgets"].values():
        assert budget["shown"] == budget["with_signature"] == 1.0
        assert 0 < budget["tokens"] <= 512


def test_nothing_is_typed_where_files_are_short() -> None:
    assert (
        typing(Measured("it", (file_of("load.py"),), VIEW, lambda: nullcontext(VIEW)), 0)["lines"]
        == 0
    )


def test_weights_are_fitted() -> None:
    rows = list(examples(VIEW, [hole(VIEW, file_of("load.py"), 4, 3)]))
    width = len(CONSTANTS) * len(WEIGHTS) + 2
    assert {len(row) for row, _ in rows} == {width}
    assert sum(needed for _, needed in rows) == 2
    chance = np.random.default_rng(0)
    inputs = chance.random((2_000, width))
    table, files = fitted(inputs, (inputs[:, 0] > inputs[:, 1]).astype(float))
    assert table["alike"][0] > 0 > table["alike"][1]
    assert abs(files[0]) < 0.5


def test_weights_are_fitted_only_where_something_is_needed(tmp_path: Path) -> None:
    (tmp_path / "lonely.py").write_text(LOAD, encoding="utf-8")
    with pytest.raises(SystemExit, match="by --places"):
        main(["fit", str(tmp_path), "--places", "2"])
    (tmp_path / "store.py").write_text(STORE, encoding="utf-8")
    main(["fit", str(tmp_path), "--places", "9", "--json", str(tmp_path / "weights.json")])
    assert '"alike"' in (tmp_path / "weights.json").read_text(encoding="utf-8")
