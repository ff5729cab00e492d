"""What a replay has counted is there for the next one."""

from pathlib import Path

from firsthand.evaluate.tiers.counts import Counts
from firsthand.evaluate.tiers.kept import Kept

WORK = {"folder": "/code", "seed": 1}


def test_results_are_found_again(tmp_path: Path) -> None:
    first = Kept(WORK, tmp_path)
    first.put("a", "x.py:1", Counts(lines=3, waited=[1.5], ends=[True]))
    first.put("a", "y.py:1", "private")
    again = Kept(WORK, tmp_path)
    assert again.results == first.results
    assert Kept({**WORK, "seed": 2}, tmp_path).results == {}
    again.forget()
    assert Kept(WORK, tmp_path).results == {}


def test_lines_that_cannot_be_read_are_measured_once_more(tmp_path: Path) -> None:
    Kept(WORK, tmp_path).put("a", "x.py:1", Counts(lines=3))
    (file,) = tmp_path.iterdir()
    other = '["a", "y.py:1", {"lines": 1, "newer": 2}]\n[]\n{"a"\n["a", "z.py:1", {"li'
    file.write_text(file.read_text("utf-8") + other, encoding="utf-8")
    kept = Kept(WORK, tmp_path)
    assert set(kept.results) == {("a", "x.py:1")}
    kept.put("a", "z.py:1", "private")
    assert Kept(WORK, tmp_path).results["a", "z.py:1"] == "private"


def test_of_many_the_oldest_go(tmp_path: Path) -> None:
    for seed in range(30):
        Kept({"seed": seed}, tmp_path).put("a", "x.py:1", "private")
    assert len(list(tmp_path.iterdir())) <= 22
