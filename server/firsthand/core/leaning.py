"""How readily texts are shown, learned from what became of those that were.

For each language, and apart for models and the embedded model, the price of showing a text is made
higher where more of what was decided on is rejected, or does not survive, than is kept; and lower
where it is the other way round. It starts from the setting, moves slowly, and is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log, sqrt
from types import MappingProxyType

# As if so many had been taken and as many rejected before anything was seen.
_BEFORE = 20.0
# The price is never more than so many times as high, nor less than its inverse.
MOST = 1.6


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of suggestions.

    Attributes:
        accepted, rejected: how many were, of those that could be seen.
        survived, lost: how many characters of what was accepted stood ten minutes later, and did
            not.
    """

    accepted: int = 0
    rejected: int = 0
    survived: int = 0
    lost: int = 0

    @property
    def kept(self) -> float:
        """How many were accepted, those that did not survive taken off in part."""
        told = self.survived + self.lost
        return self.accepted * (self.survived / told if told else 1.0)

    @property
    def dearer(self) -> float:
        """How many times as high the price of showing one more is."""
        wrong = self.rejected + self.accepted - self.kept
        return min(MOST, max(1 / MOST, sqrt((wrong + _BEFORE) / (self.kept + _BEFORE))))


@dataclass(frozen=True, slots=True)
class Leanings:
    """What was learned, by ("embedded" or "inline", the LSP language id)."""

    decided: Mapping[tuple[str, str], Decided] = field(default_factory=lambda: MappingProxyType({}))

    def dearer(self, tier: str, language: str) -> float:
        """How many times as high the price of showing a text is; 1 where nothing was learned."""
        found = self.decided.get((tier, language))
        return found.dearer if found else 1.0


def leaned(aggression: float, dearer: float) -> float:
    """The aggression at which showing costs so many times as much; 0 stays silent."""
    if aggression <= 0:
        return aggression
    return min(1.0, max(0.01, aggression - log(dearer) / (2 * log(4))))
