"""Small folders whose figures can be counted by hand."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.evaluate.folders import SHAPES, STRANGERS, TWINS, write

from firsthand.evaluate import Evaluation, report, run


@contextmanager
def quiet(title: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


@contextmanager
def after_five(title: str) -> Iterator[Callable[[int, int], None]]:
    def on_progress(done: int, total: int) -> None:
        if title == "Typing" and done == 5:
            raise KeyboardInterrupt

    yield on_progress


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))


def check(tmp_path: Path, sources: Mapping[str, str], **expected: object) -> Evaluation:
    """Measure a folder and compare figures, named by their path in the JSON."""
    found = run(write(tmp_path / "project", sources), 100, 1, quiet, 0)
    figures = json.loads(json.dumps(found.to_json()))
    for path, value in expected.items():
        figure: Any = figures
        for name in path.split("__"):
            figure = figure[name]
        assert figure == value, path
    # The state of the editor is left alone.
    assert not (tmp_path / "home").exists()
    return found


def test_a_file_that_is_known_word_for_word(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        TWINS,
        schema=1,
        complete=True,
        aggression=0.5,
        files={"listed": 2, "learned": 2, "passed_over": {}, "typed": 2, "note": ""},
        lines={"drawn": 8, "typed": 8},
        models__embedded__keys=2 * (14 + 34 + 28 + 18),
        models__embedded__rest_of_line__any={"places": 8, "exact": 1.0},
        models__embedded__languages__python__lines=8,
    )
    # A key's answer for every character, but for the indentation.
    assert len(found.total.cpu) == 2 * (13 + 33 + 27 + 17)
    replay = found.total.replay(0.5)
    assert replay.saved > 0.4 * found.total.keys
    assert replay.right > 0.7 * replay.shown
    assert found.total.replay(0.1).shown < found.total.replay(0.9).shown


def test_words_that_nobody_can_know(tmp_path: Path) -> None:
    nothing = {"shown": 0, "right": 0, "saved": 0.0, "correct": None, "shown_per_line": 0.0}
    check(
        tmp_path,
        STRANGERS,
        models__embedded__keys=11 + 12 + 8 + 12,
        models__embedded__next_token__names={"places": 8, "top_1": 0.0, "mrr_10": 0.0},
        models__embedded__next_token__all__places=12,  # the ends of lines as well
        models__embedded__next_token__prose={"places": 0, "top_1": None, "mrr_10": None},
        models__embedded__rest_of_line__any={"places": 4, "exact": 0.0},
        models__embedded__replay=nothing,
    )


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    folder = write(tmp_path / "project", TWINS)
    first, second = (run(folder, 6, 3, quiet, 0).to_json() for _ in range(2))
    for each in (first, second):
        embedded = each["models"]["embedded"]
        del embedded["cpu_ms"]
        for figures in embedded["languages"].values():
            del figures["cpu_ms"]
    assert first == second
    assert first["lines"] == {"drawn": 6, "typed": 6}


def test_interrupted_it_says_what_was_measured(tmp_path: Path) -> None:
    found = run(write(tmp_path / "project", TWINS), 100, 1, after_five, 0)
    assert not found.complete
    assert found.total.lines == 5
    assert found.interruption == "Interrupted after 5 of 8 lines; the figures are of those."
    assert found.to_json()["lines"] == {"drawn": 8, "typed": 5}


def test_the_settings_decide_what_is_yours(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "project", TWINS | {".firsthand.toml": "[inline]\naggression = 0.25\n"}
    )
    found = run(folder, 100, 1, quiet, 0)
    assert found.aggression == 0.25
    assert 0.25 in found.total.replays


def said(found: Evaluation) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(report(found), soft_wrap=True)
    return console.export_text()


def test_the_table(tmp_path: Path) -> None:
    text = said(check(tmp_path, TWINS | {"a.go": "package area\n", "b.md": "# B\n"}))
    assert "typed 9 lines of 3 files; learned 4 files, but never the one that is typed." in text
    assert "Not typed: prose or data 1." in text
    assert "0.5 (your setting)" in text
    assert "python" in text
    assert "go" in text
    assert "Calibration error 0." in text


def test_one_file_alone(tmp_path: Path) -> None:
    text = said(check(tmp_path, {"alone.py": SHAPES}))
    assert "typed 4 lines of 1 file; learned 1 file, but" in text
    assert "There is one file alone: all that is known of it is what stands above." in text
