"""Names that are likely at a cursor, by what stands around it.

Pieces of code elsewhere that share the rare names of the lines around the cursor hold what is
likely next, and so do the whole files that share them; so do the types that these lines name; and
names are alike that stand together.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Container, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from firsthand.core.codeview import Chunk, CodeView
from firsthand.core.sources.nearby import Kin
from firsthand.core.sources.place import NAME, Place, names_in, subwords

_TERMS = 24
_CHUNKS = 20
_AKIN = 8  # files that share most with these lines
_THIRD = 3  # a name in more than one of so many files tells of none
_TYPES = 6
_MEMBERS = 48
_SUBWORD_NAMES = 300  # a part of more names than that tells nothing
_ACCESS = re.compile(r"\b([^\W\d]\w*+)(?:\(\))?(?:\?\.|\.|->|::)([^\W\d]\w*)")
_TYPE = re.compile(r"\b[A-Z]\w*[a-z]\w*\b")


_Read = tuple[tuple[str, ...], Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for one document, kept as lines that follow one another ask the same.

    Attributes:
        members: the names of types' members.
        read: by the text of a piece of code, the names in it that the document has not, and by
            what is accessed those that are accesses.
    """

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    read: dict[str, _Read] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What the surroundings of a cursor say.

    Attributes:
        ranked: for each source the names with a value each, the greater the likelier.
        chunks: the pieces of code that are most alike, best first, with the share of what was
            looked for that each holds, 0 to 1.
    """

    ranked: Mapping[str, Mapping[str, float]]
    chunks: Sequence[tuple[Chunk, float]]


def around(
    view: CodeView,
    place: Place,
    kin: Kin,
    parts: Mapping[str, Sequence[str]],
    asked: Asked,
) -> Around:
    """Ask what stands around a cursor.

    Args:
        view: the codebase.
        place: the cursor.
        kin: what the file's relatives say.
        parts: names worth considering, by the words that they are made of.
        asked: what was asked before, with the same `kin`; what is asked for now is added.
    """
    weights: dict[str, float] = {}
    for line, weight in place.near():
        for name in names_in(line):
            weights[name] = max(weights.get(name, 0.0), weight)
    rare = {
        name: weight * math.log(1 + kin.files / kin.rarity[name])
        for name, weight in weights.items()
        if name in kin.rarity
    }
    terms = dict(sorted(rare.items(), key=lambda it: (-it[1], it[0]))[:_TERMS])
    chunks = view.similar(terms, place.path, _CHUNKS) if terms else ()
    ranked = {
        **_in_chunks(chunks, weights, kin.known, asked.read),
        "akin": _akin(kin, weights),
        "members": _members(view, place, kin.known, asked.members),
        "words": _sharing_words(place, parts),
    }
    return Around(ranked, chunks)


def _akin(kin: Kin, weights: Mapping[str, float]) -> dict[str, float]:
    """The names in those of the file's relatives that share rare names with these lines."""
    most = max(_THIRD, kin.files // _THIRD)
    rare = sorted(
        (kin.rarity[name], name) for name in weights if 2 <= kin.rarity.get(name, 0) <= most
    )
    worth = {
        name: weights[name] * math.log(1 + kin.files / count) ** 1.5
        for count, name in rare[:_TERMS]
    }
    shares = [
        (math.fsum(worth[name] for name in shared) / each.size, each)
        for each in kin.relatives
        if (shared := each.shared & worth.keys())
    ]
    shares.sort(key=lambda it: (-it[0], it[1].path))
    values: defaultdict[str, float] = defaultdict(float)
    for share, each in shares[:_AKIN]:
        for name in each.others:
            values[name] += share
    return values


def _in_chunks(
    chunks: Sequence[tuple[Chunk, float]],
    weights: Mapping[str, float],
    known: Container[str],
    read: MutableMapping[str, _Read],
) -> dict[str, dict[str, float]]:
    """The names in pieces of code, and those of them that follow a name near the cursor there."""
    similar: defaultdict[str, float] = defaultdict(float)
    follows: defaultdict[str, float] = defaultdict(float)
    for chunk, share in chunks:
        if chunk.text not in read:
            read[chunk.text] = _unknown(chunk.text, known)
        names, accesses = read[chunk.text]
        for name in names:
            similar[name] += share
        for before, accessed in accesses.items():
            gain = share * weights.get(before, 0.0)
            for name in accessed if gain else ():
                follows[name] += gain
    return {"similar": similar, "follows": follows}


def _unknown(code: str, known: Container[str]) -> _Read:
    """The names in a piece of code but for those known, and by what is accessed the accesses."""
    names, found = _read(code)
    accesses: dict[str, list[str]] = {}
    for before, name in found:
        if name not in known:
            accesses.setdefault(before, []).append(name)
    return tuple(name for name in names if name not in known), accesses


@lru_cache(maxsize=1_024)
def _read(code: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The names in a piece of code, and those that are accesses, behind what is accessed."""
    return tuple(dict.fromkeys(NAME.findall(code))), tuple(dict.fromkeys(_ACCESS.findall(code)))


def _members(
    view: CodeView,
    place: Place,
    known: Container[str],
    members: MutableMapping[str, tuple[str, ...]],
) -> dict[str, float]:
    """The members of the types that the lines around the cursor name, the nearest type first."""
    types: dict[str, None] = {}
    for line in reversed(place.above):
        types.update(dict.fromkeys(_TYPE.findall(line)))
        if len(types) >= _TYPES:
            break
    found: dict[str, float] = {}
    for age, name in enumerate(list(types)[:_TYPES]):
        if name not in members:
            members[name] = tuple(it.name for it in view.members(name, None, _MEMBERS))
        for index, member in enumerate(members[name]):
            if member not in known:
                found.setdefault(member, 1 / (1 + age + index / _MEMBERS))
    return found


def _sharing_words(place: Place, parts: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """The names that share rare words with what stands around the cursor, comments included."""
    said: dict[str, float] = {}
    for line, weight in place.near():
        for word in _words_in(line):
            if said.get(word, 0.0) < weight:
                said[word] = weight
    values: defaultdict[str, float] = defaultdict(float)
    for word, weight in said.items():
        names = parts.get(word, ())
        if 0 < len(names) <= _SUBWORD_NAMES:
            value = weight * math.log(1 + _SUBWORD_NAMES / len(names))
            for name in names:
                values[name] += value
    return {name: value * _brevity(name) for name, value in values.items()}


@lru_cache(maxsize=4_096)
def _words_in(line: str) -> tuple[str, ...]:
    """The words that the names in a line are made of, in an order that is always the same."""
    return tuple(sorted(frozenset().union(*map(subwords, names_in(line)))))


@lru_cache(maxsize=65_536)
def _brevity(name: str) -> float:
    """What a name of few words has before one that many words lead to."""
    return math.pow(1 + len(subwords(name)), -0.7)
