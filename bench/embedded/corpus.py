"""Projects to measure on: folders of real code, each with a tier of its own."""

from __future__ import annotations

import random
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from firsthand.embedded import ProjectTier, build_tier
from firsthand.embedded.calibration import Experience
from firsthand.embedded.rehearsal import rehearse
from firsthand.evaluate.corpus import is_table

LANGUAGES = {".py": "python", ".ts": "typescript", ".go": "go", ".rs": "rust"}
_LARGEST = 300_000  # characters; larger files are left out
_MOST_FILES = 1500
_NO_LIBRARY = frozenset(
    {
        "site-packages",
        "dist-packages",
        "test",
        "tests",
        "idlelib",
        "encodings",
        "lib2to3",
        "ensurepip",
        "turtledemo",
        "pydoc_data",
    }
)


@dataclass(frozen=True, slots=True)
class Project:
    """A project.

    Attributes:
        name: its folder's.
        files: as (path, language, text).
        tier: what was built from them.
        base: the base tier, if any.
        experience: how texts turned out when it was indexed.
    """

    name: str
    files: tuple[tuple[str, str, str], ...]
    tier: ProjectTier
    base: ProjectTier | None
    experience: Experience

    @property
    def language(self) -> str:
        """The language of the first file."""
        return self.files[0][1]

    def sample(self, lines: int, seed: int) -> list[tuple[str, str, list[str]]]:
        """Whole files in random order, as lines, until there are so many lines."""
        order = sorted(self.files)
        random.Random(seed).shuffle(order)
        found, total = [], 0
        for path, language, text in order:
            body = text.replace("\r\n", "\n").split("\n")
            if not 20 <= len(body) <= 1500 or is_table(text):
                continue
            found.append((path, language, body))
            total += len(body)
            if total >= lines:
                break
        return found


def load(folder: Path, scratch: Path, base: ProjectTier | None) -> Project:
    """Read a project and build its tier; only Python gets the base tier."""
    files = []
    for path in sorted(folder.rglob("*")):
        language = LANGUAGES.get(path.suffix)
        if language is None or path.name.endswith(".d.ts") or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        if len(text) <= _LARGEST:
            files.append((path.relative_to(folder).as_posix(), language, text))
    files = files[:_MOST_FILES]
    build_tier(files, scratch / folder.name)
    tier = ProjectTier.load(scratch / folder.name)
    if files[0][1] != "python":
        base = None
    experience = rehearse(tier, files, base)
    return Project(folder.name, tuple(files), tier, base, experience)


def library_files() -> list[tuple[str, str, str]]:
    """Python's own library, as installed here, without its tests."""
    root = Path(sysconfig.get_path("stdlib"))
    files = []
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root)
        if _NO_LIBRARY.isdisjoint(inner.parts):
            text = path.read_bytes().decode("utf-8", "replace")
            files.append((inner.as_posix(), "python", text))
    return files


def library(scratch: Path) -> ProjectTier:
    """The tier of Python's own library."""
    folder = scratch / "library"
    if not folder.exists():
        build_tier(library_files(), folder)
    return ProjectTier.load(folder)
