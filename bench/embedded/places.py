"""Places in the files of projects, and what the tiers say there: what the mixer is fitted on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from bench.embedded.corpus import Project
from numpy.typing import NDArray

from firsthand.embedded.evidence import Evidence, weigh
from firsthand.embedded.lexer import written
from firsthand.embedded.mixer import Mixer
from firsthand.evaluate.corpus import measured
from firsthand.evaluate.typist import Token, Typist, row

Array = NDArray[Any]


@dataclass(slots=True)
class Rows:
    """The numbers of candidates; most of them are 0, so only the others are kept.

    Attributes:
        values: (numbers,) in half precision, those of each candidate below one another.
        columns: (numbers,) where each stands among the WIDTH of its candidate.
        first: (candidates + 1,) where the numbers of each begin.
    """

    values: Array
    columns: Array
    first: Array

    @classmethod
    def of(cls, whole: Array) -> Rows:
        """Those of (candidates, WIDTH) numbers."""
        rows, columns = np.nonzero(whole)
        counts = np.bincount(rows, minlength=len(whole))
        values = whole[rows, columns].astype(np.float16)
        return cls(values, columns.astype(np.uint8), np.concatenate(([0], np.cumsum(counts))))

    @classmethod
    def joined(cls, parts: list[Rows]) -> Rows:
        """Those of several below one another."""
        counts = [np.diff(part.first) for part in parts]
        return cls(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.columns for part in parts]),
            np.concatenate(([0], np.cumsum(np.concatenate(counts)))),
        )

    def __len__(self) -> int:
        return len(self.first) - 1


@dataclass(slots=True)
class Places:
    """Evidence at many places, the candidates of all below one another.

    Attributes:
        rows: of the candidates.
        kinds: (candidates,).
        contexts: (places, GLOBAL).
        before: (places, 2) kinds of the tokens before.
        first: (places + 1,) where each place's candidates begin.
        right: (places,) the row of the true candidate; the first one if it is none of them.
        keys: (candidates,) the candidates, as numbers of the vocabulary.
        trails: (places, TRAIL) the trails, likewise.
        vocabulary: the keys by their numbers.
    """

    rows: Rows
    kinds: Array
    contexts: Array
    before: Array
    first: Array
    right: Array
    keys: Array
    trails: Array
    vocabulary: list[str]


def collect(project: Project, lines: int, seed: int) -> Places:
    """Evidence at some two places a line of sampled files of a project."""
    found = list(_sampled(project, lines, seed))
    first = np.array([0, *accumulate(len(evidence.keys) for evidence, _ in found)])
    numbers: dict[str, int] = {}

    def numbered(keys: list[str]) -> Array:
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int32)

    return Places(
        Rows.joined([Rows.of(evidence.rows) for evidence, _ in found]),
        np.concatenate([np.array(evidence.kinds, np.int16) for evidence, _ in found]),
        np.array([evidence.context for evidence, _ in found], np.float32),
        np.array([evidence.before for evidence, _ in found]),
        first,
        np.array([right for _, right in found]) + first[:-1],
        np.concatenate([numbered(evidence.keys) for evidence, _ in found]),
        np.array([numbered(evidence.trail) for evidence, _ in found]),
        list(numbers),
    )


def joined(parts: list[Places]) -> Places:
    """The places of several projects as those of one."""
    numbers: dict[str, int] = {}
    again = [
        np.array([numbers.setdefault(key, len(numbers)) for key in part.vocabulary], np.int32)
        for part in parts
    ]
    offsets = np.cumsum([0, *(len(part.rows) for part in parts)])
    after = zip(parts, offsets.tolist(), strict=False)
    return Places(
        Rows.joined([part.rows for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.contexts for part in parts]),
        np.concatenate([part.before for part in parts]),
        np.array([0, *(first + offset for part, offset in after for first in part.first[1:])]),
        np.concatenate(
            [part.right + offset for part, offset in zip(parts, offsets.tolist(), strict=False)]
        ),
        np.concatenate([new[part.keys] for part, new in zip(parts, again, strict=True)]),
        np.concatenate([new[part.trails] for part, new in zip(parts, again, strict=True)]),
        list(numbers),
    )


def typed(
    project: Project, lines: int, seed: int, mixer: Mixer | None = None
) -> Iterator[tuple[Typist, int, list[Token]]]:
    """The lines of sampled files in the order they are typed, each with its tokens.

    What the mixer learned in a file is there for the next one.
    """
    known = project.known
    for path, language, body in project.sample(lines, seed):
        typist = Typist(path, language, body, known, mixer)
        for number in measured(body, (0, len(body))):
            typist.begin(number)
            yield typist, number, typist.tokens(number)
        known = typist.known()


def _sampled(project: Project, lines: int, seed: int) -> Iterator[tuple[Evidence, int]]:
    chance = random.Random(seed)
    typist: Typist | None = None
    for now, number, tokens in typed(project, lines, seed):
        if now is not typist:
            typist = now
            thin_out(typist, project, chance.random())
        line = typist.lines[number]
        for _ in range(2):
            if chance.random() < 0.45:
                yield typist.between(number, chance.choice(tokens))
            else:
                at = chance.randint(len(line) - len(line.lstrip()), len(line))
                yield _within(typist, number, tokens, at)


def thin_out(typist: Typist, project: Project, luck: float) -> None:
    """Take tiers from some files, so that the weights know what to do without."""
    if luck < 0.4:
        tier = project.tier if luck > 0.08 else None
        typist.model.attach("", tier, project.base if luck < 0.04 else None)


def _within(typist: Typist, number: int, tokens: list[Token], at: int) -> tuple[Evidence, int]:
    """Evidence at a character of a line, as typing asks."""
    begun, sources = typist.start(number, at)
    evidence = weigh(begun.context, sources, begun.stem, begun.spaced)
    for token in tokens:
        end = token.start + len(written(token.key))
        if token.start < at <= end if begun.stem else token.start >= at:
            return evidence, row(evidence, token.key)
    return evidence, 0
