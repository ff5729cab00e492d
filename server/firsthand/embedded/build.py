"""Building a project's tier on disk, from the texts of its files. Runs in the index process."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from itertools import chain
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from firsthand.embedded.kinds import NEW, REACH, is_name, shape
from firsthand.embedded.layer import DEPTH, Layer, write_file
from firsthand.embedded.lexer import OPEN, is_word
from firsthand.embedded.reading import Reading
from firsthand.embedded.short import write_short
from firsthand.embedded.tier import CURRENT, EXPERIENCE, REHEARSED, Parts, ProjectTier
from firsthand.embedded.words import packed

File = tuple[str, str, str]
"""A file's path, as `EmbeddedModel` will ask for it, its language and its text."""

MOST_TOKENS = 3_000_000  # of a project; of files that come later the short orders are kept
MOST_WORDS = 600_000  # different ones, likewise
_MERGED = 0.15  # share of the base from which on a delta, or what it replaces, is merged into it
_SMALL = 20_000  # tokens of a delta that are never worth merging


@dataclass(frozen=True, slots=True)
class TierStats:
    """What was built.

    Attributes:
        files: how many files were learned, in short orders or whole.
        tokens: how many tokens they have.
        size: of all files of the tier, in bytes.
        whole: the files that are kept whole.
    """

    files: int
    tokens: int
    size: int
    whole: frozenset[str]


def build_tier(
    files: Iterable[File],
    folder: Path,
    far: Iterable[File] = (),
    most: int = MOST_TOKENS,
) -> TierStats:
    """Build the tier of a project in a folder, in place of the one that is there.

    Readers of the old one go on undisturbed; the new one is there whole or not at all.

    Args:
        files: the nearest first.
        folder: where to write; made if it does not exist.
        far: files of which only the short orders are to be kept.
        most: how many tokens are kept whole; of the files from there on the short orders are kept.

    Raises:
        OSError: the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reading = Reading()
    left = iter(files)
    for file in left:
        reading.add(*file)
        if len(reading.tokens) >= most or len(reading.numbers) >= MOST_WORDS:
            break
    parts = Parts(_write(folder, "base", reading, None, ()))
    del reading  # its memory is needed
    rest = chain(left, far)
    for first in rest:
        parts = Parts(parts.base, short=_name("short"))
        write_short(chain((first,), rest), folder / parts.short)
    return _put(folder, parts)


def update_tier(
    changed: Iterable[File],
    gone: Collection[str],
    folder: Path,
    *,
    purge: bool = False,
    most: int = MOST_TOKENS,
) -> TierStats | None:
    """Bring a tier up to date: what changed goes into its delta, or the delta into its base.

    Nothing else is read again. Readers of the old one go on undisturbed.

    Args:
        changed: files that are new or were changed.
        gone: paths that are no more.
        folder: where the tier lies.
        purge: whether nothing of what was replaced may stay on the disk.
        most: as for `build_tier`.

    Returns:
        What is there now; None, with nothing done, if the tier has outgrown what may be kept and
        has to be built anew.

    Raises:
        CorruptTier: the tier can't be used.
        OSError: it can't be written.
    """
    tier = ProjectTier.load(folder)
    if purge:  # it holds words of any file
        (folder / REHEARSED).unlink(missing_ok=True)
    base, delta = tier.layers[0], tier.layers[-1]
    reading = Reading()
    stale = set(gone)
    for file in changed:
        stale.add(file[0])
        reading.add(*file)
    if delta is not base:
        reading.take(delta, tier.words, delta.spans.keys() - stale)
    dead = (stale | delta.dead) & base.spans.keys()
    lost = sum(last - first for first, last in map(base.spans.__getitem__, dead))
    if base.tokens - lost + len(reading.tokens) > most * (1 + _MERGED):
        return None
    share = max(_SMALL, _MERGED * base.tokens)
    parts = Parts(base.name, short=tier.short.name if tier.short else "")
    if purge or max(lost, len(reading.tokens)) > share:
        reading.take(base, tier.words, base.spans.keys() - dead)
        parts = replace(parts, base=_write(folder, "base", reading, None, ()))
    elif dead or reading.spans:
        parts = replace(parts, delta=_write(folder, "delta", reading, base, dead))
    return _put(folder, parts)


def _write(
    folder: Path, kind: str, reading: Reading, base: Layer | None, dead: Collection[str]
) -> str:
    """Write what was read as a layer, on a base if it is a delta; gives the file's name."""
    name = _name(kind)
    about = {"files": reading.spans, "dead": sorted(dead), "base": base.name if base else ""}
    write_file(folder / name, _sections(reading, base), about)
    return name


def _name(kind: str) -> str:
    return f"{kind}-{uuid4().hex}.bin"


def _put(folder: Path, parts: Parts) -> TierStats:
    """Put the files of a tier in the place of those that are there, in one step."""
    pointer = folder / f"{CURRENT}.{uuid4().hex}"
    with pointer.open("wb") as file:
        file.write(parts.written())
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(folder / CURRENT)
    names = {CURRENT, EXPERIENCE, REHEARSED, *astuple(parts)}
    for path in folder.iterdir():
        if path.name not in names:
            # One that a reader holds open on Windows stays for later.
            with suppress(OSError):
                path.unlink()
    return stats_of(folder)


def stats_of(folder: Path) -> TierStats:
    """What is in a tier's folder; raises CorruptTier if it can't be used."""
    tier = ProjectTier.load(folder)
    tokens = sum(last - first for first, last in tier.spans())
    number = len(tier.files)
    if tier.short is not None:
        number, tokens = number + tier.short.files, tokens + tier.short.tokens
    size = sum(path.stat().st_size for path in folder.iterdir())
    return TierStats(number, tokens, size, tier.files)


def _sections(reading: Reading, base: Layer | None) -> Iterator[tuple[str, bytes]]:
    """What a layer's file holds, made one after another, since all of it is large."""
    read = list(reading.numbers)
    numbers = reading.numbers
    known = base.words.size if base else 0
    found = {word: base.words.find(word) for word in read} if base else {}
    words = sorted(word for word in read if found.get(word, -1) < 0)
    order = np.empty(len(read), np.int32)
    for word, number in found.items():
        order[numbers[word]] = number
    for number, word in enumerate(words, known):
        order[numbers[word]] = number
    mine = np.frombuffer(reading.tokens, np.int32)
    backwards = np.ascontiguousarray(order[mine[::-1]])
    shapes = np.fromiter(map(shape, read), np.int32, len(read))[mine[::-1]]
    names = np.fromiter(map(is_name, read), np.bool_, len(read))[mine[::-1]]
    size = len(words)
    coded = np.zeros(known + size, np.bool_)
    coded[order[list(reading.coded)]] = True
    public = [order[list(each)] for each in reading.public]
    raw, ends = packed(words)
    yield "words", raw
    yield "ends", ends
    yield "spaced", _spacing(reading, [numbers[word] for word in words])
    numbers.clear()
    del read, words, found, raw, ends  # their memory is needed
    firsts, counts = np.unique(backwards[1:], return_counts=True)
    if base is None:
        counts = np.bincount(backwards[1:], minlength=size)
    else:
        yield "firsts", firsts.astype(np.int32).tobytes()
    yield "starts", np.concatenate(([0], np.cumsum(counts))).astype(np.int32).tobytes()
    yield "tokens", backwards.astype(">i4").tobytes() + bytes(4 * DEPTH)
    yield "shapes", shapes.astype(">u2").tobytes() + bytes(2 * DEPTH)
    yield "votes", _votes(backwards, names)
    yield "coded", np.packbits(coded, bitorder="little").tobytes()
    yield "public", np.concatenate([np.empty(0, np.int32), *public]).tobytes()
    yield "public_ends", np.cumsum([0, *map(len, public)]).astype(np.int32).tobytes()
    yield "blanks", np.packbits(np.frombuffer(reading.spaced, np.uint8)).tobytes()
    yield "contexts", _context_array(backwards)
    yield "shaped", _context_array(shapes)


def _context_array(backwards: NDArray[np.int32]) -> bytes:
    """The places of a reversed text ordered by the DEPTH numbers from each on (prefix doubling).

    Place 0 is left out: its context is that after the last token, and nothing follows it.
    """
    rank = backwards.astype(np.int64) + 1
    order = np.zeros(len(rank), np.int64)
    shift = 1
    while shift < DEPTH and len(rank):
        pair = rank << 32
        pair[:-shift] |= rank[shift:]
        order = np.argsort(pair, kind="stable")
        pair = pair[order]
        rank[order] = np.concatenate(([1], (pair[1:] != pair[:-1]).cumsum() + 1))
        shift *= 2
    return bytes(order[order != 0].astype(np.int32))


def _votes(backwards: NDArray[np.int32], names: NDArray[np.bool_]) -> bytes:
    """For each place of a reversed text its vote: a token's number, or how far back it stands."""
    votes = np.where(names, NEW, backwards).astype(np.int32)
    for reach in range(1, REACH + 1):
        back = np.zeros(len(votes), np.bool_)
        back[:-reach] = backwards[:-reach] == backwards[reach:]
        votes[back & (votes == NEW)] = -reach
    return votes.tobytes()


def _spacing(reading: Reading, numbers: Sequence[int]) -> bytes:
    """For words 0, 1 or 2 twice: no or white space mostly precedes a word, a quote after it."""
    read = list(reading.numbers)
    tokens = np.frombuffer(reading.tokens, np.int32)
    spaced = np.frombuffer(reading.spaced, np.uint8)
    word = np.fromiter(map(is_word, read), np.bool_, len(read))
    quote = np.fromiter((key[0] == OPEN for key in read), np.bool_, len(read))
    habits = np.zeros((len(read), 2), np.uint8)
    if len(tokens) > 1:
        for column, kind in enumerate((word, quote)):
            after = kind[tokens[1:]]
            before = tokens[:-1][after]
            total = np.bincount(before, minlength=len(read))
            spaces = np.bincount(before, weights=spaced[1:][after], minlength=len(read))
            habits[:, column] = np.where(total == 0, 0, np.where(2 * spaces > total, 2, 1))
    return habits[list(numbers)].tobytes()
