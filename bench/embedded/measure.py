"""The measurements of single places: the next token, and the rest of the line.

Every file is left out of its project's tier, typed from its first line to its last, and learned as
it is typed.
"""

from __future__ import annotations

import random

import numpy as np
from bench.embedded.corpus import Project
from bench.embedded.places import between, typed

from firsthand.embedded.draft import begin, grow
from firsthand.embedded.kinds import NAMES, kind
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE
from firsthand.embedded.mixer import fitted

Figures = dict[str, float]
_LEAST = -20.0  # the logarithm of a chance below all that is met


def next_token(project: Project, lines: int, seed: int) -> Figures:
    """Top-1 and MRR@10 of one token in three, the ends of lines among them.

    `code` is all but what stands within strings and comments, `names` the identifiers of code.
    """
    chance = random.Random(seed)
    mixer = fitted()
    ranks: dict[str, list[int]] = {"all": [], "code": [], "names": [], "prose": []}
    for typist, number, tokens in typed(project, lines, seed):
        prose = typist.in_prose(number)
        for token in tokens:
            mark = token.key.lstrip(" ")[0]
            prose = (prose or mark in OPEN + PROSE) and mark != CLOSE
            if chance.random() > 1 / 3:
                continue
            evidence, right = between(typist, number, token)
            chances = mixer.probabilities(evidence)
            rank = int((chances[1:] > chances[right]).sum()) + 1 if right else 99
            ranks["all"].append(rank)
            inside = prose and mark not in OPEN + CLOSE + END
            ranks["prose" if inside else "code"].append(rank)
            if not inside and kind(token.key) in NAMES:
                ranks["names"].append(rank)
    figures: Figures = {}
    for name, found in ranks.items():
        figures[f"{name}_top1"] = float(np.mean([rank == 1 for rank in found]))
        figures[f"{name}_mrr"] = float(np.mean([1 / rank if rank <= 10 else 0 for rank in found]))
    return figures


def rest_of_line(project: Project, lines: int, seed: int) -> Figures:
    """How often the likeliest rest of a line is all of it: at any token, and at the first."""
    chance = random.Random(seed)
    hits: dict[str, list[bool]] = {"rest_any": [], "rest_start": []}
    for typist, number, tokens in typed(project, lines, seed):
        place = chance.randrange(len(tokens) - 1)
        at = tokens[place].start
        start, sources = typist.start(number, at)
        start.fresh = 30
        hit = False
        for draft in begin(start, sources, fitted(), 1):
            for last in grow(draft, start, sources, fitted(), _LEAST):
                hit = last.ended and last.text.strip() == typist.lines[number][at:].strip()
        hits["rest_any"].append(hit)
        if place == 0:
            hits["rest_start"].append(hit)
    return {name: float(np.mean(found)) for name, found in hits.items()}
