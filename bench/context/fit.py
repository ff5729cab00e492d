"""The ranker, fitted: what of that which is said of a name makes it likely that it is needed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from bench.context.coverage import Project
from bench.context.places import Hole

from firsthand.core.sources.place import NAME, Place
from firsthand.core.text import Position
from firsthand.matrix import Floats
from firsthand.relevance.around import Asked, around
from firsthand.relevance.candidates import Candidates
from firsthand.relevance.nearby import kin
from firsthand.relevance.ranker import (
    PLACED,
    SAID,
    SOURCES,
    TOLD,
    Ranker,
    of_place,
    ranked,
)

HIDDEN, DEEPER = 32, 16
"""Units in the two layers."""

_KEPT = 0.12  # of the names that are not needed: there are hundreds for each that is
_BATCH = 4_096
_RATE = 4e-3
_DECAY = 1e-5
_WARM = 0.2  # the share of the steps in which the rate rises
_FAR = 30.0  # no odds are further from even
_BETAS = (0.9, 0.999)
_WIDTH = SAID * len(SOURCES) + TOLD + PLACED


@dataclass(frozen=True, slots=True)
class Examples:
    """What is said of names, and whether they are needed.

    Attributes:
        rows: (names, SAID * sources + TOLD + PLACED).
        needed: (names,) 1 or 0.
    """

    rows: Floats
    needed: Floats


def examples(project: Project, holes: Iterable[Hole]) -> Iterator[Examples]:
    """The names that may be needed at some places."""
    chance = random.Random(0)
    for hole in holes:
        if hole.needed:
            yield _examples(project, hole, chance)


def _examples(project: Project, hole: Hole, chance: random.Random) -> Examples:
    file, text = hole.file, hole.text
    place = Place.at(file.path, file.language, text, Position(hole.line, 0))
    with project.without(file, hole.line, hole.end) as viewing, viewing() as view:
        names = dict.fromkeys(NAME.findall(text.string))
        relatives = kin(view, file.path, file.language, names)
        candidates = Candidates(relatives, _blank())
        values = around(view, place, candidates, Asked()).values
    said = {**candidates.said, **{source: ranked(given) for source, given in values.items()}}
    rows = np.zeros((len(candidates.names), _WIDTH), np.float32)
    for number, source in enumerate(SOURCES):
        order, numbers = said[source]
        rows[order, SAID * number : SAID * (number + 1)] = numbers
    rows[:, -TOLD - PLACED : -PLACED] = candidates.told
    rows[:, -PLACED:] = of_place(place, len(relatives.known), relatives.files)
    needed = np.array([name in hole.needed for name in candidates.names])
    kept = needed | np.array([chance.random() < _KEPT for _ in needed])
    return Examples(rows[kept], needed[kept].astype(np.float32))


def fitted(rows: Floats, needed: Floats, epochs: int, seed: int = 0) -> dict[str, Floats]:
    """The weights of a `Ranker`, by Adam on the logarithmic loss, the rate rising and falling.

    Args:
        rows: (names, SAID * sources + TOLD + PLACED).
        needed: (names,) 1 or 0.
        epochs: how often each is looked at.
        seed: of the weights at the beginning, and of the order.
    """
    rng = np.random.default_rng(seed)
    weights = [
        _drawn(rng, _WIDTH, HIDDEN),
        np.zeros(HIDDEN, np.float32),
        _drawn(rng, HIDDEN, DEEPER),
        np.zeros(DEEPER, np.float32),
        _drawn(rng, DEEPER, 1)[:, 0],
        np.zeros(1, np.float32),
    ]
    moments = [(np.zeros_like(each), np.zeros_like(each)) for each in weights]
    batches = max(1, len(rows) // _BATCH)
    for epoch in range(epochs):
        order = rng.permutation(len(rows))
        losses = 0.0
        for batch in range(batches):
            chosen = order[batch * _BATCH : (batch + 1) * _BATCH]
            loss, slopes = _slopes(weights, rows[chosen], needed[chosen])
            losses += loss
            step = epoch * batches + batch + 1
            _move(weights, moments, slopes, step, step / (epochs * batches))
        print(f"epoch {epoch + 1}: loss {losses / batches:.5f}", flush=True)
    first, bias, second, deeper, out, last = weights
    # What is kept of those not needed changes all odds alike.
    last = last + np.log(_KEPT)
    return {
        "said": first[: SAID * len(SOURCES)],
        "told": first[SAID * len(SOURCES) : -PLACED],
        "placed": first[-PLACED:],
        "bias": bias,
        "second": np.vstack((second, deeper)),
        "out": np.concatenate((out, last)),
    }


def _drawn(rng: np.random.Generator, inside: int, outside: int) -> Floats:
    drawn = rng.standard_normal((inside, outside)) * np.sqrt(2 / inside)
    return np.asarray(drawn, np.float32)


def _slopes(weights: list[Floats], rows: Floats, needed: Floats) -> tuple[float, list[Floats]]:
    """The loss of some names, and how it changes with each weight."""
    first, bias, second, deeper, out, last = weights
    hidden = np.maximum(rows @ first + bias, 0)
    top = np.maximum(hidden @ second + deeper, 0)
    scores = top @ out + last
    chances = 1 / (1 + np.exp(-scores.clip(-_FAR, _FAR)))
    loss = float(np.mean(np.logaddexp(0, scores) - needed * scores))
    wrong = (chances - needed) / len(rows)
    at_top = wrong[:, None] * out * (top > 0)
    at_hidden = at_top @ second.T * (hidden > 0)
    return loss, [
        rows.T @ at_hidden,
        at_hidden.sum(0),
        hidden.T @ at_top,
        at_top.sum(0),
        top.T @ wrong,
        wrong.sum(keepdims=True),
    ]


def _move(
    weights: list[Floats],
    moments: list[tuple[Floats, Floats]],
    slopes: list[Floats],
    step: int,
    done: float,
) -> None:
    """One step of Adam (Kingma and Ba 2015), its weights decaying (Loshchilov and Hutter 2019).

    Args:
        weights: what is moved.
        moments: the means of the slopes and of their squares so far.
        slopes: of this step.
        step: its number, from 1.
        done: the share of all steps.
    """
    rate = _RATE * min(done / _WARM, (1 - done) / (1 - _WARM))
    for weight, (mean, square), slope in zip(weights, moments, slopes, strict=True):
        mean += (1 - _BETAS[0]) * (slope - mean)
        square += (1 - _BETAS[1]) * (slope * slope - square)
        near = mean / (1 - _BETAS[0] ** step)
        far = np.sqrt(square / (1 - _BETAS[1] ** step)) + 1e-8
        weight -= rate * (near / far + _DECAY * weight)


def _blank() -> Ranker:
    """A ranker that says nothing, to collect what would be said to it."""
    shapes = {
        "said": (SAID * len(SOURCES), 1),
        "told": (TOLD, 1),
        "placed": (PLACED, 1),
        "bias": (1,),
        "second": (2, 1),
        "out": (2,),
    }
    return Ranker({name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
