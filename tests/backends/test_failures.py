"""Every way a model server can fail: each becomes one sentence with the mend."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from tests.backends.fakes import (
    ASKED,
    LLAMA,
    OPENAI,
    QUICK,
    REMOTE,
    Handler,
    Part,
    Stream,
    choice,
    collect,
    content,
    giving,
    sse,
    streaming,
    transport,
)

from firsthand.backends import connect
from firsthand.backends.base import (
    BackendError,
    Ending,
    Endpoint,
    Failed,
    Garbled,
    Misconfigured,
    Refused,
    TimedOut,
    Unreachable,
    Usage,
)

pytestmark = pytest.mark.asyncio


async def check_fails(
    endpoint: Endpoint, handler: Handler, error: type[BackendError], words: str
) -> BackendError:
    with pytest.raises(error) as caught:
        await collect(endpoint, handler)
    assert words in str(caught.value)
    assert endpoint.name in str(caught.value)
    assert "def add" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (302, "final address"),
        (400, "template"),
        (401, "key"),
        (403, "key"),
        (404, "model"),
        (429, "limit"),
        (500, "log"),
        (501, "fill in the middle"),
        (503, "not ready"),
    ],
)
async def test_statuses(status: int, words: str) -> None:
    error = await check_fails(
        LLAMA, streaming("x", status=status, headers={"Location": "/"}), Refused, words
    )
    assert isinstance(error, Refused)
    assert (error.status, error.retry_after) == (status, None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "99999999"}, 3600),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        (
            {
                "Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT",
                "Date": "Fri, 31 Dec 1999 23:59:49 GMT",
            },
            10,
        ),
        ({"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, None),
    ],
)
async def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    error = await check_fails(LLAMA, streaming(status=429, headers=headers), Refused, "wait")
    assert isinstance(error, Refused)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "body",
    [
        [],
        [b"<html>hello</html>"],
        [b"data: {]\n\n"],
        [b"data: 5\n\n"],
        [b'data: {"content": 5}\n\n'],
        [b"data: {}\n\n"],
        [b"data: " + b"[" * 100_000 + b"\n\n"],
        [b"data: \xc3"],
        [b"\xff\xfe\x00" * 100],
        [b"data: "] + [b"x" * 100_000] * 11,
    ],
    ids=str,
)
async def test_garbage(body: list[Part]) -> None:
    for endpoint in (LLAMA, OPENAI):
        await check_fails(endpoint, giving(Stream(body)), Garbled, "url")


async def test_without_end() -> None:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b": " + b"x" * 65_536 + b"\n"

    await check_fails(LLAMA, giving(Stream([forever()])), Garbled, "without end")


async def test_choices_that_are_none() -> None:
    records: list[object] = [{"choices": [5]}, {"choices": [{}]}, {"choices": {"text": "a"}}, {}]
    for record in records:
        await check_fails(OPENAI, streaming(record), Garbled, "url")
    odd = {"choices": [], "usage": {"prompt_tokens": "many", "prompt_tokens_details": 5}}
    chunks = await collect(OPENAI, streaming(choice("a", "stop"), odd))
    assert chunks[-1].ending == Ending(OPENAI, "", Usage())


async def test_an_error_inside_the_stream() -> None:
    for pieces in (
        sse(content("a"), {"error": {"code": 500, "message": "def add"}}),
        [*sse(content("a")), b'error: {"code": 500}\n\n'],
    ):
        await check_fails(LLAMA, giving(Stream(pieces)), Failed, "reported an error")


async def test_broken_off_in_the_middle() -> None:
    endings: list[list[Part]] = [[], [httpx.ReadError("reset")]]
    for ending in endings:
        stream = Stream([*sse(content("a")), *ending])
        backend = connect(LLAMA, deadlines=QUICK, transport=transport(giving(stream)))
        answer = backend.stream(ASKED)
        assert (await anext(answer)).text == "a"
        with pytest.raises(Failed, match="broke off"):
            await anext(answer)
        await backend.aclose()


async def test_what_fails_after_the_last_text_does_not_matter() -> None:
    stream = Stream([*sse(choice("a", "stop")), httpx.ReadError("reset")])
    chunks = await collect(OPENAI, giving(stream))
    assert "".join(chunk.text for chunk in chunks) == "a"


async def test_too_slow() -> None:
    async def pause(seconds: float) -> AsyncIterator[bytes]:
        await asyncio.sleep(seconds)
        yield b": \n"

    async def drip() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.02)
            yield b": \n"

    streams: list[list[Part]] = [[pause(60)], [b": \n", pause(60)], [drip()]]
    for stream in map(Stream, streams):
        await check_fails(LLAMA, giving(stream), TimedOut, "too slow")
        assert stream.closed


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (httpx.ConnectError("no"), Unreachable),
        (httpx.ConnectTimeout("no"), TimedOut),
        (httpx.RemoteProtocolError("no"), Failed),
        (httpx.ReadError("no"), Failed),
        (httpx.ProxyError("no"), Unreachable),
    ],
)
async def test_the_network(raised: Exception, error: type[BackendError]) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise raised

    await check_fails(LLAMA, handle, error, "local (127.0.0.1:8012)")


@pytest.mark.parametrize(
    ("endpoint", "key", "words"),
    [
        (replace(REMOTE, url="http://api.example.com"), None, "unencrypted"),
        (replace(REMOTE, url="ftp://api.example.com"), None, "web address"),
        (replace(REMOTE, url="nonsense"), None, "web address"),
        (REMOTE, "line\nbreak", "key"),
        (REMOTE, "schlüssel", "key"),
    ],
)
async def test_what_may_not_be_sent(endpoint: Endpoint, key: str | None, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        connect(endpoint, key)
    assert not key or key not in str(caught.value)


async def test_a_template_that_nobody_knows() -> None:
    await check_fails(replace(OPENAI, template=""), streaming(choice("a")), Misconfigured, "fim")
