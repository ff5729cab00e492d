"""Drives work that is cut into steps, one step at a time, whenever the event loop is free."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

# Seconds of steps between two looks at what else the loop has to do.
_SLICE = 0.001


class Learner:
    """A queue of iterators whose steps take less than a millisecond each."""

    def __init__(self) -> None:
        self._queue: deque[Iterator[None]] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, steps: Iterator[None]) -> None:
        """Take the steps after all that was added before."""
        self._queue.append(steps)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._drive())

    async def finished(self) -> None:
        """Return once nothing is left to do."""
        if self._task is not None:
            await self._task

    def close(self) -> None:
        """Drop what is left."""
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()

    async def _drive(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            steps = self._queue[0]
            until = loop.time() + _SLICE
            for _ in steps:
                if loop.time() >= until:
                    # A sleep of zero would let only what is ready go first; a short one lets the
                    # operating system hand over the next key as well.
                    await asyncio.sleep(0.0005)
                    until = loop.time() + _SLICE
            self._queue.remove(steps)
