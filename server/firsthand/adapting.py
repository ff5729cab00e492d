"""What Firsthand learned of how a person works: read from the ledger, and forgotten on request.

How readily texts are shown comes from the ledger's events alone, so it can be told from them, and
needs no state but the moment from which they count. What the embedded model learned in a folder
(its mixing, and how sure it may be) lies beside the folder's tier; see `folders`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand import paths
from firsthand.core.leaning import Decided, Leanings

if TYPE_CHECKING:
    from firsthand.ledger import Ledger
    from firsthand.session import Session

MIXER = "mixer.npz"
"""The file beside a folder's tier that holds what the mixer learned there."""

# Days that count: who works in another way by now is not held to how they worked then. What is so
# many days old counts half.
DAYS, HALF = 60, 14
_FIELDS = {
    "accepted": "accepted",
    "rejected": "rejected",
    "survived_10min": "survived",
    "lost_10min": "lost",
}


@dataclass(frozen=True, slots=True)
class Since:
    """The moment from which events count: seconds since 1970; 0 where nothing was forgotten."""

    at: float = 0.0

    @classmethod
    def read(cls, folder: Path | None = None) -> Since:
        """As it was kept; what can't be read forgets nothing."""
        try:
            kept = json.loads(_file(folder).read_text(encoding="utf-8"))
            at = float(kept["since"])
        except (OSError, ValueError, TypeError, KeyError):
            return cls()
        return cls(at) if isfinite(at) and at >= 0 else cls()

    def write(self, folder: Path | None = None) -> None:
        """Keep it.

        Raises:
            StateError: the disk refuses.
        """
        file = _file(folder)
        paths.make_folder(file.parent)
        paths.write_file(file, json.dumps({"since": self.at}).encode())


async def refresh(session: Session) -> None:
    """Let what was learned count for the requests to come."""
    if session.stores is not None:
        now = datetime.now().astimezone()
        found = await session.worker.run(leanings, session.stores.ledger, now)
        session.reception.leanings = found


def leanings(ledger: Ledger, now: datetime) -> Leanings:
    """What the events say that count; nothing where the ledger can't be read. It may block."""
    since = max(Since.read().at, (now - timedelta(days=DAYS)).timestamp())
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for each in ledger.outcomes(since, now.timestamp()) or ():
        if each.tier not in ("embedded", "inline") or each.kind not in _FIELDS:
            continue
        counted = each.events if each.kind in ("accepted", "rejected") else each.characters
        weight = 0.5 ** (each.days / HALF)
        found[each.tier, each.language][_FIELDS[each.kind]] += counted * weight
    return Leanings({key: _decided(counts) for key, counts in found.items()})


def _decided(counts: Mapping[str, float]) -> Decided:
    return Decided(**{name: round(count) for name, count in counts.items()})


def _file(folder: Path | None) -> Path:
    return (folder or paths.data_folder()) / "learned.json"
