"""People who type key by key and accept what is shown when all of it agrees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import process_time_ns

from bench.embedded.corpus import Project

from firsthand.core.showing import Price
from firsthand.embedded import Guess
from firsthand.embedded.decode import Candidate
from firsthand.evaluate.corpus import measured
from firsthand.evaluate.faults import Fault, Judge
from firsthand.evaluate.replay import Person, Typed, indentation
from firsthand.evaluate.tally import Replay as Shows
from firsthand.evaluate.tally import Tally, calibration_error, faulty, percentile, share
from firsthand.evaluate.typist import Typist
from firsthand.evaluate.walk import asked, worth

Figures = dict[str, float]
AGGRESSIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
USUAL = 0.5
ATTENTION = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)  # keys that a text costs a prophet
# What is asked for of the three goals: as many keys as can be saved while 70 and 85 % of what is
# shown is right, whatever is shown how often; and as few texts as can be for the keys they save,
# whatever is right. Found on other projects.
GOALS = {
    "70 % right": Price(0.0, 1.8),
    "85 % right": Price(0.0, 7.0),
    "few": Price(3.0, 0.0),
}
_MOST_LINES = 8


@dataclass(slots=True)
class Got:
    """What somebody got at a price.

    Attributes:
        counts: of the lines, the keys they take, and the answers met.
        replay: of the texts shown; one that was typed through is still the same.
        longer: of those shown, whether each that has several lines was right.
    """

    price: Price
    counts: Tally = field(default_factory=Tally)
    replay: Shows = field(default_factory=Shows)
    longer: list[bool] = field(default_factory=list)

    def add(self, line: str, typed: Typed) -> None:
        """Count a line."""
        self.counts.count(line)
        self.counts.met += typed.met
        self.replay.add(typed)
        self.longer += (each.right for each in typed.shown if "\n" in each.text)

    def figures(self) -> Figures:
        """The figures of the goals' table."""
        return {
            "saved": self.replay.saved / max(1, self.counts.keys),
            "correct": self.replay.right / max(1, self.replay.shown),
            "shown_per_line": self.replay.shown / max(1, self.counts.lines),
            "several_lines": float(len(self.longer)),
            "several_lines_correct": share(self.longer) or 0.0,
            "calibration_error": calibration_error(self.counts.met) or 0.0,
        }


@dataclass(slots=True)
class Prophet:
    """Somebody who is shown only what is right, and of that what saves the most in each line.

    No rule of showing can save more with these texts for as few of them.

    Attributes:
        attention: what each shown text costs, in keys.
        counts: of the lines and the keys they take.
        replay: of the texts shown.
    """

    attention: float
    counts: Tally = field(default_factory=Tally)
    replay: Shows = field(default_factory=Shows)

    def type(self, line: str, answers: Answers) -> None:
        """Type a line and count it."""
        self.counts.count(line)
        line, first = line.rstrip(), indentation(line)
        # What can be saved from each character on: less the attention, in keys, in texts.
        best: dict[int, tuple[float, int, int]] = {len(line): (0.0, 0, 0)}
        for at in range(len(line) - 1, first - 1, -1):
            best[at] = best[at + 1]
            for text in (text for each in answers(at)[:1] for text in each.texts):
                if line.startswith(text, at):
                    worth, saved, shown = best[at + len(text)]
                    keys = len(text) - 1
                    further = worth + keys - self.attention, saved + keys, shown + 1
                    best[at] = max(best[at], further)
        _, saved, shown = best[first]
        self.replay.saved += saved
        self.replay.shown += shown

    def figures(self) -> Figures:
        """What can be saved, and how many texts it takes."""
        return {
            "saved": self.replay.saved / max(1, self.counts.keys),
            "shown_per_line": self.replay.shown / max(1, self.counts.lines),
        }


class Answers:
    """What the model says at the places of a line, asked once each."""

    def __init__(self, typist: Typist, number: int, cpu: list[int]) -> None:
        self._typist, self._number = typist, number
        self._cpu = cpu
        self._found: dict[int, tuple[Candidate, ...]] = {}

    def __call__(self, character: int) -> tuple[Candidate, ...]:
        """What it chooses from there."""
        if character not in self._found:
            text = self._typist.text(self._number, character)
            start = process_time_ns()
            found = self._typist.candidates(text, self._number, character, _MOST_LINES)
            self._cpu.append(process_time_ns() - start)
            self._found[character] = found
        return self._found[character]


@dataclass(frozen=True, slots=True)
class Replay:
    """What people and prophets got, what was wrong with the texts, and the CPU of an answer."""

    people: dict[str, Got]
    prophets: dict[str, Prophet]
    faults: Counter[frozenset[Fault]] = field(default_factory=Counter)
    cpu: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, Figures]:
        """The figures of each person by the name of the price, and those of all answers."""
        return {
            **{name: prophet.figures() for name, prophet in self.prophets.items()},
            **{name: got.figures() for name, got in self.people.items()},
            "answers": {
                "cpu_ms_p50": (percentile(self.cpu, 50) or 0.0) / 1e6,
                "cpu_ms_p99": (percentile(self.cpu, 99) or 0.0) / 1e6,
                "syntax_faults": faulty(self.faults, Fault.SYNTAX) or 0.0,
                "unknown_names": faulty(self.faults, Fault.NAME) or 0.0,
            },
        }


def replay(project: Project, lines: int, seed: int) -> Replay:
    """Type files of a project, once for all prices.

    Args:
        project: whose files are typed.
        lines: how many lines are sampled.
        seed: which.
    """
    prices = {f"{each:.1f}": Price.at(each) for each in AGGRESSIONS} | GOALS
    prophets = {f"only right, {each:g}": Prophet(each) for each in ATTENTION}
    found = Replay({name: Got(price) for name, price in prices.items()}, prophets)
    known = project.known
    judge = Judge(known, project.files)
    for path, language, body in project.sample(lines, seed):
        typist = Typist(path, language, body, known)
        people = {name: Person(body) for name in prices}
        for number in measured(body, (0, len(body))):
            typist.begin(number)
            answers = Answers(typist, number, found.cpu)
            # Key by key, as an editor asks: each goes on from what the one before found out.
            for at in range(indentation(body[number]), len(body[number].rstrip())):
                answers(at)
            for name, got in found.people.items():
                told: list[tuple[int, Guess]] = []
                typed = people[name].type_line(number, asked(answers, got.price, told), worth)
                got.add(body[number], typed)
                if name == f"{USUAL:.1f}":
                    found.faults.update(
                        judge.faults(typist, number, each.at, each.text) for each in typed.shown
                    )
                    for at, guess in told:
                        typist.model.tell(body[number][:at], guess)
            for prophet in prophets.values():
                prophet.type(body[number], answers)
        known = typist.known()
    return found
