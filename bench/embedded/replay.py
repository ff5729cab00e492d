"""A person who types key by key and accepts what is shown when all of it agrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import process_time_ns

import numpy as np
from bench.embedded.corpus import Project
from bench.embedded.faults import Faults
from bench.embedded.places import LONGEST
from bench.embedded.typist import Typist

from firsthand.core.showing import Price
from firsthand.embedded.decode import Candidate, guesses

Figures = dict[str, float]
AGGRESSIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
USUAL = 0.5
# What is asked for of the three goals: as many keys as can be saved while 70 and 85 % of what is
# shown is right, whatever is shown how often; and as few texts as can be for the keys they save,
# whatever is right. Found on other projects.
GOALS = {
    "70 % right": Price(0.0, 2.5),
    "85 % right": Price(0.0, 7.0),
    "few": Price(3.0, 0.0),
}
_MOST_LINES = 8


@dataclass(slots=True)
class Person:
    """What a person got at a price.

    Attributes:
        characters: typed in all, the ends of lines among them, but not the indentation, which an
            editor makes.
        lines: how many.
        shown: the texts that appeared; one that was typed through is still the same.
        right: those that agreed with the file and were accepted.
        longer: those of several lines, and how many of these were right.
        saved: characters accepted less one key for each accept.
        told: (confidence, whether all of the text agreed) of every answer.
    """

    price: Price
    characters: int = 0
    lines: int = 0
    shown: int = 0
    right: int = 0
    longer: list[bool] = field(default_factory=list)
    saved: int = 0
    told: list[tuple[float, bool]] = field(default_factory=list)
    _at: tuple[int, int] = (0, 0)  # the line and the character where they go on

    def figures(self) -> Figures:
        """The figures of the goals' table."""
        return {
            "saved": self.saved / max(1, self.characters),
            "correct": self.right / max(1, self.shown),
            "shown_per_line": self.shown / max(1, self.lines),
            "several_lines": float(len(self.longer)),
            "several_lines_correct": float(np.mean(self.longer)) if self.longer else 0.0,
            "calibration_error": calibration_error(self.told),
        }

    def start(self) -> None:
        """Go on to another file."""
        self._at = 0, 0

    def type(self, answers: Answers, faults: Faults | None) -> None:
        """Type a line, from where the last accepted text ended if that is in it or past it."""
        typist, number = answers.typist, answers.number
        line = answers.line
        self.lines += 1
        self.characters += len(line.lstrip()) + 1
        done, at = self._at
        if done > number:
            return
        if done < number:
            at = len(line) - len(line.lstrip())
        shown, wrong = "", 0
        while at < len(line):
            if not shown:
                said = guesses(answers.at(at), self.price.after(wrong), 1)
                if said:
                    right = typist.agrees(number, at, said[0].text)
                    self.told.append((said[0].confidence, right))
                    if faults is not None:
                        typist.model.tell(line[:at], said[0])
                if said and said[0].gain > 0:
                    text = said[0].text
                    self.shown += 1
                    if faults is not None:
                        faults.judge(typist, number, at, text)
                    if "\n" in text:
                        self.longer.append(right)
                    if right:
                        self.right += 1
                        self.saved += sum(map(len, _unindented(text))) - 1
                        last = text.rpartition("\n")[2]
                        if "\n" in text:
                            self._at = number + text.count("\n"), len(last)
                            return
                        at += len(text)
                        continue
                    wrong += 1
                    shown = text
            shown = shown[1:] if shown[:1] == line[at] else ""
            at += 1
        self._at = number + 1, 0


def _unindented(text: str) -> list[str]:
    """The lines of a text with the ends that are typed, without the indentation that is not."""
    first, *further = text.split("\n")
    return [first, *("\n" + line.lstrip() for line in further)]


class Answers:
    """What the model says at the places of a line, asked once each."""

    def __init__(self, typist: Typist, number: int, cpu: list[int]) -> None:
        self.typist, self.number = typist, number
        self.line = typist.lines[number].rstrip()
        self._cpu = cpu
        self._found: dict[int, tuple[Candidate, ...]] = {}

    def at(self, character: int) -> tuple[Candidate, ...]:
        """What it chooses from there."""
        if character not in self._found:
            text = self.typist.text(self.number, character)
            start = process_time_ns()
            found = self.typist.candidates(text, self.number, character, _MOST_LINES)
            self._cpu.append(process_time_ns() - start)
            self._found[character] = found
        return self._found[character]


@dataclass(frozen=True, slots=True)
class Replay:
    """What people got at every price, what was wrong with the texts, and the CPU of an answer."""

    people: dict[str, Person]
    faults: Faults
    cpu: list[int]

    def figures(self) -> dict[str, Figures]:
        """The figures of each person by the name of the price, and those of all answers."""
        return {
            **{name: person.figures() for name, person in self.people.items()},
            "answers": {
                "cpu_ms_p50": float(np.percentile(self.cpu, 50)) / 1e6,
                "cpu_ms_p99": float(np.percentile(self.cpu, 99)) / 1e6,
                **self.faults.figures(),
            },
        }


def replay(project: Project, lines: int, seed: int, experienced: bool = True) -> Replay:
    """Type files of a project, once for all prices.

    Args:
        project: whose files are typed.
        lines: how many lines are sampled.
        seed: which.
        experienced: whether the model learns from this project's lines how sure it is.
    """
    faults = Faults(project)
    people = {f"{each:.1f}": Person(Price.at(each)) for each in AGGRESSIONS}
    people |= {name: Person(price) for name, price in GOALS.items()}
    found = Replay(people, faults, [])
    experience = project.experience if experienced else None
    for path, language, body in project.sample(lines, seed):
        typist = Typist(project, path, language, body, experience=experience)
        for person in people.values():
            person.start()
        for number, line in enumerate(body):
            typist.begin(number)
            if experienced and experience is not None:
                experience = typist.model.experience("")
            if not line.strip() or len(line) > LONGEST:
                continue
            answers = Answers(typist, number, found.cpu)
            for name, person in people.items():
                person.type(answers, faults if name == f"{USUAL:.1f}" else None)
    return found


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
