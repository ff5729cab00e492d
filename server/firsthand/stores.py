"""The cache and the ledger as the event loop sees them: never waited for longer than a moment."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from firsthand.core.completion import Completion
from firsthand.worker import Worker

if TYPE_CHECKING:
    from firsthand.cache import Cache
    from firsthand.ledger import Ledger

# Seconds that a completion may take to come from the disk; later it is a miss.
_PATIENCE = 0.05
_IN_MEMORY = 512


class Stores:
    """Both stores behind one worker thread, the last completions in memory before them.

    It is made on that thread: it reads which completions there are, so that asking for one that is
    not there costs no wait.
    """

    def __init__(self, worker: Worker, cache: Cache, ledger: Ledger) -> None:
        self.cache = cache
        self.ledger = ledger
        self._worker = worker
        self._stored = set(cache.keys())
        self._recent: OrderedDict[str, str] = OrderedDict()

    async def recall(self, key: str) -> str | None:
        """The middle that was kept under a key."""
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        if key not in self._stored:
            return None
        stored = await self._worker.within(_PATIENCE, self.cache.get, key)
        return None if stored is None else stored.decode("utf-8", "replace")

    def keep(self, key: str, middle: str) -> None:
        """Keep the middle that a model wrote."""
        self._recent[key] = middle
        if len(self._recent) > _IN_MEMORY:
            self._recent.popitem(last=False)
        self._stored.add(key)
        self._worker.send(self.cache.put, key, middle.encode("utf-8", "replace"))

    def record(
        self,
        kind: Literal["shown", "accepted", "rejected"],
        completion: Completion,
        characters: int,
        language: str,
        latency_ms: float,
    ) -> None:
        """Enter what became of a completion."""
        from firsthand.ledger import Event

        event = Event(kind, completion.tier, completion.model, language, characters, latency_ms)
        self._worker.send(self.ledger.record, event)

    async def spent_today(self) -> float:
        """USD spent and reserved in this local day; 0 where the ledger can't be read."""
        today = datetime.now().astimezone().date()
        spent = await self._worker.within(_PATIENCE, self.ledger.spent, today)
        return spent.day_usd if spent else 0.0

    def clear(self) -> None:
        """Forget every completion."""
        self._recent.clear()
        self._stored.clear()
        self._worker.send(self.cache.clear)
