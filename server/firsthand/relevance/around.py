"""Names that are likely at a cursor, by what stands around it.

Pieces of code elsewhere that share the rare names of the lines around the cursor hold what is
likely next, most of all in the lines beside these names; so do the whole files that share them, and
the types that these lines name; and names are alike that stand together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from firsthand.core.codeview import Chunk, CodeView
from firsthand.core.sources.place import NAME, Place, names_in, subwords
from firsthand.matrix import Floats
from firsthand.relevance.candidates import Candidates
from firsthand.relevance.nearby import MEMBERS, TYPE, Kin, members_of
from firsthand.relevance.ranker import Rows

_TERMS = 24
_CHUNKS = 12
_AKIN = 8  # files that share most with these lines
_TYPES = 6
_SUBWORD_NAMES = 300  # a part of more names than that tells nothing
_LAST = 6  # lines above the cursor that say what comes next
# What a name in one line says of the lines from one above it on, and of those that follow.
_CLOSE = (2 / 3, 1.0, 2 / 3, 1 / 2, 2 / 5, 1 / 3)
_NEXT = (0.0, 0.0, *(1.0,) * 8)
_ACCESS = re.compile(r"\b([^\W\d]\w*+)(?:\(\))?(?:\?\.|\.|->|::)([^\W\d]\w*)")
_NOTHING = np.empty(0)


@dataclass(frozen=True, slots=True)
class Code:
    """The names in a piece of code.

    Attributes:
        lines: the lines that each stands in.
        size: how many lines there are.
        distinct: each once.
        which: those of every line, by their place in `distinct`.
        at: the line of each of those.
        accesses: by what is accessed the names that are accesses.
    """

    lines: Mapping[str, Sequence[int]]
    size: int
    distinct: Sequence[str]
    which: Rows
    at: Rows
    accesses: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Read:
    """A piece of code, its candidates numbered.

    Attributes:
        code: the names in it.
        rows: the numbers of the candidates in it, each once.
        placed: those of every line.
        at: the line of each of those.
    """

    code: Code
    rows: Rows
    placed: Rows
    at: Rows


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for one document, kept as lines that follow one another ask the same.

    Attributes:
        members: the candidates that are members of types.
        read: what pieces of code hold, by their texts.
        held: the candidates that files hold, by their paths.
    """

    members: dict[str, Rows] = field(default_factory=dict)
    read: dict[str, Read] = field(default_factory=dict)
    held: dict[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What the surroundings of a cursor say.

    Attributes:
        values: for each source a value for each candidate, the greater the likelier; 0 for most.
        chunks: the pieces of code that are most alike, best first, with the share of what was
            looked for that each holds, 0 to 1.
    """

    values: Mapping[str, Floats]
    chunks: Sequence[tuple[Chunk, float]]


def around(view: CodeView, place: Place, candidates: Candidates, asked: Asked) -> Around:
    """Ask what stands around a cursor.

    Args:
        view: the codebase.
        place: the cursor.
        candidates: the names of the document; those that are met join them.
        asked: what was asked before, with the same candidates; what is asked for now is added.
    """
    kin = candidates.kin
    weights = _weights(place.near())
    chunks = _similar(view, place, kin, weights)
    alike = [(_read(chunk.text, candidates, asked), share) for chunk, share in chunks]
    akin = _files_akin(view, place.path, candidates, weights, asked)
    members = _members(view, place, candidates, asked)
    candidates.settle(view)
    size = len(candidates.names)
    reads = [each for each, _ in alike]
    last = _weights(_fading(place))
    values = {
        "similar": _summed(size, [(each.rows, share) for each, share in alike]),
        "follows": _summed(size, _accesses(candidates, alike, weights)),
        "close": _beside(size, reads, _spread(weights, kin.rarity), _CLOSE),
        "next": _beside(size, reads, _spread(last, kin.rarity), _NEXT),
        "akin": _summed(size, akin),
        "members": _greatest(size, members),
        "words": _sharing_words(place, candidates),
    }
    return Around(values, chunks)


def _similar(
    view: CodeView, place: Place, kin: Kin, weights: Mapping[str, float]
) -> Sequence[tuple[Chunk, float]]:
    """The pieces of code that hold the most of the rare names around a cursor, and their share."""
    rare = {
        name: weight * math.log(1 + kin.files / kin.rarity[name])
        for name, weight in weights.items()
        if kin.rarity.get(name)
    }
    terms = dict(sorted(rare.items(), key=lambda it: (-it[1], it[0]))[:_TERMS])
    if not terms:
        return ()
    # The names that the file holds alone are the rarest of all: no piece holds them.
    alone = math.log(1 + kin.files)
    missing = sum(weight * alone for name, weight in weights.items() if kin.rarity.get(name) == 0)
    held = sum(terms.values()) / (sum(terms.values()) + missing)
    return [(it, share * held) for it, share in view.similar(terms, place.path, _CHUNKS)]


def _weights(lines: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The names in lines, with the greatest weight of a line that each stands in."""
    weights: dict[str, float] = {}
    for line, weight in lines:
        for name in names_in(line):
            if weights.get(name, 0.0) < weight:
                weights[name] = weight
    return weights


def _fading(place: Place) -> Iterable[tuple[str, float]]:
    """The last lines above a cursor, and how much each says of what comes next."""
    above = reversed(place.above[-1 - _LAST : -1])
    return ((line, 1 / (1 + 0.3 * back)) for back, line in enumerate(above))


def _spread(weights: Mapping[str, float], rarity: Mapping[str, int]) -> dict[str, float]:
    """What a name's place in a piece of code tells: the less, the more files hold it."""
    return {
        name: weight / (1 + math.sqrt(rarity[name]))
        for name, weight in weights.items()
        if rarity.get(name)
    }


def _read(text: str, candidates: Candidates, asked: Asked) -> Read:
    """What a piece of code holds, its candidates numbered."""
    read = asked.read.get(text)
    if read is None:
        code = _code_of(text)
        there = candidates.rows(code.distinct)
        numbers = there[code.which]
        placed = numbers >= 0
        read = Read(code, there[there >= 0], numbers[placed], code.at[placed])
        asked.read[text] = read
    return read


@lru_cache(maxsize=1_024)
def _code_of(text: str) -> Code:
    split = text.split("\n")
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(split):
        for name in NAME.findall(line):
            known = lines.get(name)
            if known is None:
                lines[name] = [number]
            elif known[-1] != number:
                known.append(number)
    accesses: dict[str, dict[str, None]] = {}
    for before, name in _ACCESS.findall(text):
        accesses.setdefault(before, {})[name] = None
    return Code(
        lines,
        len(split),
        tuple(lines),
        np.repeat(np.arange(len(lines)), [len(each) for each in lines.values()]),
        np.array(list(chain.from_iterable(lines.values())), np.int64),
        {before: tuple(found) for before, found in accesses.items()},
    )


def _accesses(
    candidates: Candidates, alike: Iterable[tuple[Read, float]], weights: Mapping[str, float]
) -> list[tuple[Rows, float]]:
    """What follows the names near the cursor in pieces of code."""
    return [
        (candidates.others(read.code.accesses[before]), share * weights[before])
        for read, share in alike
        for before in sorted(weights.keys() & read.code.accesses.keys())
    ]


def _beside(
    size: int, reads: Sequence[Read], worth: Mapping[str, float], reach: Sequence[float]
) -> Floats:
    """What stands in pieces of code near the names that are near the cursor.

    Args:
        size: how many candidates there are.
        reads: the pieces.
        worth: what each name tells.
        reach: how much of that holds for each of the lines from the one above it on.
    """
    # One piece after the other, so far apart that none reaches into the next.
    starts = [0, *accumulate(read.code.size + len(reach) for read in reads)]
    tells = [0.0] * (starts[-1] + 1)
    for read, start in zip(reads, starts, strict=False):
        for name in sorted(worth.keys() & read.code.lines.keys()):  # a sum has its order
            for line in read.code.lines[name]:
                tells[start + line] += worth[name]
    values = np.convolve(tells, reach)[1:]
    at = [read.at + start for read, start in zip(reads, starts, strict=False)]
    return _added(
        size, [read.placed for read in reads], values[np.concatenate(at)] if at else _NOTHING
    )


def _files_akin(
    view: CodeView,
    path: str,
    candidates: Candidates,
    weights: Mapping[str, float],
    asked: Asked,
) -> list[tuple[Rows, float]]:
    """The candidates in the files that share rare names with these lines."""
    kin = candidates.kin
    terms = {
        name: weights[name] * math.log(1 + kin.files / count) ** 1.5
        for count, name in kin.rare(weights, _TERMS)
    }
    found = []
    for other, share in view.akin(terms, path, _AKIN) if terms else ():
        if other not in asked.held:
            asked.held[other] = candidates.others(tuple(view.names(other)))
        found.append((asked.held[other], share))
    return found


def _members(
    view: CodeView, place: Place, candidates: Candidates, asked: Asked
) -> list[tuple[Rows, Floats]]:
    """The members of the types that the lines around the cursor name, the nearest type first."""
    types: dict[str, None] = {}
    for line in reversed(place.above):
        types.update(dict.fromkeys(TYPE.findall(line)))
        if len(types) >= _TYPES:
            break
    found = []
    for age, name in enumerate(list(types)[:_TYPES]):
        if name not in asked.members:
            members = dict.fromkeys(members_of(view, name, place.path))
            asked.members[name] = candidates.others(tuple(members))
        rows = asked.members[name]
        later = age + np.arange(len(rows), dtype=np.float32) / np.float32(MEMBERS)
        found.append((rows, np.asarray(1 / (1 + later), np.float32)))
    return found


def _sharing_words(place: Place, candidates: Candidates) -> Floats:
    """The candidates that share rare words with what stands around the cursor, comments too."""
    said: dict[str, float] = {}
    for line, weight in place.near():
        for word in _words_in(line):
            if said.get(word, 0.0) < weight:
                said[word] = weight
    found: list[tuple[Sequence[int], float]] = []
    for word, weight in said.items():
        names = candidates.words.get(word, ())
        if 0 < len(names) <= _SUBWORD_NAMES:
            found.append((names, weight * math.log(1 + _SUBWORD_NAMES / len(names))))
    rows = np.fromiter(chain.from_iterable(names for names, _ in found), np.int64)
    gains = np.repeat([gain for _, gain in found] or [0.0], [len(it) for it, _ in found] or [0])
    return _added(len(candidates.names), [rows], gains) * candidates.brevity


@lru_cache(maxsize=4_096)
def _words_in(line: str) -> tuple[str, ...]:
    """The words that the names in a line are made of, in an order that is always the same."""
    return tuple(sorted(frozenset().union(*map(subwords, names_in(line)))))


def _summed(size: int, given: Sequence[tuple[Rows, float]]) -> Floats:
    """Values added up, for so many candidates: some candidates each with one value for all."""
    lengths = [len(rows) for rows, _ in given]
    values = np.repeat([value for _, value in given], lengths) if given else _NOTHING
    return _added(size, [rows for rows, _ in given], values)


def _added(size: int, rows: Sequence[Rows], values: NDArray[np.float64]) -> Floats:
    """Values added up, for so many candidates: those of some rows, one after the other."""
    if not rows:
        return np.zeros(size, np.float32)
    return np.bincount(np.concatenate(rows), values, size).astype(np.float32)


def _greatest(size: int, given: Iterable[tuple[Rows, Floats]]) -> Floats:
    """The greatest value of each candidate."""
    values = np.zeros(size, np.float32)
    for rows, value in given:
        values[rows] = np.maximum(values[rows], value)
    return values
