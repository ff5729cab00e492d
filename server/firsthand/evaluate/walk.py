"""The embedded model, measured while a file is typed from its first line to its last."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from firsthand.core.showing import Price
from firsthand.embedded import Guess, ProjectTier
from firsthand.embedded.decode import Candidate, guesses
from firsthand.embedded.draft import begin, grow
from firsthand.embedded.kinds import NAMES, kind
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE
from firsthand.embedded.mixer import fitted
from firsthand.evaluate.corpus import Passage
from firsthand.evaluate.replay import indentation, type_line
from firsthand.evaluate.tally import Tally
from firsthand.evaluate.typist import Token, Typist

AGGRESSIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_LEAST = -20.0  # the logarithm of a chance below all that is met
_REST = 30  # contexts weighed for the rest of a line
_NO_CANDIDATE = 99  # the rank of a token that is none
Groups = tuple[str, ...]
# The clock of CPU time ticks every 16 ms on Windows.
_cpu = time.perf_counter_ns if sys.platform == "win32" else time.thread_time_ns


def measure(passage: Passage, tier: ProjectTier, seed: int, aggression: float) -> Iterator[Tally]:
    """Type a file whose project is known but for it; gives the counts of each line that counts.

    Args:
        passage: the file, and which of its lines count.
        tier: the project's.
        seed: decides from which token of a line its rest is asked for.
        aggression: that of the settings; others are measured as well.
    """
    source = passage.source
    # The same whether other files are measured or not.
    chance = random.Random(f"{seed}:{source.path}")  # noqa: S311 (no secret)
    typist = Typist(source.path, source.language, source.lines, tier)
    for number in passage.numbers:
        tally = Tally()
        typist.begin(number)
        tally.count(source.lines[number])
        replay(typist, number, aggression, tally)
        tokens = typist.tokens(number)
        place = chance.randrange(len(tokens) - 1)
        hit = rest_is_right(typist, number, tokens[place])
        tally.rests["any"].append(hit)
        if place == 0:
            tally.rests["start"].append(hit)
        for token, groups in grouped(typist, number, tokens):
            found = rank(typist, number, token)
            for group in groups:
                tally.ranks[group].append(found)
        yield tally


def replay(typist: Typist, number: int, aggression: float, tally: Tally) -> None:
    """Ask at every key of a line, then type it once for each aggression."""
    line = typist.lines[number]
    found: dict[int, tuple[Candidate, ...]] = {}
    for at in range(indentation(line), len(line.rstrip())):
        text = typist.text(number, at)
        start = _cpu()
        found[at] = typist.candidates(text, number, at)
        tally.cpu.append(_cpu() - start)
    for each in sorted({*AGGRESSIONS, aggression}):
        person = _Person(line, found, each)
        typed = type_line(line, person.answer, _worth_showing)
        tally.replay(each).add(typed)
        if each == aggression:
            tally.met += typed.met
            for at, guess in person.told:
                typist.model.tell(line[:at], guess)


@dataclass(slots=True)
class _Person:
    """Somebody who types a line at an aggression, and what they were told where."""

    line: str
    found: dict[int, tuple[Candidate, ...]]
    aggression: float
    told: list[tuple[int, Guess]] = field(default_factory=list)

    def answer(self, at: int) -> Guess | None:
        wrong = sum(
            guess.gain > 0 and not self.line.startswith(guess.text, before)
            for before, guess in self.told
        )
        said = guesses(self.found[at], Price.at(self.aggression).after(wrong), 1)
        self.told += ((at, guess) for guess in said)
        return said[0] if said else None


def _worth_showing(guess: Guess) -> bool:
    return guess.gain > 0


def rest_is_right(typist: Typist, number: int, token: Token) -> bool:
    """Whether the likeliest rest of a line, from a token on, is all of what stands there."""
    start, sources = typist.start(number, token.start)
    start.fresh = _REST
    mixer = fitted()
    drafts = [
        draft
        for one in begin(start, sources, mixer, 1)
        for draft in grow(one, start, sources, mixer, _LEAST)
    ]
    rest = typist.lines[number][token.start :].strip()
    return bool(drafts) and drafts[-1].ended and drafts[-1].text.strip() == rest


def grouped(typist: Typist, number: int, tokens: Sequence[Token]) -> Iterator[tuple[Token, Groups]]:
    """The tokens of a line, each with the groups it counts for.

    "code" is all but what stands within strings and comments, "names" the identifiers of code.
    """
    prose = typist.in_prose(number)
    for token in tokens:
        mark = token.key.lstrip(" ")[0]
        prose = (prose or mark in OPEN + PROSE) and mark != CLOSE
        if prose and mark not in OPEN + CLOSE + END:
            yield token, ("all", "prose")
        elif kind(token.key) in NAMES:
            yield token, ("all", "code", "names")
        else:
            yield token, ("all", "code")


def rank(typist: Typist, number: int, token: Token) -> int:
    """The rank of a token where the one before it ends; 99 if it is no candidate."""
    evidence, right = typist.between(number, token)
    chances = fitted().probabilities(evidence)
    return int((chances[1:] > chances[right]).sum()) + 1 if right else _NO_CANDIDATE
