"""All that is kept of the past can be taken along."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.provenance.test_figures import _TYPED, keep
from tests.test_reporting import fill

from firsthand.cli import commands


def test_everything_is_written_for_the_person_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path))
    fill(tmp_path / "data", 2)
    keep(tmp_path / "data", tmp_path.resolve() / "root", "a.py", "x = 1\n", [(6, _TYPED)])
    file = tmp_path / "all.jsonl"
    said = CliRunner().invoke(commands, ["data", "export", str(file)])
    assert "25 records" in said.output, said.output
    head, *rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert head == {"schema": 1}
    assert [each["table"] for each in rows].count("event") == 20
    assert {each["outcome"] for each in rows if each["table"] == "sent"} == {"done", "failed"}
    run = rows[-1]["runs"][0]
    assert (rows[-1]["path"], run["characters"], run["origin"]) == ("a.py", 6, "typed")
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.glob("all*")) == ["all.jsonl"]


def test_nothing_is_kept_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path))
    said = CliRunner().invoke(commands, ["data", "export", str(tmp_path / "all.jsonl")])
    assert "0 records" in said.output
    (tmp_path / "data" / "ledger.sqlite3").write_bytes(b"x")
    folder = tmp_path / "a folder"
    folder.mkdir()
    assert CliRunner().invoke(commands, ["data", "export", str(folder)]).exit_code == 2
