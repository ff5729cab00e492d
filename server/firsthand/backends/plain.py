"""Requests to a server on this machine: HTTP/1.1 without encryption, straight over asyncio.

The transport of httpx serves every kind of connection and event loop. Its layers take three
milliseconds of the time that a person waits, of which a local model's first token may take ten. So
here there are none: asyncio carries what Node's own parser (llhttp, by httptools) reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import httptools
import httpx

_MOST_UNREAD = 1 << 18  # bytes of an answer that wait to be taken before no more are read
_MOST_HEAD = 1 << 16  # bytes before the body of an answer


class PlainTransport(httpx.AsyncBaseTransport):
    """Connections to servers of this machine, kept open from one request to the next.

    Giving up a request, or its answer, at any point closes its connection at once.

    Args:
        kept: seconds that a connection is kept which nobody uses, as in a person's pauses.
    """

    def __init__(self, kept: float = 240.0) -> None:
        self._kept = kept
        self._open: set[_Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer to a request; its body is given as it comes.

        Sent once more where the server had closed a connection that was kept open, as it has not
        read it there.

        Raises:
            httpx.TransportError: there is none.
        """
        message = _message(request, await request.aread())
        where = (request.url.host, request.url.port or 80)
        for kept in [each for each in self._open if each.idle and each.where == where]:
            try:
                return await kept.ask(message)
            except _Unread:
                continue
        made = await self._connect(where, request.extensions.get("timeout", {}).get("connect"))
        return await made.ask(message)

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in tuple(self._open):
            connection.close()

    async def _connect(self, where: tuple[str, int], wait: float | None) -> _Connection:
        def new() -> _Connection:
            return _Connection(where, self._kept, self._open.discard)

        try:
            async with asyncio.timeout(wait):
                _, made = await asyncio.get_running_loop().create_connection(new, *where)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("took too long") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        self._open.add(made)
        return made


class _Unread(httpx.RemoteProtocolError):
    """The server had closed the connection before it could read the request."""


class _Connection(asyncio.Protocol):
    """One connection, which carries a request at a time.

    Attributes:
        where: the server's host and port.
        idle: it is open, and waits for a request.
    """

    _transport: asyncio.Transport  # from the moment that it is open

    def __init__(
        self, where: tuple[str, int], kept: float, on_lost: Callable[[_Connection], None]
    ) -> None:
        self.where, self.idle = where, False
        self._kept, self._on_lost = kept, on_lost
        self._reading = Reading()
        self._came: asyncio.Future[None] | None = None  # what is waited for, if anything is
        self._used = self._heard = False  # had an answer before, has something of this one
        self._error: httpx.TransportError | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, message: bytes) -> httpx.Response:
        """Send a request, and wait for the head of its answer.

        Raises:
            _Unread: the server had closed the connection.
            httpx.TransportError: there is no answer.
        """
        self.idle = self._heard = False
        self._reading = reading = Reading()
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._transport.write(message)
            while not reading.begun:
                await self.more()
        except httpx.TransportError as error:
            if self._used and not self._heard:
                raise _Unread("closed before it was asked") from error
            raise
        finally:
            if not reading.begun:  # whatever happened, also that nobody waits any more
                self.close()
        return httpx.Response(reading.status, headers=reading.headers, stream=_Body(self, reading))

    async def more(self) -> None:
        """Wait until more has come.

        Raises:
            httpx.TransportError: nothing more can come, or what came is no answer.
        """
        if self._error is not None:
            raise self._error
        self._transport.resume_reading()
        self._came = asyncio.get_running_loop().create_future()
        await self._came

    def rest(self) -> None:
        """The answer was read to its end: wait for the next request, if the server will."""
        if self._error is not None or not self._reading.lasting:
            self.close()
            return
        self.idle = self._used = True
        self._timer = asyncio.get_running_loop().call_later(self._kept, self.close)

    def close(self) -> None:
        """Close it now, whatever is on its way."""
        self.idle = False
        if self._timer is not None:
            self._timer.cancel()
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast(asyncio.Transport, transport)  # a protocol's of streams is one

    def data_received(self, data: bytes) -> None:
        """Something came."""
        self._heard = True
        if self.idle:  # nobody asked
            self.close()
            return
        try:
            self._reading.read(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(httpx.RemoteProtocolError(str(error)))
            return
        if len(self._reading.body) > _MOST_UNREAD:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Nothing more will come: asyncio closes the connection."""
        self.idle = False
        self._reading.end()
        self._fail(httpx.RemoteProtocolError("closed"))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self.close()
        self._fail(httpx.ReadError(str(exc or "closed")))
        self._on_lost(self)

    def _fail(self, error: httpx.TransportError) -> None:
        """Say to who waits, and to who comes, that there will be no more."""
        self._error = self._error or error
        self._wake()

    def _wake(self) -> None:
        if self._came is not None and not self._came.done():
            self._came.set_result(None)


class Reading:
    """An answer as far as it came.

    Attributes:
        begun: its head is there: the status and the headers.
        whole: its body is there too.
        lasting: the server keeps the connection open.
        body: what of the body was not taken yet.
    """

    def __init__(self) -> None:
        self.begun = self.whole = self.lasting = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self._parser = httptools.HttpResponseParser(self)
        self._head = 0

    def read(self, data: bytes) -> None:
        """Read what came. Raises httptools.HttpParserError where it is no answer."""
        if not self.begun:
            self._head += len(data)
        self._parser.feed_data(data)
        if not self.begun and self._head > _MOST_HEAD:
            raise httptools.HttpParserError("its head never ends")

    def take(self) -> bytes:
        """What of the body came since it was asked last; empty if nothing did."""
        taken = bytes(self.body)
        self.body.clear()
        return taken

    def end(self) -> None:
        """Nothing more comes: a body whose length nobody told ends here."""
        told = {name.lower() for name, _ in self.headers}
        if self.begun and not told & {b"content-length", b"transfer-encoding"}:
            self.whole = True

    def on_message_begin(self) -> None:
        """An answer begins; raises HttpParserError where it is one that nobody asked for."""
        if self.whole:
            self.lasting = False
            raise httptools.HttpParserError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, as the parser tells it."""
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is there; one of 100 to 199 is about another, which follows."""
        self.status = self._parser.get_status_code()
        self.begun = self.status >= 200
        if not self.begun:
            self.headers.clear()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self.body += body

    def on_message_complete(self) -> None:
        """The body has ended."""
        self.whole = self.begun
        self.lasting = self.begun and self._parser.should_keep_alive()


class _Body(httpx.AsyncByteStream):
    """The body of an answer: what came together is one piece."""

    def __init__(self, connection: _Connection, reading: Reading) -> None:
        self._connection, self._reading = connection, reading
        self._left = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._left:
            if piece := self._reading.take():
                if self._reading.whole:
                    self._leave()
                return piece
            if self._reading.whole:
                self._leave()
            else:
                await self._connection.more()
        raise StopAsyncIteration

    def _leave(self) -> None:
        self._left = True
        self._connection.rest()

    async def aclose(self) -> None:
        """Close the connection, unless the answer was read to its end."""
        if not self._left:
            self._left = True
            self._connection.close()


def _message(request: httpx.Request, content: bytes) -> bytes:
    """A request as it is sent, in one piece: its server is woken once."""
    lines = [b"%b: %b" % header for header in request.headers.raw]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise httpx.LocalProtocolError("a header with an end of line in it")
    method = request.method.encode("ascii")
    return b"\r\n".join((b"%b %b HTTP/1.1" % (method, request.url.raw_path), *lines, b"", content))
