"""The HTTP that a model server speaks on a loopback port, and what it notes of its client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self


class Loopback:
    """One loopback port; what is posted to it goes to `complete`."""

    def __init__(self) -> None:
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Serve until the end of the block."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def complete(
        self, path: str, body: bytes, gone: asyncio.Future[bytes], writer: asyncio.StreamWriter
    ) -> None:
        """Answer a request.

        Args:
            path: what was posted to.
            body: what was posted.
            gone: done once the client has closed the connection.
            writer: where the answer goes.

        Raises:
            ConnectionError: the client has closed it.
        """
        raise NotImplementedError

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *fields = head.decode("latin-1").split("\r\n")
                lengths = [f.split(":")[1] for f in fields if f.lower().startswith("content-len")]
                body = await reader.readexactly(int(lengths[0]) if lengths else 0)
                method, path, _ = first.split()
                if method == "GET":
                    models = {"object": "list", "data": [{"id": "bench", "object": "model"}]}
                    plain(writer, models if path.endswith("/models") else None)
                    continue
                gone = asyncio.ensure_future(reader.read(1))
                try:
                    await self.complete(path, body, gone, writer)
                finally:
                    gone.cancel()
                    await asyncio.gather(gone, return_exceptions=True)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def plain(writer: asyncio.StreamWriter, content: Any) -> None:
    """Answer with JSON; with 404 where there is none."""
    body = json.dumps(content).encode()
    status = b"404 Not Found" if content is None else b"200 OK"
    writer.write(
        b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (status, len(body), body)
    )


def begin_stream(writer: asyncio.StreamWriter) -> None:
    """The head of an answer of server-sent events."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )


def event(writer: asyncio.StreamWriter, data: str) -> None:
    """One of them."""
    chunk(writer, f"data: {data}\n\n".encode())


def end_stream(writer: asyncio.StreamWriter, reason: str) -> None:
    """The last of them, with the reason why a completion ended."""
    last = {"choices": [{"index": 0, "text": "", "finish_reason": reason}]}
    event(writer, json.dumps(last))
    event(writer, "[DONE]")
    chunk(writer, b"")


def chunk(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """A piece of the stream; the empty one ends it."""
    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
