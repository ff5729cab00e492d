"""Projects to measure on: folders of real code, each with a tier of its own."""

from __future__ import annotations

import random
import sysconfig
from dataclasses import dataclass, field, replace
from pathlib import Path

from firsthand.embedded import ProjectTier, build_tier
from firsthand.embedded.rehearsal import Rehearsed, rehearse
from firsthand.evaluate.corpus import is_table
from firsthand.evaluate.typist import Known

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
        rehearsed: what was found out by writing its lines again.
    """

    name: str
    files: tuple[tuple[str, str, str], ...]
    tier: ProjectTier
    base: ProjectTier | None
    rehearsed: Rehearsed = field(default_factory=Rehearsed)

    @property
    def language(self) -> str:
        """The language of the first file."""
        return self.files[0][1]

    @property
    def known(self) -> Known:
        """What is known of it before a file of it is typed."""
        found = self.rehearsed
        return Known(self.tier, self.base, found.experience, found.learned)

    def without(self, lines: int, seed: int) -> Project:
        """The project with what is found out when it is indexed, a sample's files left out."""
        sampled = {path for path, _, _ in self.sample(lines, seed)}
        others = [each for each in self.files if each[0] not in sampled]
        return replace(self, rehearsed=rehearse(self.tier, others, self.base))

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
    return Project(folder.name, tuple(files), tier, base)


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
