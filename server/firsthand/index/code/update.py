"""Bringing the database up to date with the files, all of them or some."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firsthand.index.code.content import NOTHING, Stamp
from firsthand.index.code.database import open_to_write
from firsthand.index.code.reading import Found, read_files
from firsthand.index.code.write import Writer
from firsthand.index.files import Limits, Skipped, SourceFile, list_files
from firsthand.index.git import Git
from firsthand.index.languages import PROSE_AND_DATA
from firsthand.paths import StateError

LIMITS = Limits(files=100_000, total_bytes=400_000_000, names=400_000)
"""How much of a workspace is indexed at most: some millions of lines."""

_BATCH_SECONDS = 0.5
_LINKED_SHARE = 0.02
# A change within the tick of a file system's clock could leave the time of a file as it was.
_TICK = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did.

    Attributes:
        files: how many files there are now.
        changed: how many were written.
        removed: how many were forgotten.
        note: a sentence for the person, or empty.
    """

    files: int
    changed: int
    removed: int
    note: str = ""


class CodeIndex:
    """The database of a workspace while it is written; one at a time.

    Args:
        file: of the database.
        root: the folder of the workspace.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        git: how to run git; None walks the folders.
        clock: nanoseconds since 1970.

    Raises:
        StateError: the disk refuses; so may every method.
    """

    def __init__(
        self,
        file: Path,
        root: Path,
        ignore: Sequence[str] = (),
        git: Git | None = None,
        *,
        limits: Limits = LIMITS,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._file = file
        self._root = Path(os.path.realpath(root))
        self._ignore = tuple(ignore)
        self._git = git
        self._limits = limits
        self._clock = clock
        self._connection, self.note = open_to_write(file)
        self._writer = Writer(self._connection)
        self._unlinked = 0  # files that changed since it was found which refer to which

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def folders(self) -> set[str]:
        """The folders that hold an indexed file, and those above them; the root is empty."""
        found = {""}
        for (path,) in self._connection.execute("SELECT path FROM file"):
            folder = os.fsdecode(path).rpartition("/")[0]
            while folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return found

    def measure(self) -> tuple[int, int]:
        """The size on disk in bytes, and how many names there are in all the code."""
        with self._writing():
            (names,) = self._connection.execute("SELECT sum(count) FROM reference").fetchone()
        size = sum(each.stat().st_size for each in self._file.parent.glob(f"{self._file.name}*"))
        return size, names or 0

    def knows(self, path: str) -> bool:
        """Whether a file is in the database."""
        row = self._connection.execute(
            "SELECT 1 FROM file WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        return row is not None

    def scan(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> Updated:
        """Bring all files up to date.

        Args:
            on_progress: told the numbers of files read and of all files to read.
        """
        listing = list_files(self._root, self._ignore, self._git, self._limits)
        files = [each for each in listing.files if each.language not in PROSE_AND_DATA]
        with self._writing():
            known = {
                os.fsdecode(path): (language, size, mtime, digest)
                for path, language, size, mtime, digest in self._connection.execute(
                    "SELECT path, language, size, mtime, digest FROM file"
                )
            }
            unseen = known.keys() - {each.path for each in files}
            changed = [
                each
                for each in files
                if known.get(each.path, ())[:3] != (each.language, each.size, each.mtime_ns)
            ]
            digests = {path: digest for path, (*_, digest) in known.items()}
            written = self._write(changed, digests, unseen, on_progress)
            self._unlinked += written + len(unseen)
            if self._unlinked > len(files) * _LINKED_SHARE:
                self._link()
        return Updated(len(files), written, len(unseen), listing.note)

    def refresh(self, paths: Collection[str]) -> Updated:
        """Bring files up to date that are in the database; others are passed over.

        Args:
            paths: relative to the root.
        """
        changed, gone, digests = [], [], {}
        with self._writing():
            for path in sorted(paths):
                row = self._connection.execute(
                    "SELECT language, digest FROM file WHERE path = ?", (os.fsencode(path),)
                ).fetchone()
                if row is None:
                    continue
                try:
                    found = os.lstat(self._root / path)
                except (OSError, ValueError):
                    gone.append(path)
                    continue
                digests[path] = row[1]
                changed.append(SourceFile(path, row[0], found.st_size, found.st_mtime_ns))
            written = self._write(changed, digests, gone, lambda done, total: None)
            self._unlinked += written + len(gone)
            (files,) = self._connection.execute("SELECT count(*) FROM file").fetchone()
        return Updated(files, written, len(gone))

    def _link(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._writer.forget_names()
        self._writer.link()
        self._connection.execute("COMMIT")
        self._unlinked = 0

    def _write(
        self,
        changed: Sequence[SourceFile],
        digests: dict[str, bytes],
        gone: Collection[str],
        on_progress: Callable[[int, int], None],
    ) -> int:
        """Write files, and forget others, in transactions of half a second."""
        written = 0
        self._connection.execute("BEGIN IMMEDIATE")
        for path in gone:
            self._writer.remove(path)
        until = time.monotonic() + _BATCH_SECONDS
        for done, (file, found) in enumerate(read_files(self._root, changed, digests)):
            on_progress(done, len(changed))
            written += self._write_one(file, found)
            if time.monotonic() > until:
                self._writer.finish()
                self._connection.execute("COMMIT")
                self._connection.execute("BEGIN IMMEDIATE")
                until = time.monotonic() + _BATCH_SECONDS
        self._writer.finish()
        self._connection.execute("COMMIT")
        on_progress(len(changed), len(changed))
        return written

    def _write_one(self, file: SourceFile, found: Found) -> bool:
        """Write what was read of a file; whether anything changed by that."""
        if found is Skipped.GONE:
            self._writer.remove(file.path)
            return True
        young = file.mtime_ns > self._clock() - _TICK
        mtime = -1 if young else file.mtime_ns
        if isinstance(found, Skipped):
            # Nothing to be known about it, until it changes.
            stamp = Stamp(file.path, file.language, file.size, mtime, b"")
            self._writer.replace(stamp, NOTHING)
            return True
        digest, content = found
        stamp = Stamp(file.path, file.language, file.size, mtime, digest)
        if content is NOTHING:
            self._writer.touch(stamp)
            return False
        self._writer.replace(stamp, content)
        return True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StateError(self._file, OSError(0, str(error))) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
