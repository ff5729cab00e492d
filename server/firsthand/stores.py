"""The cache and the ledger as the event loop sees them: never waited for longer than a moment."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import astuple, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from firsthand.backends.base import COMMON, Endpoint, Request, request_key
from firsthand.core.completion import Completion
from firsthand.core.recall import Answer, added, places
from firsthand.core.redact import PLACEHOLDER, redact
from firsthand.worker import Worker

if TYPE_CHECKING:
    from firsthand.cache import Cache
    from firsthand.core.proposal import Proposal
    from firsthand.ledger import Ledger
    from firsthand.ledger.records import After

# Seconds that a completion may take to come from the disk; later it is a miss.
_PATIENCE = 0.05
_IN_MEMORY = 512
# The last ones of an earlier run that are read before anybody asks for them: 20 ms.
_READ_AHEAD = 256
# So many of the places on disk are known to be there, the newest; 100 bytes each.
_KNOWN = 20_000


class Stores:
    """Both stores behind one worker thread, the last completions in memory before them.

    It is made on that thread: it reads which completions there are, so that asking for one that is
    not there costs no wait.
    """

    def __init__(
        self, worker: Worker, cache: Cache, ledger: Ledger, *, known: int = _KNOWN
    ) -> None:
        self.cache = cache
        self.ledger = ledger
        self._worker = worker
        self._known = known
        # By their hashes, a third of the memory: two keys that share one cost a look at the disk.
        # True for those of an earlier run. What a request begins its keys with is known likewise,
        # so that most requests cost no look at their places.
        keys = cache.keys()[:known]
        self._stored = dict.fromkeys(map(hash, keys), True)
        self._asked = dict.fromkeys((hash(key[:COMMON]) for key in keys), True)
        last = reversed(keys[:_READ_AHEAD])
        self._recent = OrderedDict((key, _read(cache.get(key))) for key in last)

    async def recall(self, endpoint: Endpoint, request: Request) -> str | None:
        """What is left at a request's cursor of an answer that was kept for it, or further up.

        Of an earlier run also what was written with other snippets: what a person had looked at by
        then is not known any more.
        """
        own, *plain = (request_key(endpoint, each) for each in _askers(request))
        asked = [own] if hash(own) in self._asked else []
        asked += [each for each in plain if self._asked.get(hash(each))]
        for place in places(request.hole) if asked else ():
            near = place.digest
            for key in (each + near for each in asked):
                if key.startswith(own) or self._stored.get(hash(key)):
                    found = place.find(await self._answers(key))
                    if found is not None:
                        return found
        return None

    async def _answers(self, key: str) -> tuple[Answer, ...]:
        """The answers that are kept under a key, in memory or on the disk."""
        if key in self._recent:
            self._recent.move_to_end(key)
        elif hash(key) in self._stored:
            loop = asyncio.get_running_loop()
            await self._worker.within(_PATIENCE, self._load, key, loop)
        return self._recent.get(key, ())

    def keep(self, endpoint: Endpoint, request: Request, middle: str) -> None:
        """Keep what a model wrote for a request."""
        place = next(places(request.hole))
        answer = place.keep(middle)
        for each in _askers(request):
            asked = request_key(endpoint, each)
            key = asked + place.digest
            self._remember(key, added(self._recent.get(key, ()), answer))
            self._note(self._stored, key, earlier=False)
            self._note(self._asked, asked, earlier=self._asked.get(hash(asked), False))
            self._worker.send(self._write, key, answer)

    def _note(self, known: dict[int, bool], key: str, *, earlier: bool) -> None:
        """Note that something is kept; of too much the oldest is forgotten."""
        known[hash(key)] = earlier
        if len(known) > self._known:
            del known[next(iter(known))]

    def _load(self, key: str, loop: asyncio.AbstractEventLoop) -> None:
        """Read what is on the disk; what comes too late for one key serves the next one."""
        stored = self.cache.get(key)
        if stored is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(self._came, key, _read(stored))

    def _came(self, key: str, answers: tuple[Answer, ...]) -> None:
        if key not in self._recent:
            self._remember(key, answers)

    def _remember(self, key: str, answers: tuple[Answer, ...]) -> None:
        self._recent[key] = answers
        if len(self._recent) > _IN_MEMORY:
            self._recent.popitem(last=False)

    def _write(self, key: str, answer: Answer) -> None:
        """Add an answer to those on the disk, which another process may have put there.

        One with a secret in it, or a secret's placeholder, is good for this process alone.
        """
        said = answer.head + answer.middle
        if redact(said).found or PLACEHOLDER.search(said):
            return
        answers = added(_read(self.cache.get(key)), answer)
        content = json.dumps([astuple(each) for each in answers])
        self.cache.put(key, content.encode("ascii"))

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

    def survived(
        self, after: After, completion: Completion, counts: tuple[int, int], language: str
    ) -> None:
        """Enter how many characters of accepted text stood after a while, and how many did not."""
        from firsthand.ledger import records

        for event in records.survived(after, completion, counts, language):
            self._worker.send(self.ledger.record, event)

    def wrote(self, characters: int, lines: int, language: str) -> None:
        """Enter how much the person typed, and how many lines they began."""
        from firsthand.ledger import Event

        for event in (
            Event("typed", "person", "", language, characters, 0.0),
            Event("lines", "person", "", language, lines, 0.0),
        ):
            if event.characters:
                self._worker.send(self.ledger.record, event)

    def proposed(self, proposal: Proposal, language: str) -> None:
        """Enter that a proposal was shown."""
        from firsthand.ledger import records

        self._worker.send(self.ledger.record, records.proposed(proposal, language))

    def decided(self, proposal: Proposal, applied: Collection[int], language: str) -> None:
        """Enter what became of a proposal: which of its hunks were applied."""
        from firsthand.ledger import records

        for event in records.decided(proposal, applied, language):
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
        self._asked.clear()
        self._worker.send(self.cache.clear)


def _askers(request: Request) -> Iterator[Request]:
    """The requests that an answer to one serves: itself, and the same without its snippets.

    After a restart the first request for a document is put before anything was looked up for it.
    """
    yield request
    if request.hole.snippets:
        yield replace(request, hole=replace(request.hole, snippets=()))


def _read(stored: bytes | None) -> tuple[Answer, ...]:
    """The answers of one place as they were written; none where others wrote something else."""
    try:
        records = json.loads(stored or b"[]")
        return tuple(filter(None, map(_answer, records)))
    except (ValueError, TypeError, RecursionError):
        return ()


def _answer(record: object) -> Answer | None:
    match record:
        case [str(head), str(middle), [*before], [*after]]:
            return Answer(head, middle, tuple(map(str, before)), tuple(map(str, after)))
    return None
