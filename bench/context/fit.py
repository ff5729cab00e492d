"""The weights of the sources, fitted: which ranks make it likely that a name is needed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator

import numpy as np
from bench.context.places import Hole
from numpy.typing import NDArray

from firsthand.core.codeview import CodeView
from firsthand.core.sources.around import Asked, around
from firsthand.core.sources.fusion import CONSTANTS, WEIGHTS, ranks, standing
from firsthand.core.sources.nearby import kin
from firsthand.core.sources.place import Place
from firsthand.core.text import Position

Rows = NDArray[np.float64]

_KEPT = 0.1  # of the names that are not needed: there are hundreds for each that is
_STIFFNESS = 50.0  # of the penalty on large weights
_STEPS = 25


def examples(view: CodeView, holes: Iterable[Hole]) -> Iterator[tuple[list[float], float]]:
    """What the sources say of names, and whether they are needed: 1 or 0."""
    sources = list(WEIGHTS)
    chance = random.Random(0)
    for hole in holes:
        if not hole.needed:
            continue
        file = hole.file
        place = Place.at(file.path, file.language, hole.text, Position(hole.line, 0))
        relatives = kin(view, file.path, file.language, hole.names)
        whole = standing(relatives)
        ranked = {**relatives.ranked, **around(view, place, relatives, whole.parts, Asked()).ranked}
        rows: dict[str, list[float]] = {}
        for number, source in enumerate(sources):
            for rank, name in enumerate(ranks(ranked[source])):
                if name not in rows:
                    size = math.log(relatives.rarity.get(name, 1))
                    rows[name] = [0.0] * (len(CONSTANTS) * len(sources)) + [size, size * size]
                for which, constant in enumerate(CONSTANTS):
                    rows[name][len(CONSTANTS) * number + which] = 1 / (1 + rank / constant)
        for name, row in sorted(rows.items()):
            if name in hole.needed:
                yield row, 1.0
            elif chance.random() < _KEPT:
                yield row, 0.0


def fitted(rows: Rows, needed: NDArray[np.float64]) -> tuple[dict[str, list[float]], list[float]]:
    """The weights of the sources, and those of the number of files; by Newton's method.

    Args:
        rows: (names, 3 * sources + 2), as `examples` gives them.
        needed: (names,) 1 or 0.
    """
    scale = rows.std(axis=0) + 1e-9
    inputs = np.hstack([rows / scale, np.ones((len(rows), 1))])
    weights = np.zeros(inputs.shape[1])
    penalty = np.full(len(weights), _STIFFNESS)
    penalty[-1] = 0.0
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (needed - chance) - penalty * weights
        bend = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + np.diag(penalty + 1e-9)
        weights += np.linalg.solve(bend, slope)
    plain = [round(float(each), 2) for each in weights[:-1] / scale]
    width = len(CONSTANTS)
    table = {
        source: plain[width * number : width * (number + 1)]
        for number, source in enumerate(WEIGHTS)
    }
    return table, plain[-2:]
