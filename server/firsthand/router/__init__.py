"""Which model is asked: the first that works, in the order the person gave.

A model that fails is left alone for a while and the next one is asked, so that completions go on;
only before the first text, as two models' texts do not fit together. What goes to another machine
has its secrets blanked out and is entered in the ledger before it is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from firsthand.backends import connect
from firsthand.backends.base import (
    Backend,
    BackendError,
    Chunk,
    Endpoint,
    Misconfigured,
    Request,
    TimedOut,
    TooLong,
    Unreachable,
    Usage,
    too_slow,
)
from firsthand.backends.base import Refused as NotAccepted
from firsthand.ledger import Ledger, Refused
from firsthand.router import failover
from firsthand.router.booth import Booth
from firsthand.router.connecting import Connector
from firsthand.router.endpoints import endpoints_from, read_key
from firsthand.router.failover import Bucket, Turn, Turns
from firsthand.router.gate import Superseded
from firsthand.router.health import Latency
from firsthand.router.link import Link
from firsthand.router.pool import Pool
from firsthand.router.toll import Toll, price, unpriced
from firsthand.settings import Budget, Privacy

if TYPE_CHECKING:
    import httpx

__all__ = ["Endpoint", "Latency", "NoModel", "Router", "Standing", "endpoints_from", "read_key"]

T = TypeVar("T")

_WITHIN = 30.0  # seconds that a request may take, whoever is asked
_KEYS_AGAIN = 5.0  # seconds until a key that was not accepted is looked at again


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
        feature: what the ledger says that requests are for.
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
        feature: str = "inline",
        clock: Callable[[], float] = time.monotonic,
        keys: Callable[[Endpoint], str | None] = read_key,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.endpoints = tuple(endpoints)
        self.toll = Toll(ledger, budget or Budget(), privacy or Privacy(), feature)
        self._clock = clock
        self._connector = Connector(run, keys, partial(connect, transport=transport))
        self._pools = tuple(Pool(tuple(map(Link, each.each))) for each in self.endpoints)
        self._links = tuple(link for pool in self._pools for link in pool.links)
        self._booth = Booth(run, self.toll)
        self._bucket = Bucket()
        self._looking: set[asyncio.Task[None]] = set()

    def choose(self, *, local_only: bool = False) -> Endpoint | None:
        """Who would be asked now, with what its server said of itself; None if nobody can be."""
        return next((link.endpoint for link in self._usable(local_only)), None)

    def standing(self, *, local_only: bool = False) -> Standing:
        """What completes now, and why it is not better."""
        working = (each for each in self._usable(local_only) if not each.health.reason)
        chosen = next(working, None)
        if chosen is None:
            return Standing("embedded", self._why_nobody(local_only))
        return Standing("inline", _why_not(self._allowed(local_only)[0]), chosen.endpoint)

    def doubted(self, *, local_only: bool = False) -> bool:
        """Whether the model that would be asked failed the last time, or is overdue just now."""
        chosen = next(iter(self._usable(local_only)), None)
        return chosen is None or chosen.health.doubted

    def latency(self, endpoint: Endpoint | None = None) -> Latency | None:
        """How fast an endpoint, or the one that would be asked now, begins; None if not known."""
        endpoint = endpoint or self.choose()
        links = (each for each in self._links if endpoint in (each.endpoint, each.configured))
        return next((link.health.latency() for link in links), None)

    async def stream(
        self, request: Request, *, local_only: bool = False, explicit: bool = False
    ) -> AsyncGenerator[Chunk]:
        """The answer of the first model that gives one, as `Backend.stream` says.

        No server gets more requests at once than it has slots. An automatic one that has to wait
        makes place for the next one; an explicit one waits until it is its turn.

        Raises:
            NoModel: nobody answers, or who did broke off; what was given before stays good. Also
                when a newer automatic request took the place of this one, which nobody waits for.
        """
        ladder = self._ladder(request, local_only)
        turns = Turns.among(ladder, self._clock, _WITHIN)
        if explicit:
            self._bucket.fill()

        def attempt(turn: Turn[Link]) -> AsyncGenerator[Chunk]:
            return self._attempt(turns, turn, request, local_only=local_only, explicit=explicit)

        chunks = failover.stream(turns, attempt, self._bucket if explicit else None)
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
        except Superseded:
            raise NoModel("A newer request took the place of this one.") from None
        except (BackendError, Refused) as error:
            raise NoModel(str(error)) from None
        except LookupError:
            raise NoModel(self._why_nobody(local_only)) from None

    def body(self, request: Request, endpoint: Endpoint) -> bytes:
        """What an endpoint gets for a request, byte for byte; empty if it was never asked."""
        for link in self._links:
            if endpoint in (link.endpoint, link.configured) and link.connection is not None:
                fitting = link.fitting(request)
                return link.connection.body(
                    self.toll.cleaned(fitting) if link.endpoint.remote else fitting
                )
        return b""

    async def warm(self, request: Request, *, local_only: bool = False) -> bool:
        """Let the model that would be asked read a request's prompt ahead, while nobody waits.

        Only a server of this machine is warmed, and only one that can be: elsewhere it would cost
        money. A request that comes meanwhile ends it.

        Returns:
            Whether the prompt was read.
        """
        link = next(iter(self._usable(local_only)), None)
        if link is None or link.endpoint.remote or link.gate.inside or link.warming:
            return False
        link.warming = asyncio.ensure_future(self._warm(link, request))
        try:
            return await link.warming
        except (BackendError, asyncio.CancelledError):
            if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                raise
            return False
        finally:
            link.warming = None

    async def get_ready(self) -> None:
        """Connect to the model that would be asked, before anybody waits for it.

        A server of this machine is asked what it runs; nothing of the workspace is sent.
        """
        link = next(iter(self._usable(local_only=False)), None)
        if link is None:
            return
        with suppress(BackendError):  # the first request says so
            if link.endpoint.remote:
                await self._connector.connected(link)
            else:
                await self._backend(link)

    def begin_anew(self) -> None:
        """The configuration was changed: what only that could mend may be mended."""
        for link in self._links:
            link.begin_anew()

    async def aclose(self) -> None:
        """Close every connection, and wait until the ledger heard of every end."""
        for link in self._links:
            await self._connector.close(link)
        await asyncio.gather(*self._looking, self._booth.left())

    def _allowed(self, local_only: bool) -> list[Link]:
        return [each for each in self._links if not (local_only and each.endpoint.remote)]

    def _usable(self, local_only: bool) -> list[Link]:
        now = self._clock()
        allowed = self._allowed(local_only)
        return [each for each in allowed if each.health.usable(now) and not unpriced(each.endpoint)]

    def _why_nobody(self, local_only: bool) -> str:
        allowed = self._allowed(local_only)
        if allowed:
            return _why_not(allowed[0])
        if self.endpoints:
            return (
                "Only models on this machine may be asked here, by local_only or as the workspace "
                "is not trusted, and there is none."
            )
        return "No model is configured, and none was found on this machine."

    async def _warm(self, link: Link, request: Request) -> bool:
        backend = await self._backend(link)
        return not link.endpoint.remote and await backend.warm(link.fitting(request))

    def _ladder(self, request: Request, local_only: bool) -> list[Link]:
        """Whom a request goes to, in order, whether they may be asked now or not."""
        self._keys_again()
        ordered = (link for pool in self._pools for link in pool.order(request.hole.path))
        allowed = (each for each in ordered if not (local_only and each.endpoint.remote))
        return [each for each in allowed if not unpriced(each.endpoint)]

    async def _attempt(
        self,
        turns: Turns[Link],
        turn: Turn[Link],
        request: Request,
        *,
        local_only: bool,
        explicit: bool,
    ) -> AsyncGenerator[Chunk]:
        """One server's answer, once there is a slot for it."""
        link = turn.link
        pool = next(each for each in self._pools if link in each.links)
        pool.keep(request.hole.path, link)
        async with AsyncExitStack() as inside:
            try:
                async with asyncio.timeout_at(turns.end):
                    await inside.enter_async_context(link.gate.slot(explicit))
                    await link.rest()
            except TimeoutError as error:
                raise TimedOut(too_slow(link.endpoint)) from error
            try:
                async with aclosing(self._ask(turns, turn, request, local_only)) as chunks:
                    async for chunk in chunks:
                        turn.useful = turn.useful or "\n" in chunk.text  # lines are shown
                        yield chunk
            except TooLong:
                link.shorten(request)
                raise

    async def _ask(
        self, turns: Turns[Link], turn: Turn[Link], request: Request, local_only: bool
    ) -> AsyncGenerator[Chunk]:
        """One server's answer, entered in the ledger where it comes from another machine."""
        turn.send()  # what a server has to say of itself before can take as long as an answer
        backend = await self._backend(turn.link)
        endpoint, request = backend.endpoint, turn.link.fitting(request)
        if not endpoint.remote:
            async with aclosing(self._sent(turns, turn, backend, request)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        if local_only:  # its server said only now that the model runs elsewhere
            raise Misconfigured(f"{endpoint.name} does not run on this machine.")
        request, entry = await self._booth.enter(
            endpoint, partial(self.toll.enter, endpoint, backend, request), itemgetter(1)
        )
        outcome, usage = "cancelled", None
        try:
            async with aclosing(self._sent(turns, turn, backend, request)) as chunks:
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
            self._booth.leave(endpoint, entry, outcome, usage)

    def _sent(
        self, turns: Turns[Link], turn: Turn[Link], backend: Backend, request: Request
    ) -> AsyncGenerator[Chunk]:
        """What comes of sending a request, under its deadlines."""
        turn.send()
        first = turn.link.health.slow if turns.others() else None
        return failover.punctual(backend.stream(request), backend.endpoint, first, turns.end)

    async def _backend(self, link: Link) -> Backend:
        """The connection to an endpoint; its server is known."""
        backend = await self._connector.connected(link)
        await link.learn(backend)
        return backend

    def _keys_again(self) -> None:
        """Look whether a key that was not accepted, or was not there, has changed."""
        now = self._clock()
        for link in self._links:
            if link.health.locked and now - link.looked >= _KEYS_AGAIN:
                link.looked = now
                task = asyncio.ensure_future(self._connector.look_again(link))
                self._looking.add(task)
                task.add_done_callback(self._looking.discard)


def _why_not(link: Link) -> str:
    """Why a server does not answer, or may not be asked at all; empty if it works."""
    return unpriced(link.endpoint) or link.health.reason
