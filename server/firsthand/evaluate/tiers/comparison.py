"""Several configurations side by side: what was replayed, and each one's figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firsthand.evaluate.tiers.counts import Counts, figures
from firsthand.evaluate.tiers.engine import Mode


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a replay.

    Attributes:
        folder: whose code it was.
        commits: of how many commits; None where the folder's own lines were typed.
        mode: whether each key was followed by a question, or one place of each line.
        seed: what the lines were drawn by.
        aggression: that of the settings.
        stints: how many there were.
        done: how many of them every configuration typed.
        again: how many results came from a replay that was ended before.
        passed: how many stints are in files that are not completed, by the reason.
        counts: each configuration's, in the order they were named.
        languages: the same for each language.
        ended: why it ended before all was typed; or empty.
    """

    folder: str
    commits: int | None
    mode: Mode
    seed: int
    aggression: float
    stints: int
    done: int
    again: int
    passed: Mapping[str, int]
    counts: Mapping[str, Counts]
    languages: Mapping[str, Mapping[str, Counts]]
    ended: str = ""

    @property
    def complete(self) -> bool:
        """Whether all of it was typed."""
        return self.done == self.stints

    def to_json(self) -> dict[str, Any]:
        """All figures, for scripts."""
        return {
            "schema": 1,
            "folder": self.folder,
            "complete": self.complete,
            "ended": self.ended,
            "commits": self.commits,
            "mode": self.mode,
            "seed": self.seed,
            "aggression": self.aggression,
            "stints": {
                "drawn": self.stints,
                "typed": self.done,
                "from_before": self.again,
                "passed_over": dict(self.passed),
            },
            "models": {
                name: {
                    **figures(counts),
                    "languages": {
                        language: figures(each)
                        for language, each in self.languages.get(name, {}).items()
                    },
                }
                for name, counts in self.counts.items()
            },
        }
