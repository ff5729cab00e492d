"""Fit the mixer's weights on the tuning projects."""

from __future__ import annotations

import numpy as np
from bench.embedded.places import Array, Places

from firsthand.embedded.evidence import GLOBAL, WIDTH
from firsthand.embedded.kinds import KINDS
from firsthand.embedded.sources import Floats

_BATCH = 256
Weights = dict[str, Floats]


def fit(places: Places, hidden: int, epochs: int, seed: int = 1) -> Weights:
    """Weights of the mixer, by Adam on the cross entropy of the true candidates."""
    rng = np.random.default_rng(seed)
    shapes = {
        "rows": (WIDTH, hidden),
        "context": (GLOBAL, hidden),
        "pairs": (KINDS * KINDS, hidden),
        "second": (KINDS, hidden),
        "out": (hidden,),
    }
    weights: Weights = {
        name: (rng.standard_normal(shape) * 0.3 / np.sqrt(shape[0])).astype(np.float32)
        for name, shape in shapes.items()
    }
    weights["out"] *= np.sqrt(hidden, dtype=np.float32)
    means = {name: np.zeros_like(value) for name, value in weights.items()}
    squares = {name: np.zeros_like(value) for name, value in weights.items()}
    count, step = len(places.right), 0
    total = epochs * -(-count // _BATCH)
    for epoch in range(epochs):
        losses = []
        for chosen in np.array_split(rng.permutation(count), -(-count // _BATCH)):
            loss, slopes = _slopes(weights, places, chosen)
            losses.append(loss)
            step += 1
            rate = 3e-3 * min(1, step / 100) * (1 - step / (total + 1)) + 1e-5
            for name, slope in slopes.items():
                slope = slope + 1e-5 * weights[name]
                means[name] += 0.1 * (slope - means[name])
                squares[name] += 0.001 * (slope * slope - squares[name])
                mean = means[name] / (1 - 0.9**step)
                spread = np.sqrt(squares[name] / (1 - 0.999**step)) + 1e-8
                weights[name] -= (rate * mean / spread).astype(np.float32)
        print(f"epoch {epoch + 1}: cross entropy {np.mean(losses):.4f}", flush=True)
    return weights


def evaluate(weights: Weights, places: Places) -> tuple[float, float]:
    """(cross entropy, share of places where the true candidate is the likeliest)."""
    loss = hits = 0.0
    for chosen in np.array_split(np.arange(len(places.right)), len(places.right) // 512 + 1):
        forward = _forward(weights, places, chosen)
        starts, chances = forward[2], forward[-1]
        right = places.right[chosen] - places.first[chosen] + starts
        loss -= np.log(chances[right] + 1e-9).sum()
        named = chances.copy()
        named[starts] = -1
        best = np.maximum.reduceat(named, starts)
        hits += ((best <= chances[right]) & (right != starts)).sum()
    return loss / len(places.right), hits / len(places.right)


def _forward(weights: Weights, places: Places, chosen: Array) -> tuple[Array, ...]:
    lengths = places.first[chosen + 1] - places.first[chosen]
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    owner = np.repeat(np.arange(len(chosen)), lengths)
    index = np.arange(lengths.sum()) - starts[owner] + places.first[chosen][owner]
    rows = places.rows[index].astype(np.float32)
    before = places.before[chosen]
    pair = before[owner, 0] * KINDS + places.kinds[index]
    shared = places.contexts[chosen] @ weights["context"] + weights["second"][before[:, 1]]
    inner = np.maximum(rows @ weights["rows"] + weights["pairs"][pair] + shared[owner], 0)
    scores = inner @ weights["out"]
    scores -= np.maximum.reduceat(scores, starts)[owner]
    chances = np.exp(scores)
    chances /= np.add.reduceat(chances, starts)[owner]
    return index, owner, starts, rows, before, pair, inner, chances


def _slopes(weights: Weights, places: Places, chosen: Array) -> tuple[float, dict[str, Array]]:
    _, _, starts, rows, before, pair, inner, chances = _forward(weights, places, chosen)
    right = places.right[chosen] - places.first[chosen] + starts
    loss = -float(np.log(chances[right] + 1e-9).mean())
    delta = chances
    delta[right] -= 1
    delta /= len(chosen)
    back = (delta[:, None] * weights["out"]) * (inner > 0)
    shared = np.add.reduceat(back, starts)
    pairs, second = np.zeros_like(weights["pairs"]), np.zeros_like(weights["second"])
    order = np.argsort(pair, kind="stable")
    which, at = np.unique(pair[order], return_index=True)
    pairs[which] = np.add.reduceat(back[order], at)
    np.add.at(second, before[:, 1], shared)
    return loss, {
        "rows": rows.T @ back,
        "context": places.contexts[chosen].T @ shared,
        "pairs": pairs,
        "second": second,
        "out": inner.T @ delta,
    }
