"""What is typed: functions of a real file, taken out of it, and a typist's pauses between keys."""

from __future__ import annotations

import math
import random
import shutil
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path

from firsthand.core.text import Position, Text, advance
from firsthand.demo.pick import Hole, count_keys, holes, next_key

MEDIAN_GAP = 0.110  # seconds between two keys of a fast typist
_SPREAD = 0.5  # standard deviation of the gap's logarithm
_SEED = 20
_SHORT = 25  # lines of a function


@dataclass(frozen=True, slots=True)
class Script:
    """A file with holes, and the keys that fill them from the top.

    Attributes:
        path: the file in its workspace.
        text: what it holds before the first key.
        keys: where the cursor goes first, or None where it goes on, and what is typed there.
    """

    path: Path
    text: Text
    keys: tuple[tuple[Position | None, str], ...]


def workspace(folder: Path) -> Path:
    """Copy the standard library's modules into a folder: real code, there wherever Python is.

    Returns:
        The file to type in, which is the one nearest to 3,000 lines.
    """
    library = Path(sysconfig.get_path("stdlib"))
    for module in library.glob("*.py"):
        shutil.copy(module, folder)
    return min(folder.glob("*.py"), key=lambda path: abs(_lines(path) - 3000))


def write(path: Path, keys: int) -> Script:
    """Take functions out of a file, evenly over its length, until enough keys type them back.

    The file on disk loses them too.

    Raises:
        ValueError: the file has not that many keys in its functions.
    """
    source = path.read_text(encoding="utf-8")
    chosen = _spread([hole for hole in _apart(holes(source)) if _fits(hole)], keys)
    pieces: list[str] = []
    strokes: list[tuple[Position | None, str]] = []
    kept = 0
    for hole in chosen:
        pieces.append(source[kept : len(hole.head)])
        kept = len(hole.head) + len(hole.middle)
        # All holes above are filled by then, so the cursor's place is that in the whole file.
        at: Position | None = advance(Position(0, 0), hole.head)
        place = 0
        while place < len(hole.middle):
            key = next_key(hole.middle, place)
            strokes.append((at, key))
            place += len(key)
            at = None
    text = "".join((*pieces, source[kept:]))
    path.write_text(text, encoding="utf-8", newline="\n")
    return Script(path, Text.of(text), tuple(strokes[:keys]))


def gaps() -> Iterator[float]:
    """Seconds between the keys of a typist: log-normal, the same at every run."""
    chance = random.Random(_SEED)
    return (chance.lognormvariate(math.log(MEDIAN_GAP), _SPREAD) for _ in repeat(None))


def _fits(hole: Hole) -> bool:
    """Whether a block is a short function: many short ones cover more of the file."""
    return hole.rank == 0 and hole.middle.count("\n") < _SHORT


def _spread(found: list[Hole], keys: int) -> list[Hole]:
    """The fewest functions, evenly spread, that hold enough keys."""
    for count in range(1, len(found) + 1):
        chosen = [found[(2 * number + 1) * len(found) // (2 * count)] for number in range(count)]
        if sum(count_keys(hole.middle) for hole in chosen) >= keys:
            return chosen
    raise ValueError(f"the file's functions hold fewer than {keys} keys")


def _apart(found: Iterator[Hole]) -> Iterator[Hole]:
    """Those that do not overlap with the one before."""
    end = 0
    for hole in found:
        if len(hole.head) >= end:
            end = len(hole.head) + len(hole.middle)
            yield hole


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in islice(file, 10_000))
