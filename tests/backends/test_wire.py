"""Both wire formats: what is sent, what is understood, and every way a server can fail."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.fakes import (
    ASKED,
    LLAMA,
    OPENAI,
    QUICK,
    REMOTE,
    TEMPLATED,
    Handler,
    Part,
    Stream,
    collect,
    giving,
    sse,
    streaming,
    transport,
)

from firsthand.backends import connect
from firsthand.backends.base import (
    BackendError,
    Chunk,
    Ending,
    Endpoint,
    Failed,
    Garbled,
    Misconfigured,
    Refused,
    Request,
    TimedOut,
    Unreachable,
    Usage,
    request_key,
)
from firsthand.core.fim import Hole

pytestmark = pytest.mark.asyncio

LLAMA_END = {
    "content": "",
    "stop": True,
    "timings": {"cache_n": 3, "prompt_n": 4, "predicted_n": 2},
}


def content(text: str) -> dict[str, object]:
    return {"content": text, "stop": False}


def choice(text: str, finish: str | None = None) -> dict[str, object]:
    return {"choices": [{"text": text, "finish_reason": finish}]}


async def check_fails(
    endpoint: Endpoint, handler: Handler, error: type[BackendError], words: str
) -> BackendError:
    with pytest.raises(error) as caught:
        await collect(endpoint, handler)
    assert words in str(caught.value)
    assert endpoint.name in str(caught.value)
    assert "def add" not in str(caught.value)
    return caught.value


def sent(requests: list[httpx.Request]) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return streaming(content("a"), LLAMA_END, "[DONE]")(request)

    return handle


# What is sent


async def test_infill() -> None:
    requests: list[httpx.Request] = []
    hole = replace(ASKED.hole, snippets=(("b.py", "B = 2"),))
    await collect(LLAMA, sent(requests), replace(ASKED, hole=hole))
    assert str(requests[0].url) == "http://127.0.0.1:8012/infill"
    assert json.loads(requests[0].content) == {
        "input_prefix": ASKED.hole.prefix,
        "input_suffix": ASKED.hole.suffix,
        "input_extra": [{"filename": "b.py", "text": "B = 2"}],
        "prompt": "",
        "n_predict": 96,
        "temperature": 0.0,
        "cache_prompt": True,
        "stream": True,
    }


async def test_completion_with_our_template() -> None:
    requests: list[httpx.Request] = []
    await collect(replace(TEMPLATED, url="http://127.0.0.1:8012/v1/"), sent(requests))
    body = json.loads(requests[0].content)
    assert str(requests[0].url) == "http://127.0.0.1:8012/completion"
    assert body["prompt"].startswith("<|fim_prefix|>def add")
    assert "<|endoftext|>" in body["stop"]


async def test_openai_completions() -> None:
    requests: list[httpx.Request] = []
    with pytest.raises(Garbled):
        await collect(OPENAI, sent(requests), key="secret")
    body = json.loads(requests[0].content)
    assert str(requests[0].url) == "http://localhost:8000/v1/completions"
    assert requests[0].headers["Authorization"] == "Bearer secret"
    assert body["model"] == "coder"
    assert body["prompt"].endswith("<|fim_middle|>")
    assert len(body["stop"]) == 4
    assert "suffix" not in body
    assert "stream_options" not in body


async def test_what_is_paid_for_is_counted() -> None:
    requests: list[httpx.Request] = []
    with pytest.raises(Garbled):
        await collect(REMOTE, sent(requests))
    assert json.loads(requests[0].content)["stream_options"] == {"include_usage": True}


async def test_half_a_surrogate_pair_is_sent_as_a_question_mark() -> None:
    requests: list[httpx.Request] = []
    await collect(LLAMA, sent(requests), Request(Hole("a\ud800b", "")))
    assert json.loads(requests[0].content)["input_prefix"] == "a?b"


# What is understood


async def test_llamacpp_answers() -> None:
    chunks = await collect(LLAMA, streaming(content("a + "), content("b"), LLAMA_END))
    assert chunks == [Chunk("a + "), Chunk("b"), Chunk("", Ending(LLAMA, "", Usage(7, 3, 2)))]


async def test_openai_answers() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    end = {"choices": [], "usage": usage}
    chunks = await collect(OPENAI, streaming(choice("a"), choice(" + b", "stop"), end, "[DONE]"))
    assert chunks == [Chunk("a"), Chunk(" + b"), Chunk("", Ending(OPENAI, "", Usage(9, 4, 2)))]


async def test_the_end_of_an_answer_is_said_in_either_way() -> None:
    for records in ([choice("a", "length")], [choice("a"), "[DONE]"]):
        chunks = await collect(OPENAI, streaming(*records))
        assert "".join(chunk.text for chunk in chunks) == "a"
        assert chunks[-1].ending == Ending(OPENAI)


async def test_empty_choices_are_passed_over() -> None:
    chunks = await collect(OPENAI, streaming({"choices": []}, choice("a"), choice("", "stop")))
    assert "".join(chunk.text for chunk in chunks) == "a"


async def test_the_early_stop_closes_the_stream() -> None:
    stream = Stream(sse(content("a + b"), content("<|endof"), content("text|>c"), LLAMA_END))
    chunks = await collect(TEMPLATED, giving(stream))
    assert chunks == [Chunk("a + b"), Chunk("", Ending(TEMPLATED, "stop"))]
    assert stream.closed


async def test_a_wrong_content_type_does_not_matter() -> None:
    handler = streaming(content("a"), LLAMA_END, headers={"Content-Type": "image/png"})
    assert (await collect(LLAMA, handler))[0].text == "a"


@given(text=st.text(st.characters(codec="utf-8"), max_size=20), cut=st.integers(1, 9))
async def test_the_cuts_of_the_stream_do_not_matter(text: str, cut: int) -> None:
    record = json.dumps(content(text), ensure_ascii=False)
    whole = b"".join(sse(record, LLAMA_END))

    async def run(pieces: list[bytes]) -> str:
        return "".join(chunk.text for chunk in await collect(LLAMA, giving(Stream(pieces))))

    pieces = [whole[at : at + cut] for at in range(0, len(whole), cut)]
    assert await run(pieces) == await run([whole])


# Every way to fail


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
        (replace(OPENAI, template=""), None, "template"),
        (REMOTE, "line\nbreak", "key"),
        (REMOTE, "schlüssel", "key"),
    ],
)
async def test_what_may_not_be_sent(endpoint: Endpoint, key: str | None, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        connect(endpoint, key)
    assert not key or key not in str(caught.value)


# Cancelling


async def test_closing_the_answer_closes_the_connection_at_once() -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + sse(content("a"))[0])
        while await reader.read(65_536):
            pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = replace(LLAMA, url=f"http://127.0.0.1:{port}")
    for cancelled in (False, True):
        gone.clear()
        backend = connect(endpoint)
        answer = backend.stream(ASKED)
        assert (await anext(answer)).text == "a"
        if cancelled:
            waiting = asyncio.ensure_future(anext(answer))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
        else:
            await answer.aclose()
        async with asyncio.timeout(0.05):
            await gone.wait()
        await backend.aclose()
    server.close()
    await server.wait_closed()


# The key of the cache


async def test_the_cache_key_depends_on_all_that_the_answer_depends_on() -> None:
    hole = ASKED.hole
    keys = [
        request_key(endpoint, request)
        for endpoint, request in [
            (LLAMA, ASKED),
            (TEMPLATED, ASKED),
            (replace(LLAMA, model="other"), ASKED),
            (replace(LLAMA, url="http://127.0.0.1:1"), ASKED),
            (replace(LLAMA, provider="openai"), ASKED),
            *(
                (LLAMA, replace(ASKED, hole=replace(hole, **change)))
                for change in (
                    {"prefix": hole.prefix + "a"},
                    {"suffix": ""},
                    {"path": "a.py"},
                    {"repository": "r"},
                    {"snippets": (("a", "b"),)},
                    {"snippets": (("a", "b"), ("", ""))},
                )
            ),
            (LLAMA, replace(ASKED, max_tokens=5)),
            (LLAMA, replace(ASKED, max_lines=5)),
            (LLAMA, replace(ASKED, temperature=0.5)),
        ]
    ]
    assert len(set(keys)) == len(keys)
    assert request_key(LLAMA, ASKED) == keys[0]
    assert request_key(replace(LLAMA, name="again", price_in=1.0), ASKED) == keys[0]
    assert len(request_key(LLAMA, Request(Hole("\ud800", "")))) == 64
