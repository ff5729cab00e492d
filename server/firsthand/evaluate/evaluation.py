"""What was measured in a folder, and the figures of it as scripts read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from firsthand.evaluate.faults import Fault
from firsthand.evaluate.tally import (
    GROUPS,
    STARTS,
    Replay,
    Tally,
    calibration_error,
    faulty,
    mean_reciprocal_rank,
    percentile,
    reliability,
    share,
    top_1,
    total,
)

MODEL = "embedded"  # the name of what was measured


@dataclass(frozen=True, slots=True)
class Typed:
    """A file of which lines were typed."""

    path: str
    language: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The counts of a folder.

    Attributes:
        folder: its path.
        listed: how many of its files are worth learning.
        learned: how many were.
        passed: how many of those listed can't be typed, by the reason.
        note: a sentence when the folder has more than is learned; or empty.
        seed: what the lines were drawn by.
        drawn: how many lines were to be typed.
        aggression: that of the settings.
        files: those that were typed, in the order of typing.
    """

    folder: str
    listed: int
    learned: int
    passed: Mapping[str, int]
    note: str
    seed: int
    drawn: int
    aggression: float
    files: tuple[Typed, ...]

    @property
    def total(self) -> Tally:
        """All files together."""
        return total(file.tally for file in self.files)

    @property
    def complete(self) -> bool:
        """Whether all that was drawn was typed."""
        return self.total.lines == self.drawn

    @property
    def interruption(self) -> str:
        """What is said when it is not."""
        return (
            f"Interrupted after {self.total.lines:,} of {self.drawn:,} lines; the figures are of "
            "those."
        )

    @property
    def languages(self) -> dict[str, Tally]:
        """The counts of each language, the one with the most lines first."""
        names = {file.language for file in self.files}
        found = {
            name: total(file.tally for file in self.files if file.language == name)
            for name in sorted(names)
        }
        return dict(sorted(found.items(), key=lambda item: -item[1].lines))

    def to_json(self) -> dict[str, Any]:
        """All figures, for scripts: shares from 0 to 1, and null where nothing was counted."""
        return {
            "schema": 1,
            "folder": self.folder,
            "complete": self.complete,
            "seed": self.seed,
            "aggression": self.aggression,
            "files": {
                "listed": self.listed,
                "learned": self.learned,
                "passed_over": dict(self.passed),
                "typed": len(self.files),
                "note": self.note,
            },
            "lines": {"drawn": self.drawn, "typed": self.total.lines},
            "models": {
                MODEL: {
                    **figures(self.total, self.aggression),
                    "languages": {
                        name: figures(tally, self.aggression)
                        for name, tally in self.languages.items()
                    },
                    "files": [
                        {
                            "path": file.path,
                            "language": file.language,
                            "lines": file.tally.lines,
                            **_replayed(file.tally, file.tally.replay(self.aggression)),
                        }
                        for file in self.files
                    ],
                }
            },
        }


def figures(tally: Tally, aggression: float) -> dict[str, Any]:
    """The figures of some lines.

    Args:
        tally: what was counted in them.
        aggression: that of the settings.
    """
    error = calibration_error(tally.met)
    return {
        "lines": tally.lines,
        "keys": tally.keys,
        "next_token": {
            group: {
                "places": len(tally.ranks[group]),
                "top_1": rounded(top_1(tally.ranks[group])),
                "mrr_10": rounded(mean_reciprocal_rank(tally.ranks[group])),
            }
            for group in GROUPS
        },
        "rest_of_line": {
            start: {"places": len(tally.rests[start]), "exact": rounded(share(tally.rests[start]))}
            for start in STARTS
        },
        "replay": _replayed(tally, tally.replay(aggression)),
        "replay_by_aggression": [
            {"aggression": each, **_replayed(tally, replay)}
            for each, replay in sorted(tally.replays.items())
        ],
        "calibration": {
            "answers": len(tally.met),
            "error": rounded(error),
            "table": [
                {name: rounded(value) for name, value in asdict(row).items()}
                for row in reliability(tally.met)
            ],
        },
        "faults": {
            "shown": tally.faults.total(),
            "syntax": rounded(faulty(tally.faults, Fault.SYNTAX)),
            "unknown_name": rounded(faulty(tally.faults, Fault.NAME)),
            "any": rounded(faulty(tally.faults)),
        },
        "cpu_ms": {
            "suggestions": len(tally.cpu),
            "p50": milliseconds(percentile(tally.cpu, 50)),
            "p99": milliseconds(percentile(tally.cpu, 99)),
        },
    }


def saved(tally: Tally, replay: Replay) -> float | None:
    """The share of keys that were saved."""
    return replay.saved / tally.keys if tally.keys else None


def correct(replay: Replay) -> float | None:
    """The share of shown texts that were right."""
    return replay.right / replay.shown if replay.shown else None


def shown_per_line(tally: Tally, replay: Replay) -> float | None:
    """How many texts appeared, on a line."""
    return replay.shown / tally.lines if tally.lines else None


def milliseconds(nanoseconds: float | None) -> float | None:
    """Nanoseconds as milliseconds."""
    return None if nanoseconds is None else round(nanoseconds / 1e6, 3)


def rounded(value: float | None) -> float | None:
    """To four digits after the point: more mean nothing."""
    return value if value is None or isinstance(value, int) else round(value, 4)


def _replayed(tally: Tally, replay: Replay) -> dict[str, Any]:
    return {
        "shown": replay.shown,
        "right": replay.right,
        "saved": rounded(saved(tally, replay)),
        "correct": rounded(correct(replay)),
        "shown_per_line": rounded(shown_per_line(tally, replay)),
    }
