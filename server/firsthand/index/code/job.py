"""The index process's part in the code of a workspace: bringing it up to date, keeping it so."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from firsthand.index.code.database import code_file
from firsthand.index.code.update import CodeIndex
from firsthand.index.code.watch import keep_up
from firsthand.index.git import Git
from firsthand.index.lock import held
from firsthand.index.state import Result, Status
from firsthand.paths import make_folder


def build(
    root: Path,
    ignore: Sequence[str] = (),
    *,
    git: Git | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: time.sleep(0.1),
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """Bring the code of a workspace up to date.

    Args:
        root: the folder of the workspace.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        git: how to run git; None walks the folders.
        on_progress: told the numbers of files read and of all files to read.
        on_wait: called while another process writes the same; pauses a while.
        environ: says where state lives.

    Raises:
        StateError: the disk refuses.
    """
    with _held(root, ignore, git, on_wait, environ) as index:
        updated = index.scan(on_progress)
        size, names = index.measure()
        status = Status(str(root), updated.files, names, size, time.time())
        changed = updated.changed or updated.removed
        note = f"{index.note} {updated.note}".strip()
        return Result("built" if changed else "unchanged", status, note)


def watch(
    root: Path,
    ignore: Sequence[str] = (),
    *,
    git: Git | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: time.sleep(0.1),
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Keep the code of a workspace up to date, for as long as this process lives.

    While another process does, this waits to take its place. The arguments and the error are those
    of `build`.
    """
    with _held(root, ignore, git, on_wait, environ) as index:
        keep_up(index, Path(os.path.realpath(root)), on_progress=on_progress, git=git)


@contextmanager
def _held(
    root: Path,
    ignore: Sequence[str],
    git: Git | None,
    on_wait: Callable[[], None],
    environ: Mapping[str, str],
) -> Iterator[CodeIndex]:
    file = code_file(root, environ)
    with held(make_folder(file.parent) / "code.lock", on_wait):
        index = CodeIndex(file, root, ignore, git)
        try:
            yield index
        finally:
            index.close()
