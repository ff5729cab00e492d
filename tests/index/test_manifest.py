"""What is remembered of the files that were learned."""

from pathlib import Path

import pytest

from firsthand.index.files import SourceFile
from firsthand.index.manifest import Entry, Manifest, read_manifest, write_manifest

FILE = SourceFile("a.py", "python", 10, 5_000_000_000)
ENTRY = Entry("python", 10, 5, "ab", "", True, (1, 2), ("os",))


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = Manifest(b"tier\xff", {"a.py": ENTRY, "odd\udcff\u20ac.py": Entry("python", 1, 2)})
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path, b"tier\xff") == manifest


def test_that_of_another_tier_counts_for_nothing(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest(b"one", {"a.py": ENTRY}))
    assert read_manifest(tmp_path, b"two") is None


@pytest.mark.parametrize("content", ["", "[]", "null", '{"schema": 2}', '{"files": {"a": 1}}'])
def test_a_damaged_one_counts_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "files.json").write_text(content, encoding="utf-8")
    assert read_manifest(tmp_path, b"") is None


@pytest.mark.parametrize(
    ("began", "file", "same"),
    [
        (9_000_000_000, FILE, True),
        (9_000_000_000, SourceFile("a.py", "python", 11, 5_000_000_000), False),
        (9_000_000_000, SourceFile("a.py", "python", 10, 5_000_000_001), False),
        (9_000_000_000, SourceFile("a.py", "rust", 10, 5_000_000_000), False),
        (6_000_000_000, FILE, False),
    ],
)
def test_a_file_is_surely_the_same(began: int, file: SourceFile, same: bool) -> None:
    assert Entry.of(FILE, began).shows(file) is same
