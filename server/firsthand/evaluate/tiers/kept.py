"""What a replay has counted so far, kept on disk, so that one that was ended goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from firsthand import paths
from firsthand.evaluate.tiers.counts import Counts

_MOST = 20  # replays that are kept unfinished

Result = Counts | str
"""What a configuration did in a stint; or why the stint's file is not completed."""


class Kept:
    """The results of one replay: a line of JSON each, written as soon as it is known.

    It holds counts and the places of stints, no text.

    Args:
        work: what tells this replay from all others; with any of it changed it begins anew.
    """

    def __init__(self, work: Mapping[str, Any], folder: Path | None = None) -> None:
        name = hashlib.sha256(json.dumps(work, sort_keys=True).encode()).hexdigest()[:24]
        folder = folder or paths.data_folder() / "eval"
        self._file = paths.make_folder(folder) / f"{name}.jsonl"
        self.results: dict[tuple[str, str], Result] = {}
        for line in self._lines():
            self._take(line)
        self._tidy(folder)

    def put(self, configuration: str, stint: str, result: Result) -> None:
        """Keep one.

        Raises:
            StateError: the disk refuses.
        """
        self.results[configuration, stint] = result
        counts = result.to_json() if isinstance(result, Counts) else result
        line = json.dumps([configuration, stint, counts])
        try:
            with self._file.open("a", encoding="utf-8") as file:
                # What a killed process left half written must not spoil this line too.
                file.write(f"\n{line}\n")
        except OSError as fault:
            raise paths.StateError(self._file, fault) from fault

    def forget(self) -> None:
        """It is done: the next one begins anew."""
        self._file.unlink(missing_ok=True)

    def _tidy(self, folder: Path) -> None:
        """Drop the oldest of too many that were never finished."""
        with suppress(OSError):  # another one may be doing the same
            others = sorted(folder.glob("*.jsonl"), key=lambda each: each.stat().st_mtime)
            for old in [each for each in others if each != self._file][:-_MOST]:
                old.unlink()

    def _lines(self) -> list[str]:
        try:
            return self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def _take(self, line: str) -> None:
        try:
            configuration, stint, counts = json.loads(line)
            result = counts if isinstance(counts, str) else Counts.of(counts)
        except (ValueError, TypeError):
            return  # cut short, or another version's: it is measured once more
        self.results[str(configuration), str(stint)] = result
