"""The measurements of single places: the next token, and the rest of the line.

Every file is left out of its project's tier, typed from its first line to its last, and learned as
it is typed. What is counted, and how, is `firsthand.evaluate`'s.
"""

from __future__ import annotations

import random

from bench.embedded.corpus import Project
from bench.embedded.places import typed

from firsthand.embedded.mixer import fitted
from firsthand.evaluate.tally import GROUPS, STARTS, mean_reciprocal_rank, share, top_1
from firsthand.evaluate.walk import grouped, rank, rest_is_right

Figures = dict[str, float]


def next_token(project: Project, lines: int, seed: int) -> Figures:
    """Top-1 and MRR@10 of all tokens, the ends of lines among them, by their groups.

    `fixed_` is the same with a mixer that does not go on learning. The other one learns from every
    token, as each is asked for when it is typed.
    """
    ranks: dict[str, list[int]] = {group: [] for group in GROUPS}
    ranks |= {f"fixed_{group}": [] for group in GROUPS}
    for typist, number, tokens in typed(project, lines, seed):
        for token, groups in grouped(typist, number, tokens):
            found = rank(typist, number, token)
            fixed = rank(typist, number, token, fitted())
            for group in groups:
                ranks[group].append(found)
                ranks[f"fixed_{group}"].append(fixed)
    figures: Figures = {}
    for group, places in ranks.items():
        figures[f"{group}_top1"] = top_1(places) or 0.0
        figures[f"{group}_mrr"] = mean_reciprocal_rank(places) or 0.0
    return figures


def rest_of_line(project: Project, lines: int, seed: int) -> Figures:
    """How often the likeliest rest of a line is all of it: at any token, and at the first."""
    chance = random.Random(seed)
    hits: dict[str, list[bool]] = {start: [] for start in STARTS}
    for typist, number, tokens in typed(project, lines, seed):
        place = chance.randrange(len(tokens) - 1)
        hit = rest_is_right(typist, number, tokens[place])
        hits["any"].append(hit)
        if place == 0:
            hits["start"].append(hit)
    return {f"rest_{start}": share(found) or 0.0 for start, found in hits.items()}
