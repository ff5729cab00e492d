"""The part of the mixer that reads only the tokens before, fitted alone on much code.

It needs no index, so it can see far more code than the rest: every token of sampled files of
projects that serve for nothing else. In a batch the different tokens that follow anywhere in it are
the candidates, so that most wrong ones are words of the same files.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench.embedded.corpus import LANGUAGES
from bench.embedded.places import Array

from firsthand.embedded.calls import call_of
from firsthand.embedded.evidence import TRAIL, trail_of
from firsthand.embedded.lexer import END, FILE, LONGEST_LINE, lex, margin, rules_for, width
from firsthand.embedded.mixer import buckets
from firsthand.evaluate.corpus import is_table

BUCKETS, DIMENSIONS, MIDDLE = 8192, 32, 96
_CHUNK, _CHUNKS = 64, 16  # consecutive tokens, and how many such pieces in a batch
_MOST_BUCKETS = 5
_LARGEST = 300_000  # characters of a file
_EACH = 4000  # tokens of a file

Weights = dict[str, torch.Tensor]


class Vocabulary(dict[str, int]):
    """Numbers for keys, as they are met; 0 is for none."""

    def __init__(self) -> None:
        super().__init__({"": 0})

    def __missing__(self, key: str) -> int:
        self[key] = len(self)
        return self[key]

    @classmethod
    def of(cls, keys: list[str]) -> Vocabulary:
        """The numbers that keys have by their order, from 0 on."""
        found = cls()
        found.clear()
        found.update({key: number for number, key in enumerate(keys)})
        return found

    def hashed(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(keys, 5) the buckets of each, and what each of them counts."""
        which = np.zeros((len(self), _MOST_BUCKETS), np.int64)
        share = np.zeros((len(self), _MOST_BUCKETS), np.float32)
        for row, key in enumerate(self):
            found = buckets(key, BUCKETS)
            which[row, : len(found)] = found
            share[row, : len(found)] = 1 / np.sqrt(len(found) or 1)
        return torch.from_numpy(which), torch.from_numpy(share)


def trails(folder: Path, tokens: int, seed: int, vocabulary: Vocabulary) -> Iterator[Array]:
    """For sampled files of a folder (tokens, TRAIL + 1): the trail and the token, as numbers."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in LANGUAGES)
    random.Random(seed).shuffle(paths)
    total = 0
    for path in paths:
        if total > tokens:
            break
        if path.name.endswith(".d.ts") or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        if len(text) > _LARGEST or is_table(text):
            continue
        rows = [[vocabulary[key] for key in row] for row in _rows(text, LANGUAGES[path.suffix])]
        total += len(rows)
        if rows:
            yield np.array(rows, np.int32)


def fit_prior(rows: Array, vocabulary: Vocabulary, seed: int = 1) -> Weights:
    """Weights by Adam on the cross entropy of each token among those of its batch, seen once."""
    make = torch.Generator().manual_seed(seed)

    def drawn(*shape: int, scale: float) -> torch.Tensor:
        return (torch.randn(*shape, generator=make) * scale).requires_grad_()

    weights = {
        "vectors": drawn(BUCKETS, DIMENSIONS, scale=0.1),
        "bias": drawn(BUCKETS, scale=0.0),
        "trail": drawn(TRAIL * DIMENSIONS, MIDDLE, scale=3 / np.sqrt(TRAIL * DIMENSIONS)),
        "trail_bias": drawn(MIDDLE, scale=0.01),
        "ahead": drawn(MIDDLE, DIMENSIONS, scale=0.1),
    }
    which, share = vocabulary.hashed()
    adam = torch.optim.Adam(list(weights.values()))
    order = np.random.default_rng(seed).permutation(len(rows) // _CHUNK)
    batches = np.array_split(order, -(-len(order) // _CHUNKS))
    total = 0.0
    for step, chosen in enumerate(batches, 1):
        adam.param_groups[0]["lr"] = 4e-3 * min(1, step / 100) * (1 - step / len(batches)) + 2e-5
        batch = np.concatenate([rows[each * _CHUNK : (each + 1) * _CHUNK] for each in chosen])
        loss = _loss(weights, batch, which, share)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item()
        if step % 300 == 0:
            print(f"{step} of {len(batches)}: cross entropy {total / 300:.3f}", flush=True)
            total = 0.0
    return {name: weight.detach() for name, weight in weights.items()}


def _loss(weights: Weights, batch: Array, which: torch.Tensor, share: torch.Tensor) -> Any:
    keys, places = np.unique(batch, return_inverse=True)
    places = torch.from_numpy(places.reshape(batch.shape))
    parts = share[keys][..., None]
    vectors = (torch.nn.functional.embedding(which[keys], weights["vectors"]) * parts).sum(1)
    before = torch.nn.functional.embedding(places[:, :-1], vectors).flatten(1)
    middle = torch.relu(before @ weights["trail"] + weights["trail_bias"])
    candidates, right = torch.unique(places[:, -1], return_inverse=True)
    bias = (weights["bias"][which[keys][candidates]] * share[keys][candidates]).sum(-1)
    scores = (middle @ weights["ahead"]) @ vectors[candidates].T + bias
    return torch.nn.functional.cross_entropy(scores, right)


def _rows(text: str, language: str) -> Iterator[list[str]]:
    """The trail of each token of a text, and the token."""
    keys = [FILE]
    begun = ["", ""]
    for count, line in enumerate(_lines(text, language)):
        for at, key in enumerate(line):
            yield [*trail_of(keys, list(line[:at]), call_of(keys[-33:]), begun), key]
            keys.append(key)
        begun = [begun[1], next((key for key in line[:2] if key[0] != END), "")]
        del keys[:-40]
        if count > _EACH // 8:
            break


def _lines(text: str, language: str) -> Iterator[tuple[str, ...]]:
    """The tokens of each line that has any, its margin first."""
    rules = rules_for(language)
    state, above, blank = "", 0, False
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip() or len(line) > LONGEST_LINE:
            blank = blank or not line.strip()
            continue
        here = width(line)
        step = margin(above, here, blank)
        lexed = lex(line, state, rules)
        yield (step, *lexed.keys) if step else lexed.keys
        state, above, blank = lexed.state, here, False
