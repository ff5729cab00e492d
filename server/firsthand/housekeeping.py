"""What the commands `index`, `cache` and `data` do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from firsthand import paths, settings
from firsthand.cache import Cache
from firsthand.fault import CommandFault
from firsthand.index import client
from firsthand.index.jobs import ONCE
from firsthand.ledger import Ledger
from firsthand.provenance.store import Store
from firsthand.withdrawing import withdraw


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index that is up to date, as scripts and people hear of it."""

    folder: str
    outcome: str
    files: int
    tokens: int
    size: int
    note: str

    @property
    def sentence(self) -> str:
        """One line, and another one when not all was learned."""
        done = "Learned" if self.outcome == "built" else "Up to date:"
        files = "1 file" if self.files == 1 else f"{self.files:,} files"
        said = f"{done} {files}, {self.tokens:,} tokens, {_megabytes(self.size)}."
        return f"{said}\n{self.note}" if self.note else said

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {"schema": 1, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Kept:
    """What can be made again, in bytes."""

    completions: int
    indexes: int

    @property
    def sentence(self) -> str:
        """One line."""
        return f"Completions {_megabytes(self.completions)}, indexes {_megabytes(self.indexes)}."

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {"schema": 1, **asdict(self)}


def index(folder: Path, on_progress: Callable[[int, int], None]) -> Indexed:
    """Bring a folder's index up to date.

    Raises:
        CommandFault: it can't be built.
    """
    loaded = settings.load(paths.config_file(), folder=folder, named=paths.config_named())
    ignore = loaded.settings.privacy.ignore
    result = client.build_now(folder, on_progress, ignore=ignore, jobs=ONCE)
    if result.outcome == "failed" or result.status is None:
        raise CommandFault(result.note)
    if result.withdrawn:
        said: list[str] = []
        kept = Cache(paths.completions_folder(), tell=said.append)
        stored = Ledger(paths.data_folder(), tell=said.append)
        authored = Store(paths.data_folder(), said.append)
        kept.clear()
        withdraw(stored, authored, folder, result.withdrawn)
        for each in (kept, stored, authored):
            each.close()
        if said:
            raise CommandFault(" ".join(said))
    status = result.status
    return Indexed(
        str(folder.resolve()),
        result.outcome,
        status.files,
        status.tokens,
        status.size,
        result.note,
    )


def size() -> Kept:
    """How much is kept."""
    return Kept(_size(paths.completions_folder()), sum(map(_size, _indexes())))


def clear() -> str:
    """Forget every completion and every index; gives a sentence for the person.

    Raises:
        CommandFault: the disk refuses.
    """
    before = size()
    said: list[str] = []
    # Not by removing the files: a server may have them open.
    cache = Cache(paths.completions_folder(), tell=said.append)
    cache.clear()
    cache.close()
    if said:
        raise CommandFault(" ".join(said))
    try:
        for folder in filter(Path.exists, _indexes()):
            shutil.rmtree(folder)
    except OSError as fault:
        raise CommandFault(
            f"{fault.filename} can't be removed ({fault.strerror}); close the editors that use it."
        ) from fault
    return f"Forgot: {before.sentence}"


def wipe() -> str:
    """Remove all that Firsthand keeps but the configuration and keys; gives a sentence.

    A server that runs goes on with empty stores, or with none until it is started anew.

    Raises:
        CommandFault: the disk refuses; what could be removed is gone then.
    """
    spared = paths.config_file()
    kept: list[str] = []
    size = 0
    for folder in (paths.cache_folder(), paths.data_folder(), paths.log_folder()):
        size += _size(folder) if folder.exists() else 0
        for each in sorted(folder.iterdir()) if folder.exists() else ():
            # On some systems the person's file lies beside what is kept.
            if each == spared or each in spared.parents:
                continue
            kept += _removed(each)
    if kept:
        raise CommandFault(f"{kept[0]} can't be removed; close the editors that use it.")
    return f"Removed {_megabytes(size)}: completions, indexes, the ledger and the log."


def _removed(path: Path) -> list[str]:
    """Remove a file or a folder; gives what was in the way."""
    left: list[str] = []
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as fault:
        left.append(str(fault.filename or path))
    return left


def _indexes() -> tuple[Path, ...]:
    return paths.workspaces_folder(), paths.libraries_folder()


def _size(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError as fault:
        raise paths.StateError(folder, fault) from fault


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
