"""The ledger's file: a SQLite database of ours alone, set aside and begun anew when damaged."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from firsthand.ledger import bodies, days
from firsthand.paths import make_folder, private_opener, reason

_T = TypeVar("_T")

_BUSY_SECONDS = 0.05
_VERSION = 3

# Money is kept in nano-dollars: a token of a cheap model costs some hundred, and sums are exact.
# `spending` is the sum over `sent` of what was spent, else estimated, so that a check reads no more
# than a month's rows of it, and so that it outlives the rows of `sent`.
_SCHEMA = """
CREATE TABLE sent(
    id TEXT PRIMARY KEY, time REAL NOT NULL, day TEXT NOT NULL, feature TEXT NOT NULL,
    model TEXT NOT NULL, url TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    estimate INTEGER NOT NULL, outcome TEXT, prompt_tokens INTEGER, cached_tokens INTEGER,
    completion_tokens INTEGER, cost INTEGER);
CREATE INDEX sent_time ON sent(time);
CREATE TABLE spending(day TEXT PRIMARY KEY, nano INTEGER NOT NULL);
CREATE TABLE event(
    time REAL NOT NULL, kind TEXT NOT NULL, tier TEXT NOT NULL, model TEXT NOT NULL,
    language TEXT NOT NULL, characters INTEGER NOT NULL, latency_ms REAL NOT NULL);
CREATE INDEX event_time ON event(time);
"""


class Refused(Exception):
    """A request must not be sent; the text is a sentence for the person."""


class LedgerError(Refused):
    """The ledger's file can't be used now."""


class Database:
    """The file, opened when it is first used and again when it was replaced.

    Args:
        file: where it lives; its folder is made.
        say: takes a sentence for the person.
        connect: opens a database, as `sqlite3.connect` does.
    """

    def __init__(
        self, file: Path, say: Callable[[str], None], connect: Callable[..., sqlite3.Connection]
    ) -> None:
        self._file = file
        self._say = say
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._rebuilt = False

    def read(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What the work gives.

        Raises:
            LedgerError: the file can't be used.
        """
        return self._run(work)

    def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What the work gives, all of it done or nothing, with no other writer meanwhile.

        Raises:
            LedgerError: the file can't be used.
        """
        return self._run(lambda connection: _transaction(connection, work))

    def drop_damaged(self) -> None:
        """Delete what was set aside as damaged, as far as nobody has it open."""
        for each in self._file.parent.glob(f"{self._file.stem}-damaged-*"):
            with suppress(OSError):
                each.unlink()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What the work gives; a damaged file is begun anew and tried once more."""
        try:
            try:
                return work(self._opened())
            except sqlite3.DatabaseError as error:
                # A file that is damaged again so soon lies on a broken disk.
                if not _is_damaged(error) or self._rebuilt:
                    raise
                self._rebuild()
                return work(self._opened())
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise LedgerError(
                f"Firsthand can't keep its ledger at {self._file} ({reason(error)}) and sends "
                "nothing to other machines: make room or make it writable, or name another folder "
                "in FIRSTHAND_HOME."
            ) from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and self._identity != _identity(self._file):
            self.close()  # another process has set the file aside, or somebody deleted it
        if self._connection is not None:
            return self._connection
        make_folder(self._file.parent)
        with closing(self._alone()):
            return self._open()

    def _open(self) -> sqlite3.Connection:
        _create(self._file)
        self._identity = _identity(self._file)
        connection = self._connect(
            self._file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection = connection
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} {bodies.SCHEMA} {days.SCHEMA}"
                f" PRAGMA user_version = {_VERSION}; COMMIT;"
            )
        elif version > _VERSION:
            raise sqlite3.NotSupportedError("it was made by a newer version of Firsthand")
        if version == 1:
            connection.executescript(
                f"BEGIN IMMEDIATE; {days.UPGRADE} PRAGMA user_version = 2; COMMIT;"
            )
        if version in (1, 2):
            _transaction(connection, _with_chunks)
        return connection

    def _alone(self) -> sqlite3.Connection:
        """A lock, held until it is closed: opening and setting aside exclude one another.

        It is SQLite's own lock on an empty file, because that one works on every platform and is
        gone with its process.
        """
        lock = self._file.with_suffix(".lock")
        _create(lock)
        held = sqlite3.connect(lock, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            held.close()
            raise
        return held

    def _rebuild(self) -> None:
        """Set the damaged file aside and begin a new one, with what was spent if it can be read."""
        spending = self._spending()
        self.close()
        with closing(self._alone()):
            if self._identity != _identity(self._file):
                return  # another process has done it
            self._rebuilt = True
            aside = self._file.with_stem(f"{self._file.stem}-damaged-{secrets.token_hex(4)}")
            # Its log goes first: beside the new file it would be taken for the new file's.
            for suffix in ("-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    os.replace(f"{self._file}{suffix}", f"{aside}{suffix}")
            self._open().executemany("INSERT INTO spending VALUES (?, ?)", spending)
        kept = "What was spent is still counted" if spending else "What was spent before is lost"
        self._say(
            f"The ledger {self._file} was damaged: it is now {aside.name} and a new one was begun. "
            f"{kept}."
        )

    def _spending(self) -> list[tuple[str, int]]:
        if self._connection is None:
            return []
        try:
            rows = self._connection.execute("SELECT day, nano FROM spending").fetchall()
        except sqlite3.Error:
            return []
        return [(day, nano) for day, nano in rows if isinstance(day, str) and isinstance(nano, int)]


def _transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], _T]) -> _T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
    return result


def _with_chunks(connection: sqlite3.Connection) -> None:
    bodies.upgrade(connection)
    connection.execute("PRAGMA user_version = 3")


def _create(file: Path) -> None:
    """Make an empty file that only the person can read, unless it is there.

    One that is there is not opened: closing it would drop the locks of this process on it.
    (Source: "How To Corrupt An SQLite Database File", section 2.2, sqlite.org.)
    """
    if not file.exists():
        with suppress(FileExistsError):
            open(file, "xb", opener=private_opener).close()


def _identity(file: Path) -> tuple[int, int]:
    """What tells a file from another one of its name; zeros when there is none."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_dev, status.st_ino)


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether a file is no sound database of ours, and not merely locked, full or read-only."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code == sqlite3.SQLITE_ERROR:
        return str(error).startswith(("no such", "table"))  # these are not our tables
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
