"""The part of the mixer that reads only the tokens before, fitted alone on much code.

It needs no index, so it can see far more code than the rest: every token of sampled files of
projects that serve for nothing else. In a batch the different tokens that follow anywhere in it are
the candidates, so that most wrong ones are words of the same files.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench.embedded.corpus import LANGUAGES
from bench.embedded.places import Array

from firsthand.embedded.calls import call_of
from firsthand.embedded.evidence import FAR, LAST, TRAIL, trail_of
from firsthand.embedded.lexer import END, FILE, LONGEST_LINE, lex, margin, rules_for, width
from firsthand.embedded.mixer import FAR_SHARE, buckets
from firsthand.evaluate.corpus import is_table

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
_CHUNK, _CHUNKS = 64, 64  # consecutive tokens, and how many such pieces in a batch
_MOST_BUCKETS = 5
_LARGEST = 300_000  # characters of a file
_LINES = 500  # of a file
_ABOUT = TRAIL - LAST  # tokens of a trail that are not the last ones

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a prior is.

    Attributes:
        buckets: rows of its table of vectors.
        dimensions: numbers of a vector.
        middle: units between the trail and the vector of what is expected.
    """

    buckets: int = 16_384
    dimensions: int = 32
    middle: int = 192


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

    def hashed(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(keys, 5) the buckets of each among `count`, and what each of them counts."""
        which = np.zeros((len(self), _MOST_BUCKETS), np.int32)
        share = np.zeros((len(self), _MOST_BUCKETS), np.float32)
        for row, key in enumerate(self):
            found = buckets(key, count)
            which[row, : len(found)] = found
            share[row, : len(found)] = 1 / np.sqrt(len(found) or 1)
        return torch.from_numpy(which).to(DEVICE), torch.from_numpy(share).to(DEVICE)


@dataclass(frozen=True, slots=True)
class Written:
    """The tokens of many files one after another, as numbers of a vocabulary.

    Attributes:
        keys: (tokens,); where a file begins stands its mark.
        about: (tokens, TRAIL - LAST) what else is in the trail of each.
        begins: (tokens,) where the file of each begins.
    """

    keys: torch.Tensor
    about: torch.Tensor
    begins: torch.Tensor

    def trails(self, at: torch.Tensor) -> torch.Tensor:
        """(places, TRAIL + FAR) the trails of some tokens."""
        steps = torch.arange(-LAST - FAR, 0, device=at.device)
        before = at[:, None] + steps
        keys = self.keys[before.clamp(min=0)] * (before >= self.begins[at][:, None])
        return torch.cat((keys[:, FAR:], self.about[at], keys[:, :FAR]), 1)


def read(folders: Sequence[Path], tokens: int, seed: int) -> tuple[Written, Vocabulary]:
    """Sampled files of folders, at most so many tokens of each, in random order."""
    vocabulary = Vocabulary()
    files: list[tuple[Array, Array]] = []
    with ProcessPoolExecutor() as processes:
        for known, found in processes.map(partial(_sampled, tokens=tokens, seed=seed), folders):
            numbers = np.array([vocabulary[key] for key in known], np.int32)
            files += [(numbers[keys], numbers[about]) for keys, about in found]
    random.Random(seed).shuffle(files)
    sizes = [len(keys) for keys, _ in files]
    begins = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes).astype(np.int32)
    return Written(
        torch.from_numpy(np.concatenate([keys for keys, _ in files])).to(DEVICE),
        torch.from_numpy(np.concatenate([about for _, about in files])).to(DEVICE),
        torch.from_numpy(begins).to(DEVICE),
    ), vocabulary


def fit_prior(
    written: Written, vocabulary: Vocabulary, shape: Shape = Shape(), epochs: int = 4, seed: int = 1
) -> Weights:
    """Weights by Adam on the cross entropy of each token among those of its batch."""
    make = torch.Generator().manual_seed(seed)

    def drawn(*size: int, scale: float) -> torch.Tensor:
        return (torch.randn(*size, generator=make) * scale).to(DEVICE).requires_grad_()

    inner = (TRAIL + 1) * shape.dimensions
    weights = {
        "vectors": drawn(shape.buckets, shape.dimensions, scale=0.1),
        "bias": drawn(shape.buckets, scale=0.0),
        "trail": drawn(inner, shape.middle, scale=3 / np.sqrt(inner)),
        "trail_bias": drawn(shape.middle, scale=0.01),
        "ahead": drawn(shape.middle, shape.dimensions, scale=0.1),
    }
    which, share = vocabulary.hashed(shape.buckets)
    adam = torch.optim.Adam(list(weights.values()))
    rng = np.random.default_rng(seed)
    pieces = len(written.keys) // _CHUNK
    steps = epochs * -(-pieces // _CHUNKS)
    batches = chain.from_iterable(
        np.array_split(rng.permutation(pieces), -(-pieces // _CHUNKS)) for _ in range(epochs)
    )
    inside = torch.arange(_CHUNK, device=DEVICE)
    total = torch.zeros((), device=DEVICE)
    for step, chosen in enumerate(batches, 1):
        adam.param_groups[0]["lr"] = 6e-3 * min(1, step / 200) * (1 - step / steps) + 2e-5
        at = (torch.from_numpy(chosen).to(DEVICE)[:, None] * _CHUNK + inside).flatten()
        loss = _loss(weights, written, at[at > written.begins[at]], which, share)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.detach()
        if step % 1000 == 0:
            print(f"{step} of {steps}: cross entropy {total.item() / 1000:.3f}", flush=True)
            total.zero_()
    return {name: weight.detach().cpu() for name, weight in weights.items()}


def spread(vectors: torch.Tensor, trails: torch.Tensor) -> torch.Tensor:
    """(places, (TRAIL + 1) * dimensions) the vectors of trails, those far back as one."""
    near = torch.nn.functional.embedding(trails[:, :TRAIL], vectors).flatten(1)
    far = torch.nn.functional.embedding_bag(trails[:, TRAIL:], vectors, mode="sum")
    return torch.cat((near, far * FAR_SHARE), 1)


def summed(weight: torch.Tensor, which: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """(keys, dimensions) the vectors of keys by their buckets."""
    return torch.nn.functional.embedding_bag(which, weight, mode="sum", per_sample_weights=share)


def _loss(
    weights: Weights, written: Written, at: torch.Tensor, which: torch.Tensor, share: torch.Tensor
) -> Any:
    rows = torch.cat((written.trails(at), written.keys[at][:, None]), 1)
    keys, places = torch.unique(rows, return_inverse=True)
    vectors = summed(weights["vectors"], which[keys], share[keys])
    middle = spread(vectors, places[:, :-1]) @ weights["trail"] + weights["trail_bias"]
    candidates, right = torch.unique(places[:, -1], return_inverse=True)
    mine = keys[candidates]
    bias = (weights["bias"][which[mine]] * share[mine]).sum(-1)
    scores = (torch.relu(middle) @ weights["ahead"]) @ vectors[candidates].T + bias
    return torch.nn.functional.cross_entropy(scores, right)


def _sampled(folder: Path, tokens: int, seed: int) -> tuple[list[str], list[tuple[Array, Array]]]:
    """The keys of a folder's sampled files, and of each its tokens and what stands about them."""
    vocabulary = Vocabulary()
    paths = sorted(path for path in folder.rglob("*") if path.suffix in LANGUAGES)
    random.Random(seed).shuffle(paths)
    total = 0
    found = []
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
        array = np.array(rows, np.int32)
        found.append((array[:, 0], array[:, 1:]))
    return list(vocabulary), found


def _rows(text: str, language: str) -> Iterator[list[str]]:
    """Each token of a text, and what is in its trail beside the last tokens."""
    keys = [FILE]
    begun = ["", ""]
    yield [FILE, *[""] * _ABOUT]
    for count, line in enumerate(_lines(text, language)):
        for at, key in enumerate(line):
            trail = trail_of(keys, list(line[:at]), call_of(keys[-33:]), begun)
            yield [key, *trail[LAST:TRAIL]]
            keys.append(key)
        begun = [begun[1], next((key for key in line[:2] if key[0] != END), "")]
        del keys[:-40]
        if count > _LINES:
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
