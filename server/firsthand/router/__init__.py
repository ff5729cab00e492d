"""Which model is asked: the first that works, in the order the person gave.

A model that fails is left alone for a while and the next one is asked, so that completions go on;
only before the first text, as two models' texts do not fit together. What goes to another machine
has its secrets blanked out and is entered in the ledger before it is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from firsthand.backends import connect
from firsthand.backends.base import (
    Backend,
    BackendError,
    Chunk,
    Endpoint,
    Request,
    Unreachable,
    Usage,
)
from firsthand.backends.base import Refused as NotAccepted
from firsthand.ledger import Entry, Ledger, Refused
from firsthand.router.endpoints import endpoints_from, read_key
from firsthand.router.health import Health, Latency
from firsthand.router.toll import Toll, price
from firsthand.settings import Budget, Privacy

if TYPE_CHECKING:
    import httpx

__all__ = ["Endpoint", "Latency", "NoModel", "Router", "Standing", "endpoints_from", "read_key"]

T = TypeVar("T")


class NoModel(Exception):
    """No model gives an answer, or not the rest of one; its text says why, in one sentence."""


class Run(Protocol):
    """Runs a call that may block away from the event loop, and gives its result."""

    def __call__(self, call: Callable[[], T], /) -> Coroutine[Any, Any, T]: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What completes now, for the status: `reason` is empty while the first choice works."""

    level: Literal["inline", "embedded"]
    reason: str = ""
    endpoint: Endpoint | None = None


class Router:
    """The models of the inline tier, in order.

    Args:
        endpoints: whom to ask, the first that works first.
        run: runs what may block (keys, certificates, the ledger) away from the event loop.
        ledger: where requests to other machines are entered; without one none is sent.
        budget: the caps in force.
        privacy: whether secrets are blanked out, and how long a copy of what left is kept.
        clock: seconds, monotonic.
        keys: reads an endpoint's secret; raises Misconfigured if it should have one and has not.
        transport: stands in for the network.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        run: Run,
        ledger: Ledger | None = None,
        budget: Budget | None = None,
        privacy: Privacy | None = None,
        clock: Callable[[], float] = time.monotonic,
        keys: Callable[[Endpoint], str | None] = read_key,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.endpoints = tuple(endpoints)
        self._run = run
        self._toll = Toll(ledger, budget or Budget(), privacy or Privacy())
        self._clock = clock
        self._keys = keys
        self._transport = transport
        self._health = {endpoint: Health() for endpoint in self.endpoints}
        self._backends: dict[Endpoint, Backend] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def choose(self, *, local_only: bool = False) -> Endpoint | None:
        """Who would be asked now; None if nobody can be."""
        return next(iter(self._usable(local_only)), None)

    def standing(self, *, local_only: bool = False) -> Standing:
        """What completes now, and why it is not better."""
        chosen = self.choose(local_only=local_only)
        if chosen is None:
            return Standing("embedded", self._why_nobody(local_only))
        first = self._allowed(local_only)[0]
        return Standing("inline", self._health[first].reason if chosen != first else "", chosen)

    def latency(self, endpoint: Endpoint | None = None) -> Latency | None:
        """How fast an endpoint, or the one that would be asked now, begins; None if not known."""
        endpoint = endpoint or self.choose()
        return self._health[endpoint].latency() if endpoint in self._health else None

    async def stream(self, request: Request, *, local_only: bool = False) -> AsyncGenerator[Chunk]:
        """The answer of the first model that gives one, as `Backend.stream` says.

        Raises:
            NoModel: nobody answers, or who did broke off; what was given before stays good.
        """
        reason = ""
        for endpoint in self._usable(local_only):
            began = False
            try:
                async with aclosing(self._ask(endpoint, request)) as chunks:
                    async for chunk in chunks:
                        began = True
                        yield chunk
                return
            except (BackendError, Refused) as error:
                self._health[endpoint].failed(error, self._clock())
                reason = str(error)
                if began:
                    break
        raise NoModel(reason or self._why_nobody(local_only))

    async def aclose(self) -> None:
        """Close every connection, and wait until the ledger heard of every end."""
        backends, self._backends = list(self._backends.values()), {}
        for backend in backends:
            await backend.aclose()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def _allowed(self, local_only: bool) -> list[Endpoint]:
        return [each for each in self.endpoints if not (local_only and each.remote)]

    def _usable(self, local_only: bool) -> list[Endpoint]:
        now = self._clock()
        return [each for each in self._allowed(local_only) if self._health[each].usable(now)]

    def _why_nobody(self, local_only: bool) -> str:
        allowed = self._allowed(local_only)
        if allowed:
            return self._health[allowed[0]].reason
        if self.endpoints:
            return "This workspace allows only models on this machine, and there is none."
        return "No model is configured, and none was found on this machine."

    async def _ask(self, endpoint: Endpoint, request: Request) -> AsyncGenerator[Chunk]:
        """One endpoint's answer, measured, and entered where it comes from another machine."""
        backend = await self._backend(endpoint)
        if not endpoint.remote:
            async with aclosing(self._measured(endpoint, backend, request)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        request, entry = await self._enter(endpoint, backend, request)
        outcome, usage = "cancelled", None
        try:
            async with aclosing(self._measured(endpoint, backend, request)) as chunks:
                async for chunk in chunks:
                    if chunk.ending:
                        outcome, usage = "done", chunk.ending.usage
                        cost = None if usage is None else price(endpoint, usage)
                        chunk = replace(chunk, ending=replace(chunk.ending, cost_usd=cost))
                    yield chunk
        except BackendError as error:
            outcome = "failed"
            if isinstance(error, (Unreachable, NotAccepted)):
                usage = Usage()  # no work was done, so it costs nothing
            raise
        finally:
            self._leave(endpoint, entry, outcome, usage)

    async def _measured(
        self, endpoint: Endpoint, backend: Backend, request: Request
    ) -> AsyncGenerator[Chunk]:
        start, began = self._clock(), False
        async with aclosing(backend.stream(request)) as chunks:
            async for chunk in chunks:
                if not began:
                    began = True
                    self._health[endpoint].worked(self._clock() - start)
                yield chunk

    async def _backend(self, endpoint: Endpoint) -> Backend:
        """The connection to an endpoint, made when it is first needed."""
        if endpoint not in self._backends:
            made = await self._run(partial(self._connect, endpoint))
            # Somebody else may have been faster while this one waited.
            if self._backends.setdefault(endpoint, made) is not made:
                await made.aclose()
        return self._backends[endpoint]

    def _connect(self, endpoint: Endpoint) -> Backend:
        return connect(endpoint, self._keys(endpoint), transport=self._transport)

    async def _enter(
        self, endpoint: Endpoint, backend: Backend, request: Request
    ) -> tuple[Request, Entry]:
        entering = asyncio.ensure_future(
            self._run(partial(self._toll.enter, endpoint, backend, request))
        )

        def leave(entered: asyncio.Future[tuple[Request, Entry]]) -> None:
            if not entered.cancelled() and not entered.exception():
                self._leave(endpoint, entered.result()[1], "cancelled", Usage())

        try:
            return await asyncio.shield(entering)
        except asyncio.CancelledError:
            entering.add_done_callback(leave)  # it was never sent, and costs nothing
            raise

    def _leave(self, endpoint: Endpoint, entry: Entry, outcome: str, usage: Usage | None) -> None:
        """Let the ledger hear of an end without waiting for it."""
        call = partial(self._toll.leave, endpoint, entry, outcome, usage)
        task = asyncio.ensure_future(self._run(call))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
