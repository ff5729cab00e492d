"""When to show a text, and how much of it: now, or after the next key, which may settle a doubt.

An optimal stopping problem. A text may be cut at several places, each with the probability that
all up to there is right. Showing it costs attention; being wrong costs more. Waiting costs the
keys typed meanwhile, and what is typed tells right from wrong for nothing. Both are worth what
the cuts' probabilities say, and the text is shown where it is worth more than to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# How much of what a token tells its first key tells: the exponent that makes the chance that the
# key agrees from the chance that the token does. Fitted on replays.
_FIRST_KEY = 0.3
_MOST_CUTS = 24
# By how much each text that was contradicted in the same line makes the next one dearer.
_CALMER = 1.15


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a text may end.

    Attributes:
        keys: how many keys the text up to there takes to type.
        confidence: the probability that all of it is right; no more than that of a shorter cut.
    """

    keys: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Price:
    """What showing a text costs, in keys.

    Attributes:
        shown: the attention that each new text takes.
        wrong: what is lost besides where it is wrong.
    """

    shown: float
    wrong: float

    @classmethod
    def at(cls, aggression: float) -> Price:
        """The price at an aggression above 0, up to 1; 0.5 takes it as people are thought to."""
        dearer = 4 ** (1 - 2 * aggression)
        return cls(0.75 * dearer, 6 * dearer)

    def after(self, contradicted: int) -> Price:
        """The price in a line where so many texts were contradicted."""
        return self.times(_CALMER**contradicted)

    def times(self, dearer: float) -> Price:
        """The price so many times as high."""
        return Price(self.shown * dearer, self.wrong * dearer)


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do with a text.

    Attributes:
        cut: the index of the cut that is best to show.
        gain: how many keys showing it now is expected to save more than waiting; show it above 0.
    """

    cut: int
    gain: float


def choose(cuts: Sequence[Cut], price: Price) -> Choice:
    """The best cut to show, the shortest first, and whether to show it or to wait.

    After a shown text the rest of the cuts may be shown in turn, so a sure beginning may be worth
    showing alone.
    """
    cuts = cuts[:_MOST_CUTS]
    # worth[i]: what the cuts from i on are worth to somebody who has typed or accepted all before.
    worth = [0.0] * (len(cuts) + 1)
    best, gain = 0, 0.0
    for start in range(len(cuts) - 1, -1, -1):
        done = cuts[start - 1] if start else Cut(0, 1.0)
        left = [(each.keys - done.keys, each.confidence / done.confidence) for each in cuts[start:]]
        values = [
            chance * (keys - 1 + after) - price.shown - (1 - chance) * price.wrong
            for (keys, chance), after in zip(left, worth[start + 1 :], strict=True)
        ]
        shown = max(values)
        # One key later a text is a key shorter, but surer: what the key rules out costs nothing.
        _, token = left[0]
        ruled_out = (1 - token**_FIRST_KEY) * (price.shown + price.wrong)
        later = [
            value + ruled_out - chance
            for (keys, chance), value in zip(left, values, strict=True)
            if keys > 1
        ]
        waiting = max(0.0, token * worth[start + 1], *later)
        worth[start] = max(shown, waiting)
        best, gain = start + values.index(shown), shown - waiting
    return Choice(best, gain)
