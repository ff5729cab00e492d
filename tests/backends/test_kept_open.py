"""A connection is used again once its answer was heard out, whatever comes after its text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.backends.fakes import ASKED, choice, sse
from tests.backends.test_frontier import ASKED as QUESTION

from firsthand.backends import connect
from firsthand.backends.base import Endpoint
from firsthand.backends.frontier import open_talk
from firsthand.backends.hosted import HostedTransport
from firsthand.backends.plain import PlainTransport
from firsthand.settings import Provider

RECORDINGS = Path(__file__).parent / "recordings"

Over = Callable[[], httpx.AsyncBaseTransport]
over = pytest.mark.parametrize("over", [PlainTransport, HostedTransport])


class Server:
    """Answers every request on a port of this machine with the same body.

    Attributes:
        url: where it listens.
        connections: how many there were.
        closed: set once the other side has closed one.
    """

    def __init__(self, body: bytes, *, ends: bool = True) -> None:
        self.url, self.connections, self.closed = "", 0, asyncio.Event()
        self._body, self._ends = body, ends

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Server]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for piece in self._body.splitlines(keepends=True):
                    writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                writer.write(b"0\r\n\r\n" if self._ends else b"")
        except asyncio.IncompleteReadError:
            self.closed.set()
        finally:
            writer.close()


async def heard(answer: AsyncGenerator[object]) -> None:
    async with aclosing(answer) as pieces:
        assert [piece async for piece in pieces]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("provider", "recording"),
    [
        ("llamacpp", "llamacpp.sse"),
        ("ollama", "ollama.ndjson"),
        ("openai", "openai.sse"),
        ("vllm", "vllm.sse"),
        ("deepseek", "deepseek.sse"),
        ("mistral", "mistral.sse"),
        ("inception", "inception.sse"),
    ],
)
@over
async def test_after_a_completion(over: Over, provider: Provider, recording: str) -> None:
    async with Server((RECORDINGS / recording).read_bytes()).serving() as server:
        endpoint = Endpoint("m", provider, server.url, "coder", "qwen")
        backend = connect(endpoint, "k", transport=over())
        backend.known = True
        for _ in range(3):
            await heard(backend.stream(ASKED))
        await backend.aclose()
    assert server.connections == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("provider", "recording"),
    [("anthropic", "anthropic"), ("gemini", "gemini"), ("openrouter", "chat")],
)
@over
async def test_after_a_reply(over: Over, provider: Provider, recording: str) -> None:
    body = (RECORDINGS / "frontier" / f"{recording}.sse").read_bytes()
    async with Server(body).serving() as server:
        endpoint = Endpoint("m", provider, server.url, "large")
        talker = open_talk(endpoint, "k", transport=over())
        for _ in range(3):
            await heard(talker.stream(QUESTION))
        await talker.aclose()
    assert server.connections == 1


@pytest.mark.asyncio
@over
async def test_one_that_does_not_end_is_closed(over: Over) -> None:
    body = b"".join(sse(choice("a"), choice("", "stop"), "[DONE]"))
    async with Server(body, ends=False).serving() as server:
        endpoint = Endpoint("m", "openai", server.url, "coder", "qwen")
        backend = connect(endpoint, "k", transport=over())
        await heard(backend.stream(ASKED))
        async with asyncio.timeout(10):
            await server.closed.wait()
        await backend.aclose()
