"""One ranking out of many: how likely a name is needed, by what the sources say of it.

Rank fusion as Cormack, Clarke and Buettcher 2009 have it ("Reciprocal Rank Fusion outperforms
Condorcet and individual Rank Learning Methods") gives each source a weight. Here a small network of
rectified units, as numpy computes it, takes its place: over where each source ranks a name, how
common it is, how it is written, and where the cursor is. `python -m bench.context fit` fits it on
places of projects in none of which the benchmark reports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firsthand.core.built_in import commonness
from firsthand.core.sources.place import Place, subwords
from firsthand.matrix import Floats, product

Rows = NDArray[np.int64]

OF_FILE = ("alike", "nearest", "beside", "imported", "types", "common")
"""The sources that say the same at every cursor in a file."""
OF_CURSOR = ("similar", "follows", "close", "next", "akin", "members", "words")
"""The sources that speak of the cursor."""
SOURCES = (*OF_FILE, *OF_CURSOR)
SAID = 3
"""Numbers that say where a source ranks a name."""
TOLD = 11
"""Numbers that tell of a name by itself."""
PLACED = 5
"""Numbers that tell of the cursor."""

RANKS = 2_000
"""Of a source that are looked at."""
_RANK = np.log1p(np.arange(RANKS)).astype(np.float32)
_FLAT, _STEEP = 1 - _RANK / 7, np.maximum(1 - _RANK / 3, 0)
_IMPORT = re.compile(r"\s*(?:import|from|use|using|const .*\brequire)\b")
_LINES_OF_IMPORTS = 3


class Ranker:
    """The network.

    Args:
        weights: `said` (sources * SAID, hidden), `told` (TOLD, hidden), `placed` (PLACED, hidden),
            `bias` (hidden,), `second` (hidden + 1, deeper) with a bias last, `out` (deeper + 1,)
            likewise.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        said = weights["said"]
        self.said = {
            source: said[SAID * number : SAID * (number + 1)]
            for number, source in enumerate(SOURCES)
        }
        self.told = weights["told"]
        self._placed, self._bias = weights["placed"], weights["bias"]
        self._second, self._out = weights["second"], weights["out"]

    def scores(self, hidden: Floats, placed: Floats) -> Floats:
        """The logarithms of the odds that names are needed, to what all have in common.

        Args:
            hidden: (names, hidden) what `said` and `told` make of them; it is overwritten.
            placed: (PLACED,) as `of_place` gives them.
        """
        hidden += placed @ self._placed + self._bias
        np.maximum(hidden, 0, out=hidden)
        deeper = product(hidden, self._second[:-1])
        deeper += self._second[-1]
        np.maximum(deeper, 0, out=deeper)
        return np.asarray(deeper @ self._out[:-1] + self._out[-1], np.float32)


@lru_cache(maxsize=1)
def fitted() -> Ranker:
    """The ranker that comes with the package."""
    with np.load(Path(__file__).with_name("weights.npz"), allow_pickle=False) as file:
        return Ranker({name: np.ascontiguousarray(file[name], np.float32) for name in file.files})


def ranked(values: Floats) -> tuple[Rows, Floats]:
    """The names that a source gives, best first, and what that says of each.

    Args:
        values: (names,) the greater the likelier; 0 where it says nothing.

    Returns:
        (given,) the names' numbers, and (given, SAID).
    """
    rows = np.flatnonzero(values)
    rows = rows[np.argsort(-values[rows], kind="stable")][:RANKS]
    said = np.empty((len(rows), SAID), np.float32)
    said[:, 0] = _FLAT[: len(rows)]
    said[:, 1] = _STEEP[: len(rows)]
    if len(rows):
        said[:, 2] = values[rows] / values[rows[0]]
    return rows, said


def of_names(names: Sequence[str], held: Sequence[int], files: int, language: str) -> Floats:
    """(names, TOLD) what tells of names by themselves.

    Args:
        names: the names.
        held: in how many files each stands.
        files: how many there are.
        language: the LSP language id of the file that may need them.
    """
    given = commonness(language)
    counts = np.array(held, np.float32).clip(1)
    told = np.empty((len(names), TOLD), np.float32)
    told[:, 0] = np.log(counts) / 5
    told[:, 1] = counts / max(files, 1)
    if names:
        told[:, 2:4] = [given.get(name, (0.0, 0.0)) for name in names]
        told[:, 4:] = [_written(name) for name in names]
    return told


def of_place(place: Place, known: int, files: int) -> Floats:
    """(PLACED,) what tells of a cursor.

    Args:
        place: the cursor.
        known: how many names its file holds.
        files: how many files there are.
    """
    above = place.above[-1 - _LINES_OF_IMPORTS : -1]
    return np.array(
        (
            any(map(_IMPORT.match, above)),
            "test" in place.path.lower(),
            math.log1p(place.line) / 8,
            math.log1p(known) / 8,
            math.log1p(files) / 6,
        ),
        np.float32,
    )


@lru_cache(maxsize=16_384)
def _written(name: str) -> tuple[float, ...]:
    """How a name is written."""
    return (
        len(name) / 20,
        len(subwords(name)) / 4,
        name.isupper(),
        name[0].isupper(),
        name[0] == "_",
        name[:2] == "__",
        name[:4].lower() == "test",
    )
