"""How often what was shown turned out right of late."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

# What is believed of a model that nothing is known of: right four times of five, as if seen ten
# times; in prose three of five. Seconds after which half of what was seen since is forgotten.
_CODE, _PROSE = (8.0, 2.0), (6.0, 4.0)
_HALF_LIFE = 180.0
# What a model writes with this mean probability a token, it writes as well as it ever does.
_SURE = 0.8
_FIRST = re.compile(r"\W*\w+|\W+")


@dataclass(frozen=True, slots=True)
class Trust:
    """Counts of right and wrong that fade, so that a bad minute does not silence a day.

    Attributes:
        right: how often it was right, beyond what is believed at first.
        wrong: how often it was wrong, likewise.
        at: when they were counted, in seconds of any one clock.
        first: how often it is taken to have been right and wrong when nothing is known.
    """

    right: float = 0.0
    wrong: float = 0.0
    at: float = 0.0
    first: tuple[float, float] = _CODE

    def after(self, right: bool, now: float) -> Trust:
        """The trust after one more was seen."""
        kept = self._kept(now)
        return Trust(self.right * kept + right, self.wrong * kept + (not right), now, self.first)

    def share(self, now: float) -> float:
        """The estimated probability that the next one is right, 0 to 1."""
        kept = self._kept(now)
        right, wrong = self.first[0] + self.right * kept, self.first[1] + self.wrong * kept
        return right / (right + wrong)

    def _kept(self, now: float) -> float:
        return float(0.5 ** (max(0.0, now - self.at) / _HALF_LIFE))


@dataclass(frozen=True, slots=True)
class Record:
    """How often models were right of late, apart for code and for comments and strings.

    What somebody wants to say is harder to foresee than what they want to do.
    """

    code: Trust = Trust()
    prose: Trust = field(default_factory=lambda: Trust(first=_PROSE))

    def after(self, right: bool, now: float, *, prose: bool = False) -> Record:
        """The record after one more was seen, in seconds of any one clock."""
        if prose:
            return replace(self, prose=self.prose.after(right, now))
        return replace(self, code=self.code.after(right, now))

    def share(self, now: float, *, prose: bool = False) -> float:
        """The estimated probability that the next one is right, 0 to 1."""
        return (self.prose if prose else self.code).share(now)


def sure(trust: float, sureness: float | None) -> float:
    """A trust in a model, less where it is unsure of what it writes.

    Args:
        trust: how often it is right, 0 to 1.
        sureness: the geometric mean of its tokens' probabilities; None where it does not say.
    """
    return trust if sureness is None else trust * min(1.0, sureness / _SURE)


def agree(text: str, other: str) -> bool:
    """Whether two texts say the same as far as both go, or at least begin with the same word."""
    shorter, longer = sorted((text, other), key=len)
    if longer.startswith(shorter):
        return True
    first, second = _FIRST.match(text), _FIRST.match(other)
    return bool(first and second and first[0] == second[0])


def agreeing(confidence: float, other: float, agrees: bool) -> float:
    """A model's confidence after the second opinion of a smaller one.

    Two that say the same are right together. Where they differ at most one of them is, and the
    smaller one less often than its record says: that is mostly about places where both agree.

    Args:
        confidence: the model's, 0 to 1.
        other: the smaller one's, 0 to 1.
        agrees: whether it says the same.
    """
    if agrees:
        return 1 - (1 - confidence) * (1 - other)
    other /= 2
    right, wrong = confidence * (1 - other), (1 - confidence)
    return right / (right + wrong) if right + wrong else 0.0
