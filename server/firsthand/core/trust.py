"""How often what was shown turned out right of late."""

from __future__ import annotations

from dataclasses import dataclass

# What is believed of a model that nothing is known of: right four times of five, as if seen ten
# times. Seconds after which half of what was seen since is forgotten.
_RIGHT, _WRONG = 8.0, 2.0
_HALF_LIFE = 180.0


@dataclass(frozen=True, slots=True)
class Trust:
    """Counts of right and wrong that fade, so that a bad minute does not silence a day.

    Attributes:
        right: how often it was right, beyond what is believed at first.
        wrong: how often it was wrong, likewise.
        at: when they were counted, in seconds of any one clock.
    """

    right: float = 0.0
    wrong: float = 0.0
    at: float = 0.0

    def after(self, right: bool, now: float) -> Trust:
        """The trust after one more was seen."""
        kept = self._kept(now)
        return Trust(self.right * kept + right, self.wrong * kept + (not right), now)

    def share(self, now: float) -> float:
        """The estimated probability that the next one is right, 0 to 1."""
        kept = self._kept(now)
        right, wrong = _RIGHT + self.right * kept, _WRONG + self.wrong * kept
        return right / (right + wrong)

    def _kept(self, now: float) -> float:
        return float(0.5 ** (max(0.0, now - self.at) / _HALF_LIFE))


def agreeing(confidence: float, agrees: bool | None) -> float:
    """A confidence after a second opinion: threefold odds if it agrees, half if it does not.

    Args:
        confidence: 0 to 1.
        agrees: what the second opinion says; None if it has none.
    """
    if agrees is None:
        return confidence
    odds = confidence / max(1e-9, 1 - confidence) * (3.0 if agrees else 0.5)
    return odds / (1 + odds)
