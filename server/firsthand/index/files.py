"""The files of a workspace that are worth learning, and their texts.

Git knows best which files belong to a workspace; without git the folders are walked. Links are
never followed, so that nothing outside the workspace is read and no loop is entered.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path, PurePath

from firsthand.index.git import Git
from firsthand.index.ignore import GIT_FILES, OWN_FILES, Rules, repository_of, sensitive
from firsthand.index.languages import PROSE_AND_DATA, UNKNOWN, language_of


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a workspace is learned at most.

    Attributes:
        files: how many files.
        total_bytes: how much of them together, on disk.
        file_bytes: the size of a file; larger ones are passed over.
        names: how many names are looked at.
    """

    files: int = 50_000
    total_bytes: int = 100_000_000
    file_bytes: int = 1_000_000
    names: int = 200_000


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A file worth learning, as it was when it was listed.

    Attributes:
        path: relative to the root, "/" between names; bytes that are not UTF-8 as `os.fsdecode`
            writes them.
        language: as `language_of` names it.
        size: in bytes.
        mtime_ns: when it was last written, in nanoseconds.
        vendored: whether others wrote it, by the name of its folder.
    """

    path: str
    language: str
    size: int
    mtime_ns: int
    vendored: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a workspace, best first, and a sentence when that is not all; else empty."""

    files: tuple[SourceFile, ...]
    note: str = ""


class Skipped(Enum):
    """Why a listed file has no text to learn."""

    GONE = "gone"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too large"
    BINARY = "binary"
    GENERATED = "generated"


def list_files(
    root: Path, ignore: Sequence[str] = (), git: Git | None = None, limits: Limits | None = None
) -> Listing:
    """The files of a workspace worth learning.

    Code comes before prose and data, what git tracks before what it does not, and what others wrote
    comes last.

    Args:
        root: the folder of the workspace.
        ignore: further patterns for what not to read, written as in a .gitignore at the root.
        git: how to run git; without it, or where it fails, the folders are walked.
        limits: how much is listed at most; the newest files where there are more.
    """
    limits = limits or Limits()
    root = Path(os.path.realpath(root))
    if not root.is_dir():
        return Listing((), f"{root} is not a folder that can be read.")
    names = _names(root, git)
    judge = _Judge(root, ignore, limits)
    judged = (judge(name, tracked) for name, tracked in islice(names, limits.names))
    ranked = [each for each in judged if each is not None]
    kept = _within(ranked, limits)
    note = ""
    if next(names, None) is not None:
        note = f"{root} holds more than {limits.names:,} files: only the first were looked at."
    elif len(kept) < len(ranked):
        note = (
            f"{root} holds {len(ranked):,} files to learn: only {len(kept):,} were, newest first."
        )
    return Listing(tuple(file for _, file in sorted(kept)), note)


def may_matter(path: PurePath) -> bool:
    """Whether what is learned may depend on a file, by its path in the workspace alone."""
    *folders, name = (part.lower() for part in path.parts)
    if ".git" in folders or not _VENDORED.isdisjoint(folders):
        return False
    return name in OWN_FILES or name in GIT_FILES or language_of(name) != UNKNOWN


def read_file(
    root: Path,
    path: str,
    limits: Limits | None = None,
    read: Callable[[Path, int], bytes] | None = None,
) -> str | Skipped:
    """The text of a listed file, lines ended by a line feed, or why it has none.

    UTF-8, then UTF-16 with a byte order mark, else every byte is one character (Latin-1): names and
    operators are ASCII in all encodings that source files have.

    Args:
        root: the folder of the workspace.
        path: relative to the root.
        limits: its `file_bytes` is the largest size.
        read: reads at most so many bytes of a file.
    """
    most = (limits or Limits()).file_bytes
    try:
        content = (read or _read_regular)(root / path, most + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Skipped.GONE
    except OSError:
        return Skipped.UNREADABLE
    if len(content) > most:
        return Skipped.TOO_LARGE
    text = _decoded(content)
    if text is None:
        return Skipped.BINARY
    return Skipped.GENERATED if _generated(text) else text


def _names(root: Path, git: Git | None) -> Iterator[tuple[str, bool]]:
    """Every file below the root that git does not ignore, and whether git tracks it."""
    rules = Rules(root, GIT_FILES)
    folders = deque([""])
    seen = set()
    while folders:
        folder = folders.popleft()
        if folder in seen:
            continue
        seen.add(folder)
        listed = _listed(root, folder, git)
        if listed is None:
            yield from _scan(root, folder, rules, folders)
            continue
        for name, tracked in listed:
            path = f"{folder}/{name}".strip("/")
            if _is_folder(root / path):
                # A repository inside this one: git names it and does not look into it.
                folders.append(path)
            else:
                yield path, tracked


def _listed(root: Path, folder: str, git: Git | None) -> list[tuple[str, bool]] | None:
    """What git says is in a folder; None when git can't say."""
    path = root / folder
    if git is None or not (os.path.lexists(path / ".git") if folder else repository_of(root)):
        return None
    tracked = git.tracked(path)
    if tracked is None:
        return None
    untracked = git.untracked(path) or []
    return [(name, True) for name in tracked] + [(name, False) for name in untracked]


def _scan(root: Path, folder: str, rules: Rules, folders: deque[str]) -> Iterator[tuple[str, bool]]:
    """The files of one folder; the folders in it are appended."""
    try:
        with os.scandir(root / folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
        except OSError:
            continue
        if is_folder and (entry.name.startswith(".") or entry.name.lower() in _VENDORED):
            continue
        if rules.refuses(path, folder=is_folder):
            continue
        if is_folder:
            folders.append(path)
        else:
            yield path, False


class _Judge:
    """Whether a name is a file to learn, and its rank: lower is learned first."""

    def __init__(self, root: Path, ignore: Sequence[str], limits: Limits) -> None:
        self._root = root
        self._rules = Rules(root, OWN_FILES, ignore)
        self._limits = limits
        self._inside: dict[str, bool] = {}

    def __call__(self, path: str, tracked: bool) -> tuple[int, SourceFile] | None:
        folder, _, name = path.rpartition("/")
        language = language_of(name)
        if language == UNKNOWN or _GENERATED_NAMES.fullmatch(name.lower()):
            return None
        folders = folder.lower().split("/")
        if not tracked and not _VENDORED.isdisjoint(folders):
            return None
        if sensitive(self._root / path) or self._rules.refuses(path) or self._leads_out(folder):
            return None
        try:
            found = os.lstat(self._root / path)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= self._limits.file_bytes:
            return None
        theirs = not _THEIRS.isdisjoint(folders)
        rank = 3 if theirs else 2 if language in PROSE_AND_DATA else 0 if tracked else 1
        return rank, SourceFile(path, language, found.st_size, found.st_mtime_ns, theirs)

    def _leads_out(self, folder: str) -> bool:
        """Whether a link stands in a folder's path: git lists files by where they once were."""
        if folder not in self._inside:
            path = os.path.join(self._root, folder) if folder else os.fspath(self._root)
            self._inside[folder] = os.path.realpath(path) == os.path.normpath(path)
        return not self._inside[folder]


def _within(ranked: list[tuple[int, SourceFile]], limits: Limits) -> list[tuple[int, SourceFile]]:
    """The best files that the limits have room for: by rank, then the newest."""
    kept: list[tuple[int, SourceFile]] = []
    total = 0
    for rank, file in sorted(ranked, key=lambda it: (it[0], -it[1].mtime_ns, it[1].path)):
        total += file.size
        if len(kept) == limits.files or total > limits.total_bytes:
            break
        kept.append((rank, file))
    return kept


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _read_regular(path: Path, most: int) -> bytes:
    # The file may have become a link or a pipe since it was listed.
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is not a regular file")
        return file.read(most)


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b"))


def _decoded(content: bytes) -> str | None:
    """The text of a file's bytes; None when they are no text."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            text = content[len(mark) :].decode(encoding, "replace")
            break
    else:
        if b"\0" in content:
            return None
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            if len(content) - len(content.translate(None, _CONTROLS)) > len(content) // 100:
                return None
            text = content.decode("latin-1")
    return None if "\0" in text else text.replace("\r\n", "\n").replace("\r", "\n")


def _generated(text: str) -> bool:
    """Whether no person writes such a text: minified, a dump, or it says so itself."""
    lines = text.split("\n")
    if len(text) > 250 * len(lines) or max(map(len, lines)) > 20_000:
        return True
    head = text[:2_000]  # most heads have no such word, which is found out in no time
    return "enerated" in head and _GENERATED_MARK.search(head) is not None


# Source: the marks of Go ("go help generate") and of Meta's tools.
_GENERATED_MARK = re.compile(
    r"@generated\b|^.{0,10}Code generated .{0,200}DO NOT EDIT", re.MULTILINE
)
_GENERATED_NAMES = re.compile(
    r".*\.min\.(?:js|mjs|cjs|css|html)|.*[-.]bundle\.js|.*\.(?:pb|g|freezed|generated)\.\w+|"
    r".*_pb2(?:_grpc)?\.pyi?|.*\.designer\.(?:cs|vb)|"
    r"package-lock\.json|npm-shrinkwrap\.json|composer\.lock|pnpm-lock\.yaml|packages\.lock\.json"
)
_VENDORED = frozenset(
    {
        "__pycache__",
        "bower_components",
        "build",
        "deps",
        "dist",
        "env",
        "node_modules",
        "out",
        "pods",
        "site-packages",
        "target",
        "third_party",
        "vendor",
        "venv",
        ".venv",
        ".tox",
        ".nox",
        ".eggs",
    }
)
# Folders whose files others wrote, though they be tracked.
_THEIRS = frozenset(
    {
        "_vendor",
        "_vendored",
        "bower_components",
        "node_modules",
        "pods",
        "site-packages",
        "third-party",
        "third_party",
        "thirdparty",
        "vendor",
        "vendored",
    }
)
