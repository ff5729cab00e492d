"""The measurements: next token, rest of the line, and a person who types key by key.

Every file is left out of its project's tier, typed from its first line to its last, and learned as
it is typed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from time import process_time_ns

import numpy as np
from bench.embedded.corpus import Project
from bench.embedded.places import between, typed
from bench.embedded.typist import Typist

from firsthand.embedded import Guess
from firsthand.embedded.decode import begin, grow
from firsthand.embedded.kinds import NAMES, kind
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE
from firsthand.embedded.mixer import fitted

Figures = dict[str, float]


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
            for last in grow(draft, start, sources, fitted(), 1e-9):
                hit = last.ended and last.text.strip() == typist.lines[number][at:].strip()
        hits["rest_any"].append(hit)
        if place == 0:
            hits["rest_start"].append(hit)
    return {name: float(np.mean(found)) for name, found in hits.items()}


@dataclass(slots=True)
class Replay:
    """What a person got who types key by key and accepts a text when all of it agrees.

    Attributes:
        characters: typed in all, the ends of lines among them, but not the indentation, which an
            editor makes.
        saved: characters accepted less one key for each accept.
        told: (confidence, whether all of the text agreed) of every answer.
        cpu: nanoseconds of every answer.
    """

    characters: int = 0
    lines: int = 0
    shown: int = 0
    right: int = 0
    saved: int = 0
    told: list[tuple[float, bool]] = field(default_factory=list)
    cpu: list[int] = field(default_factory=list)

    def figures(self) -> Figures:
        """The figures of the goals' table."""
        return {
            "saved": self.saved / max(1, self.characters),
            "correct": self.right / max(1, self.shown),
            "shown_per_line": self.shown / max(1, self.lines),
            "calibration_error": calibration_error(self.told),
            "cpu_ms_p50": float(np.percentile(self.cpu, 50)) / 1e6,
            "cpu_ms_p99": float(np.percentile(self.cpu, 99)) / 1e6,
        }


def replay(project: Project, lines: int, seed: int, bar: float, least: int = 2) -> Replay:
    """Type files of a project; a text is shown if its confidence reaches the bar.

    It stays on the screen while what is typed agrees with it, and is accepted when all of it does.

    Args:
        project: whose files are typed.
        lines: how many, at least, in whole files.
        seed: which files.
        bar: the confidence.
        least: the characters a text must have to be shown.
    """
    found = Replay()
    for typist, number, _ in typed(project, lines, seed):
        line = typist.lines[number].rstrip()
        found.lines += 1
        found.characters += len(line.lstrip()) + 1
        _type(typist, number, line, (bar, least), found)
    return found


def _type(typist: Typist, number: int, line: str, rule: tuple[float, int], found: Replay) -> None:
    bar, least = rule
    at = len(line) - len(line.lstrip())
    shown = ""
    while at < len(line):
        if not shown:
            guess = _answer(typist, number, at, bar, found)
            if guess is not None and guess.confidence >= bar and len(guess.text) >= least:
                found.shown += 1
                if line.startswith(guess.text, at):
                    found.right += 1
                    found.saved += len(guess.text) - 1
                    at += len(guess.text)
                    continue
                shown = guess.text
        shown = shown[1:] if shown[:1] == line[at] else ""
        at += 1


def _answer(typist: Typist, number: int, at: int, bar: float, found: Replay) -> Guess | None:
    text = typist.text(number, at)
    start = process_time_ns()
    given = typist.suggest(text, number, at, bar)
    found.cpu.append(process_time_ns() - start)
    if not given:
        return None
    found.told.append((given[0].confidence, typist.lines[number].startswith(given[0].text, at)))
    return given[0]


def calibration_error(told: list[tuple[float, bool]], bins: int = 15) -> float:
    """The expected calibration error over equal bins of confidence."""
    if not told:
        return 0.0
    sure = np.array([each[0] for each in told])
    right = np.array([each[1] for each in told], float)
    which = np.minimum((sure * bins).astype(int), bins - 1)
    error = 0.0
    for each in range(bins):
        inside = which == each
        if inside.any():
            error += abs(float(sure[inside].mean() - right[inside].mean())) * float(inside.mean())
    return error
