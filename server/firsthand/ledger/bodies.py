"""Which of the bodies that are kept show a file's text."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib

_TELLING = 12  # characters of a line that is not everywhere
_LINES = 2  # so many of them are no chance
_MARGINS = re.compile(rb"^(?:\\t| )+|(?:\\r|\\t| )+$")


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
    wanted = min(_LINES, len(lines))
    dropped = []
    for number, content in database.execute("SELECT number, content FROM body"):
        try:
            body = zlib.decompress(content)
        except zlib.error:  # nobody can read it any more
            continue
        shown = {_MARGINS.sub(b"", piece) for piece in body.split(rb"\n")}
        if len(shown & lines) >= wanted:
            dropped.append((number,))
    database.executemany("DELETE FROM body WHERE number = ?", dropped)
    return len(dropped)
