"""One server as the routers know it, with all that is remembered of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

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
from firsthand.router.breaker import Call
from firsthand.router.gate import Gate
from firsthand.router.health import Health

_LEAST = 500  # characters of a prompt below which it is not shortened further


C = TypeVar("C")


@dataclass(slots=True, eq=False)
class Server(Generic[C]):
    """A model at one address.

    Attributes:
        configured: as it is configured or was found.
        connection: to it, once there is one.
        key: the secret of its connection, if any.
        looked: when the secret was last looked at after it was not accepted.
    """

    configured: Endpoint
    health: Health = field(default_factory=Health)
    gate: Gate = field(default_factory=Gate)
    connection: C | None = None
    key: str | None = field(default=None, repr=False)
    looked: float = 0.0

    @property
    def endpoint(self) -> Endpoint:
        """With what its server said of its model."""
        return self.configured

    def failed(self, call: Call, error: Exception, now: float) -> None:
        """A call failed: what that means for the next ones."""
        self.health.failed(call, error, now)

    def given_up(self, call: Call, since: float, now: float) -> None:
        """Nobody waits any more for a call that was sent, or got some text, and then nothing."""
        if self.health.given_up(call, now - since):
            self.failed(call, TimedOut(too_slow(self.endpoint)), now)

    def begin_anew(self) -> None:
        """Its configuration or its key is another one: what it refused before says nothing."""
        self.health.unlock()


@dataclass(slots=True, eq=False)
class Link(Server[Backend]):
    """A model that completes, at one address.

    Attributes:
        warming: reads a prompt ahead just now.
        fits: the most characters of a hole that its model can read; None while all did.
        changes: of the server's model, as `Backend.changes` counts, when that was found out.
    """

    warming: asyncio.Task[bool] | None = None
    fits: int | None = None
    changes: int = 0

    @property
    def endpoint(self) -> Endpoint:
        """With what its server said of its model."""
        return self.connection.endpoint if self.connection else self.configured

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
        if backend.changes != self.changes:
            self.fits, self.changes = None, backend.changes  # it may read more now, or less

    def fitting(self, request: Request) -> Request:
        """A request that the model can read, as far as is known."""
        if self.fits is None or request.hole.size <= self.fits:
            return request
        return replace(request, hole=shortened(request.hole, self.fits))

    def shorten(self, request: Request) -> None:
        """A request was too long for the model: the next ones are half as long."""
        self.fits = max(_LEAST, self.fitting(request).hole.size // 2)

    def failed(self, call: Call, error: Exception, now: float) -> None:
        """A call failed: what that means for the next ones."""
        if self.connection and not isinstance(error, TooLong):
            self.connection.known = False
        Server.failed(self, call, error, now)

    async def rest(self) -> None:
        """End what is read ahead: somebody waits."""
        if self.warming is not None:
            self.warming.cancel()
            with suppress(asyncio.CancelledError, BackendError):
                await self.warming
