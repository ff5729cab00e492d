"""Writing files into the database, all in transactions of the caller."""

from __future__ import annotations

import json
import os
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

from firsthand.index.code.content import NOTHING, Content, Piece, Stamp
from firsthand.index.code.modules import stem


class Writer:
    """Writes into an open database; the caller begins and ends the transactions.

    After a transaction that was undone another one is needed: this one knows names that are gone.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, int] = {}
        (last,) = connection.execute("SELECT max(id) FROM name").fetchone()
        self._last_name = last or 0
        self._counted: Counter[int] = Counter()

    def replace(self, stamp: Stamp, content: Content) -> None:
        """Write a file, in place of what was written of it before."""
        path = os.fsencode(stamp.path)
        known = self._connection.execute(
            "SELECT id, names FROM file WHERE path = ?", (path,)
        ).fetchone()
        if known is None:
            # An import can't say a name that is no text.
            said = stem(stamp.path, stamp.language).encode("utf-8", "replace").decode()
            cursor = self._connection.execute(
                "INSERT INTO file VALUES (NULL, ?, ?, ?, 0, -1, x'', x'', 0)",
                (path, said, stamp.language),
            )
            known = cursor.lastrowid, b""
        file, names_before = known
        names = self._names(content)
        self._write_references(file, _unpacked(names_before), names)
        self._write_outline(file, content)
        self._write_pieces(file, content.pieces)
        packed = array("I", (number for pair in sorted(names.items()) for number in pair))
        self._connection.execute(
            "UPDATE file SET size = ?, mtime = ?, digest = ?, names = ? WHERE id = ?",
            (stamp.size, stamp.mtime, stamp.digest, packed.tobytes(), file),
        )

    def touch(self, stamp: Stamp) -> None:
        """Note that a file's content is as it was."""
        self._connection.execute(
            "UPDATE file SET size = ?, mtime = ? WHERE path = ?",
            (stamp.size, stamp.mtime, os.fsencode(stamp.path)),
        )

    def remove(self, path: str) -> None:
        """Forget a file, which need not be known."""
        row = self._connection.execute(
            "SELECT id, names FROM file WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        if row is None:
            return
        file, names = row
        self._write_references(file, _unpacked(names), {})
        self._write_outline(file, NOTHING)
        self._write_pieces(file, ())
        self._connection.execute("DELETE FROM file WHERE id = ?", (file,))

    def finish(self) -> None:
        """Write what was only counted so far; called before a transaction ends."""
        self._connection.executemany(
            "UPDATE name SET files = files + ? WHERE id = ?",
            [(by, name) for name, by in self._counted.items() if by],
        )
        self._counted.clear()

    def forget_names(self) -> None:
        """Remove the names that no file holds any more, and let go of the memory for the others."""
        self._connection.execute(
            "DELETE FROM name WHERE files <= 0 AND NOT EXISTS "
            "(SELECT 1 FROM definition AS d WHERE d.name = name.id OR d.owner = name.id)"
        )
        self._known.clear()

    def link(self) -> None:
        """Find anew which files refer to which, and rank them by that.

        A name that few files define at their top is a reference to those wherever else it stands.
        """
        execute = self._connection.execute
        execute("DELETE FROM edge")
        execute(
            "INSERT INTO edge SELECT reference.file, defined.file, "
            "sum(min(reference.count, 8) * 1.0 / defined.among) FROM "
            "(SELECT name, file, count(*) OVER (PARTITION BY name) AS among FROM "
            "(SELECT DISTINCT name, file FROM definition WHERE container = '')) AS defined "
            "JOIN name ON name.id = defined.name "
            "JOIN reference ON reference.name = defined.name "
            "WHERE defined.among <= 3 AND name.files BETWEEN 2 AND 2000 "
            "AND length(name.text) > 2 AND reference.file <> defined.file GROUP BY 1, 2"
        )
        execute(
            "UPDATE file SET rank = coalesce(total, 0) FROM (SELECT file.id AS target, "
            "sum(weight) AS total FROM file LEFT JOIN edge ON edge.target = file.id GROUP BY 1) "
            "AS ranked WHERE ranked.target = file.id AND rank <> coalesce(total, 0)"
        )

    def _names(self, content: Content) -> dict[int, int]:
        """The numbers of a file's names, and how often each stands in it."""
        wanted = set(content.names)
        for each in content.definitions:
            wanted.add(each.name)
            wanted.add(each.container.rpartition(".")[2])
        self._learn(sorted(wanted - {""}))  # what ties is ordered by these numbers: not by chance
        return {self._known[name]: count for name, count in content.names.items()}

    def _learn(self, names: Iterable[str]) -> None:
        unknown = [name for name in names if name not in self._known]
        if not unknown:
            return
        self._known.update(
            self._connection.execute(
                "SELECT text, id FROM name WHERE text IN (SELECT value FROM json_each(?))",
                (json.dumps(unknown),),
            )
        )
        fresh = [name for name in unknown if name not in self._known]
        numbers = range(self._last_name + 1, self._last_name + 1 + len(fresh))
        self._connection.executemany(
            "INSERT INTO name VALUES (?, ?, 0)", zip(numbers, fresh, strict=True)
        )
        self._known.update(zip(fresh, numbers, strict=True))
        self._last_name += len(fresh)

    def _write_references(self, file: int, before: dict[int, int], now: dict[int, int]) -> None:
        self._connection.executemany(
            "DELETE FROM reference WHERE name = ? AND file = ?",
            [(name, file) for name in before if name not in now],
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO reference VALUES (?, ?, ?)",
            [(name, file, count) for name, count in now.items() if before.get(name) != count],
        )
        for name in now:
            if name not in before:
                self._counted[name] += 1
        for name in before:
            if name not in now:
                self._counted[name] -= 1

    def _write_outline(self, file: int, content: Content) -> None:
        """Write what a file defines and imports, as far as it is not what was written before."""
        known = self._known
        now = [
            (
                *(known[it.name], it.kind, known.get(it.container.rpartition(".")[2])),
                *(it.container, it.signature, it.doc, it.first_line, it.last_line),
            )
            for it in content.definitions
        ]
        before = self._connection.execute(
            "SELECT name, kind, owner, container, signature, doc, first, last FROM definition "
            "WHERE file = ? ORDER BY ordinal",
            (file,),
        ).fetchall()
        moved, fresh = [], []
        for ordinal, row in enumerate(now):
            if ordinal >= len(before) or row[:-2] != before[ordinal][:-2]:
                fresh.append((file, ordinal, *row))
            elif row != before[ordinal]:
                moved.append((*row[-2:], file, ordinal))
        many = self._connection.executemany
        many("UPDATE definition SET first = ?, last = ? WHERE file = ? AND ordinal = ?", moved)
        many("INSERT OR REPLACE INTO definition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", fresh)
        if len(before) > len(now):
            self._connection.execute(
                "DELETE FROM definition WHERE file = ? AND ordinal >= ?", (file, len(now))
            )
        self._write_imports(file, [(it.module, " ".join(it.names)) for it in content.imports])

    def _write_imports(self, file: int, now: Sequence[tuple[str, str]]) -> None:
        before = self._connection.execute(
            "SELECT module, names FROM import WHERE file = ? ORDER BY ordinal", (file,)
        ).fetchall()
        if now == before:
            return
        self._connection.execute("DELETE FROM import WHERE file = ?", (file,))
        self._connection.executemany(
            "INSERT INTO import VALUES (?, ?, ?, ?)",
            [(file, ordinal, *each) for ordinal, each in enumerate(now)],
        )

    def _write_pieces(self, file: int, pieces: tuple[Piece, ...]) -> None:
        """Write the chunks that are new; those that only moved keep their number."""
        many = self._connection.executemany
        left: dict[str, list[tuple[int, str]]] = {}
        for chunk, text, names in self._connection.execute(
            "SELECT id, text, names FROM chunk WHERE file = ?", (file,)
        ):
            left.setdefault(text, []).append((chunk, names))
        moved, fresh = [], []
        for piece in pieces:
            if same := left.get(piece.text):
                moved.append((piece.first, piece.last, same.pop()[0]))
            else:
                fresh.append(piece)
        gone = [each for chunks in left.values() for each in chunks]
        # The index of names has to be told what it was given.
        many("INSERT INTO chunk_names (chunk_names, rowid, names) VALUES ('delete', ?, ?)", gone)
        many("DELETE FROM chunk WHERE id = ?", [(chunk,) for chunk, _ in gone])
        many("UPDATE chunk SET first = ?1, last = ?2 WHERE id = ?3 AND first <> ?1", moved)
        for piece in fresh:
            numbers = sorted(map(self._known.__getitem__, piece.names))
            words = " ".join(map("{:x}".format, numbers))
            cursor = self._connection.execute(
                "INSERT INTO chunk VALUES (NULL, ?, ?, ?, ?, ?)",
                (file, piece.first, piece.last, piece.text, words),
            )
            self._connection.execute(
                "INSERT INTO chunk_names (rowid, names) VALUES (?, ?)", (cursor.lastrowid, words)
            )


def _unpacked(names: bytes) -> dict[int, int]:
    numbers = array("I", names)
    return dict(zip(numbers[::2], numbers[1::2], strict=True))
