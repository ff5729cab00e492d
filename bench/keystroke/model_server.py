"""A model server without a model: it answers what it is told to, after a fixed time.

It speaks the OpenAI-compatible `/v1/completions` as server-sent events, and notes when its client
closes a connection that it is still writing to.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

from bench.loopback import Loopback, begin_stream, end_stream, event

_ENDLESS = 0.020  # seconds between the pieces of an answer without end


class ModelServer(Loopback):
    """One loopback port.

    Attributes:
        answer: the pieces of each answer; None for an answer that never ends.
        holes: what has to stand in a question that gets the answer; any other gets an empty one at
            once, and is not noted: the model is asked ahead, where it has nothing to say.
        first_token: seconds before the first piece.
        asked: when completions were asked for, by `time.perf_counter`.
        answered: when the last piece of an answer was written, likewise.
        closed: when connections were closed in the middle of an answer, likewise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answer: list[str] | None = []
        self.holes = b""
        self.first_token = 0.030
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self.answered: asyncio.Queue[float] = asyncio.Queue()
        self.closed: asyncio.Queue[float] = asyncio.Queue()

    async def complete(
        self, path: str, body: bytes, gone: asyncio.Future[bytes], writer: asyncio.StreamWriter
    ) -> None:
        """Give the answer, whatever is asked."""
        if self.holes not in body:
            begin_stream(writer)
            end_stream(writer, "stop")
            return
        self.asked.put_nowait(time.perf_counter())
        await asyncio.wait([gone], timeout=self.first_token)
        begin_stream(writer)
        async for piece in self._pieces(gone):
            event(writer, json.dumps({"choices": [{"index": 0, "text": piece}]}))
        if gone.done():
            self.closed.put_nowait(time.perf_counter())
            raise ConnectionResetError
        self.answered.put_nowait(time.perf_counter())
        end_stream(writer, "stop")

    async def _pieces(self, gone: asyncio.Future[bytes]) -> AsyncIterator[str]:
        if self.answer is not None:
            for piece in self.answer:
                yield piece
            return
        number = 0
        while not gone.done():
            yield f"value_{number}, "
            number += 1
            await asyncio.wait([gone], timeout=_ENDLESS)
