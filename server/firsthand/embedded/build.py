"""Building a project's tier on disk, from the texts of its files. Runs in the index process."""

from __future__ import annotations

import json
import os
import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from firsthand.embedded.kinds import NEW, REACH, is_name, shape
from firsthand.embedded.lexer import (
    FILE,
    LONGEST_LINE,
    OPEN,
    is_word,
    lex,
    margin,
    rules_for,
    width,
)
from firsthand.embedded.tier import _HEAD, CURRENT, DEPTH, MAGIC

_MOST_TOKENS = 3_500_000  # of a project; what comes later is left out
_MOST_FILE_TOKENS = 60_000  # of one file, so that a generated one can't outweigh the rest


@dataclass(frozen=True, slots=True)
class TierStats:
    """What was built: numbers of files, tokens and different tokens, and the size in bytes."""

    files: int
    tokens: int
    words: int
    size: int


def build_tier(
    files: Iterable[tuple[str, str, str]],
    folder: Path,
    on_progress: Callable[[int], None] = lambda files: None,
) -> TierStats:
    """Build the tier of a project in a folder, in place of the one that is there.

    Readers of the old one go on undisturbed; the new one is there whole or not at all.

    Args:
        files: (path, language, text) of each; the path as `EmbeddedModel` will ask for it.
        folder: where to write; made if it does not exist.
        on_progress: told the number of files read so far after each.

    Raises:
        OSError: the folder can't be written.
    """
    reading = _Reading()
    for done, (path, language, text) in enumerate(files, 1):
        if len(reading.tokens) < _MOST_TOKENS:
            reading.add(path, language, text)
        on_progress(done)
    sections, words = _sections(reading)
    return _write(folder, sections, words, reading)


@dataclass(slots=True)
class _Reading:
    """The tokens read so far: numbers by first appearance, whether space stands before each."""

    tokens: array[int] = field(default_factory=lambda: array("i"))
    spaced: array[int] = field(default_factory=lambda: array("b"))
    numbers: defaultdict[str, int] = field(default_factory=lambda: defaultdict(count().__next__))
    spans: list[tuple[str, int, int]] = field(default_factory=list)

    def add(self, path: str, language: str, text: str) -> None:
        if "\0" in text:
            return  # not a text
        rules = rules_for(language)
        first = len(self.tokens)
        state, above, blank = "", 0, False
        self._put((FILE,), ("",))
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            if not line or line.isspace():
                blank = True
                continue
            if len(line) > LONGEST_LINE:
                continue
            here = width(line)
            step = margin(above, here, blank)
            if step is not None:
                self._put((step,), ("",))
            lexed = lex(line, state, rules)
            self._put(lexed.keys, lexed.spaces)
            state, above, blank = lexed.state, here, False
            if len(self.tokens) - first > _MOST_FILE_TOKENS:
                break
        self.spans.append((path, first, len(self.tokens)))

    def _put(self, keys: tuple[str, ...], spaces: tuple[str, ...]) -> None:
        self.tokens.extend(map(self.numbers.__getitem__, keys))
        self.spaced.extend(map(bool, spaces))


def _sections(reading: _Reading) -> tuple[dict[str, bytes], int]:
    words = sorted(reading.numbers)
    order = np.empty(len(words), np.int32)
    for number, word in enumerate(words):
        order[reading.numbers[word]] = number
    tokens = order[np.frombuffer(reading.tokens, np.int32)] if words else np.empty(0, np.int32)
    backwards = np.ascontiguousarray(tokens[::-1])
    shapes = np.fromiter(map(shape, words), np.int32, len(words))[backwards]
    firsts: NDArray[np.int64] = np.bincount(backwards[1:], minlength=len(words))
    raw = {
        "words": "\0".join(words).encode("utf-8", "surrogatepass"),
        "contexts": _context_array(backwards),
        "shaped": _context_array(shapes),
        "starts": np.concatenate(([0], np.cumsum(firsts))).astype(np.int32).tobytes(),
        "tokens": backwards.astype(">i4").tobytes() + bytes(4 * DEPTH),
        "shapes": shapes.astype(">u2").tobytes() + bytes(2 * DEPTH),
        "votes": _votes(backwards, words),
        "spaced": _spacing(tokens, np.frombuffer(reading.spaced, np.int8), words),
    }
    return raw, len(words)


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


def _votes(backwards: NDArray[np.int32], words: list[str]) -> bytes:
    """For each place of a reversed text its vote: a token's number, or how far back it stands."""
    names = np.fromiter(map(is_name, words), np.bool_, len(words))[backwards]
    votes = np.where(names, NEW, backwards).astype(np.int32)
    for reach in range(1, REACH + 1):
        back = np.zeros(len(votes), np.bool_)
        back[:-reach] = backwards[:-reach] == backwards[reach:]
        votes[back & (votes == NEW)] = -reach
    return votes.tobytes()


def _spacing(tokens: NDArray[np.int32], spaced: NDArray[np.int8], words: list[str]) -> bytes:
    """For each word 0, 1 or 2 twice: no or white space mostly precedes a word, a quote after it."""
    word = np.fromiter(map(is_word, words), np.bool_, len(words))
    quote = np.fromiter((key[0] == OPEN for key in words), np.bool_, len(words))
    habits = np.zeros((len(words), 2), np.uint8)
    if len(tokens) > 1:
        for column, kind in enumerate((word, quote)):
            after = kind[tokens[1:]]
            before = tokens[:-1][after]
            total = np.bincount(before, minlength=len(words))
            spaces = np.bincount(before, weights=spaced[1:][after], minlength=len(words))
            habits[:, column] = np.where(total == 0, 0, np.where(2 * spaces > total, 2, 1))
    return habits.tobytes()


def _write(folder: Path, sections: dict[str, bytes], words: int, reading: _Reading) -> TierStats:
    places: dict[str, tuple[int, int]] = {}
    body = bytearray()
    for name, raw in sections.items():
        body += bytes(-len(body) % 8)
        places[name] = (len(body), len(raw))
        body += raw
    head = json.dumps(
        {
            "byteorder": sys.byteorder,
            "size": len(body),
            "sections": places,
            "words_crc32": zlib.crc32(sections["words"]),
            "files": reading.spans,
        }
    ).encode("ascii")
    head += b" " * (-(len(head) + _HEAD.size) % 8)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"tier-{uuid4().hex}.bin"
    path = folder / name
    partial = folder / f"{name}.partial"
    with partial.open("wb") as file:
        file.write(_HEAD.pack(MAGIC, len(head), zlib.crc32(head)))
        file.write(head)
        file.write(body)
    partial.replace(path)
    pointer = folder / f"{CURRENT}.{name}"
    pointer.write_text(name, encoding="utf-8")
    pointer.replace(folder / CURRENT)
    _sweep(folder, name)
    return TierStats(len(reading.spans), len(reading.tokens), words, path.stat().st_size)


def _sweep(folder: Path, current: str) -> None:
    """Remove the files of older builds; one that a reader holds open on Windows stays for later."""
    for path in folder.glob("tier-*"):
        if path.name != current:
            try:
                os.unlink(path)
            except OSError:
                continue
