"""Every way a model server can fail: each becomes one sentence with the mend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import httpx
import pytest
from tests.backends.fakes import (
    ASKED,
    CALM,
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
    Deadlines,
    Ending,
    Endpoint,
    Failed,
    Garbled,
    Misconfigured,
    Refused,
    Request,
    TimedOut,
    TooLong,
    Unreachable,
)
from firsthand.backends.hosted import HostedTransport
from firsthand.core.fim import Hole

pytestmark = pytest.mark.asyncio


async def check_fails(
    endpoint: Endpoint,
    handler: Handler,
    error: type[BackendError],
    words: str,
    deadlines: Deadlines = CALM,
) -> BackendError:
    with pytest.raises(error) as caught:
        await collect(endpoint, handler, deadlines=deadlines)
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
    assert chunks[-1].ending == Ending(OPENAI, "")


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
        backend = connect(LLAMA, deadlines=CALM, transport=transport(giving(stream)))
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
        await check_fails(LLAMA, giving(stream), TimedOut, "too slow", QUICK)
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


# A prompt that is too long, as each server says it


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, '{"error":{"code":400,"message":"request (9000 tokens) exceeds the available context '
         'size (4096 tokens), try increasing it","type":"exceed_context_size_error"}}'),
        (400, '{"object":"error","message":"This model\'s maximum context length is 4096 tokens. '
         'However, you requested 9000 tokens"}'),
        (400, '{"error":{"message":"...","code":"context_length_exceeded"}}'),
        (400, '{"object":"error","message":"Prompt contains 40000 tokens, too large for model with '
         '32768 maximum context length","type":"invalid_request_error"}'),
        (400, '{"error":"Trying to keep the first 9000 tokens when context the overflows. However, '
         'the model is loaded with context length of only 4096 tokens"}'),
        (400, '{"message":"The input (9000 tokens) is longer than the model\'s context length"}'),
        (422, '{"error":"Input validation error: `inputs` must have less than 4096 tokens. Given: '
         '9000","error_type":"validation"}'),
        (422, '{"error":"`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000"}'),
        (413, ""),
        (500, '{"error":{"message":"context size exceeded"}}'),
    ],
)  # fmt: skip
async def test_too_long(status: int, said: str) -> None:
    stream = Stream([said[:20].encode(), said[20:].encode()])
    error = await check_fails(
        OPENAI, lambda _: httpx.Response(status, stream=stream), TooLong, "larger context"
    )
    assert isinstance(error, TooLong)
    assert error.status == status
    assert "9000" not in str(error)
    assert stream.closed


@pytest.mark.parametrize("said", ["", "x" * 100_000, '{"error": "no such template"}', "\xff\xfe"])
async def test_other_refusals_are_not_about_the_length(said: str) -> None:
    error = await check_fails(
        OPENAI, lambda _: httpx.Response(400, content=said.encode("latin-1")), Refused, "template"
    )
    assert not isinstance(error, TooLong)


async def test_a_refusal_that_never_ends() -> None:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.001)
            yield b"x"

    stream = Stream([forever()])
    await check_fails(OPENAI, lambda _: httpx.Response(400, stream=stream), Refused, "template")
    assert stream.closed


# Connections that the server closed while they were kept open


async def test_a_request_is_sent_once_more_before_any_answer() -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if len(sent) == 1:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return streaming(content("a"), {"content": "", "stop": True})(request)

    backend = connect(LLAMA, transport=HostedTransport(transport=transport(handle)))
    async with aclosing(backend.stream(ASKED)) as chunks:
        assert "".join([chunk.text async for chunk in chunks]) == "a"
    assert len(sent) == 2


# Characters that come in two parts


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["a \\ud83d", "\\ude00 b"], "a 😀 b"),
        (["\\ud83d", "", "\\ude00"], "😀"),
        (["a\\ud83d\\ude00"], "a😀"),
        (["a \\ud83d", "b"], "a "),
        (["a \\ude00", "b"], "a "),
        (["a \\ud83d"], "a "),
    ],
)
async def test_halves_of_characters(texts: list[str], whole: str) -> None:
    records = [f'{{"content": "{text}", "stop": false}}' for text in texts]
    chunks = await collect(LLAMA, streaming(*records, {"content": "", "stop": True}))
    assert "".join(chunk.text for chunk in chunks) == whole


async def test_a_stutter_and_the_same_again() -> None:
    said = [content(""), content("a = 1\n"), content(""), *[content("go on\n")] * 50]
    chunks = await collect(LLAMA, streaming(*said, {"content": "", "stop": True}))
    assert "".join(chunk.text for chunk in chunks) == "a = 1\ngo on\ngo on"
    assert chunks[-1].ending
    assert chunks[-1].ending.early == "repetition"


async def test_log_probabilities_that_are_none() -> None:
    for odd in (5, {"token_logprobs": [None, "x", 3.0, float("-inf")]}, {"content": [{}, 5]}):
        record = {"choices": [{"text": "a", "finish_reason": "stop", "logprobs": odd}]}
        chunks = await collect(OPENAI, streaming(record, "[DONE]"))
        assert chunks[-1].confidence is None


async def test_the_tokens_of_a_lead_say_nothing() -> None:
    def said(text: str, logprob: float) -> dict[str, object]:
        return {**content(text), "completion_probabilities": [{"logprob": logprob}]}

    healed = Request(Hole("x = retu", "\n"), heal=" retu")
    records = [said(" re", -9.0), said("turn", -9.0), said(" y", -1.0)]
    chunks = await collect(LLAMA, streaming(*records, {"content": "", "stop": True}), healed)
    assert "".join(chunk.text for chunk in chunks) == "rn y"
    assert chunks[-1].confidence == pytest.approx(0.3679, abs=1e-4)


async def test_confidence_is_that_of_the_first_line_then_of_all() -> None:
    def said(text: str, *logprobs: float) -> dict[str, object]:
        tokens = {"token_logprobs": list(logprobs)}
        return {"choices": [{"text": text, "finish_reason": None, "logprobs": tokens}]}

    records = [said("a", 0.0), said(" = b\n", -1.0, -1.0), said("c", -9.0)]
    chunks = await collect(OPENAI, streaming(*records, choice("", "stop")))
    first = [chunk.confidence for chunk in chunks]
    assert first == pytest.approx([1.0, *[0.5134] * (len(chunks) - 1)], abs=1e-4)
    assert chunks[-1].ending
    assert chunks[-1].ending.confidence == pytest.approx(0.0639, abs=1e-4)
