"""The door to a server: no more requests go in than it has slots.

A server that is sent more makes the newer ones wait behind the older ones, which nobody needs any
more: while a person types, only the newest request counts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Turn = asyncio.Future[bool]


class Superseded(Exception):
    """A newer request took the place of one that waited."""


class Gate:
    """Lets requests in one by one; it belongs to one event loop.

    Of the automatic requests only the newest waits. Those that a person put wait in their order,
    and go first.

    Attributes:
        slots: how many may be inside.
        inside: how many are.
    """

    def __init__(self, slots: int = 1) -> None:
        self.slots = slots
        self.inside = 0
        self._explicit: deque[Turn] = deque()
        self._automatic: Turn | None = None

    @property
    def outstanding(self) -> int:
        """How many requests are inside or wait."""
        return self.inside + len(self._explicit) + (self._automatic is not None)

    @asynccontextmanager
    async def slot(self, explicit: bool) -> AsyncIterator[None]:
        """Wait for a slot and keep it.

        Raises:
            Superseded: it was automatic, and a newer automatic one came while it waited.
        """
        if self.inside < self.slots:
            self.inside += 1
        else:
            await self._wait(explicit)
        try:
            yield
        finally:
            self._leave()

    async def _wait(self, explicit: bool) -> None:
        turn: Turn = asyncio.get_running_loop().create_future()
        if explicit:
            self._explicit.append(turn)
        else:
            if self._automatic is not None and not self._automatic.done():
                self._automatic.set_result(False)
            self._automatic = turn
        try:
            admitted = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self._leave()  # it was let in at the very moment
            raise
        if not admitted:
            raise Superseded

    def _leave(self) -> None:
        self.inside -= 1
        while self.inside < self.slots and (self._explicit or self._automatic):
            turn = self._explicit.popleft() if self._explicit else self._automatic
            if turn is self._automatic:
                self._automatic = None
            if turn is not None and not turn.done():
                self.inside += 1
                turn.set_result(True)
