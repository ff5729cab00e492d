"""Looking up the names of machines, so that a resolver that hangs holds up nobody else.

asyncio looks names up on the few threads it has for all that blocks. Some look-ups that hang take
all of them; then no name is found any more, not even this machine's, and the end waits for them.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

if sys.platform == "win32":
    _Loop = asyncio.ProactorEventLoop
else:
    _Loop = asyncio.SelectorEventLoop


class Loop(_Loop):
    """An event loop that has each look-up on a thread of its own, and at most one for each name.

    Args:
        look_up: blocks until a name is known, as `socket.getaddrinfo` does.
    """

    def __init__(self, look_up: Callable[..., Any] = socket.getaddrinfo) -> None:
        super().__init__()
        self._look_up = look_up
        self._asked: dict[object, asyncio.Future[Any]] = {}

    async def getaddrinfo(self, *args: Any, **options: Any) -> Any:
        """As asyncio's; whoever asks the same meanwhile waits for the same answer."""
        asked = (args, tuple(sorted(options.items())))
        answer = self._asked.get(asked)
        if answer is None:
            answer = self._asked[asked] = self.create_future()
            answer.add_done_callback(partial(self._answered, asked))
            work = partial(self._ask, answer, args, options)
            threading.Thread(target=work, name="resolver", daemon=True).start()
        return await asyncio.shield(answer)

    def _ask(self, answer: asyncio.Future[Any], args: Any, options: Any) -> None:
        """Look a name up; on a thread."""
        try:
            found = self._look_up(*args, **options)
        except (OSError, UnicodeError) as error:
            tell = partial(_fail, answer, error)
        else:
            tell = partial(_give, answer, found)
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            self.call_soon_threadsafe(tell)

    def _answered(self, asked: object, answer: asyncio.Future[Any]) -> None:
        del self._asked[asked]
        if not answer.cancelled():
            answer.exception()  # whoever asked may have gone


def _give(answer: asyncio.Future[Any], found: object) -> None:
    if not answer.done():
        answer.set_result(found)


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
