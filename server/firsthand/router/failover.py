"""Asking servers in turn until one answers: the only loop that asks again after a failure.

What each call says of its server is noted here, for all models alike. A person who waits for a
command gets a second server asked where the first one is late ("hedged requests": Dean and Barroso,
"The Tail at Scale", Communications of the ACM 56(2), 2013), for at most one command of twenty.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from firsthand.backends.base import BackendError, Endpoint, TimedOut, TooLong, too_slow
from firsthand.ledger import Refused
from firsthand.router.breaker import Call
from firsthand.router.link import Server

T = TypeVar("T")
S = TypeVar("S", bound=Server[Any])

_SHARE = 0.05  # of commands that may cause a second request
_MOST = 10.0  # second requests that are saved up, at most: late answers come in bunches


@dataclass(slots=True)
class Bucket:
    """Tokens for second requests: each command brings a share of one."""

    tokens: float = 0.0

    def fill(self) -> None:
        """A command comes."""
        self.tokens = min(self.tokens + _SHARE, _MOST)

    def take(self) -> bool:
        """Whether a second request may be made; it is then counted."""
        if self.tokens < 1.0 - 1e-9:
            return False
        self.tokens -= 1.0
        return True


@dataclass(slots=True, eq=False)
class Turn(Generic[S]):
    """One server's turn to answer a request.

    Attributes:
        sent: when the request was sent, by the router's clock; None before.
        useful: whether the answer has come so far that somebody can use it.
    """

    link: S
    call: Call
    clock: Callable[[], float]
    sent: float | None = None
    useful: bool = False
    _timers: tuple[asyncio.TimerHandle, ...] = ()

    def send(self) -> None:
        """The request is sent now; from now on the server can be late."""
        self.end()
        self.sent = self.clock()
        loop, health = asyncio.get_running_loop(), self.link.health
        self._timers = (
            loop.call_later(health.overdue_after, health.overdue),
            loop.call_later(health.slow, self._late),
        )

    def end(self) -> None:
        """The server is waited for no more, or has begun to answer."""
        for timer in self._timers:
            timer.cancel()

    def _late(self) -> None:
        """It fails, although it may go on where nobody else can be asked."""
        slow = TimedOut(too_slow(self.link.endpoint))
        self.link.failed(self.call, slow, self.clock())


@dataclass(slots=True)
class Turns(Generic[S]):
    """Whom a request goes to, in order, as long as they may be asked.

    Attributes:
        clock: seconds, monotonic.
        end: when the request has to be answered, by the event loop's time.
    """

    links: deque[S]
    clock: Callable[[], float]
    end: float
    _shortened: set[int] = field(default_factory=set)
    _taken: list[Turn[S]] = field(default_factory=list)

    @classmethod
    def among(cls, links: Iterable[S], clock: Callable[[], float], within: float) -> Turns[S]:
        """Turns of servers, that together take no longer than some seconds."""
        return cls(deque(links), clock, asyncio.get_running_loop().time() + within)

    def next(self) -> Turn[S] | None:
        """The next server's turn, which begins; None when nobody is left."""
        while self.links:
            link = self.links.popleft()
            if link.health.usable(self.clock()):
                turn = Turn(link, link.health.begin(), self.clock)
                self._taken.append(turn)
                return turn
        return None

    def over(self) -> None:
        """Nobody waits any more, not even for a turn that was not begun to be used."""
        for turn in self._taken:
            turn.end()
            if turn.call.failed is None:
                turn.link.health.abandoned(turn.call)

    def once_more(self, link: S) -> None:
        """A server is asked again, once, with a shorter prompt."""
        if id(link) not in self._shortened:
            self._shortened.add(id(link))
            self.links.appendleft(link)

    def others(self) -> bool:
        """Whether somebody else may be asked after whose turn it is."""
        return any(each.health.usable(self.clock()) for each in self.links)


async def stream(
    turns: Turns[S], attempt: Callable[[Turn[S]], AsyncGenerator[T]], bucket: Bucket | None = None
) -> AsyncGenerator[T]:
    """The answer of the first server that begins one; once it has begun, no other continues it.

    Args:
        turns: the servers.
        attempt: asks one of them, notes in its turn when that is sent and when what came is of
            use, and gives what comes. A whole answer always is.
        bucket: where a second server may be asked while the first one is late: who pays for it.

    Raises:
        BackendError: nobody answers, and what the last one said; or who did broke off.
        Refused: the same, of the ledger.
        LookupError: nobody may be asked.
    """
    error: BackendError | Refused | None = None
    try:
        while turn := turns.next():
            began = False
            try:
                async with aclosing(_perhaps_hedged(turns, turn, attempt, bucket)) as pieces:
                    async for piece in pieces:
                        began = True
                        yield piece
                return
            except (BackendError, Refused) as failed:
                error = failed
                if began:
                    break
                if isinstance(failed, TooLong):
                    turns.once_more(turn.link)
        raise error or LookupError
    finally:
        turns.over()


async def punctual(
    pieces: AsyncGenerator[T], endpoint: Endpoint, first: float | None, end: float
) -> AsyncGenerator[T]:
    """An answer under its deadlines, by the event loop's time.

    Args:
        pieces: the answer.
        endpoint: who gives it.
        first: seconds until the first piece has to be there, if somebody else could be asked.
        end: when all of it has to be there.

    Raises:
        TimedOut: it is not.
    """
    due = end if first is None else min(end, asyncio.get_running_loop().time() + first)
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout_at(due):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise TimedOut(too_slow(endpoint)) from error
            yield piece
            due = end


def _perhaps_hedged(
    turns: Turns[S],
    turn: Turn[S],
    attempt: Callable[[Turn[S]], AsyncGenerator[T]],
    bucket: Bucket | None,
) -> AsyncGenerator[T]:
    def another() -> AsyncGenerator[T] | None:
        if bucket is None or not bucket.take():
            return None
        link = turn.link
        # Where nobody else can be asked, a server that is not here may be asked twice.
        if not turns.others() and link.endpoint.remote and link.health.usable(turns.clock()):
            turns.links.append(link)
        second = turns.next()
        if second is None:
            bucket.tokens += 1.0
            return None
        return _followed(turns, second, attempt(second))

    pieces = _followed(turns, turn, attempt(turn))
    late = turn.link.health.hedge_after
    return pieces if bucket is None or late is None else hedged(pieces, another, late)


async def _followed(turns: Turns[S], turn: Turn[S], pieces: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """A server's answer, from which its health is known."""
    link, call = turn.link, turn.call
    last: float | None = None  # when something came
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                began, last = last is not None, turns.clock()
                if not began:
                    turn.end()
                    seconds = last - (last if turn.sent is None else turn.sent)
                    link.health.answered(call, seconds, last, too_slow(link.endpoint))
                if turn.useful:
                    link.health.worked(call, last)
                yield piece
        link.health.worked(call, turns.clock())
    except (BackendError, Refused) as error:
        link.failed(call, error, turns.clock())
        raise
    except (asyncio.CancelledError, GeneratorExit):
        since, now = turn.sent if last is None else last, turns.clock()
        if since is not None:
            if last is None:
                link.health.unheard(now - since)
            link.given_up(call, since, now)
        raise
    finally:
        turn.end()


async def hedged(
    first: AsyncGenerator[T], another: Callable[[], AsyncGenerator[T] | None], late: float
) -> AsyncGenerator[T]:
    """The pieces of whichever of two answers begins first; the other one is closed then.

    Args:
        first: the answer that was asked for.
        another: begins a second one, if it may; called once, when the first is late.
        late: seconds until then.

    Raises:
        BackendError: neither begins, and what the first one said; or who did broke off.
        Refused: the same, of the ledger.
    """
    racing: dict[asyncio.Future[T | None], AsyncGenerator[T]]
    racing = {asyncio.ensure_future(anext(first, None)): first}
    closing: list[asyncio.Task[None]] = []
    try:
        done, _ = await asyncio.wait(racing, timeout=late)
        if not done and (second := another()) is not None:
            racing[asyncio.ensure_future(anext(second, None))] = second
        begun = await _begun(racing)
        winner, piece = racing[begun], begun.result()
        others = [each for each in racing if each is not begun]
        closing += [asyncio.ensure_future(_close(each, racing.pop(each))) for each in others]
        if piece is not None:
            yield piece
            async for piece in winner:
                yield piece
    finally:
        for task, pieces in racing.items():
            await _close(task, pieces)
        await asyncio.gather(*closing)


async def _begun(
    racing: Mapping[asyncio.Future[T | None], AsyncGenerator[T]],
) -> asyncio.Future[T | None]:
    """Whose first piece comes first. Raises what the first answer said if none begins."""
    running = list(racing)
    while running:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in [each for each in running if each in done]:
            if task.exception() is None:
                return task
            running.remove(task)
    raise next(iter(racing)).exception() or LookupError


async def _close(task: asyncio.Future[T | None], pieces: AsyncGenerator[T]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # it is known
    await pieces.aclose()
