"""One endpoint as the router knows it, with all that is remembered of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace

from firsthand.backends.base import (
    Backend,
    BackendError,
    Endpoint,
    Request,
    TimedOut,
    TooLong,
    Unreachable,
    too_slow,
)
from firsthand.core.fim import shortened
from firsthand.router.gate import Gate
from firsthand.router.health import Health

_LEAST = 500  # characters of a prompt below which it is not shortened further


@dataclass(slots=True, eq=False)
class Link:
    """One endpoint.

    Attributes:
        configured: as it is configured or was found.
        backend: the connection, once there is one.
        warming: reads a prompt ahead just now.
        fits: the most characters of a hole that its model can read; None while all did.
    """

    configured: Endpoint
    backend: Backend | None = None
    health: Health = field(default_factory=Health)
    gate: Gate = field(default_factory=Gate)
    warming: asyncio.Task[bool] | None = None
    fits: int | None = None

    @property
    def endpoint(self) -> Endpoint:
        """With what its server said of its model."""
        return self.backend.endpoint if self.backend else self.configured

    async def learn(self, backend: Backend) -> None:
        """Let a server that is not known, or no longer, say what it is."""
        if backend.known:
            return
        try:
            await backend.learn()
        except (Unreachable, TimedOut):
            return  # the request itself will say so, and the next one asks again
        except BackendError:
            backend.known = True  # it has nothing to say
        self.gate.slots = backend.slots
        self.fits = None  # it may be another model now

    def fitting(self, request: Request) -> Request:
        """A request that the model can read, as far as is known."""
        if self.fits is None or request.hole.size <= self.fits:
            return request
        return replace(request, hole=shortened(request.hole, self.fits))

    def failed(self, error: Exception, request: Request, now: float) -> None:
        """A request failed: what that means for the next ones."""
        if isinstance(error, TooLong):
            self.fits = max(_LEAST, self.fitting(request).hole.size // 2)
            return
        if self.backend:
            self.backend.known = False
        self.health.failed(error, now)

    def given_up(self, request: Request, start: float, now: float) -> None:
        """Nobody waits any more for a request that got no text since it was sent."""
        if self.health.unheard(now - start):
            self.failed(TimedOut(too_slow(self.endpoint)), request, now)

    async def rest(self) -> None:
        """End what is read ahead: somebody waits."""
        if self.warming is not None:
            self.warming.cancel()
            with suppress(asyncio.CancelledError, BackendError):
                await self.warming
