"""What of a folder is typed, and what is not."""

import os
from pathlib import Path

import pytest
from tests.evaluate.folders import SHAPES, write

from firsthand.evaluate.corpus import (
    PASSAGE,
    Passage,
    Source,
    is_table,
    learn,
    measured,
    sample,
)
from firsthand.fault import CommandFault
from firsthand.index.files import Skipped, read_file

MIXED: dict[str, str | bytes] = {
    "a.py": SHAPES,
    "b.go": "func f() {}\n",
    "hidden/key.py": SHAPES,
    ".gitignore": "hidden/\n",
    "settings/of_mine.py": SHAPES,
    "README.md": "# Read\n",
    "table.py": "ROWS = [\n" + "    (1, 2, 3),\n" * 40 + "]\n",
    "dump.js": "// @generated\nlet one = 1;\n",
    "odd.c": b"int x;\0\0",
    "long.py": "name = other\n" * 30_000,
    "blank.py": "\n\n",
    "locked.py": "def locked(door):\n    return door\n",
    "copy.py": SHAPES,
    "_vendor/theirs.py": "def theirs():\n    pass\n",
}


def test_what_is_read_and_what_is_passed_over(tmp_path: Path) -> None:
    folder = write(tmp_path / "project", MIXED)
    os.utime(folder / "copy.py", (1, 1))  # of two, the older one is a copy

    def read(root: Path, path: str) -> str | Skipped:
        return Skipped.UNREADABLE if path == "locked.py" else read_file(root, path)

    told: list[tuple[int, int]] = []
    corpus = learn(
        folder,
        tmp_path / "scratch",
        ["settings/"],
        lambda done, total: told.append((done, total)),
        0,
        read,
    )
    assert [source.path for source in corpus.sources] == ["a.py", "b.go"]
    assert corpus.sources[0].lines == tuple(SHAPES.split("\n"))
    assert corpus.sources[1].language == "go"
    assert corpus.passed == {
        "prose or data": 1,
        "tables of data": 1,
        "generated": 1,
        "binary": 1,
        "too large": 1,
        "without lines": 1,
        "unreadable": 1,
        "written by others": 1,
        "copies of other files, or more than is learned": 1,
    }
    assert corpus.listed == 11
    assert corpus.learned == 8  # all but the binary, the generated one and the copy
    assert told[-1] == (11, 11)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "scratch"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "holds no code to type: name a folder that does."),
        ({"a.md": "# A"}, r"holds no code to type \(prose or data 1\): name a folder that"),
    ],
    ids=["empty", "prose"],
)
def test_nothing_to_type(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    with pytest.raises(CommandFault, match=sentence) as raised:
        learn(write(folder, files), tmp_path / "scratch", library_bytes=0)
    assert raised.value.status == 2


def sources(*lengths: int) -> list[Source]:
    return [
        Source(f"{name}.py", "python", tuple(f"line {number}" for number in range(length)))
        for name, length in enumerate(lengths)
    ]


def lines_of(passages: list[Passage]) -> int:
    return sum(len(each.numbers) for each in passages)


def test_a_sample_has_the_lines_it_was_asked_for_from_many_files() -> None:
    all_of_them = sources(*[PASSAGE * 5] * 40)
    drawn = sample(all_of_them, 1000, 7)
    assert lines_of(drawn) == 1000
    assert len(drawn) > 15
    assert drawn == sample(all_of_them, 1000, 7)
    assert drawn != sample(all_of_them, 1000, 8)
    for passage in drawn:
        assert list(passage.spans) == sorted(passage.spans)
        assert len(set(passage.numbers)) == len(passage.numbers)


def test_all_is_drawn_when_there_is_less() -> None:
    drawn = sample(sources(3, PASSAGE + 1), 10_000, 1)
    assert lines_of(drawn) == PASSAGE + 4


def test_blank_and_very_long_lines_are_not_measured() -> None:
    lines = ["a", "", "  ", "x" * 301, "b"]
    assert measured(lines, (0, 5)) == [0, 4]
    assert measured(lines, (1, 4)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [(SHAPES, False), ("1, 2, 3, 4\n" * 9, True), ("", False)],
)
def test_tables(text: str, expected: bool) -> None:
    assert is_table(text) is expected
