"""Second requests under a clock of its own: how late answers are with and without, and the price.

The router's own code is run, on an event loop whose time jumps to the next timer. Times to the
first token are drawn from shapes: a log-normal body, and a share of answers that a server holds up
(it loads, it collects, a connection is lost), as hosted models and shared servers show them.
"""

from __future__ import annotations

import asyncio
import bisect
import math
import random
import selectors
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from firsthand.backends.base import Endpoint
from firsthand.demo.play import percentile
from firsthand.router.failover import Bucket, Turn, Turns, stream
from firsthand.router.link import Server

_T = TypeVar("_T")

_COMMANDS = 10_000
_DRAWN = 200_000
_WITHIN = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class Shape:
    """Times to the first token.

    Attributes:
        median: seconds.
        spread: deviation of the body's logarithm.
        held: the share of answers that are held up.
        hold: seconds that they are held up for, as a median.
        holds: deviation of their logarithm.
    """

    median: float
    spread: float
    held: float
    hold: float
    holds: float = 0.8

    def draw(self, chance: random.Random) -> float:
        """One of them."""
        body = chance.lognormvariate(math.log(self.median), self.spread)
        held = chance.random() < self.held
        return body + (chance.lognormvariate(math.log(self.hold), self.holds) if held else 0.0)


SHAPES = {
    "shared server": Shape(0.060, 0.35, 0.03, 1.5),
    "hosted, quick": Shape(0.250, 0.30, 0.03, 4.0),
    "hosted, held up more often": Shape(0.250, 0.30, 0.045, 2.0),
    "no tail": Shape(0.250, 0.30, 0.0, 1.0),
    "packets lost": Shape(0.040, 0.30, 0.06, 1.0, 0.02),  # sent again after a second: RFC 6298
    "steady": Shape(0.250, 0.10, 0.0, 1.0),
}


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: what would have been waited is added to the time.

    Attributes:
        now: the time in seconds.
    """

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout:
            self.now += timeout
        return found


class _Jumping(asyncio.SelectorEventLoop):
    """An event loop whose time is that of the next timer, as soon as nothing else is to be done."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def hedging() -> dict[str, Any]:
    """For each shape, seconds to the first token with and without, and the share of extra ones."""
    return {name: _shape(shape) for name, shape in SHAPES.items()}


def _shape(shape: Shape) -> dict[str, float]:
    plain, _ = jumping(_commands(shape, None))
    hedged, extra = jumping(_commands(shape, Bucket()))
    p95 = percentile(plain, 95)
    return {
        "p50": round(percentile(plain, 50), 3),
        "p95": round(p95, 3),
        "p999": round(percentile(plain, 99.9), 3),
        "hedged_p99": round(percentile(hedged, 99), 3),
        "hedged_p999": round(percentile(hedged, 99.9), 3),
        "plain_p999_by_p95": round(percentile(plain, 99.9) / p95, 2),
        "hedged_p999_by_p95": round(percentile(hedged, 99.9) / p95, 2),
        "least_p999_by_p95": round(_least(shape), 2),
        "extra": round(extra, 4),
    }


def _least(shape: Shape) -> float:
    """The least p99.9, in p95, that second requests can reach that are no more than one in twenty.

    Asked when p95 has passed, which is known exactly, and never refused, the second answer takes
    its own time Y, from the same shape as the first one's X: P(X > t) P(Y > t - p95) come after t.
    """
    chance = random.Random(2)
    rising = sorted(shape.draw(chance) for _ in range(_DRAWN))

    def above(seconds: float) -> float:
        return 1 - bisect.bisect_right(rising, seconds) / _DRAWN

    p95 = percentile(rising, 95)
    return next(t for t in rising if t >= p95 and above(t) * above(t - p95) <= 0.001) / p95


def jumping(call: Coroutine[Any, Any, _T]) -> _T:
    """The result of what waits often and does little."""
    loop = _Jumping()
    try:
        return loop.run_until_complete(call)
    finally:
        loop.close()


async def _commands(shape: Shape, bucket: Bucket | None) -> tuple[list[float], float]:
    """Commands one after the other at a model with two servers."""
    chance, loop = random.Random(1), asyncio.get_running_loop()
    one, two = (Server[Any](Endpoint("m", "vllm", f"http://127.0.0.1:{n}")) for n in (1, 2))
    sent, took = 0, []

    async def attempt(turn: Turn[Server[Any]]) -> AsyncGenerator[str]:
        nonlocal sent
        sent += 1
        turn.send()
        await asyncio.sleep(shape.draw(chance))
        yield "text"

    for _ in range(_COMMANDS):
        if bucket is not None:
            bucket.fill()
        began = loop.time()
        turns = Turns.among((one, two), loop.time, _WITHIN)
        async with aclosing(stream(turns, attempt, bucket)) as pieces:
            await anext(pieces)
            took.append(loop.time() - began)
    return took, sent / _COMMANDS - 1
