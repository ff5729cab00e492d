"""The files that plain clients read a proposal in."""

import os
from pathlib import Path

import pytest

from firsthand import offering
from firsthand.paths import proposals_folder


def test_diffs_that_a_killed_server_left_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path))
    offering.remove_stale(0.0)  # where there are none
    folder = proposals_folder()
    folder.mkdir(parents=True)
    old, new, other = (folder / name for name in ("1-1.diff", "2-1.diff", "note.txt"))
    for file, time in ((old, 1_000.0), (new, 90_000.0), (other, 1_000.0)):
        file.write_text("x", encoding="utf-8")
        os.utime(file, (time, time))
    offering.remove_stale(100_000.0)
    assert sorted(each.name for each in folder.iterdir()) == ["2-1.diff", "note.txt"]
