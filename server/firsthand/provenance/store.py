"""The file that keeps who wrote what: a SQLite database in the data folder, never in a repository.

All calls belong on one thread. What can't be kept is told once and left out: nothing waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firsthand.core.attribution import carried
from firsthand.core.authorship import Authorship, Mark, Origin
from firsthand.core.text import Edit, Text
from firsthand.paths import make_folder, private_opener, reason
from firsthand.provenance.record import Gone, Record, Unreadable

if TYPE_CHECKING:
    import sqlite3

_BUSY_SECONDS = 0.05
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS file(
    workspace TEXT NOT NULL, path TEXT NOT NULL, digest INTEGER NOT NULL, time REAL NOT NULL,
    record BLOB NOT NULL, PRIMARY KEY(workspace, path));
CREATE INDEX IF NOT EXISTS file_digest ON file(workspace, digest);
"""
# A file as the store names it: its workspace folder's path and its own within it.
Key = tuple[str, str]


class Store:
    """The database in a folder, made when something is first written.

    Args:
        folder: where it lives (`paths.data_folder`).
        tell: takes a sentence for the person, each once.
    """

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self.file = folder / "authorship.sqlite3"
        self._tell = tell
        self._told: set[str] = set()
        self._connection: sqlite3.Connection | None = None

    def load(self, key: Key, digest: int) -> Record | None:
        """What is kept of a file; of one that is unknown, what is kept of the file it was.

        Args:
            key: the file.
            digest: of its content: a file of the same content that is gone was renamed to it.
        """
        found = self._rows("SELECT record FROM file WHERE workspace = ? AND path = ?", key)
        if not found:
            found = self._renamed(key, digest)
        for (raw,) in found:
            with suppress(Unreadable):
                return Record.decoded(raw)
        return None

    def save(self, key: Key, record: Record) -> None:
        """Keep a file's record in place of the one before."""
        row = (*key, record.digest, time.time(), record.encoded())
        self._attempt(
            lambda database: database.execute("REPLACE INTO file VALUES (?, ?, ?, ?, ?)", row)
        )

    def withdraw(self, root: Path, paths: Iterable[str]) -> None:
        """Forget files of a folder, and what was set aside as damaged."""
        roots = {str(root), str(root.resolve())}
        keys = [
            key for path in paths for at in roots for key in ((at, path), ("", str(root / path)))
        ]

        def drop(database: sqlite3.Connection) -> None:
            database.executemany("DELETE FROM file WHERE workspace = ? AND path = ?", keys)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or it would live on in the log

        if self.file.exists():
            self._attempt(drop)
        with suppress(OSError):
            self._aside.unlink(missing_ok=True)

    def all(self, workspace: str) -> Iterator[tuple[str, Record]]:
        """The paths and records of a workspace."""
        rows = self._rows("SELECT path, record FROM file WHERE workspace = ?", (workspace,))
        for path, raw in rows:
            with suppress(Unreadable):
                yield path, Record.decoded(raw)

    def workspaces(self) -> list[str]:
        """The workspace folders of which something is kept."""
        return [each for (each,) in self._rows("SELECT DISTINCT workspace FROM file", ())]

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _renamed(self, key: Key, digest: int) -> list[Any]:
        rows = self._rows(
            "SELECT path, record FROM file WHERE workspace = ? AND digest = ?", (key[0], digest)
        )
        for path, raw in rows:
            if not Path(key[0], path).exists():
                self._attempt(
                    lambda database, path=path: database.execute(  # type: ignore[misc]
                        "UPDATE OR REPLACE file SET path = ? WHERE workspace = ? AND path = ?",
                        (key[1], key[0], path),
                    )
                )
                return [(raw,)]
        return []

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        if self._connection is None and not self.file.exists():
            return []
        found = self._attempt(lambda database: database.execute(query, values).fetchall())
        return found or []

    def _attempt(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What the work gives; None, told once, when the file can't be used."""
        import sqlite3

        try:
            return work(self._opened())
        except sqlite3.DatabaseError as error:
            self.close()
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self._set_aside()
            else:
                self._say(f"({reason(error)}): make it writable or free")
        except OSError as error:
            self.close()
            self._say(
                f"({reason(error)}): make room or make it writable, "
                "or name another folder in FIRSTHAND_HOME"
            )
        return None

    def _opened(self) -> sqlite3.Connection:
        import sqlite3

        if self._connection is not None:
            return self._connection
        make_folder(self.file.parent)
        if not self.file.exists():
            with suppress(FileExistsError):
                open(self.file, "xb", opener=private_opener).close()
        connection = sqlite3.connect(
            self.file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                connection.executescript(
                    f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
                )
            elif version != _VERSION:
                raise sqlite3.NotSupportedError("it was made by a newer version of Firsthand")
        except sqlite3.Error:
            connection.close()
            raise
        self._connection = connection
        return connection

    @property
    def _aside(self) -> Path:
        return self.file.with_suffix(".damaged")

    def _set_aside(self) -> None:
        with suppress(OSError):
            for suffix in ("-wal", "-shm"):
                Path(f"{self.file}{suffix}").unlink(missing_ok=True)
            self.file.replace(self._aside)
        self._say("(it was damaged and set aside): nothing is to be done, a new one is begun")

    def _say(self, what: str) -> None:
        sentence = f"Firsthand can't keep who wrote what in {self.file} {what}."
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


def load(store: Store, key: Key, text: Text) -> tuple[Authorship, Gone] | None:
    """The authorship of a file's text by what is kept of it, and the lines that are gone."""
    record = store.load(key, Record.of(text, Authorship.unknown(text), {}).digest)
    return record.matched(text) if record else None


def exact(store: Store, key: Key, text: Text) -> tuple[Authorship, Gone] | None:
    """The same where what is kept is of this very text: whoever wrote the file may have kept it."""
    record = store.load(key, 0)
    return record.matched(text) if record and record.holds(text) else None


def write_proposed(store: Store, key: Key, text: Text, edits: Iterable[Edit], at: int) -> None:
    """Keep that a frontier model's edits were made in a file, by something else than an editor.

    Args:
        store: where it is kept.
        key: the file.
        text: what it held before.
        edits: each of the text that the one before it made.
        at: when, in milliseconds since 1970.
    """
    authorship, gone = load(store, key, text) or (Authorship.unknown(text), {})
    mark = Mark(Origin.FRONTIER, at, certain=True)
    for edit in edits:
        runs = authorship.slice(text, edit.range)
        runs = carried(text.slice(edit.range), runs, edit.new_text, mark)
        after = text.apply(edit)
        authorship, text = authorship.splice(text, edit, after, runs), after
    write(store, key, text, authorship, gone)


def write(store: Store, key: Key, text: Text, authorship: Authorship, gone: Gone) -> None:
    """Keep the authorship of a file's text, if anything is known of it."""
    record = Record.of(text, authorship, gone)
    if record.known:
        store.save(key, record)
