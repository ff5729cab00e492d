"""Completions that models wrote, kept on disk for the next time they are asked for.

Losing them costs a request, so whatever goes wrong is a miss, said once. They are kept by diskcache
without everything in it that could run or reach what others put into its database: it would load
pickles, open and remove files by the names it finds there, and run the pragmas it finds there.

All calls belong on one thread. A file that another process holds is waited for 50 ms.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firsthand.paths import make_folder, private_opener, reason

if TYPE_CHECKING:
    import diskcache

_BUSY_SECONDS = 0.05


class Cache:
    """The completions in a folder, made when it is first used.

    Args:
        folder: a folder that is the cache's alone; it is moved as a whole when it is damaged.
        tell: takes a sentence for the person, each once; it is called on the caller's thread.
        limit: bytes on disk at which those that were put first make room.
    """

    def __init__(
        self, folder: Path, *, tell: Callable[[str], None], limit: int = 64 * 2**20
    ) -> None:
        self.folder = folder
        self._tell = tell
        self._limit = limit
        self._store: diskcache.Cache | None = None
        self._told: set[str] = set()
        self._rebuilt = False

    def get(self, key: str) -> bytes | None:
        """What was put under a key; None when it is not there or can't be read now."""
        found = self._attempt(lambda store: store.get(_key(key)))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; where that can't be done it is left out."""
        # One as large as a share of the whole would drive too many others out.
        if len(value) <= self._limit // 16:
            self._attempt(lambda store: store.set(_key(key), value))

    def keys(self) -> tuple[str, ...]:
        """All that something was put under, the newest first; none when it can't be read now."""
        found = self._attempt(lambda store: tuple(_name(key) for key in reversed(store)))
        return found if isinstance(found, tuple) else ()

    def size(self) -> int:
        """Bytes on disk; 0 when there is nothing or it can't be seen."""
        try:
            return sum(file.stat().st_size for file in self.folder.iterdir())
        except OSError:
            return 0

    def clear(self) -> None:
        """Forget everything, with what was set aside."""
        self._attempt(lambda store: store.clear())
        shutil.rmtree(self._aside, ignore_errors=True)

    def close(self) -> None:
        """Let go of the files; the next call opens them again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _attempt(self, ask: Callable[[diskcache.Cache], object]) -> object:
        """What the store answers; None, said once, when it can't."""
        import diskcache

        try:
            return ask(self._opened())
        except diskcache.Timeout as error:
            # It stands for every refusal to begin writing; the cause is what it hides.
            self._miss(error.__context__ or error)
        except sqlite3.DatabaseError as error:
            if self._rebuilt or not _is_damaged(error):
                self._miss(error)
            else:
                self._set_aside()
        except OSError as error:
            self._miss(error)
        return None

    def _opened(self) -> diskcache.Cache:
        if self._store is None:
            make_folder(self.folder)
            if os.path.expandvars(self.folder) != str(self.folder):
                raise OSError("its path holds the name of an environment variable")
            database = self.folder / "cache.db"
            wanted = _settings(self._limit)
            if database.exists():
                _inspect(database, wanted)
            else:
                open(database, "ab", opener=private_opener).close()
            self._store = _store()(str(self.folder), _BUSY_SECONDS, **wanted)
        return self._store

    @property
    def _aside(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-damaged")

    def _set_aside(self) -> None:
        """Move the damaged folder away as one, its database and that one's log together."""
        self._rebuilt = True
        self.close()
        try:
            shutil.rmtree(self._aside, ignore_errors=True)
            self.folder.rename(self._aside)
        except OSError as error:
            self._miss(error)
            return
        self._say(
            f"The cache of completions {self.folder} was damaged: it is now {self._aside.name} and "
            "a new one was begun; nothing else is lost."
        )

    def _miss(self, error: BaseException) -> None:
        if "locked" in str(error):  # another process is busy with it and will be done
            return
        if "full" not in str(error):  # a full disk can still be read from, but not opened anew
            self.close()
        self._say(
            f"Firsthand can't keep completions at {self.folder} ({reason(error)}) and works "
            "without: make room or make it writable, or name another folder in FIRSTHAND_HOME."
        )

    def _say(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


@cache
def _store() -> Callable[..., diskcache.Cache]:
    """What opens a store of bytes; made when it is needed, for diskcache takes long to import."""
    import diskcache

    class Bytes(diskcache.Disk):  # type: ignore[misc]  # it has no types
        """Keys and values are bytes inside the database; anything else in it is a miss."""

        def put(self, key: bytes) -> tuple[memoryview, bool]:
            return memoryview(key), True

        def get(self, key: object, raw: bool) -> object:
            if not raw:
                raise OSError("a key that is no key of ours")
            return key

        def store(
            self, value: bytes, read: bool, key: object = None
        ) -> tuple[int, int, None, memoryview]:
            return 0, diskcache.core.MODE_RAW, None, memoryview(value)

        def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> bytes:
            if mode != diskcache.core.MODE_RAW or not isinstance(value, bytes):
                raise OSError("a value that is no value of ours")
            return value

        def remove(self, file_path: str) -> None:
            """Nothing: no value is a file."""

    def opened(folder: str, timeout: float, **settings: Any) -> diskcache.Cache:
        return diskcache.Cache(folder, timeout, Bytes, **settings)

    return opened


def _settings(limit: int) -> dict[str, Any]:
    import diskcache

    return {**diskcache.DEFAULT_SETTINGS, "size_limit": limit}


def _inspect(database: Path, wanted: Mapping[str, Any]) -> None:
    """Look at a database before diskcache trusts it: it would wait a minute for one that is locked.

    Settings may be missing: another process may be making it at this moment.

    Raises:
        sqlite3.OperationalError: it can't be used now.
        sqlite3.DatabaseError: it is damaged, or holds settings that are not ours.
    """
    with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS, isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        tables = file.execute("SELECT 1 FROM sqlite_master WHERE name = 'Settings'").fetchall()
        rows = file.execute("SELECT key, value FROM Settings").fetchall() if tables else []
    for key, value in rows:
        counted = key in ("count", "size", "hits", "misses", "size_limit")
        if not (isinstance(value, int) if counted else wanted.get(key) == value):
            raise sqlite3.DatabaseError("it holds settings that are not ours")


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether it is no sound database of ours, and not merely locked, full or read-only."""
    strange = str(error).startswith(("no such", "table"))
    return strange or not isinstance(error, sqlite3.OperationalError)


def _key(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _name(key: object) -> str:
    return key.decode("utf-8", "surrogatepass") if isinstance(key, bytes) else ""
