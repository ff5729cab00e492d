"""What each expert adds: how much rarer the likeliest token is right without what it says.

The weights stay as they were fitted, and nothing is learned of them while typing; what an expert
says is blanked out, as where it knows nothing. Its candidates stay, so that this is the least that
it adds. Weights fitted without it would make up for a part of that.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from bench.embedded.corpus import Project
from bench.embedded.places import typed

from firsthand.embedded.evidence import CALLED, EXACT, PLACED, SEQUEL, WIDTH, Evidence
from firsthand.embedded.facts import FACTS
from firsthand.embedded.mixer import Mixer, Weighed, fitted
from firsthand.embedded.scope import ROLES
from firsthand.embedded.sources import BINS, CELLS
from firsthand.evaluate.tally import GROUPS, top_1
from firsthand.evaluate.walk import grouped, rank

_FACTS = 2 * CELLS
_PLACED = _FACTS + FACTS
_EXACT = _PLACED + PLACED
_ROLES = _PLACED - ROLES - 1
_IMPORTED = _PLACED - 2


def _heard(*sources: int, first: int = 0) -> list[int]:
    """The cells of some sources for matches from a bin on."""
    return [source * BINS + cell for source in sources for cell in range(first, BINS)]


# For each expert the cells of what followed a context, and further columns of a candidate's.
_EXPERTS: dict[str, tuple[list[int], list[int]]] = {
    "near lines": (_heard(0), [_FACTS + 3, _FACTS + 4, _FACTS + 5]),
    "file": (_heard(1), [_FACTS + 1, *range(_EXACT, _EXACT + 5)]),
    "project": (_heard(2), [_FACTS + 6, *range(_EXACT + 5, _EXACT + 10)]),
    "copies of four tokens and more": (_heard(0, 1, 2, 3, first=3), []),
    "shapes": (_heard(4, 5), []),
    "exact counts": ([], list(range(_EXACT, _EXACT + EXACT))),
    "copies of eight tokens and more": (_heard(0, 1, 2, 3, first=6), []),
    "scope": ([], [*range(_FACTS + 10, _FACTS + 13), *range(_ROLES, _IMPORTED), _PLACED - 1]),
    "imports": ([], [_IMPORTED]),
    "names of the language": ([], [_FACTS + 13, _FACTS + 14]),
    "names before": ([], list(range(_EXACT + EXACT, _EXACT + EXACT + SEQUEL))),
    "calls": ([], list(range(WIDTH - CALLED, WIDTH))),
    "words of the line": ([], [_FACTS + 9, *range(_PLACED, _PLACED + 8)]),
}


class _Without(Mixer):
    """The fitted mixer, to which some numbers of the evidence always are 0."""

    def __init__(self, cells: list[int], columns: list[int]) -> None:
        super().__init__(fitted().weights)
        self._cells = cells
        self._columns = [*cells, *(CELLS + cell for cell in cells), *columns]

    def weigh(self, evidence: Evidence) -> Weighed:
        rows, context = evidence.rows.copy(), evidence.context.copy()
        rows[:, self._columns] = 0
        context[self._cells] = 0
        return super().weigh(replace(evidence, rows=rows, context=context))


def ablation(project: Project, lines: int, seed: int) -> dict[str, dict[str, float]]:
    """Top-1 of one token in three by group: of all experts together, and without each.

    The prior is what the mixer's vectors of tokens say.
    """
    weights = fitted().weights
    mixers = {"all": fitted()}
    mixers |= {name: _Without(*said) for name, said in _EXPERTS.items()}
    mixers["prior"] = Mixer({**weights, "vectors": np.zeros_like(weights["vectors"])})
    ranks: dict[str, dict[str, list[int]]] = {
        name: {group: [] for group in GROUPS} for name in mixers
    }
    chance = random.Random(seed)
    for typist, number, tokens in typed(project, lines, seed):
        for token, groups in grouped(typist, number, tokens):
            if chance.random() > 1 / 3:
                continue
            for name, mixer in mixers.items():
                found = rank(typist, number, token, mixer)
                for group in groups:
                    ranks[name][group].append(found)
    return {
        name: {group: round(top_1(places) or 0.0, 4) for group, places in groups.items()}
        for name, groups in ranks.items()
    }


def table(projects: dict[str, dict[str, dict[str, float]]]) -> str:
    """The means of the projects as a Markdown table: all together, and what is lost by each."""
    columns = ("all", "code", "names")
    lines = ["| without | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    means = {
        name: [
            sum(each[name][group] for each in projects.values()) / len(projects)
            for group in columns
        ]
        for name in next(iter(projects.values()))
    }
    whole = means.pop("all")
    lines.append("| nothing | " + " | ".join(f"{value:.3f}" for value in whole) + " |")
    for name, values in sorted(means.items(), key=lambda it: it[1][2]):
        lost = (f"{value - all_:+.3f}" for value, all_ in zip(values, whole, strict=True))
        lines.append(f"| {name} | " + " | ".join(lost) + " |")
    return "\n".join(lines)
