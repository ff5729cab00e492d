"""What stands in a workspace's state folder, and how its making ended."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import firsthand
from firsthand.paths import workspace_folder, write_file

_FILE = "index.json"
_SCHEMA = 2


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
        withdrawn: files that were learned before, are still there, and may not be read any more.
    """

    outcome: Literal["built", "unchanged", "failed"]
    status: Status | None
    note: str = ""
    withdrawn: tuple[str, ...] = ()


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
    return recall(workspace_folder(root, environ))


def recall(folder: Path) -> Status | None:
    """The index in a state folder; None when there is none."""
    try:
        stored = json.loads((folder / _FILE).read_bytes())
        if stored["schema"] != _SCHEMA or stored["version"] != firsthand.__version__:
            return None
        return Status(**stored["status"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(folder: Path, status: Status) -> None:
    """Note what was made.

    Raises:
        StateError: the disk refuses.
    """
    stored = {"schema": _SCHEMA, "version": firsthand.__version__, "status": asdict(status)}
    write_file(folder / _FILE, json.dumps(stored).encode())
