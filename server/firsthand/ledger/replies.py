"""Replies of frontier models that could not be used, kept beside what was sent and as long."""

from __future__ import annotations

import json
import secrets
import sqlite3

from firsthand.ledger import bodies

_REPLY = ".reply"  # behind the id of the request that it is a reply to


def keep(database: sqlite3.Connection, id_: str, time: float, reply: str) -> int:
    """Keep the reply to a request, of one that was not entered under a name of its own.

    It is written as JSON writes it, so that what drops the texts that show a file finds it.

    Returns:
        How many bytes that took.
    """
    name = f"{id_ or secrets.token_hex(8)}{_REPLY}"
    written = json.dumps({"reply": reply}, ensure_ascii=False).encode("utf-8", "replace")
    database.execute("DELETE FROM body WHERE id = ?", (name,))
    return bodies.keep(database, name, time, written)


def read(database: sqlite3.Connection, id_: str) -> str | None:
    """The reply to a request that is kept, of no id the last one; None where there is none."""
    row = database.execute(
        "SELECT number FROM body WHERE substr(id, -?1) = ?2 AND ?3 IN ('', id)"
        " ORDER BY number DESC LIMIT 1",
        (len(_REPLY), _REPLY, f"{id_}{_REPLY}" if id_ else ""),
    ).fetchone()
    found = bodies.joined(database, row[0]) if row else None
    return str(json.loads(found)["reply"]) if found else None
