"""How sure a text is: from its tokens' probabilities, as they turned out in this project.

A small regression, fitted on replays of other projects by `python -m bench.embedded calibrate`,
gives a score: the logarithm of the odds that a text is right. Two numbers of the project's own, a
shift and a slope, make a probability of it (Platt 1999). They are fitted when the project is
indexed and go on with each line that is written, by the steps of a Kalman filter, so that the first
lines count for much and one odd line for little.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import exp, isfinite, log
from pathlib import Path

import numpy as np

from firsthand.embedded.draft import Draft, Start
from firsthand.embedded.facts import Floats
from firsthand.embedded.tier import EXPERIENCE

_PLACES = 12.0  # how many places it takes to move the project's numbers half the way
_KEPT = 0.999  # of what was learned, at each place: the old is forgotten slowly
_MOST_SHIFT, _SLOPES = 1.5, (0.6, 1.5)


@dataclass(frozen=True, slots=True)
class Experience:
    """How a project's texts turned out, against what their scores say.

    Attributes:
        shift: is added to the score.
        slope: multiplies it.
        shifts: how much is known of the shift, as so many places of even odds would tell, times 4.
        slopes: how much is known of the slope, likewise.
        both: how much the two are known together.
    """

    shift: float = 0.0
    slope: float = 1.0
    shifts: float = _PLACES / 4
    slopes: float = _PLACES
    both: float = 0.0

    def chance(self, score: float) -> float:
        """The probability that a text of a score is right."""
        return 1 / (1 + exp(-self.shift - self.slope * score))

    def after(self, score: float, right: bool, weight: float = 1.0) -> Experience:
        """The experience after one more text was right or wrong: a step of Newton's method.

        Args:
            score: the text's.
            right: whether it was.
            weight: how much it counts; the texts of one line are no independent witnesses.
        """
        score = min(max(score, -6.0), 6.0)
        chance = self.chance(score)
        even = weight * max(chance * (1 - chance), 0.02)
        shifts = _KEPT**weight * self.shifts + even
        slopes = _KEPT**weight * self.slopes + even * score * score
        both = _KEPT**weight * self.both + even * score
        apart = shifts * slopes - both * both
        error = weight * (right - chance)
        shift = self.shift + (slopes - both * score) / apart * error
        slope = self.slope + (shifts * score - both) / apart * error
        return Experience(
            min(max(shift, -_MOST_SHIFT), _MOST_SHIFT),
            min(max(slope, _SLOPES[0]), _SLOPES[1]),
            max(shifts, _PLACES / 4),
            max(slopes, _PLACES),
            both,
        )

    def write(self, folder: Path) -> None:
        """Keep it beside a project's tier."""
        (folder / EXPERIENCE).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Experience:
        """What is kept beside a project's tier; that of no place where there is none."""
        try:
            kept = json.loads((folder / EXPERIENCE).read_text(encoding="utf-8"))
            found = cls(**{name: float(value) for name, value in kept.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()
        whole = all(map(isfinite, asdict(found).values()))
        sane = abs(found.shift) <= _MOST_SHIFT and _SLOPES[0] <= found.slope <= _SLOPES[1]
        apart = found.shifts * found.slopes - found.both**2
        return found if whole and sane and found.shifts > 0 and apart > 0 else cls()


@dataclass(frozen=True, slots=True)
class Scorer:
    """A regression with one small hidden layer.

    Attributes:
        inner: (measures + 1, hidden), the last row for what is always there.
        outer: (measures + hidden + 1,).
    """

    inner: Floats
    outer: Floats

    def scores(self, rows: Floats) -> Floats:
        """The logarithms of the odds that texts are right, in projects at large.

        `rows` are the texts' `measures`, (texts, MEASURES).
        """
        whole = np.concatenate((rows, np.ones((len(rows), 1), np.float32)), axis=1)
        hidden = np.maximum(whole @ self.inner, 0)
        return np.asarray(np.concatenate((hidden, whole), axis=1) @ self.outer, np.float32)


def measures(draft: Draft, start: Start, known: int) -> tuple[float, ...]:
    """What the score of a draft rests on.

    Args:
        draft: the text.
        start: where it began.
        known: how many lines the document has.
    """
    chance = min(max(exp(draft.chance), 1e-4), 1 - 1e-4)
    return (
        log(chance / (1 - chance)),
        draft.chance,
        draft.weakest,
        log(draft.steps),
        log(1 + len(draft.text)),
        draft.ended,
        start.context.prose,
        draft.context.prose,
        log(1 + len(start.stem)),
        bool(start.stem),
        start.spaced,
        log(1 + start.context.line),
        log(1 + known) / 2,
        draft.first,
        draft.second,
        bool(draft.own),
        draft.lines > 0,
    )


MEASURES = 17


@lru_cache(maxsize=1)
def fitted() -> Scorer:
    """The scorer that comes with the package."""
    with np.load(Path(__file__).with_name("calibration.npz"), allow_pickle=False) as file:
        return Scorer(file["inner"], file["outer"])
