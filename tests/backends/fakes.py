"""A model server made of functions, and what tests ask it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence

import httpx

from firsthand.backends import connect
from firsthand.backends.base import Chunk, Deadlines, Endpoint, Request
from firsthand.core.fim import Hole

LLAMA = Endpoint("local", "llamacpp", "http://127.0.0.1:8012", "tiny")
TEMPLATED = Endpoint("local", "llamacpp", "http://127.0.0.1:8012", "tiny", "qwen")
OPENAI = Endpoint("near", "openai", "http://localhost:8000/v1", "coder", "qwen")
REMOTE = Endpoint("far", "openai", "https://api.example.com", "coder", "codestral", remote=True)

ASKED = Request(Hole("def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n"))
QUICK = Deadlines(connect=0.05, first=0.05, stall=0.05, total=0.2)
CALM = Deadlines(connect=10.0, first=10.0, stall=10.0, total=30.0)  # nothing is late, however busy

Part = bytes | Exception | AsyncIterator[bytes]
Handler = Callable[[httpx.Request], httpx.Response]


class Stream(httpx.AsyncByteStream):
    """A body in pieces; an exception among them is raised in its place."""

    def __init__(self, pieces: Sequence[Part]) -> None:
        self.pieces = pieces
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                yield piece
            else:
                async for each in piece:
                    yield each

    async def aclose(self) -> None:
        self.closed = True


def sse(*records: object) -> list[bytes]:
    """Server-sent events, one for each record; a string goes as it is."""
    return [
        f"data: {each if isinstance(each, str) else json.dumps(each)}\n\n".encode()
        for each in records
    ]


def giving(stream: Stream) -> Handler:
    """A server that answers with a body."""
    return lambda _: httpx.Response(200, stream=stream)


def streaming(
    *records: object, status: int = 200, headers: dict[str, str] | None = None
) -> Handler:
    """A server that answers everything with the same stream."""
    return lambda _: httpx.Response(status, headers=headers, stream=Stream(sse(*records)))


def transport(handler: Handler) -> httpx.MockTransport:
    return httpx.MockTransport(handler)


async def collect(
    endpoint: Endpoint,
    handler: Handler,
    request: Request = ASKED,
    deadlines: Deadlines = CALM,
    key: str | None = None,
) -> list[Chunk]:
    """All chunks of an answer."""
    backend = connect(endpoint, key, deadlines=deadlines, transport=transport(handler))
    try:
        return [chunk async for chunk in backend.stream(request)]
    finally:
        await backend.aclose()


def content(text: str) -> dict[str, object]:
    """A record of llama.cpp's."""
    return {"content": text, "stop": False}


def choice(text: str, finish: str | None = None) -> dict[str, object]:
    """A record of OpenAI's."""
    return {"choices": [{"text": text, "finish_reason": finish}]}
