"""Fit how sure whole texts are, on projects that the mixer was not fitted on."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from bench.embedded.corpus import Project
from bench.embedded.places import Array, thin_out, typed

from firsthand.embedded.calibration import MEASURES, Scorer, measures
from firsthand.embedded.decode import chains
from firsthand.embedded.mixer import fitted
from firsthand.evaluate.replay import agrees
from firsthand.evaluate.typist import Typist

_HIDDEN = 8
_EPOCHS, _BATCH = 40, 256
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts at many places of one project.

    Attributes:
        rows: (texts, MEASURES).
        right: whether what was typed agreed with all of each.
    """

    rows: Array
    right: Array


def samples(project: Project, lines: int, seed: int) -> Samples:
    """The texts at two places of each line of sampled files, and at its first character."""
    chance = random.Random(seed)
    rows: list[tuple[float, ...]] = []
    right: list[bool] = []
    typist: Typist | None = None
    for now, number, _ in typed(project, lines, seed):
        if now is not typist:
            typist = now
            thin_out(typist, project, chance.random())
        line = typist.lines[number]
        first = len(line) - len(line.lstrip())
        for at in {first, chance.randrange(first, len(line)), chance.randrange(first, len(line))}:
            start, sources = typist.start(number, at)
            for drafts in chains(start, sources, fitted(), 1, _MOST_LINES)[:1]:
                for draft in drafts:
                    rows.append(measures(draft, start, len(sources.document)))
                    right.append(agrees(typist.lines, number, at, draft.text))
    return Samples(np.array(rows, np.float32), np.array(right, np.float32))


def calibrate(projects: list[Samples], seed: int = 1) -> Scorer:
    """The scorer that fits best, by Adam; every project counts as much as any other."""
    rng = np.random.default_rng(seed)
    rows = np.concatenate([each.rows for each in projects]).astype(np.float64)
    right = np.concatenate([each.right for each in projects])
    share = np.concatenate([np.full(len(each.right), 1 / len(each.right)) for each in projects])
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    rows = np.column_stack(((rows - middle) / spread, np.ones(len(rows))))
    inner = rng.standard_normal((MEASURES + 1, _HIDDEN)) / np.sqrt(MEASURES)
    outer = np.concatenate((rng.standard_normal(_HIDDEN) * 0.3, np.zeros(MEASURES + 1)))
    weights, steps = [inner, outer], 0
    means, squares = [np.zeros_like(each) for each in weights], [0 * each for each in weights]
    total = _EPOCHS * -(-len(rows) // _BATCH)
    for _ in range(_EPOCHS):
        for chosen in np.array_split(rng.permutation(len(rows)), -(-len(rows) // _BATCH)):
            steps += 1
            part = rows[chosen]
            hidden = np.maximum(part @ inner, 0)
            both = np.concatenate((hidden, part), axis=1)
            error = 1 / (1 + np.exp(-both @ outer)) - right[chosen]
            error *= share[chosen] / share[chosen].sum()
            back = error[:, None] * outer[:_HIDDEN] * (hidden > 0)
            rate = 3e-3 * min(1, steps / 50) * (1 - steps / (total + 1))
            for number, slope in enumerate((part.T @ back, both.T @ error)):
                slope = slope + 1e-4 * weights[number]
                means[number] += 0.1 * (slope - means[number])
                squares[number] += 0.001 * (slope * slope - squares[number])
                mean = means[number] / (1 - 0.9**steps)
                weights[number] -= (
                    rate * mean / (np.sqrt(squares[number] / (1 - 0.999**steps)) + 1e-8)
                )
    return _unscaled(inner, outer, middle, spread)


def _unscaled(inner: Array, outer: Array, middle: Array, spread: Array) -> Scorer:
    """The scorer for rows as they are, from one for rows brought to one scale."""
    scale = np.diag(np.append(1 / spread, 1.0))
    scale[MEASURES, :MEASURES] = -middle / spread
    last = scale @ outer[_HIDDEN:]
    return Scorer(
        (scale @ inner).astype(np.float32),
        np.concatenate((outer[:_HIDDEN], last)).astype(np.float32),
    )
