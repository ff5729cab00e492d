"""One thread for all that can block: stores, key rings, files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_MOMENT = 0.02  # seconds

log = logging.getLogger(__name__)


class Worker:
    """Runs blocking calls one after the other, away from the event loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="firsthand-worker")
        self._asked: set[Future[Any]] = set()
        self._sent: list[Callable[[], object]] = []
        self._closed = False

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The call's result, or its exception."""
        return await asyncio.wrap_future(self._ask(call, *args, **kwargs))

    async def within(
        self, seconds: float, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """The call's result, or None when it takes longer: a miss, never a wait."""
        future = asyncio.wrap_future(self._ask(call, *args, **kwargs))
        done, _ = await asyncio.wait({future}, timeout=seconds)
        if not done:
            future.add_done_callback(_forget)
            return None
        return future.result()

    def send(self, call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run a call whose result nobody waits for, in a moment; once closed, not at all.

        Handed over at once it would take the interpreter from the key that it came of.
        """
        if self._closed:
            return
        if not self._sent:
            asyncio.get_running_loop().call_later(_MOMENT, self._hand_over)
        self._sent.append(partial(call, *args, **kwargs))

    def close(self) -> None:
        """Finish what is under way and what was sent; drop what somebody waits for, also later."""
        self._hand_over()
        self._closed = True
        for future in tuple(self._asked):
            future.cancel()
        self._pool.shutdown(wait=True)

    def _hand_over(self) -> None:
        sent, self._sent = self._sent, []
        for call in sent if not self._closed else ():
            self._pool.submit(call).add_done_callback(_log_fault)

    def _ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._closed:  # a task that has not heard of the end ends with it
            dropped = Future[T]()
            dropped.cancel()
            return dropped
        self._hand_over()  # each call finds what those before it have done
        future = self._pool.submit(call, *args, **kwargs)
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        return future


def _forget(future: asyncio.Future[T]) -> None:
    if not future.cancelled():
        future.exception()


def _log_fault(future: Future[object]) -> None:
    fault = None if future.cancelled() else future.exception()
    if fault is not None:
        log.error("a call in the background failed: %s", type(fault).__name__)
