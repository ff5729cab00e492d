"""A model server without a model: it answers what it is told to, after a fixed time.

It speaks the OpenAI-compatible `/v1/completions` as server-sent events, and notes when its client
closes a connection that it is still writing to.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

_ENDLESS = 0.020  # seconds between the pieces of an answer without end


class ModelServer:
    """One loopback port.

    Attributes:
        answer: the pieces of each answer; None for an answer that never ends.
        first_token: seconds before the first piece.
        asked: when completions were asked for, by `time.perf_counter`.
        answered: when the last piece of an answer was written, likewise.
        closed: when connections were closed in the middle of an answer, likewise.
    """

    def __init__(self) -> None:
        self.answer: list[str] | None = []
        self.first_token = 0.030
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self.answered: asyncio.Queue[float] = asyncio.Queue()
        self.closed: asyncio.Queue[float] = asyncio.Queue()
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Serve until the end of the block."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *fields = head.decode("latin-1").split("\r\n")
                lengths = [f.split(":")[1] for f in fields if f.lower().startswith("content-len")]
                await reader.readexactly(int(lengths[0]) if lengths else 0)
                path = first.split()[1]
                if path.endswith("/completions"):
                    await self._stream(reader, writer)
                else:
                    models = {"object": "list", "data": [{"id": "bench", "object": "model"}]}
                    _plain(writer, models if path.endswith("/models") else None)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.put_nowait(time.perf_counter())
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait([gone], timeout=self.first_token)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
            )
            async for piece in self._pieces(gone):
                _event(writer, json.dumps({"choices": [{"index": 0, "text": piece}]}))
            if gone.done():
                self.closed.put_nowait(time.perf_counter())
                raise ConnectionResetError
            self.answered.put_nowait(time.perf_counter())
            done = {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}
            _event(writer, json.dumps(done))
            _event(writer, "[DONE]")
            writer.write(b"0\r\n\r\n")
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

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


def _plain(writer: asyncio.StreamWriter, content: Any) -> None:
    body = json.dumps(content).encode()
    status = b"404 Not Found" if content is None else b"200 OK"
    writer.write(
        b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (status, len(body), body)
    )


def _event(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(b"%x\r\n%b\r\n" % (len(event), event))
