"""One HTTP request to a model server, and its answer as a stream of chunks.

All wire formats go through `answer`; they differ in what they send and how they read a record.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import httpx

from firsthand.backends.base import (
    BackendError,
    Chunk,
    Deadlines,
    Endpoint,
    Failed,
    Garbled,
    Misconfigured,
    Refused,
    TimedOut,
    TooLong,
    Unreachable,
    said_of,
    too_slow,
)
from firsthand.backends.reading import Piece, Reading
from firsthand.backends.sender import Sender, transport_for
from firsthand.core.stream import Event, EventDecoder, LineTooLong, RecordDecoder, Stopper

_MOST_BYTES = 8 << 20  # of one answer
_MOST_SAID = 16_384  # bytes of a refusal that are read
_LEFT = 0.2  # seconds that a server may take to end its answer once all of it was said
_LONGEST_WAIT = 3600.0  # seconds of a Retry-After that are believed


# What the libraries load on their first request: that would be on the event loop, for 100 ms.
for _late in (
    *("httpcore", "anyio.abc", "anyio.lowlevel", "anyio.to_thread", "anyio.streams.stapled"),
    *("anyio.streams.tls", "anyio._backends._asyncio"),
):
    with suppress(ImportError):  # they are theirs to rename
        import_module(_late)


@dataclass(frozen=True, slots=True)
class Connection:
    """What every request to one endpoint goes through."""

    endpoint: Endpoint
    sender: Sender
    deadlines: Deadlines

    async def answer(
        self,
        url: str,
        body: bytes,
        read: Callable[[Mapping[str, Any]], Piece],
        stopper: Stopper,
        *,
        lines: bool = False,
    ) -> AsyncGenerator[Chunk]:
        """Post a body and give the answer through a Stopper.

        Args:
            url: where to.
            body: what is sent, which asks for a stream: closing nothing else stops a server.
            read: makes a piece of one record; raises Garbled if it is not what it should be.
            stopper: ends the answer where nothing useful follows.
            lines: whether the answer is a JSON text a line, not server-sent events.

        Raises:
            BackendError: as its docstring draws it.
        """
        reading = Reading(read, stopper)
        async with aclosing(self.batches(url, body, lines)) as batches:
            try:
                async for batch in batches:
                    if any(map(reading.take, batch)):
                        break
                    if reading.text:
                        yield reading.chunk()
            except BackendError:
                if not reading.whole:  # all text is there: what failed is only the talk after it
                    if reading.text:
                        yield reading.chunk()
                    raise
            # Given before the connection is closed or given back, which takes its time.
            yield reading.last(self.endpoint)
            if reading.whole:
                await heard_out(batches)

    async def fetch(
        self, url: str, body: Mapping[str, object] | None = None, seconds: float = math.inf
    ) -> object:
        """The JSON at an address: by GET, or by POST where there is a body; within some seconds.

        Raises:
            BackendError: as its docstring draws it.
        """
        collected, content = bytearray(), None if body is None else encoded(body)
        with _mapped(self.endpoint):
            async with (
                asyncio.timeout(None if seconds == math.inf else seconds),
                aclosing(self._bytes(url, content)) as pieces,
            ):
                async for piece in pieces:
                    collected += piece
        return _parsed(self.endpoint, collected.decode("utf-8", "replace"))

    async def batches(
        self, url: str, body: bytes, lines: bool = False
    ) -> AsyncGenerator[Iterator[Mapping[str, Any] | None]]:
        """The records of a streamed answer, those together that came together.

        A record is None where the server says that the answer is whole; a batch raises where one
        of its records is none.

        Raises:
            BackendError: as its docstring draws it; also when the answer just ends.
        """
        record = partial(_record, self.endpoint)
        decoder, any_came = RecordDecoder() if lines else EventDecoder(), False
        async with aclosing(self._bytes(url, body)) as pieces:
            async for piece in pieces:
                with _mapped(self.endpoint):
                    events = decoder.decode(piece)
                any_came = any_came or bool(events)
                if events:
                    yield map(record, events)
        yield map(record, decoder.flush())
        if not any_came:
            raise Garbled(
                said_of(self.endpoint, "did not answer as a model server does: check its url")
            )
        raise Failed(said_of(self.endpoint, "broke off its answer: look into its log"))

    async def _bytes(self, url: str, body: bytes | None) -> AsyncGenerator[bytes]:
        """The body of the answer to a request, every wait under its deadline."""
        now = asyncio.get_running_loop().time
        end = now() + self.deadlines.total
        with _mapped(self.endpoint):
            async with asyncio.timeout(self.deadlines.connect + self.deadlines.first):
                response = await self.sender.send(url, body)
        try:
            if response.status_code != 200:
                raise await self._refused(response)
            pieces = _pieces(response)
            wait, size = self.deadlines.first, 0
            while True:
                with _mapped(self.endpoint):
                    async with asyncio.timeout_at(min(now() + wait, end)):
                        piece = await anext(pieces, None)
                if piece is None:
                    return
                size += len(piece)
                if size > _MOST_BYTES:
                    raise Garbled(said_of(self.endpoint, "sends without end: restart it"))
                yield piece
                wait = self.deadlines.stall
        finally:
            await response.aclose()

    async def _refused(self, response: httpx.Response) -> Refused:
        """What an answer with another status than 200 means."""
        said = bytearray()
        if response.status_code in (400, 413, 422, 500):
            with suppress(httpx.HTTPError, TimeoutError):
                async with asyncio.timeout(self.deadlines.connect):
                    async for piece in response.aiter_bytes():
                        said += piece
                        if len(said) > _MOST_SAID:
                            break
        return _refusal(self.endpoint, response, said.decode("utf-8", "replace"))


def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes; what nobody asked to be compressed is unpacked all the same."""
    stream = response.stream
    if "Content-Encoding" in response.headers or not isinstance(stream, httpx.AsyncByteStream):
        return response.aiter_bytes()
    return aiter(stream)


async def heard_out(rest: AsyncGenerator[object]) -> None:
    """Read what follows a whole answer, for a moment: only then is its connection kept open."""
    with suppress(BackendError, TimeoutError):
        async with asyncio.timeout(_LEFT):
            async for _ in rest:
                pass


def connection(
    endpoint: Endpoint,
    key: str | None,
    deadlines: Deadlines,
    transport: httpx.AsyncBaseTransport | None = None,
    headers: Callable[[str], Mapping[str, str]] | None = None,
) -> Connection:
    """A connection to one endpoint: no redirects, no proxies on the way to this machine.

    Args:
        endpoint: what to talk to.
        key: the secret it asks for, if any.
        deadlines: how long to wait.
        transport: stands in for the network.
        headers: how the key is sent, where that is not as a bearer's.

    Raises:
        Misconfigured: the URL is no http or https address, or http to another machine, or the key
            holds what no header can.
    """
    parts = urlsplit(endpoint.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(said_of(endpoint, 'has no web address: write url = "http://..."'))
    if parts.scheme == "http" and not endpoint.loopback:
        raise Misconfigured(
            said_of(endpoint, "would get code unencrypted: use an https url, or a tunnel")
        )
    if key is not None and not (key.isascii() and key.isprintable()):
        raise Misconfigured(said_of(endpoint, "has a key with impossible characters: mend it"))
    own = headers(key) if headers and key else None
    sender = Sender(transport or transport_for(endpoint), key, deadlines.connect, own)
    return Connection(endpoint, sender, deadlines)


@contextmanager
def _mapped(endpoint: Endpoint) -> Iterator[None]:
    """Turn what the libraries raise into our tree."""
    try:
        yield
    except (TimeoutError, httpx.TimeoutException) as error:
        raise TimedOut(too_slow(endpoint)) from error
    except (httpx.ConnectError, httpx.ProxyError) as error:
        raise Unreachable(said_of(endpoint, _unreachable(error))) from error
    except (httpx.InvalidURL, httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
        raise Misconfigured(said_of(endpoint, "cannot be asked: correct its url")) from error
    except (LineTooLong, httpx.DecodingError) as error:
        raise Garbled(
            said_of(endpoint, "did not answer as a model server does: check its url")
        ) from error
    except httpx.TransportError as error:
        raise Failed(said_of(endpoint, "broke off its answer: look into its log")) from error


def _unreachable(error: httpx.TransportError) -> str:
    """Why there is no connection, and the mend."""
    if isinstance(error, httpx.ProxyError):
        return "cannot be reached by the proxy: check HTTPS_PROXY, user and password included"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.rstrip(".")
            return (
                f"shows a certificate that is not trusted ({why}): correct its url or the clock, "
                "or name your own authority's file in SSL_CERT_FILE"
            )
        cause = cause.__cause__ or cause.__context__
    return "cannot be reached: start it, or correct its url"


_MENDS = {
    400: "did not accept the request: check its model and fim template",
    401: "did not accept the key: check api_key_env or api_key_keyring",
    402: "has no credit left for this key: add some at the provider",
    403: "did not accept the key: check api_key_env or api_key_keyring",
    404: "knows no such address or model: check its url and model",
    413: "found the request too long: give it a larger context",
    429: "asks to wait: its limit is reached",
    501: "cannot fill in the middle with this model: set fim, or use a model trained for it",
    529: "has too much to do: ask again in a while",
    503: "is not ready: it loads its model or has too much to do",
}


# How servers say that a prompt is too long for their model: llama.cpp; OpenAI, vLLM, Mistral and
# DeepSeek; SGLang; LM Studio; TGI; Ollama.
_TOO_LONG = re.compile(
    r"exceed_context_size|exceeds? the (available |model's )?(context|maximum)"
    r"|maximum context length|context_length_exceeded|context (length|size|window)"
    r"|longer than the model|too (long|large) (for|to)|must have less than \d+ tokens"
    r"|must be <= \d+",
    re.IGNORECASE,
)


def _refusal(endpoint: Endpoint, response: httpx.Response, said: str) -> Refused:
    """What an answer with another status than 200 means; what it says is not repeated."""
    status = response.status_code
    if status == 413 or _TOO_LONG.search(said):
        text = f"{_MENDS[413]} (HTTP status {status})"
        return TooLong(said_of(endpoint, text), status, _retry_after(response))
    mend = _MENDS.get(status, "failed: look into its log")
    if 300 <= status < 400:
        mend = "points elsewhere, which is not followed: put the final address into its url"
    text = f"{mend} (HTTP status {status})"
    return Refused(said_of(endpoint, text), status, _retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds to wait that a server asked for (RFC 9110, section 10.2.3), within reason."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        if value.isdecimal():
            return min(float(value), _LONGEST_WAIT)
        date, now = parsedate_to_datetime(value), response.headers.get("Date", "")
        return min(max((date - parsedate_to_datetime(now)).total_seconds(), 0.0), _LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None


def _record(endpoint: Endpoint, event: Event | str) -> Mapping[str, Any] | None:
    """What an event or a line says; None for the end. Raises Garbled, or Failed for an error."""
    name, data = (event.name, event.data) if isinstance(event, Event) else ("", event)
    if data.strip() == "[DONE]":
        return None
    record = _parsed(endpoint, data)
    if name == "error" or (isinstance(record, dict) and record.get("error")):
        raise Failed(said_of(endpoint, "reported an error while it answered: look into its log"))
    if not isinstance(record, dict):
        raise garbled(endpoint)
    return record


def _parsed(endpoint: Endpoint, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise garbled(endpoint) from error


def garbled(endpoint: Endpoint) -> Garbled:
    """The error for a record that is not what it should be."""
    return Garbled(said_of(endpoint, "did not answer as a model server does: check its url"))


def encoded(body: Mapping[str, object]) -> bytes:
    """A body as JSON. Half a surrogate pair is no text for a server: it becomes a question mark."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def count(value: object) -> int:
    """A number of tokens as a server says it; 0 for anything else."""
    return value if isinstance(value, int) and value > 0 else 0
