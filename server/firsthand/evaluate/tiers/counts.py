"""What was counted while stints were typed, and the figures made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from firsthand.evaluate.evaluation import rounded
from firsthand.evaluate.tally import percentile, share

SOON = 300.0  # milliseconds in which a text comes before most people's next key


@dataclass(slots=True)
class Counts:
    """What one configuration did in some lines.

    Attributes:
        lines, keys: how many lines were typed, and how many keys they take without suggestions.
        typed: how many keys they took.
        asked: how often a completion was asked for.
        shown: how many texts appeared.
        right: how many of them agreed with the file in full.
        by_model: how many of the shown were a model's, not the embedded one's.
        ends: where nothing was accepted: whether the first line of the text was all that was left
            of the line.
        waited: milliseconds until each of the shown texts was there.
        requests: how many were sent to a model.
        prompt, cached, completion: their tokens, as the server counts, or else as estimated.
        estimated: of how many requests they are estimated.
        usd: what they cost.
    """

    lines: int = 0
    keys: int = 0
    typed: int = 0
    asked: int = 0
    shown: int = 0
    right: int = 0
    by_model: int = 0
    ends: list[bool] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    requests: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    estimated: int = 0
    usd: float = 0.0

    def add(self, other: Counts) -> None:
        """Count what another one counted as well."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Counts:
        """What was kept.

        Raises:
            TypeError: it was written by another version.
        """
        return cls(**kept)


def total(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    found = Counts()
    for each in counts:
        found.add(each)
    return found


def saved(counts: Counts) -> float | None:
    """The share of keys that were saved."""
    return 1 - counts.typed / counts.keys if counts.keys else None


def correct(counts: Counts) -> float | None:
    """The share of shown texts that were right."""
    return counts.right / counts.shown if counts.shown else None


def soon(counts: Counts) -> float | None:
    """The share of shown texts that were there in 300 ms."""
    return share([each <= SOON for each in counts.waited])


def figures(counts: Counts) -> dict[str, Any]:
    """The figures, for scripts: shares from 0 to 1, and null where nothing was counted."""
    return {
        "lines": counts.lines,
        "keys": counts.keys,
        "asked": counts.asked,
        "replay": {
            "shown": counts.shown,
            "right": counts.right,
            "saved": rounded(saved(counts)),
            "correct": rounded(correct(counts)),
            "shown_per_line": rounded(counts.shown / counts.lines if counts.lines else None),
            "by_model": rounded(counts.by_model / counts.shown if counts.shown else None),
        },
        "rest_of_line": {"places": len(counts.ends), "exact": rounded(share(counts.ends))},
        "latency_ms": {
            "p50": _digit(percentile(counts.waited, 50)),
            "p90": _digit(percentile(counts.waited, 90)),
            "p99": _digit(percentile(counts.waited, 99)),
            "within_300": rounded(soon(counts)),
        },
        "requests": counts.requests,
        "tokens": {
            "prompt": counts.prompt,
            "cached": counts.cached,
            "completion": counts.completion,
            "estimated_requests": counts.estimated,
        },
        "cost_usd": round(counts.usd, 6),
    }


def _digit(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
