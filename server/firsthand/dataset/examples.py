"""Holes cut into code, to train a model that fills them. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from firsthand.core.redact import redact, without_secrets

# As much as a model is shown while somebody types.
_PREFIX, _SUFFIX = 3_000, 400
_LONGEST, _SHORTEST = 600, 8  # characters of what is to be written
_EVERY, _MOST = 8, 60  # lines to a hole, and holes in a file
_BLOCK = 5  # lines of a hole at the most
_SHINGLE, _SKETCH, _SAME = 4, 16, 12
_TAIL = 200  # characters before a hole that tell it from others
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD_START = re.compile(r"(?<!\w)\w|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Example:
    """A hole and what belongs in it.

    Attributes:
        path: of the file.
        prefix, suffix: what stands around, as far as a model is shown it.
        middle: what is to be written.
        accepted: it was a completion that the person took, and stands there still.
    """

    path: str
    prefix: str
    middle: str
    suffix: str
    accepted: bool = False


def cut(path: str, text: str, seed: int) -> Iterator[Example]:
    """Holes of a file: rests of lines, and some lines in a row, by turns.

    Lines with a secret are left out of the text first.

    Args:
        path: of the file.
        text: its text, lines ended by line feeds.
        seed: another one cuts others.
    """
    lines = without_secrets(text).split("\n")
    places = [number for number, line in enumerate(lines) if line.strip()]
    chance = _Chance(f"{seed}:{path}")
    count = min(_MOST, len(places) // _EVERY)
    for turn, number in enumerate(sorted(chance.some(places, count))):
        above = "".join(f"{line}\n" for line in lines[:number])
        if turn % 2:
            last = min(len(lines), number + 1 + chance.below(_BLOCK))
            indent = len(lines[number]) - len(lines[number].lstrip())
            block = "\n".join(lines[number:last])
            middle, head = block[indent:], above + block[:indent]
        else:
            last = number + 1
            starts = [match.start() for match in _WORD_START.finditer(lines[number])]
            at = starts[chance.below(len(starts))] if starts else 0
            middle, head = lines[number][at:], above + lines[number][:at]
        rest = "\n".join(lines[last:])
        example = _example(path, head, middle.rstrip(), f"\n{rest}" if rest else "")
        if example is not None:
            yield example


def of_range(path: str, text: str, start: int, end: int) -> Example | None:
    """The hole of a completion that was taken; None where it would tell a secret, or nothing."""
    middle = text[start:end]
    if redact(text[max(0, start - _TAIL) : end + _TAIL]).found:
        return None
    return _example(path, text[:start], middle, text[end:], accepted=True)


class Seen:
    """The examples that were taken, as far as others like them are to be known."""

    def __init__(self) -> None:
        self._exact: set[str] = set()
        self._by_hash: dict[int, list[int]] = {}
        self._count = 0

    def again(self, example: Example) -> bool:
        """Whether there was one like it, or nearly; else it is one of them now."""
        around = example.prefix[-_TAIL:] + example.middle
        tokens = _TOKEN.findall(around)
        key = " ".join(tokens)
        if key in self._exact:
            return True
        self._exact.add(key)
        sketch = _sketch(tokens)
        if len(sketch) == _SKETCH:
            shared: dict[int, int] = {}
            for each in sketch:
                for number in self._by_hash.get(each, ())[:50]:
                    shared[number] = shared.get(number, 0) + 1
            if max(shared.values(), default=0) >= _SAME:
                return True
            for each in sketch:
                self._by_hash.setdefault(each, []).append(self._count)
        self._count += 1
        return False


def held_out(path: str, share: float, seed: int) -> bool:
    """Whether a file is kept from training: always the same files, whatever others there are."""
    return _number(f"{seed}:{path}") % 10_000 < share * 10_000


def _example(
    path: str, before: str, middle: str, after: str, *, accepted: bool = False
) -> Example | None:
    if not _SHORTEST <= len(middle.strip()) <= _LONGEST:
        return None
    prefix = without_secrets(before[-_PREFIX:])
    cut = len(before) > _PREFIX
    if cut:  # it begins with a whole line, as a model's window does
        prefix = prefix[prefix.find("\n") + 1 :]
    return Example(path, prefix, middle, without_secrets(after[:_SUFFIX]), accepted)


def _sketch(tokens: Sequence[str]) -> tuple[int, ...]:
    """The smallest hashes of all runs of some tokens (Broder 1997)."""
    runs = {" ".join(tokens[at : at + _SHINGLE]) for at in range(len(tokens) - _SHINGLE + 1)}
    return tuple(sorted(crc32(run.encode("utf-8", "surrogatepass")) for run in runs)[:_SKETCH])


class _Chance:
    """Numbers that a text decides, the same on every machine."""

    def __init__(self, text: str) -> None:
        self._text, self._turn = text, 0

    def below(self, limit: int) -> int:
        """The next number from 0 up to a limit."""
        self._turn += 1
        return _number(f"{self._text}:{self._turn}") % limit

    def some(self, items: Sequence[int], count: int) -> list[int]:
        """So many of some items."""
        return sorted(items, key=lambda each: _number(f"{self._text}:{each}"))[:count]


def _number(text: str) -> int:
    raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big")
