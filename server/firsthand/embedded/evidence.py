"""What the tiers know about the next token: candidates, and numbers that speak for each.

For every source (near lines, file, other open files, project) the successors of the context are
counted by the length of the context that agreed. The candidates are all successors seen, the words
used last, and, once a part of a word is typed, the words that begin with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import log

import numpy as np
from numpy.typing import NDArray

from firsthand.embedded.document import Document, Near
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word
from firsthand.embedded.tier import DEPTH, ProjectTier

Floats = NDArray[np.float32]
SOURCES = 4  # near, file, other open files, project
BINS = 6
CELLS = SOURCES * BINS
EXTRA = 9  # numbers of a candidate beside its counts
WIDTH = 2 * CELLS + EXTRA
GLOBAL = CELLS + 7  # numbers of the context
KINDS = 15
OTHER = 14  # the kind of the row that stands for "none of these"

_BIN = (0, 0, 1, 2, 3, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5)
_TOP = 32 * (DEPTH - 1)
_MOST = 64  # candidates
_RECENT = 12  # words used last that are always candidates
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
    and as assert async await break case catch class const continue def default del do elif else
    enum except export extends False final finally fn for from func function global go if impl
    import in interface is lambda let match mod mut new None nonlocal not null or package pass
    pub public private protected raise return self static struct super switch this throw trait
    True true false try type typeof use var void where while with yield nil
        """,
    )
)
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")


@dataclass(slots=True)
class Context:
    """Where the next token is to be guessed.

    Attributes:
        keys: the tokens before it, the last one nearest; at least one.
        file: the same as a number for the file's tiers; see `tier.ProjectTier.successors`.
        project: the same for the project's tier.
        line: how many of them stand in the line itself.
        prose: whether it lies in a string or a comment.
    """

    keys: list[str]
    file: int
    project: int
    line: int
    prose: bool

    def then(self, key: str, sources: Sources) -> Context:
        """The context after one more token."""
        file = self.file >> 32 | sources.document_code(key) << _TOP
        project = self.project
        if sources.project is not None:
            project = project >> 32 | sources.project.id(key) << _TOP
        prose = self.prose
        if key[0] == OPEN or key.endswith(PROSE + "#"):
            prose = True
        elif CLOSE in key[:2]:
            prose = False
        return Context([*self.keys[-DEPTH * 2 :], key], file, project, self.line + 1, prose)


@dataclass(slots=True)
class Sources:
    """The tiers that a document may ask, and what is remembered of their answers.

    Attributes:
        near: the lines above the one written.
        document: the file itself.
        others: further open files of the same folder.
        project: the folder's tier on disk.
        excluded: the document's own place in it.
        document_code: numbers keys for the documents.
    """

    near: Near
    document: Document
    others: tuple[Document, ...]
    project: ProjectTier | None
    excluded: tuple[int, int]
    document_code: Callable[[str], int]
    asked: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    counted: dict[str, float] = field(default_factory=dict)
    recent: list[str] = field(default_factory=list)
    distance: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = self.near.keys
        last = dict(zip(keys, range(len(keys)), strict=True))
        self.distance = {key: len(keys) - place for key, place in last.items()}
        words = [key for key in self.distance if is_word(key) and key not in _KEYWORDS]
        self.recent = sorted(words, key=self.distance.__getitem__)[:_RECENT]

    def seen(self, context: Context) -> list[tuple[str, int]]:
        """Successors of a context as (key, cell): the source and how long a context agreed."""
        found = self.asked.get(context.file)
        if found is not None:
            return found
        found = self._near(context)
        found += [
            (key, BINS + _BIN[match]) for key, match in self.document.successors(context.file)
        ]
        for other in self.others:
            found += [
                (key, 2 * BINS + _BIN[match]) for key, match in other.successors(context.file)
            ]
        if self.project is not None:
            found += [
                (key, 3 * BINS + _BIN[match])
                for key, match in self.project.successors(context.project, self.excluded)
            ]
        self.asked[context.file] = found
        return found

    def _near(self, context: Context) -> list[tuple[str, int]]:
        keys, before = self.near.keys, context.keys
        found = []
        deepest = min(7, len(before))
        for place in reversed(self.near.places.get(before[-1], ())[-16:]):
            if place + 1 == len(keys):
                continue
            match = 1
            while match < deepest and match <= place and keys[place - match] == before[-1 - match]:
                match += 1
            found.append((keys[place + 1], _BIN[match]))
        return found

    def count(self, key: str) -> float:
        """The logarithm of how often a key stands in the project."""
        found = self.counted.get(key)
        if found is None:
            number = self.project.count(key, self.excluded) if self.project is not None else 0
            found = self.counted[key] = log(1 + number)
        return found


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates for the next token, as the mixer reads them.

    Attributes:
        keys: the candidates; the first is empty and stands for none of the others.
        rows: (candidates, WIDTH) numbers of each.
        kinds: the kind of each.
        context: (GLOBAL,) numbers of the context.
        before: the kinds of the two tokens before.
    """

    keys: list[str]
    rows: Floats
    kinds: list[int]
    context: Floats
    before: tuple[int, int]


def weigh(context: Context, sources: Sources, stem: str, spaced: bool) -> Evidence:
    """The candidates for the next token.

    Args:
        context: what stands before it.
        sources: the tiers.
        stem: the part of the token that is typed already.
        spaced: whether white space is typed after the token before it.
    """
    rows: dict[str, int] = {"": 0}
    cells: list[int] = []
    lost = 0
    for key, cell in sources.seen(context):
        row = rows.get(key)
        if row is None:
            if (stem and not key.startswith(stem)) or (spaced and not _may_follow_space(key)):
                lost += 1
                continue
            if len(rows) >= _MOST:
                continue
            row = rows[key] = len(rows)
        cells.append(row * CELLS + cell)
    for key in _further(sources, context, stem):
        if key not in rows and len(rows) < _MOST:
            rows[key] = len(rows)
    keys = list(rows)
    return _matrix(keys, cells, context, sources, stem, spaced, lost)


def _matrix(
    keys: list[str],
    cells: list[int],
    context: Context,
    sources: Sources,
    stem: str,
    spaced: bool,
    lost: int,
) -> Evidence:
    size = len(keys)
    counts = np.bincount(cells, minlength=size * CELLS) if cells else np.zeros(size * CELLS)
    ladder = counts.reshape(size, SOURCES, BINS)[:, :, ::-1].cumsum(axis=2)
    heard = ladder.reshape(size, CELLS).astype(np.float32)
    total = heard.sum(axis=0)
    rows = np.empty((size, WIDTH), np.float32)
    rows[:, :CELLS] = np.log1p(heard)
    rows[:, CELLS : 2 * CELLS] = heard / (total + 0.5)
    rows[:, 2 * CELLS :] = _extra(keys, context, sources, stem)
    numbers = np.empty(GLOBAL, np.float32)
    numbers[:CELLS] = np.log1p(total)
    numbers[CELLS:] = (
        min(len(stem), 8) / 4,
        bool(stem),
        spaced,
        context.prose,
        log(1 + context.line) / 2,
        context.line == 0,
        log(1 + lost) / 2,
    )
    kinds = [kind(key) for key in keys]
    before = (kind(context.keys[-1]), kind(context.keys[-2]) if len(context.keys) > 1 else OTHER)
    return Evidence(keys, rows, kinds, numbers, before)


def _extra(
    keys: list[str], context: Context, sources: Sources, stem: str
) -> list[tuple[float, ...]]:
    buckets, distance = sources.document.counts, sources.distance
    line = context.keys[-context.line :] if context.line else []
    found: list[tuple[float, ...]] = [(0.0,) * EXTRA]
    for key in keys[1:]:
        if is_word(key):
            times = buckets.get(key[0], {}).get(key, 0)
            away = distance.get(key, 0)
            found.append(
                (
                    log(1 + times),
                    1 / (1 + away / 8) if away else 0.0,
                    float(bool(away)),
                    sources.count(key) / 4,
                    float(times == 0),
                    float(line.count(key)),
                    float(len(line) > 1 and line[-2] == key),
                    float(key == stem),
                    len(key) / 8,
                )
            )
        else:
            found.append((0.0, 0.0, 0.0, 0.0, 0.0, float(line.count(key)), 0.0, 0.0, 0.0))
    return found


def _further(sources: Sources, context: Context, stem: str) -> list[str]:
    """Candidates that no successor named: words used last, or those that begin like the stem."""
    if not stem:
        return sources.recent
    bucket = sources.document.counts.get(stem[0], {})
    found = [key for key in bucket if key.startswith(stem)]
    if len(found) > _RECENT:
        found.sort(key=bucket.__getitem__, reverse=True)
        del found[_RECENT:]
    found.append(stem)
    found += [key for key in context.keys if key.startswith(stem)]
    found += [key for key in sources.distance if key.startswith(stem)]
    if sources.project is not None:
        found += sources.project.beginning(stem, _RECENT, sources.excluded)
    return found


def _may_follow_space(key: str) -> bool:
    return key[0] == " " or key[0] == OPEN or is_word(key)


_known_kinds: dict[str, int] = {}


def kind(key: str) -> int:
    """The kind of a key, 0 to 13."""
    found = _known_kinds.get(key)
    if found is None:
        if len(_known_kinds) > 100_000:
            _known_kinds.clear()
        found = _known_kinds[key] = _kind(key)
    return found


def _kind(key: str) -> int:
    if not key:
        return OTHER
    if is_word(key):
        if key in _KEYWORDS:
            return 0
        if key[0].isdigit():
            return 4
        if key.isupper() and len(key) > 1:
            return 3
        return 2 if key[:1].isupper() else 1
    if key[0] == END:
        return 5 if key == END else 6
    if key[0] == OPEN:
        return 7
    mark = key.lstrip(" ")
    if mark[:1] == CLOSE:
        return 8
    if mark[:1] == PROSE:
        return 9
    if mark in _OPENERS:
        return 10
    if mark in _CLOSERS:
        return 11
    return 12 if mark in {",", ".", ":", "::", "->", "?."} else 13
