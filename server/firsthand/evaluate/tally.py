"""What was counted while typing, and the figures made of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from firsthand.evaluate.faults import Fault
from firsthand.evaluate.replay import Typed, keys_of

GROUPS = ("all", "code", "names", "prose")  # of tokens
STARTS = ("any", "start")  # of rests of lines
_BINS = 15  # of the calibration error, as in its source
_ROWS = 10  # of the reliability table
_RANKS = 10  # a rank past it counts as nothing: MRR@10


@dataclass(slots=True)
class Replay:
    """What one person got, who is shown what is worth it at one aggression."""

    shown: int = 0
    right: int = 0
    saved: int = 0

    def add(self, other: Replay | Typed) -> None:
        """Count another one's as well, or a line's."""
        self.shown += len(other.shown) if isinstance(other, Typed) else other.shown
        self.right += other.right
        self.saved += other.saved


@dataclass(slots=True)
class Tally:
    """What was counted in some lines. Tallies of files add up to that of a language, or of all.

    Attributes:
        lines: how many were typed.
        keys: how many they take without suggestions.
        ranks: of the token that follows among all candidates, 1 the likeliest, by the groups;
            "names" are a part of "code".
        rests: whether the likeliest rest of a line was all of it, from any of its tokens and from
            the first.
        replays: by aggression.
        met: (confidence, whether the text was right) of the answers met at the aggression in force.
        faults: what is wrong with each of the texts shown at it, those without a fault among them.
        cpu: nanoseconds of each answer.
    """

    lines: int = 0
    keys: int = 0
    ranks: dict[str, list[int]] = field(default_factory=lambda: {group: [] for group in GROUPS})
    rests: dict[str, list[bool]] = field(default_factory=lambda: {start: [] for start in STARTS})
    replays: dict[float, Replay] = field(default_factory=dict)
    met: list[tuple[float, bool]] = field(default_factory=list)
    faults: Counter[frozenset[Fault]] = field(default_factory=Counter)
    cpu: list[int] = field(default_factory=list)

    def count(self, line: str) -> None:
        """Count a line that is typed."""
        self.lines += 1
        self.keys += keys_of(line)

    def replay(self, aggression: float) -> Replay:
        """The counts at an aggression."""
        return self.replays.setdefault(aggression, Replay())

    def add(self, other: Tally) -> None:
        """Count what another one counted as well."""
        self.lines += other.lines
        self.keys += other.keys
        for group, ranks in other.ranks.items():
            self.ranks[group] += ranks
        for start, rests in other.rests.items():
            self.rests[start] += rests
        for aggression, replay in other.replays.items():
            self.replay(aggression).add(replay)
        self.met += other.met
        self.faults += other.faults
        self.cpu += other.cpu


@dataclass(frozen=True, slots=True)
class Reliability:
    """Answers of like confidence: their number, mean confidence, and the share that was right."""

    low: float
    high: float
    answers: int
    confidence: float
    right: float


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    found = Tally()
    for each in tallies:
        found.add(each)
    return found


def top_1(ranks: Sequence[int]) -> float | None:
    """The share of places where the likeliest candidate was right; None without places."""
    return ranks.count(1) / len(ranks) if ranks else None


def mean_reciprocal_rank(ranks: Sequence[int]) -> float | None:
    """MRR@10, the mean of 1 / rank, a rank past 10 counting as 0; None without places."""
    found = Counter(ranks)
    hits = sum(found[rank] / rank for rank in range(1, _RANKS + 1))
    return hits / len(ranks) if ranks else None


def share(hits: Sequence[bool]) -> float | None:
    """The share of what is true; None of nothing."""
    return sum(hits) / len(hits) if hits else None


def faulty(faults: Counter[frozenset[Fault]], fault: Fault | None = None) -> float | None:
    """The share of shown texts with a fault, or with any; None of nothing."""
    bad = sum(
        times for found, times in faults.items() if (fault in found if fault else bool(found))
    )
    return bad / faults.total() if faults else None


def calibration_error(met: Sequence[tuple[float, bool]]) -> float | None:
    """The expected calibration error: how far confidence is from being right, by 15 equal bins.

    Source: M. Naeini, G. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning", AAAI 2015. None without answers.
    """
    if not met:
        return None
    bins = reliability(met, _BINS)
    return sum(each.answers * abs(each.confidence - each.right) for each in bins) / len(met)


def reliability(met: Sequence[tuple[float, bool]], bins: int = _ROWS) -> list[Reliability]:
    """The reliability table: one row for each of so many equal bins that has answers."""
    inside: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in met:
        inside.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return [
        Reliability(
            number / bins,
            (number + 1) / bins,
            len(rows),
            sum(confidence for confidence, _ in rows) / len(rows),
            sum(right for _, right in rows) / len(rows),
        )
        for number, rows in sorted(inside.items())
    ]


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The least value that so many percent do not exceed; None without values."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return float(ordered[max(0, int(rank) - 1)]) if ordered else None
