"""Answering questions about the code of a workspace, while another process writes it.

Every question is one or two look-ups by an index; none waits for the writer, which SQLite's
write-ahead log keeps apart from those who read. What looking for similar code read is kept until
the database changes, because the lines that follow one another ask for nearly the same.
"""

from __future__ import annotations

import heapq
import json
import math
import os
import sqlite3
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from firsthand.core.codeview import Chunk, CodeView, Definition
from firsthand.index.code import questions
from firsthand.index.code.database import open_to_read
from firsthand.index.code.kept import Kept
from firsthand.index.code.modules import best, family, wanted

# How many chunks are looked at for `similar`, and for how many names at most, from the rarest on.
_POSTINGS = 256
_LOOKED_UP = 10
_CANDIDATES = 256
# A name in more files than that tells of none, and a long file shares names by chance.
_HELD_BY = 200
_USUAL_NAMES = 20
# Files that are looked at for those of one folder: the ones of its subfolders stand among them.
_IN_FOLDERS = 2_000


class CodeReader:
    """The database of a workspace, opened when it is first read and again when it was replaced.

    It belongs to one thread at a time.

    Args:
        file: of the database, which need not exist.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._kept: Kept | None = None

    @contextmanager
    def view(self) -> Iterator[CodeView]:
        """The codebase as it is now; it stays so until the context ends, whoever writes meanwhile.

        Where there is no database that can be used, the view knows nothing.
        """
        connection = self._opened()
        if connection is None:
            yield _View(None)
            return
        try:
            connection.execute("BEGIN")
            kept = self._still_kept(connection)
        except sqlite3.Error:
            self.close()
            yield _View(None)
            return
        view = _View(connection, kept)
        try:
            yield view
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if view.failed:
                self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._kept = None

    def _still_kept(self, connection: sqlite3.Connection) -> Kept:
        """What is kept and holds in this transaction; the first read of it settles its state."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if self._kept is None or self._kept.version != version or self._kept.full():
            (files,) = connection.execute("SELECT max(id) FROM file").fetchone()
            self._kept = Kept(version, files or 0)
        return self._kept

    def _opened(self) -> sqlite3.Connection | None:
        try:
            found = self._file.stat()
        except OSError:
            self.close()
            return None
        identity = (found.st_dev, found.st_ino)
        if identity != self._identity:
            self.close()  # it was set aside, and another one begun
        if self._connection is None:
            self._identity = identity
            with suppress(sqlite3.Error, OSError):
                self._connection = open_to_read(self._file)
        return self._connection


class _View:
    """A `CodeView` over a connection within a transaction; None knows nothing.

    Attributes:
        failed: a question could not be answered, because the file can't be used.
    """

    def __init__(self, connection: sqlite3.Connection | None, kept: Kept | None = None) -> None:
        self._connection = connection
        self._kept = kept or Kept(0, 0)
        self.failed = False

    def definitions(self, name: str, limit: int = 8) -> Sequence[Definition]:
        return self._definitions(questions.DEFINITIONS, (name, _CANDIDATES, limit))

    def defined(self, names: Collection[str], outside: str) -> Mapping[str, Definition]:
        values = (json.dumps(list(names)), _encoded(outside), _CANDIDATES)
        return {each.name: each for each in self._definitions(questions.DEFINED, values)}

    def members(
        self, container: str, path: str | None = None, limit: int = 64
    ) -> Sequence[Definition]:
        own = container.rpartition(".")[2]
        file = None if path is None else _encoded(path)
        values = (own, container, file, max(limit, _CANDIDATES), limit)
        return self._definitions(questions.MEMBERS, values)

    def outline(self, path: str) -> Sequence[Definition]:
        return self._definitions(questions.OUTLINE, (_encoded(path),))

    def module(self, importing: str, module: str) -> str | None:
        language = self._language(importing)
        if language is None:
            return None
        for asked in wanted(importing, language, module):
            found = [
                (os.fsdecode(path), its_language)
                for path, its_language in self._rows(
                    "SELECT path, language FROM file WHERE stem = ?", (asked.stem,)
                )
            ]
            path = best(
                importing, language, asked, found, lambda each: self._language(each) is not None
            )
            if path is not None:
                return path
        return None

    def imports(self, path: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        return [
            (module, tuple(names.split()))
            for module, names in self._rows(
                "SELECT module, import.names FROM import JOIN file ON file.id = import.file "
                "WHERE path = ? ORDER BY ordinal",
                (_encoded(path),),
            )
        ]

    def similar(
        self, terms: Mapping[str, float], exclude: str, limit: int = 16
    ) -> Sequence[tuple[Chunk, float]]:
        weights = self._weights(terms)
        found = self._sharing(weights, exclude)
        by_word = {f"{name:x}": weight for name, _, weight in weights}
        whole = sum(by_word.values())
        # Which chunks are looked at is decided by the rare names; how near they are, by all.
        nearest = heapq.nlargest(limit + limit // 2, found, key=lambda each: (found[each], -each))
        languages = self._languages(exclude)
        chunks = [
            (chunk, math.fsum(by_word[word] for word in words & by_word.keys()) / whole)
            for chunk, language, words in self._chunks(nearest)
            if not languages or language in languages
        ]
        return heapq.nsmallest(limit, chunks, key=lambda it: (-it[1], it[0].path, it[0].first_line))

    def _chunks(self, numbers: Collection[int]) -> list[tuple[Chunk, str, frozenset[str]]]:
        """Some chunks, with their languages and their names' numbers as words."""
        kept = self._kept.chunks
        missing = [number for number in numbers if number not in kept]
        if missing:
            for number, path, language, first, last, text, names in self._rows(
                questions.CHUNKS, (json.dumps(missing),)
            ):
                chunk = Chunk(os.fsdecode(path), first, last, text)
                kept[number] = chunk, language, frozenset(names.split())
        return [kept[number] for number in numbers if number in kept]

    def _sharing(self, weights: Sequence[tuple[int, int, float]], exclude: str) -> dict[int, float]:
        """The chunks with the rarest names, and the weight of those names in each."""
        own = self._rows(
            "SELECT chunk.id FROM chunk JOIN file ON file.id = chunk.file WHERE path = ?",
            (_encoded(exclude),),
        )
        found: dict[int, float] = {}
        left = _POSTINGS + len(own)
        for name, files, weight in weights[:_LOOKED_UP]:
            if files > left and found:
                break
            holding = self._holding(name)[: max(left, 1)]
            left -= len(holding)
            for chunk in holding:
                found[chunk] = found.get(chunk, 0.0) + weight
        for (chunk,) in own:
            found.pop(chunk, None)
        return found

    def _holding(self, name: int) -> list[int]:
        """The chunks that hold a name, by its number; as many as are looked at."""
        kept = self._kept.holding
        if name not in kept:
            rows = self._rows(
                "SELECT rowid FROM chunk_names WHERE chunk_names MATCH ? LIMIT ?",
                (f'"{name:x}"', 2 * _POSTINGS),
            )
            kept[name] = [chunk for (chunk,) in rows]
        return kept[name]

    def akin(
        self, terms: Mapping[str, float], exclude: str, limit: int = 16
    ) -> Sequence[tuple[str, float]]:
        self._learn(terms)
        shared: dict[int, float] = {}
        for text, weight in terms.items():
            named = self._kept.names.get(text)
            if named is not None and named[1] <= _HELD_BY:
                for file in self._held(named[0]):
                    shared[file] = shared.get(file, 0.0) + weight
        best = heapq.nlargest(4 * limit, shared, key=lambda file: (shared[file], -file))
        languages = self._languages(exclude)
        found = [
            (path, shared[file] / math.sqrt(size + _USUAL_NAMES))
            for file, (path, language, size) in self._sized(best)
            if path != exclude and (not languages or language in languages)
        ]
        return heapq.nsmallest(limit, found, key=lambda it: (-it[1], it[0]))

    def _held(self, name: int) -> list[int]:
        """The files that hold a name, by its number."""
        kept = self._kept.held
        if name not in kept:
            rows = self._rows("SELECT file FROM reference WHERE name = ?", (name,))
            kept[name] = [file for (file,) in rows]
        return kept[name]

    def _sized(self, numbers: Collection[int]) -> list[tuple[int, tuple[str, str, int]]]:
        """Some files by their numbers: path, language, and how many names each holds."""
        kept = self._kept.files
        missing = [number for number in numbers if number not in kept]
        if missing:
            for number, path, language, size in self._rows(questions.SIZES, (json.dumps(missing),)):
                kept[number] = os.fsdecode(path), language, size
        return [(number, kept[number]) for number in numbers if number in kept]

    def names(self, path: str) -> Mapping[str, int]:
        kept = self._kept.texts
        if path not in kept:
            rows = self._rows("SELECT names FROM file WHERE path = ?", (_encoded(path),))
            kept[path] = self._counts(rows[0][0]) if rows else {}
        return kept[path]

    def common(self, limit: int = 500) -> Sequence[tuple[str, int]]:
        if len(self._kept.common) < limit:
            self._kept.common = self._rows(
                "SELECT text, files FROM name WHERE files > 0 ORDER BY files DESC, text LIMIT ?",
                (limit,),
            )
        return self._kept.common[:limit]

    def beside(self, path: str, limit: int = 64) -> Sequence[str]:
        folder = path.rpartition("/")[0]
        low, high = (f"{folder}/", f"{folder}0") if folder else ("", "\U0010ffff")
        rows = self._rows(
            "SELECT path FROM file WHERE path >= ? AND path < ? ORDER BY path LIMIT ?",
            (_encoded(low), _encoded(high), _IN_FOLDERS),
        )
        found = [os.fsdecode(each) for (each,) in rows]
        same = [each for each in found if each.rpartition("/")[0] == folder and each != path]
        return same[:limit]

    def rarity(self, names: Collection[str]) -> Mapping[str, int]:
        self._learn(names)
        kept = self._kept.names
        return {name: pair[1] for name in names if (pair := kept[name]) is not None}

    def references(self, name: str, limit: int = 32) -> Sequence[tuple[str, int]]:
        return [
            (os.fsdecode(path), count)
            for path, count in self._rows(
                "SELECT path, count FROM (SELECT file, count FROM reference WHERE name = "
                "(SELECT id FROM name WHERE text = ?) LIMIT ?) AS found "
                "JOIN file ON file.id = found.file ORDER BY count DESC, path LIMIT ?",
                (name, max(limit, _CANDIDATES), limit),
            )
        ]

    def edges(self) -> Iterator[tuple[str, str, float]]:
        paths = {
            number: os.fsdecode(path)
            for number, path in self._rows("SELECT id, path FROM file", ())
        }
        for source, target, weight in self._rows("SELECT source, target, weight FROM edge", ()):
            if source in paths and target in paths:
                yield paths[source], paths[target], weight

    def _weights(self, terms: Mapping[str, float]) -> list[tuple[int, int, float]]:
        """The number, the files and the weight of each term that is known, the rarest first."""
        self._learn(terms)
        kept, count = self._kept.names, self._kept.count
        found = [
            (*pair, weight * math.log(1 + count / pair[1]))
            for text, weight in terms.items()
            if (pair := kept[text]) is not None
        ]
        return sorted(found, key=lambda it: (it[1], it[0]))

    def _learn(self, names: Iterable[str]) -> None:
        """Find out the numbers and the files of names."""
        kept = self._kept.names
        missing = [text for text in names if text not in kept]
        if missing:
            kept.update(dict.fromkeys(missing))
            rows = self._rows(
                "SELECT id, text, files FROM name "
                "WHERE text IN (SELECT value FROM json_each(?)) AND files > 0",
                (json.dumps(missing),),
            )
            kept.update({text: (name, files) for name, text, files in rows})

    def _counts(self, packed: bytes) -> dict[str, int]:
        """The names of a file and how often it holds each, as they were packed."""
        numbers = array("I", packed)
        counts = dict(zip(numbers[::2], numbers[1::2], strict=True))
        rows = self._rows(
            "SELECT id, text, files FROM name WHERE id IN (SELECT value FROM json_each(?)) "
            "ORDER BY id",
            (json.dumps(list(counts)),),
        )
        self._kept.names.update((text, (number, files)) for number, text, files in rows if files)
        return {text: counts[number] for number, text, _ in rows}

    def _languages(self, path: str) -> tuple[str, ...]:
        """The languages that share names with a file's; none where the file is not known."""
        language = self._language(path)
        return () if language is None else family(language)

    def _language(self, path: str) -> str | None:
        rows = self._rows("SELECT language FROM file WHERE path = ?", (_encoded(path),))
        return rows[0][0] if rows else None

    def _definitions(self, query: str, values: tuple[object, ...]) -> list[Definition]:
        return [Definition(os.fsdecode(path), *rest) for path, *rest in self._rows(query, values)]

    def _rows(self, query: str, values: Sequence[object]) -> list[Any]:
        """The rows of an answer; none once the file could not be used."""
        if self._connection is None or self.failed:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except UnicodeEncodeError:
            return []  # half of a surrogate pair is in no name
        except sqlite3.Error:
            self.failed = True
            return []


def _encoded(path: str) -> bytes:
    """A path as it is written in the database; one that no file can have becomes the empty one."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return b""
