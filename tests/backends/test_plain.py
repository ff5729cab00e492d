"""What is carried to servers of this machine, and what they may answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httptools
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.backends.plain import PlainTransport, Reading

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SHORT = OK + b"Content-Length: 3\r\n\r\nabc"
PATIENCE = 20.0  # seconds; what takes longer hangs


def told(body: bytes) -> bytes:
    """An answer that says how long it is."""
    return OK + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Last(bytes):
    """An answer after which the server closes the connection."""


class Server:
    """Answers the requests of all its connections with what is next on its list.

    Attributes:
        url: where it listens.
        asked: the requests, each with its body.
        opened: how many connections there were.
    """

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.url, self.asked, self.opened = "", list[bytes](), 0
        self._answers, self._open, self._changed = list(answers), 0, asyncio.Condition()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Server]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/infill"
        try:
            async with asyncio.timeout(PATIENCE):
                yield self
        finally:
            server.close()

    async def closed(self) -> None:
        """Wait until no connection is open."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._open)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        await self._count(1)
        try:
            last = False
            while not last:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]
                self.asked.append(head + await reader.readexactly(int(length or b"0")))
                answer = self._answers.pop(0)
                last = isinstance(answer, Last)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            await self._count(-1)

    async def _count(self, more: int) -> None:
        async with self._changed:
            self._open += more
            self._changed.notify_all()


async def post(transport: PlainTransport, url: str, body: bytes = b"{}") -> bytes:
    """The body of the answer to a body."""
    request = httpx.Request("POST", url, content=body)
    response = await transport.handle_async_request(request)
    try:
        return b"".join([piece async for piece in response.aiter_raw()])
    finally:
        await response.aclose()


async def check(*answers: bytes, bodies: Sequence[bytes], connections: int) -> None:
    """Ask as often as there are bodies, one after another."""
    async with Server(answers).serving() as server:
        transport = PlainTransport()
        for number, body in enumerate(bodies):
            assert await post(transport, server.url, b"%d" % number) == body
        assert server.opened == connections
        await transport.aclose()
        await server.closed()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (SHORT, b"abc"),
        (CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nLater: 1\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + SHORT, b"abc"),
        (b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" + SHORT, b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (OK + b"Content-Length: 0\r\n\r\n", b""),
    ],
)
async def test_answers_after_which_the_connection_stays(answer: bytes, body: bytes) -> None:
    await check(answer, answer, answer, bodies=[body] * 3, connections=1)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (Last(OK + b"\r\nabc"), b"abc"),  # it ends with the connection
        (Last(OK + b"\r\n"), b""),
        (OK + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (Last(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"), b"abc"),
        (SHORT + SHORT, b"abc"),  # one of them nobody asked for
        (SHORT + b"and more", b"abc"),
        (Last(SHORT), b"abc"),
    ],
)
async def test_answers_after_which_it_is_closed(answer: bytes, body: bytes) -> None:
    await check(answer, answer, bodies=[body] * 2, connections=2)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "answer",
    [
        Last(b""),
        Last(OK),
        Last(b"\x16\x03\x01\x02\x00\x01"),  # it would have it encrypted
        Last(OK + b"Content-Length: 9\r\n\r\nabc"),
        Last(CHUNKED + b"3\r\nabc\r\n"),
        CHUNKED + b"xyz\r\nabc\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"A: " + b"a" * 100_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_what_is_no_answer_or_broken_off(answer: bytes) -> None:
    async with Server([answer]).serving() as server:
        transport = PlainTransport()
        with pytest.raises(httpx.TransportError):
            await post(transport, server.url)
        await server.closed()
        await transport.aclose()


@pytest.mark.asyncio
async def test_a_request_is_sent_again_only_where_a_kept_connection_was_closed() -> None:
    await check(SHORT, Last(b""), SHORT, bodies=[b"abc"] * 2, connections=2)


@pytest.mark.asyncio
async def test_what_came_before_it_was_broken_off_is_given() -> None:
    async with Server([Last(CHUNKED + b"3\r\nabc\r\n")]).serving() as server:
        transport = PlainTransport()
        request = httpx.Request("POST", server.url, content=b"{}")
        pieces = aiter((await transport.handle_async_request(request)).aiter_raw())
        assert await anext(pieces) == b"abc"
        with pytest.raises(httpx.TransportError):
            await anext(pieces)


@pytest.mark.asyncio
async def test_an_answer_larger_than_what_is_kept_unread() -> None:
    body = bytes(range(256)) * 16_384
    await check(told(body), bodies=[body], connections=1)


@pytest.mark.asyncio
async def test_one_that_is_not_read_to_its_end_is_closed() -> None:
    async with Server([CHUNKED + b"3\r\nabc\r\n"]).serving() as server:
        transport = PlainTransport()
        request = httpx.Request("POST", server.url, content=b"{}")
        await (await transport.handle_async_request(request)).aclose()
        await server.closed()


@pytest.mark.asyncio
async def test_one_that_nobody_uses_is_closed_after_a_while() -> None:
    async with Server([SHORT]).serving() as server:
        await post(PlainTransport(kept=0.0), server.url)
        await server.closed()


@pytest.mark.asyncio
async def test_what_is_sent() -> None:
    async with Server([SHORT]).serving() as server:
        url, body = f"{server.url}?a=b c", b"\xc3\xa9\r\n"
        request = httpx.Request("POST", url, headers={"Host": "x"}, content=body)
        await PlainTransport().handle_async_request(request)
    head = b"POST /infill?a=b%20c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
    assert server.asked == [head + body]


@pytest.mark.asyncio
async def test_what_is_not_sent() -> None:
    request = httpx.Request("GET", "http://127.0.0.1:1/", headers=[(b"a", b"b\r\nc: d")])
    with pytest.raises(httpx.LocalProtocolError):
        await PlainTransport().handle_async_request(request)


@pytest.mark.asyncio
async def test_no_connection_can_be_made() -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()
    await server.wait_closed()
    with pytest.raises(httpx.ConnectError):
        await post(PlainTransport(), url)
    late = {"timeout": {"connect": 0.0}}
    with pytest.raises(httpx.ConnectTimeout):
        await PlainTransport().handle_async_request(httpx.Request("GET", url, extensions=late))


@given(
    body=st.lists(st.binary(min_size=1, max_size=30), max_size=6),
    chunked=st.booleans(),
    cuts=st.lists(st.integers(0, 300), max_size=8),
)
def test_an_answer_is_the_same_however_it_is_cut(
    body: list[bytes], chunked: bool, cuts: list[int]
) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in body) + b"0\r\n\r\n"
    whole = b"".join(body)
    said = CHUNKED + chunks if chunked else told(whole)
    reading = Reading()
    places = sorted({0, len(said), *(cut for cut in cuts if cut < len(said))})
    for start, end in itertools.pairwise(places):
        assert not reading.whole
        reading.read(said[start:end])
    assert (reading.status, reading.take()) == (200, whole)
    assert reading.whole
    assert reading.lasting


@given(st.binary(max_size=200))
def test_anything_else_is_refused_or_waited_for(said: bytes) -> None:
    reading = Reading()
    try:
        reading.read(said)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return
    assert not reading.begun or said.startswith(b"HTTP/1.")
