"""What stands in a workspace's state folder: its tier, and what that was made from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import firsthand
from firsthand.paths import workspace_folder, write_file

if TYPE_CHECKING:
    from firsthand.index.files import SourceFile

_FILE = "index.json"
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Status:
    """The index of a workspace.

    Attributes:
        root: the folder of the workspace.
        files: how many files were learned.
        tokens: how many tokens they have together.
        size: of the index on disk, in bytes.
        built_at: when it was built, in seconds since 1970.
    """

    root: str
    files: int
    tokens: int
    size: int
    built_at: float


@dataclass(frozen=True, slots=True)
class Result:
    """How a build ended.

    Attributes:
        outcome: a new tier was built; the one that was there is still right; or neither.
        status: the index that stands now; None when it failed.
        note: a sentence for the person: why it failed, or what was left out or mended; or empty.
    """

    outcome: Literal["built", "unchanged", "failed"]
    status: Status | None
    note: str = ""


def tier_folder(root: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of a workspace's tier, for `ProjectTier.load`; it need not exist.

    Raises:
        StateError: there is no home folder to look in.
    """
    return workspace_folder(root, environ) / "tier"


def status(root: Path, environ: Mapping[str, str] = os.environ) -> Status | None:
    """The index of a workspace; None when none was built.

    Raises:
        StateError: there is no home folder to look in.
    """
    known = recall(workspace_folder(root, environ))
    return known and known[0]


def recall(folder: Path) -> tuple[Status, str] | None:
    """The index in a state folder and the fingerprint of its files; None when there is none."""
    try:
        stored = json.loads((folder / _FILE).read_bytes())
        if stored["schema"] != _SCHEMA or stored["version"] != firsthand.__version__:
            return None
        return Status(**stored["status"]), str(stored["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(folder: Path, status: Status, fingerprint: str) -> None:
    """Note what a tier was made from.

    Raises:
        StateError: the disk refuses.
    """
    stored = {
        "schema": _SCHEMA,
        "version": firsthand.__version__,
        "status": asdict(status),
        "fingerprint": fingerprint,
    }
    write_file(folder / _FILE, json.dumps(stored).encode())


def fingerprint(files: Iterable[SourceFile]) -> str:
    """A digest of the files' paths, sizes and times: equal while none was changed."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(os.fsencode(file.path))
        digest.update(f"\0{file.language}\0{file.size}\0{file.mtime_ns}\0".encode())
    return digest.hexdigest()
