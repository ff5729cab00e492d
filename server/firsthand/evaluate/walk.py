"""The embedded model, measured while a file is typed from its first line to its last."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from firsthand.core.showing import Price
from firsthand.embedded import Guess
from firsthand.embedded.decode import Candidate, guesses
from firsthand.embedded.draft import begin, grow
from firsthand.embedded.kinds import NAMES, kind
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE
from firsthand.embedded.mixer import Mixer
from firsthand.evaluate.corpus import Passage
from firsthand.evaluate.faults import Judge
from firsthand.evaluate.replay import Person, indentation
from firsthand.evaluate.tally import Tally
from firsthand.evaluate.typist import Known, Token, Typist

AGGRESSIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_LEAST = -20.0  # the logarithm of a chance below all that is met
_REST = 30  # contexts weighed for the rest of a line
_NO_CANDIDATE = 99  # the rank of a token that is none
Groups = tuple[str, ...]
# The clock of CPU time ticks every 16 ms on Windows.
_cpu = time.perf_counter_ns if sys.platform == "win32" else time.thread_time_ns


@dataclass(frozen=True, slots=True)
class Setting:
    """How texts are shown: the settings of that name."""

    aggression: float = 0.5
    max_lines: int = 8


def measure(
    passage: Passage, known: Known, judge: Judge, seed: int, setting: Setting
) -> Iterator[Tally]:
    """Type a file whose project is known but for it; gives the counts of each line that counts.

    Args:
        passage: the file, and which of its lines count.
        known: of the project.
        judge: of the texts shown.
        seed: decides from which token of a line its rest is asked for.
        setting: the one in force; other aggressions are measured as well.
    """
    source = passage.source
    # The same whether other files are measured or not.
    chance = random.Random(f"{seed}:{source.path}")  # noqa: S311 (no secret)
    typist = Typist(source.path, source.language, source.lines, known)
    people = {each: Person(source.lines) for each in sorted({*AGGRESSIONS, setting.aggression})}
    for number in passage.numbers:
        tally = Tally()
        typist.begin(number)
        tally.count(source.lines[number])
        _replay(typist, number, people, setting, judge, tally)
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


def _replay(
    typist: Typist,
    number: int,
    people: Mapping[float, Person],
    setting: Setting,
    judge: Judge,
    tally: Tally,
) -> None:
    """Ask at every key of a line, then let everybody type it, each at their aggression."""
    line = typist.lines[number]
    answers: dict[int, tuple[Candidate, ...]] = {}
    for at in range(indentation(line), len(line.rstrip())):
        text = typist.text(number, at)
        start = _cpu()
        answers[at] = typist.candidates(text, number, at, setting.max_lines)
        tally.cpu.append(_cpu() - start)
    for aggression, person in people.items():
        told: list[tuple[int, Guess]] = []
        price = Price.at(aggression)
        shows = worth if aggression > 0 else _never
        typed = person.type_line(number, asked(answers.__getitem__, price, told), shows)
        tally.replay(aggression).add(typed)
        if aggression == setting.aggression:
            tally.met += typed.met
            tally.faults.update(
                judge.faults(typist, number, each.at, each.text) for each in typed.shown
            )
            for at, guess in told:
                typist.model.tell(line[:at], guess)


def asked(
    answers: Callable[[int], tuple[Candidate, ...]],
    price: Price,
    told: list[tuple[int, Guess]] | None = None,
) -> Callable[[int, int], Guess | None]:
    """What somebody is offered, for `Person.type_line`.

    Args:
        answers: the model's, by the character.
        price: what showing a text costs.
        told: takes every guess and the character where it was made.
    """

    def answer(at: int, wrong: int) -> Guess | None:
        guess = next(iter(guesses(answers(at), price.after(wrong), 1)), None)
        if guess is not None and told is not None:
            told.append((at, guess))
        return guess

    return answer


def worth(guess: Guess) -> bool:
    """Whether a guess is worth showing."""
    return guess.gain > 0


def _never(guess: Guess) -> bool:
    return False


def rest_is_right(typist: Typist, number: int, token: Token) -> bool:
    """Whether the likeliest rest of a line, from a token on, is all of what stands there."""
    start, sources = typist.start(number, token.start)
    start.fresh = _REST
    mixer = typist.mixer()
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


def rank(typist: Typist, number: int, token: Token, mixer: Mixer | None = None) -> int:
    """The rank of a token where the one before it ends; 99 if it is no candidate.

    Without a mixer it is that of the typist, which learns from being asked.
    """
    evidence, right = typist.between(number, token)
    chances = (mixer or typist.mixer()).probabilities(evidence)
    return int((chances[1:] > chances[right]).sum()) + 1 if right else _NO_CANDIDATE
