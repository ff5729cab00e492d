"""A model server that knows how a text goes on, for editors that are driven by blocking calls."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from tests.lsp.model_server import PATIENCE, Asked, ModelServer, model_server
from tests.lsp.talking import says

# What stands before the cursor has to end like the text for so many characters.
_ALIKE = 24


@dataclass
class Knowing:
    """The running server.

    Attributes:
        text: what it knows.
        told: so many characters of what follows are told.
        piece: so many of them at once.
        delay: seconds before it begins to answer.
        reply: what it says as a frontier model; it says nothing where this is empty.
        answered: when each answer was said, in seconds of `time.time`.
        server: what was asked of it.
    """

    text: str
    told: int = 240
    piece: int = 4
    delay: float = 0.0
    reply: str = ""
    answered: list[float] = field(default_factory=list)
    server: ModelServer = field(init=False)

    @property
    def config(self) -> str:
        """A configuration that names this server alone, without the embedded model."""
        return self.server.config().replace("[inline]", "[inline]\nembedded = false")

    @property
    def frontier(self) -> str:
        """What to add to a configuration, so that this server is asked for escalations too."""
        return self.server.asked_to_change()

    @property
    def questions(self) -> list[Asked]:
        """What it was asked as a frontier model; prompts are read ahead at any time."""
        return [each for each in self.server.asked if "messages" in each.body]

    async def answer(self, asked: Asked) -> None:
        """Tell how the text goes on after the prompt's prefix, if it is a part of it."""
        if "messages" in asked.body:
            await self._reply(asked)
            return
        prefix = asked.prompt.partition("<|fim_suffix|>")[0]
        at = self.text.rfind(prefix[-_ALIKE:])
        rest = self.text[at + _ALIKE :][: self.told] if at >= 0 else ""
        await asyncio.sleep(self.delay)
        await asked.begin()
        self.answered.append(time.time())
        size = self.piece
        await asked.say(*(rest[place : place + size] for place in range(0, len(rest), size)))
        await asked.end()

    async def _reply(self, asked: Asked) -> None:
        """Answer as a frontier model does, in the format of chat completions."""
        if not self.reply:
            await asked.begin()
            await asked.closed.wait()
            return
        await says(self.reply)(asked)


@contextmanager
def knowing(text: str, told: int = 240, piece: int = 4) -> Iterator[Knowing]:
    """A server for as long as the context lasts, on a thread of its own."""
    this = Knowing(text, told, piece)
    ready: Future[Callable[[], object]] = Future()

    async def serve() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        async with model_server(this.answer) as server:
            this.server = server
            ready.set_result(partial(loop.call_soon_threadsafe, done.set))
            await done.wait()

    # Who connects while it stops is ended with its loop.
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    stop = ready.result(timeout=PATIENCE)
    try:
        yield this
    finally:
        stop()
        thread.join()
