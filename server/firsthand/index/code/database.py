"""The database's file: its tables, opening it, and beginning anew where it can't be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from firsthand.paths import StateError, make_folder, private_opener, workspace_folder

VERSION = 1
"""Of the tables and of what is written into them: one of another version is made again."""

_READ_SECONDS = 0.05
_WRITE_SECONDS = 30.0
_CACHE_KIB = 16_384
_SCHEMA = """
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,    -- as os.fsencode writes it: names have any encoding
    stem TEXT NOT NULL,           -- what an import calls it last: modules.stem
    language TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,       -- nanoseconds; -1: to be read again
    digest BLOB NOT NULL,         -- of the content; empty where there is none
    names BLOB NOT NULL,          -- the pairs (name, count) of its references
    rank REAL NOT NULL);          -- how strongly other files refer to it
CREATE INDEX file_stem ON file(stem);
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE,
    files INTEGER NOT NULL);      -- how many hold it
CREATE TABLE reference (
    name INTEGER NOT NULL, file INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (name, file)) WITHOUT ROWID;
CREATE TABLE definition (
    file INTEGER NOT NULL, ordinal INTEGER NOT NULL, name INTEGER NOT NULL, kind TEXT NOT NULL,
    owner INTEGER,                -- the name of what it is directly in
    container TEXT NOT NULL, signature TEXT NOT NULL, doc TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (file, ordinal)) WITHOUT ROWID;
CREATE INDEX definition_name ON definition(name);
CREATE INDEX definition_owner ON definition(owner) WHERE owner IS NOT NULL;
CREATE TABLE import (
    file INTEGER NOT NULL, ordinal INTEGER NOT NULL, module TEXT NOT NULL, names TEXT NOT NULL,
    PRIMARY KEY (file, ordinal)) WITHOUT ROWID;
CREATE TABLE edge (
    source INTEGER NOT NULL, target INTEGER NOT NULL, weight REAL NOT NULL,
    PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL,
    names TEXT NOT NULL);         -- their numbers as words: exact in case and script, and short
CREATE INDEX chunk_file ON chunk(file);
CREATE VIRTUAL TABLE chunk_names USING fts5(
    names, content='chunk', content_rowid='id', detail=none, columnsize=0, tokenize='ascii');
"""


def code_file(root: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The file of a workspace's database; it need not exist.

    Raises:
        StateError: there is no home folder to look in.
    """
    return workspace_folder(root, environ) / "code.db"


def open_to_read(file: Path) -> sqlite3.Connection | None:
    """A connection that changes nothing; None where there is no database of this version.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    if not file.is_file():
        return None
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_READ_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        # A database of version 0 is only being made.
        if version == VERSION:
            return connection
    except sqlite3.Error:
        connection.close()
        raise
    connection.close()
    return None


def open_to_write(file: Path, seconds: float = _WRITE_SECONDS) -> tuple[sqlite3.Connection, str]:
    """The connection of the one who writes, and a sentence for the person; else empty.

    A database of another version, or one that is damaged, is set aside and begun anew. There must
    be one writer at a time.

    Args:
        file: of the database; it and its folder are made if they are not there.
        seconds: how long to wait for whoever else writes, at each step.

    Raises:
        StateError: the disk refuses, or somebody else holds the database.
    """
    make_folder(file.parent)
    try:
        try:
            connection = _opened(file, seconds)
            if connection is not None:
                return connection, ""
            note = ""
        except sqlite3.DatabaseError as error:
            if not is_damaged(error):
                raise
            note = f"The index of code {file} was damaged; it is built again."
        set_aside(file, keep=bool(note))
        connection = _opened(file, seconds)
    except sqlite3.Error as error:
        raise StateError(file, OSError(0, str(error))) from error
    except OSError as error:
        raise StateError(file, error) from error
    if connection is None:
        raise StateError(file, OSError(0, "it can't be begun anew"))
    return connection, note


def set_aside(file: Path, *, keep: bool) -> None:
    """Take a database out of the way; a damaged one is kept under another name, the last one only.

    Raises:
        OSError: the disk refuses; on Windows also while somebody reads it.
    """
    aside = file.with_name(f"{file.stem}-damaged{file.suffix}")
    # Its log goes first: beside the new file it would be taken for the new file's.
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            if keep and not suffix:
                os.replace(file, aside)
            else:
                os.unlink(f"{file}{suffix}")


def is_damaged(error: sqlite3.Error) -> bool:
    """Whether a file is no sound database of ours, and not merely locked, full or read-only."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code == sqlite3.SQLITE_ERROR:
        return str(error).startswith(("no such", "table"))  # these are not our tables
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _opened(file: Path, seconds: float) -> sqlite3.Connection | None:
    """The database, made if it is not there; None when it is of another version."""
    if not file.exists():
        with suppress(FileExistsError):
            open(file, "xb", opener=private_opener).close()
    connection = sqlite3.connect(file, timeout=seconds, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # After a power cut the last changes may be missing, which the next update mends.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA journal_size_limit = 16777216")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
            )
            version = VERSION
        elif version == VERSION:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise _damaged()
    except sqlite3.Error:
        connection.close()
        raise
    if version != VERSION:
        connection.close()
        return None
    return connection


def _damaged() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("it is damaged")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
