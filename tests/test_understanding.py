"""`firsthand explain` and `firsthand quiz` as a person calls them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.syntax.test_functions import MODULE

from firsthand.cli import commands
from firsthand.core.text import Text
from firsthand.explaining import quiz_of


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "other.py").write_text("from bank import load\n\nx = load('a')\n", encoding="utf-8")
    found = folder / "bank.py"
    found.write_text(MODULE, encoding="utf-8")
    return found


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(commands, arguments, input=given)


def test_lines_are_explained_by_what_is_known(file: Path) -> None:
    result = run("explain", f"{file}:3-8")
    assert result.exit_code == 0, result.stderr
    said = result.stdout
    assert "`def load(path)`: a function, bank.py lines 3 to 8." in said
    assert "Called in this file by main (line 15) and Store.close (line 23)." in said
    assert "The name load stands in other.py (2)." in said
    assert "It raises IsADirectoryError by name." in said
    assert "It returns None in line 5." in said
    assert "- `def read(path)` (function), bank.py:10" in said


def test_the_same_for_scripts(file: Path) -> None:
    found = json.loads(run("explain", f"{file}:20", "--json").stdout)
    assert (found["schema"], found["words"]) == (1, "")
    assert found["facts"]["here"]["name"] == "flush"
    assert found["facts"]["callers"] == [{"name": "Store.save", "line": 18}]
    outside = run("explain", f"{file}:1")
    assert "stand in no definition" in outside.stdout


def test_bad_input(file: Path) -> None:
    assert run("explain", str(file)).exit_code == 2
    assert run("explain", f"{file}:999").exit_code == 2
    assert run("quiz", f"{file}.none").exit_code == 2
    asked = run("explain", f"{file}:3", "--ask")
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert "No model is configured for escalations" in asked.stderr


def test_a_quiz_is_answered_or_skipped(file: Path) -> None:
    asked = quiz_of("python", Text.of(MODULE), 2).questions
    assert len(asked) == 3
    right, wrong = asked[0].answer + 1, (asked[1].answer + 1) % 2 + 1
    result = run("quiz", f"{file}:3", given=f"{right}\n{wrong}\n\n")
    assert result.exit_code == 0
    assert "Yes: " in result.stdout
    assert "No, it is " in result.stdout
    assert result.stdout.endswith("1 of 2 right, 1 skipped.\n")
    assert run("quiz", f"{file}:3", given="\n\n\n").stdout.endswith("0 of 0 right, 3 skipped.\n")


def test_a_quiz_for_scripts(file: Path) -> None:
    found = json.loads(run("quiz", str(file), "--json").stdout)
    assert found["function"] == "load"
    assert {each["kind"] for each in found["questions"]} == {"none", "raises", "calls"}
    other = file.with_name("main.rs")
    other.write_text("fn main() {}\n", encoding="utf-8")
    assert "Python" in run("quiz", str(other)).stderr
