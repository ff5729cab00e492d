"""The temporary workspace that the demo types in: a project's source without one function.

The function is removed before the server sees anything, so nothing that it can read or learn holds
the answer. The person's own files are only read.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import rich.progress

from firsthand.demo.pick import LONGEST, SHORTEST, Hole, pick
from firsthand.index.files import list_files
from firsthand.index.git import Git
from firsthand.index.languages import language_of

_MOST_FILES = 400
_MOST_BYTES = 20_000_000
_LARGEST = 2_000_000  # bytes of one file
_MOST_LOOKED_AT = 20_000  # names, where no ignore rules say what is source

_PROJECT_MARKS = (".git", "pyproject.toml", "package.json", "Cargo.toml", "go.mod", "pom.xml")
# Languages whose files tell about one another; every other language is a family of its own.
_FAMILIES = ({"c", "cpp"}, {"typescript", "typescriptreact"}, {"javascript", "javascriptreact"})


class UnusableError(Exception):
    """A file that can't be typed back; the message is one sentence for the person."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to type back, read and checked.

    Attributes:
        path: where it lies.
        root: the project or folder whose files give the context.
        language: its LSP language identifier.
        hole: the file's text around the function to type.
    """

    path: Path
    root: Path
    language: str
    hole: Hole


def default_file() -> Path:
    """Real code that is on every machine that runs this: a module of a library we depend on."""
    return Path(rich.progress.__file__)


def read(path: Path) -> Source:
    """Read a file and choose the function to type.

    Raises:
        UnusableError: it can't be read, is not text, or has no function of a fitting size.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise UnusableError(f"{path} is a folder: name a source file in it.")
        if not stat.S_ISREG(about.st_mode):  # a pipe would block and a device never end
            raise UnusableError(f"{path} is not a file: name a source file.")
        if about.st_size > _LARGEST:
            raise UnusableError(f"{path} is larger than 2 MB: name a smaller source file.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnusableError(f"{path} does not exist: name a source file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "unusable path"
        raise UnusableError(f"{path} can't be read ({reason}): name another file.") from error
    if not content.strip():
        raise UnusableError(f"{path} is empty: name a file with a function to type.")
    text = _decode(content)
    if text is None:
        raise UnusableError(f"{path} is not UTF-8 text: name a source file.")
    hole = pick(text)
    if hole is None:
        raise UnusableError(
            f"{path} has no function of {SHORTEST} to {LONGEST} lines to type: name another file."
        )
    path = path.resolve()
    return Source(path, _root(path), language_of(path), hole)


def build(
    source: Source, folder: Path, *, most_files: int = _MOST_FILES, most_bytes: int = _MOST_BYTES
) -> Path:
    """Write the workspace: the file without its function, and its project's files beside it.

    Args:
        source: what is typed back.
        folder: an empty folder to fill.
        most_files: where it stops, and `most_bytes` likewise for all files beside the first.
        most_bytes: see above.

    Returns:
        The file's path in the new workspace.

    Raises:
        OSError: the folder can't be written.
    """
    hole = source.hole
    target = folder / source.path.relative_to(source.root)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(hole.head + hole.tail, encoding="utf-8", newline="\n")
    files, size = 1, 0
    for path in _neighbours(source):
        text = _text(path)
        # A copy of the file elsewhere in the project would give the answer away.
        if text is None or hole.middle in text:
            continue
        files, size = files + 1, size + len(text)
        if files > most_files or size > most_bytes:
            break
        copy = folder / path.relative_to(source.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8", newline="\n")
    return target


def _neighbours(source: Source) -> list[Path]:
    """The project's files of the same language, those nearest to the file first."""
    root = source.root
    paths = [root / file.path for file in list_files(root, git=Git.found()).files]
    if source.path not in paths:
        # Ignored where it lies, as an installed library is: then all that lies beside it counts.
        paths = list(islice(source.path.parent.rglob("*"), _MOST_LOOKED_AT))
    family = next((each for each in _FAMILIES if source.language in each), {source.language})

    def distance(path: Path) -> tuple[int, Path]:
        return -len(os.path.commonpath((path, source.path))), path

    same = [path for path in paths if language_of(path) in family and path != source.path]
    return sorted(same, key=distance)


def _root(path: Path) -> Path:
    """The project that a file belongs to; without one, its package or its folder."""
    home = Path(os.path.expanduser("~"))  # as it is written where there is none
    for folder in path.parents:
        if folder.name in ("site-packages", "node_modules") or folder in (home, folder.parent):
            break
        if any((folder / mark).exists() for mark in _PROJECT_MARKS):
            return folder
    root = path.parent
    while (root / "__init__.py").exists() and (root.parent / "__init__.py").exists():
        root = root.parent
    return root


def _text(path: Path) -> str | None:
    """A neighbour's text; nothing where it can't be read or is no source."""
    try:
        if path.stat().st_size > _LARGEST or not path.is_file():
            return None
        return _decode(path.read_bytes())
    except OSError:
        return None


def _decode(content: bytes) -> str | None:
    """A text with its lines ended by a line feed; nothing for binary content."""
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return None
