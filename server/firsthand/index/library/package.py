"""A package on this machine, as far as it is worth learning, and how its files are found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = 400  # folders of a package that are looked into
_PASSED = frozenset(
    {
        "__pycache__", "_vendor", "bench", "benches", "benchmarks", "dist-packages", "docs",
        "examples", "idlelib", "lib2to3", "locale", "node_modules", "pydoc_data", "site-packages",
        "test", "testdata", "testing", "tests", "turtledemo", "vendor",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """A package.

    Attributes:
        root: a folder; nothing outside of it is read.
        files: paths of the files to learn below it, "/" between names, the most telling first.
    """

    root: Path
    files: tuple[str, ...]


def found(root: Path, wanted: Callable[[str], bool], start: str = "") -> Iterator[str]:
    """The files below a folder whose names are wanted, the shallowest first, in order.

    Folders of tests, examples and others' code are passed over, and links.
    """
    folders = [start]
    for number, folder in enumerate(folders):
        if number >= _FOLDERS:
            return
        try:
            with os.scandir(root / folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except (OSError, ValueError):
            continue
        for entry in listed:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name.lower() not in _PASSED and not entry.name.startswith("."):
                    folders.append(path)
            elif entry.is_file(follow_symlinks=False) and wanted(entry.name):
                yield path


def is_own_folder(folder: Path, inside: Path) -> bool:
    """Whether a folder is there, and lies in another without any link that leads out of it."""
    try:
        return folder.is_dir() and Path(os.path.realpath(folder)).is_relative_to(
            os.path.realpath(inside)
        )
    except (OSError, ValueError):
        return False
