"""Where the toll of a request is paid, away from the event loop, and not twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from firsthand.backends.base import Endpoint, Usage
from firsthand.ledger import Entry
from firsthand.router.toll import Toll

if TYPE_CHECKING:
    from firsthand.router import Run

_T = TypeVar("_T")

_GIVEN = 0.5  # seconds in which requests whose connections are closed should have ended


class Booth:
    """Enters requests in the ledger and lets it hear of their ends.

    Args:
        run: runs what may block away from the event loop.
        toll: the rules in force.
    """

    def __init__(self, run: Run, toll: Toll) -> None:
        self.toll = toll
        self._run = run
        self._entering: set[asyncio.Future[Any]] = set()
        self._open: set[Entry] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._leaving: set[asyncio.Task[None]] = set()

    async def enter(
        self, endpoint: Endpoint, call: Callable[[], _T], entry_of: Callable[[_T], Entry]
    ) -> _T:
        """What a call that enters a request gives; when cancelled, the entry costs nothing.

        Raises:
            Refused: it may not be sent.
        """
        entering = asyncio.ensure_future(self._run(call))
        self._entering.add(entering)

        def entered(done: asyncio.Future[_T]) -> None:
            self._entering.discard(done)
            if not done.cancelled() and not done.exception():
                self._open.add(entry_of(done.result()))
                self._empty.clear()

        def leave(entered: asyncio.Future[_T]) -> None:
            if not entered.cancelled() and not entered.exception():
                self.leave(endpoint, entry_of(entered.result()), "cancelled", Usage())

        entering.add_done_callback(entered)
        try:
            return await asyncio.shield(entering)
        except asyncio.CancelledError:
            entering.add_done_callback(leave)  # it was never sent
            raise

    def leave(self, endpoint: Endpoint, entry: Entry, outcome: str, usage: Usage | None) -> None:
        """Let the ledger hear of an end without waiting for it."""
        self._open.discard(entry)
        if not self._open:
            self._empty.set()
        call = partial(self.toll.leave, endpoint, entry, outcome, usage)
        task = asyncio.ensure_future(self._run(call))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def left(self) -> None:
        """Return once the ledger heard of every end that comes within a moment."""
        if self._entering:
            await asyncio.wait(self._entering)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVEN):
                await self._empty.wait()
        await asyncio.gather(*self._leaving, return_exceptions=True)
