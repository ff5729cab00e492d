"""A loopback port that plays a model server, well or with a fault.

It speaks the OpenAI-compatible `/v1/completions` as server-sent events, with the fill-in-the-middle
template of Qwen2.5-Coder as the prompt, and knows one text that prompts are taken from.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from typing import Self

FAULTS = (
    "refuse",  # nobody listens
    "reset",  # the connection is reset
    "silence",  # nothing comes, not even a head
    "stall",  # the answer begins and stops
    "trickle",  # a byte now and then
    "429",
    "429 wait",  # with Retry-After
    "500",
    "529",
    "529 wait",
    "garbage",
    "length",  # the answer is shorter than its Content-Length says
)

_PREFIX = re.compile(r"<\|fim_prefix\|>(.*?)<\|fim_suffix\|>", re.DOTALL)
_KNOWN_BY = 80  # characters before the cursor by which a place is found
_LEAST = 3  # of them that have to be there
_ALIKE = 4_000  # characters by which places that look alike are told apart, at most
_TOKEN = 4  # characters
_TRICKLE = 0.5  # seconds between two bytes
_WAIT = 1  # seconds of a Retry-After


class StandIn:
    """One port; it is opened by `open` and closed by `close`.

    Attributes:
        url: where it answers.
        fault: names what goes wrong with the next request; empty for nothing.
        asked: how many requests met which fault, or none.
        began: of each answer that began, the how manieth request without a fault it was.
        left: of each request without a fault that the other side left before that, likewise.
    """

    def __init__(self, text: str, first_token: float = 0.03, token: float = 0.004) -> None:
        """What it knows, and seconds before its first token and between two."""
        self.url = ""
        self.fault: Callable[[], str] = lambda: ""
        self.asked: Counter[str] = Counter()
        self.began: list[int] = []
        self.left: list[int] = []
        self._text = text
        self._first_token = first_token
        self._token = token
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> Self:
        """Listen, on the port that it had before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]
            self.url = f"http://127.0.0.1:{self._port}"
        return self

    async def close(self) -> None:
        """Stop listening, and reset every connection: the port refuses from now on."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in tuple(self._writers):
            _reset(writer)

    async def behave(self, fault: str) -> None:
        """Have every request meet a fault; empty for none."""
        self.fault = lambda: fault
        await (self.close() if fault == "refuse" else self.open())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *fields = head.decode("latin-1").split("\r\n")
                lengths = [each.split(":")[1] for each in fields if each.lower()[:15] == _LENGTH]
                body = await reader.readexactly(int(lengths[0]) if lengths else 0)
                await self._answer(first, body, reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            pass  # the other side is gone, or what it says is nothing for a model
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self,
        first: str,
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        fault = self.fault()
        if first.startswith("POST"):
            self.asked[fault] += 1
        if fault in ("silence", "stall", "trickle"):
            known = self._rest_of(body) if first.startswith("POST") else ""
            await self._slowly(fault, known[:_TOKEN], reader, writer)
        elif fault in ("reset", "refuse"):
            _reset(writer)
        elif fault == "garbage":
            writer.write(b"\x00\xff<html>" * 50)
            raise ConnectionResetError
        elif fault == "length":
            writer.write(_head(200, b"Content-Length: 999", b"text/event-stream"))
            writer.write(_event("ab"))
            raise ConnectionResetError
        elif fault:
            status, _, waits = fault.partition(" ")
            wait = b"Retry-After: %d\r\n" % _WAIT if waits else b""
            writer.write(_head(int(status), wait + b"Content-Length: 0"))
        elif first.startswith("POST"):
            await self._write(body, reader, writer)
        else:
            models = b'{"object": "list", "data": [{"id": "stand-in", "object": "model"}]}'
            found = first.split()[1].endswith("/models")
            content = models if found else b"null"
            writer.write(_head(200 if found else 404, b"Content-Length: %d" % len(content)))
            writer.write(content)

    async def _slowly(
        self,
        fault: str,
        begun: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Say little or nothing until the other side has had enough."""
        gone = asyncio.ensure_future(reader.read(1))
        try:
            if fault != "silence":
                writer.write(_head(200, b"Transfer-Encoding: chunked", b"text/event-stream"))
            if fault == "stall":
                writer.write(_chunk(_event(begun)))
            while not gone.done() and fault == "trickle":
                writer.write(_chunk(b":"))
                await asyncio.wait({gone}, timeout=_TRICKLE)
            await asyncio.wait({gone})
        finally:
            gone.cancel()
            await asyncio.wait({gone})
        raise ConnectionResetError

    async def _write(
        self, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Give all of an answer, and then the connection back."""
        number = self.asked[""]
        writer.write(_head(200, b"Transfer-Encoding: chunked", b"text/event-stream"))
        await asyncio.sleep(self._first_token)
        (self.left if reader.at_eof() else self.began).append(number)
        text = self._rest_of(body)
        for at in range(0, len(text), _TOKEN):
            writer.write(_chunk(_event(text[at : at + _TOKEN])))
            await writer.drain()
            await asyncio.sleep(self._token)
        writer.write(_chunk(_event("", "stop")) + _chunk(b"data: [DONE]\n\n") + _chunk(b""))

    def _rest_of(self, body: bytes) -> str:
        """The rest of the text from where a prompt's prefix ends, so long as it was asked for."""
        asked = json.loads(body)
        most = asked.get("max_tokens")
        return self._known(str(asked["prompt"]))[: _TOKEN * (most if isinstance(most, int) else 16)]

    def _known(self, prompt: str) -> str:
        found = _PREFIX.search(prompt)
        # Empty lines above a place say nothing of it.
        before = found[1][-_KNOWN_BY:].rpartition("\n\n")[2] if found else ""
        if found is None or len(before.strip()) < _LEAST:
            return ""
        # Of several places that look alike the right one agrees with more of what is above.
        starts = [each.start() for each in re.finditer(re.escape(before), self._text)]
        ends = [each + len(before) for each in starts]
        at = max(ends, key=lambda end: _alike(found[1], self._text[:end]), default=-1)
        return self._text[at:] if at >= 0 else ""


def _alike(one: str, other: str) -> int:
    """How many characters at their ends two texts have in common, of some thousands."""
    pairs = zip(reversed(one[-_ALIKE:]), reversed(other[-_ALIKE:]), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


_LENGTH = "content-length:"
_LINGER = "hh" if sys.platform == "win32" else "ii"


def _head(status: int, fields: bytes, kind: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 %d x\r\nContent-Type: %b\r\n%b\r\n\r\n" % (status, kind, fields)


def _event(text: str, finish: str | None = None) -> bytes:
    record = {"choices": [{"index": 0, "text": text, "finish_reason": finish}]}
    return f"data: {json.dumps(record)}\n\n".encode()


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a machine does that lost its power."""
    own = writer.get_extra_info("socket")
    if own is not None:
        with suppress(OSError):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(_LINGER, 1, 0))
    writer.transport.abort()
