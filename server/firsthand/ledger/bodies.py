"""What was sent, byte for byte: in chunks, each kept once, since most of a prompt was sent before.

A body is cut where its content says so ("content-defined chunking": Muthitacharoen, Chen and
Mazieres, "A Low-bandwidth Network File System", SOSP 2001): behind lines whose checksum has certain
bits, so that a line more at the front moves no cut behind it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterator

_LEAST, _MOST = 256, 8192  # bytes of a chunk: fewer only the last has, and more only a long line
_BITS = 7  # of a line's checksum; none of them is set in one line of eight
_LINE_END = rb"\n"  # as JSON writes it

_TELLING = 12  # characters of a line that is not everywhere
_LINES = 2  # so many of them are no chance
_MARGINS = re.compile(rb"^(?:\\t| )+|(?:\\r|\\t| )+$")

_STATEMENTS = (
    "CREATE TABLE body(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time REAL NOT NULL)",
    "CREATE TABLE chunk("
    " number INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, content BLOB NOT NULL)",
    "CREATE TABLE piece(body INTEGER NOT NULL, place INTEGER NOT NULL, chunk INTEGER NOT NULL,"
    " PRIMARY KEY(body, place)) WITHOUT ROWID",
    "CREATE INDEX piece_chunk ON piece(chunk)",
    "CREATE TRIGGER body_dropped AFTER DELETE ON body BEGIN"
    " DELETE FROM piece WHERE body = OLD.number; END",
    "CREATE TRIGGER piece_dropped AFTER DELETE ON piece BEGIN DELETE FROM chunk"
    " WHERE number = OLD.chunk AND NOT EXISTS (SELECT 1 FROM piece WHERE chunk = OLD.chunk); END",
)
SCHEMA = "".join(f"{each};\n" for each in _STATEMENTS)


def upgrade(database: sqlite3.Connection) -> None:
    """Make chunks of bodies that were kept each by itself."""
    database.execute("ALTER TABLE body RENAME TO whole")
    for statement in _STATEMENTS:
        database.execute(statement)
    for id_, time, content in database.execute(
        "SELECT id, time, content FROM whole ORDER BY number"
    ):
        try:
            keep(database, id_, time, zlib.decompress(content))
        except zlib.error:  # nobody can read it any more
            continue
    database.execute("DROP TABLE whole")


def keep(database: sqlite3.Connection, id_: str, time: float, body: bytes) -> int:
    """Keep a request's body; gives how many bytes that took."""
    number = database.execute("INSERT INTO body(id, time) VALUES (?, ?)", (id_, time)).lastrowid
    added = 0
    for place, chunk in enumerate(chunks(body)):
        digest = hashlib.sha256(chunk).digest()
        known = database.execute("SELECT number FROM chunk WHERE sha256 = ?", (digest,)).fetchone()
        if known is None:
            content = zlib.compress(chunk, 1)
            added += len(content)
            at = database.execute(
                "INSERT INTO chunk(sha256, content) VALUES (?, ?)", (digest, content)
            ).lastrowid
        else:
            (at,) = known
        database.execute("INSERT INTO piece VALUES (?, ?, ?)", (number, place, at))
    return added


def read(database: sqlite3.Connection, id_: str) -> bytes | None:
    """A request's body exactly as it was sent; None when it is not kept, or damaged."""
    row = database.execute(
        "SELECT number, sha256 FROM body JOIN sent USING (id) WHERE id = ?", (id_,)
    ).fetchone()
    if row is None:
        return None
    body = joined(database, row[0])
    return body if body is not None and hashlib.sha256(body).hexdigest() == row[1] else None


def joined(database: sqlite3.Connection, number: int) -> bytes | None:
    """The chunks of a kept text together; None where one of them is damaged."""
    rows = database.execute(
        "SELECT content FROM piece JOIN chunk ON chunk.number = piece.chunk"
        " WHERE body = ? ORDER BY place",
        (number,),
    )
    try:
        return b"".join(zlib.decompress(content) for (content,) in rows)
    except zlib.error:  # a damaged page that the database did not notice
        return None


def drop_old(database: sqlite3.Connection, since: float, most_kept: int) -> int:
    """Delete bodies from before a moment, and of the others the oldest that are too much.

    Args:
        database: the ledger's.
        since: seconds since the epoch.
        most_kept: bytes that the chunks of those that stay may take.

    Returns:
        How many there were.
    """
    dropped = database.execute("DELETE FROM body WHERE time <= ?", (since,)).rowcount
    dropped += database.execute(
        "DELETE FROM body WHERE number <= ("
        " WITH used AS (SELECT MAX(piece.body) AS body, LENGTH(content) AS size"
        "  FROM chunk JOIN piece ON piece.chunk = chunk.number GROUP BY chunk.number),"
        " newer AS (SELECT body, SUM(size) OVER (ORDER BY body DESC) AS kept FROM used)"
        " SELECT MAX(body) FROM newer WHERE kept > ?)",
        (most_kept,),
    ).rowcount
    return dropped


def telling(text: str) -> frozenset[bytes]:
    """The lines of a text by which it is known, as JSON writes them; without their margins."""
    stripped = (line.strip() for line in text.splitlines())
    return frozenset(
        json.dumps(line, ensure_ascii=False)[1:-1].encode("utf-8", "replace")
        for line in stripped
        if len(line) >= _TELLING
    )


def drop_showing(database: sqlite3.Connection, lines: frozenset[bytes]) -> int:
    """Delete the bodies that show such lines; gives how many there were."""
    shown: defaultdict[int, set[bytes]] = defaultdict(set)
    for number, content in database.execute("SELECT number, content FROM chunk"):
        try:
            chunk = zlib.decompress(content)
        except zlib.error:  # nobody can read it any more
            continue
        if found := lines.intersection(_MARGINS.sub(b"", line) for line in chunk.split(_LINE_END)):
            bodies = database.execute("SELECT DISTINCT body FROM piece WHERE chunk = ?", (number,))
            for (body,) in bodies:
                shown[body] |= found
    wanted = min(_LINES, len(lines))
    dropped = [(body,) for body, found in shown.items() if len(found) >= wanted]
    database.executemany("DELETE FROM body WHERE number = ?", dropped)
    return len(dropped)


def chunks(body: bytes) -> Iterator[bytes]:
    """The chunks of a body, in its order; each but the last ends with a line's end."""
    begun, end = 0, 0
    while (found := body.find(_LINE_END, end)) >= 0:
        begin, end = end, found + len(_LINE_END)
        size = end - begun
        if size >= _MOST or (size >= _LEAST and not zlib.crc32(body[begin:end]) & _BITS):
            yield body[begun:end]
            begun = end
    if begun < len(body):
        yield body[begun:]
