"""The base tier: code that a workspace is likely to follow though it is no part of it.

That is the library of its language and the packages that its files import, as far as they lie on
this machine. Nothing of a workspace is run to find them: layouts of folders and lock files are
read. A base tier is kept by what it was made of, so that workspaces share one only if each has all
of its files itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import firsthand
from firsthand.core.redact import without_secrets
from firsthand.embedded import CorruptTier, build_tier, stats_of
from firsthand.embedded.tier import CURRENT
from firsthand.index.files import Limits, read_file
from firsthand.index.languages import language_of
from firsthand.index.library import go, python, rust, scripts
from firsthand.index.library.package import Package
from firsthand.index.lock import held
from firsthand.index.manifest import Entry, read_manifest
from firsthand.index.state import Result, Status
from firsthand.paths import (
    StateError,
    libraries_folder,
    make_folder,
    workspace_folder,
    write_file,
)

MOST_BYTES = 4_000_000  # of all packages together; about 1.1 million tokens
_PACKAGE_BYTES = 400_000  # of one package
_FILE_BYTES = 200_000
_POINTER = "library.json"  # in a workspace's folder: which base tier is its own
_KEPT_S = 30 * 86_400.0  # seconds that one is kept which no workspace used

Finder = Callable[[Path, Counter[str], Mapping[str, str]], Iterable[Package]]
_FINDERS: dict[str, Finder] = {
    "python": python.packages,
    "javascript": scripts.packages,
    "go": go.packages,
    "rust": rust.packages,
}
_FAMILY = {
    **dict.fromkeys(("javascript", "javascriptreact", "typescript"), "javascript"),
    **dict.fromkeys(("typescriptreact", "vue", "svelte"), "javascript"),
    **dict.fromkeys(("python", "go", "rust")),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """A file of a package, its size and when it was written."""

    root: str
    path: str
    size: int
    mtime_ns: int


def build(
    root: Path,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: time.sleep(0.1),
    most_bytes: int = MOST_BYTES,
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """Find or build the base tier of a workspace whose own tier was built.

    Args:
        root: the folder of the workspace.
        on_progress: told the numbers of files read and of all files.
        on_wait: called while another process builds the same tier; pauses a while.
        most_bytes: how much of all packages together is learned.
        environ: says where state lives, and where languages keep their packages.

    Raises:
        StateError: the disk refuses.
    """
    root = Path(os.path.realpath(root))
    folder = make_folder(workspace_folder(root, environ))
    sources = list(_sources(root, _entries(folder), most_bytes, environ))
    known = _pointer(folder)
    mark = _digest(json.dumps([firsthand.__version__, *map(asdict, sources)]).encode())
    if known.get("mark") == mark and _usable(_tier(known["key"], environ)):
        return Result("unchanged", None)
    texts = list(_texts(sources, on_progress))
    key = _digest(json.dumps([firsthand.__version__, texts]).encode()) if texts else ""
    tier = _tier(key, environ)
    if key and not _usable(tier):
        make_folder(tier)
        try:
            with held(tier / "lock", on_wait):
                if not _usable(tier):
                    learned = ((path, name, without_secrets(text)) for path, name, text in texts)
                    build_tier(learned, tier / "tier")
        except OSError as error:
            raise StateError(tier, error) from error
    write_file(folder / _POINTER, json.dumps({"mark": mark, "key": key}).encode())
    _forget_unused(environ)
    return Result("built", _status(root, tier) if key else None)


def base_folder(root: Path, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of a workspace's base tier, for `ProjectTier.load`; None when it has none.

    Raises:
        StateError: there is no home folder to look in.
    """
    key = _pointer(workspace_folder(root, environ)).get("key")
    return _tier(key, environ) / "tier" if key else None


def _entries(folder: Path) -> dict[str, Entry]:
    try:
        manifest = read_manifest(folder, (folder / "tier" / CURRENT).read_bytes())
    except OSError:
        return {}
    return manifest.entries if manifest else {}


def _sources(
    root: Path, entries: Mapping[str, Entry], most_bytes: int, environ: Mapping[str, str]
) -> Iterator[_Source]:
    """The files to learn, those first that are likeliest to be followed, within the bounds."""
    imports: dict[str, Counter[str]] = {}
    files: Counter[str] = Counter()
    for entry in entries.values():
        family = _FAMILY.get(entry.language, "") or entry.language
        if family in _FINDERS and not entry.skipped:
            files[family] += 1
            imports.setdefault(family, Counter()).update(entry.imports)
    for family, number in files.most_common():
        room = most_bytes * number // files.total()
        for package in _FINDERS[family](root, imports[family], environ):
            left = min(room, _PACKAGE_BYTES)
            for source in _of(package):
                if source.size <= left:
                    left -= source.size
                    room -= source.size
                    yield source
            if room < most_bytes // 200:
                break


def _of(package: Package) -> Iterator[_Source]:
    top = os.path.realpath(package.root)
    for path in package.files:
        file = os.path.join(top, path)
        # A link could lead out of the package, to what is nobody's library.
        if os.path.realpath(file) != os.path.normpath(file):
            continue
        with suppress(OSError, ValueError):
            found = os.stat(file)
            if 0 < found.st_size <= _FILE_BYTES:
                yield _Source(top, path, found.st_size, found.st_mtime_ns)


def _texts(
    sources: Sequence[_Source], on_progress: Callable[[int, int], None]
) -> Iterator[tuple[str, str, str]]:
    limits = Limits(file_bytes=_FILE_BYTES)
    for done, source in enumerate(sources):
        on_progress(done, len(sources))
        text = read_file(Path(source.root), source.path, limits)
        if isinstance(text, str):
            name = f"{os.path.basename(source.root)}/{source.path}"
            yield name, language_of(source.path), text
    on_progress(len(sources), len(sources))


def _pointer(folder: Path) -> dict[str, str]:
    try:
        stored = json.loads((folder / _POINTER).read_bytes())
        return {name: str(stored[name]) for name in ("mark", "key")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _tier(key: str, environ: Mapping[str, str]) -> Path:
    return libraries_folder(environ) / (key if key.isalnum() else "none")


def _usable(tier: Path) -> bool:
    if tier.name == "none":
        return True
    try:
        stats_of(tier / "tier")
        os.utime(tier)  # it is in use
    except (OSError, ValueError, CorruptTier):
        return False
    return True


def _status(root: Path, tier: Path) -> Status:
    stats = stats_of(tier / "tier")
    return Status(str(root), stats.files, stats.tokens, stats.size, time.time())


def _forget_unused(environ: Mapping[str, str]) -> None:
    """Remove base tiers that no workspace used for long."""
    with suppress(OSError):
        for folder in libraries_folder(environ).iterdir():
            if folder.stat().st_mtime < time.time() - _KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
