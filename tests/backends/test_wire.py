"""Both wire formats: what is sent, what is understood, and how it is cancelled."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.fakes import (
    ASKED,
    LLAMA,
    OPENAI,
    REMOTE,
    TEMPLATED,
    Handler,
    Stream,
    choice,
    collect,
    content,
    giving,
    sse,
    streaming,
)

from firsthand.backends import connect
from firsthand.backends.base import (
    Chunk,
    Ending,
    Endpoint,
    Garbled,
    Request,
    Usage,
    request_key,
)
from firsthand.core.fim import Hole
from firsthand.core.recall import Place

pytestmark = pytest.mark.asyncio

LLAMA_END = {
    "content": "",
    "stop": True,
    "timings": {"cache_n": 3, "prompt_n": 4, "predicted_n": 2},
}


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
    for records in ([choice("a", "stop")], [choice("a"), "[DONE]"]):
        chunks = await collect(OPENAI, streaming(*records))
        assert "".join(chunk.text for chunk in chunks) == "a"
        assert chunks[-1].ending == Ending(OPENAI)


@pytest.mark.parametrize(
    ("endpoint", "last"),
    [
        (LLAMA, {**LLAMA_END, "stop_type": "limit"}),
        (LLAMA, {**LLAMA_END, "stopped_limit": True}),
        (OPENAI, choice("", "length")),
    ],
)
async def test_an_answer_that_was_cut_by_its_tokens(endpoint: Endpoint, last: object) -> None:
    first = content("a") if endpoint is LLAMA else choice("a")
    ending = (await collect(endpoint, streaming(first, last)))[-1].ending
    assert ending is not None
    assert ending.early == "length"
    # Where our own end came first, nothing more is to be had.
    first = content("a\n") if endpoint is LLAMA else choice("a\n")
    ending = (await collect(endpoint, streaming(first, last), replace(ASKED, max_lines=1)))[
        -1
    ].ending
    assert ending is not None
    assert ending.early == "lines"


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


# The event loop


async def test_the_first_request_loads_no_module() -> None:
    """Loading is done where `connect` is called, which is not on the event loop."""
    program = """
import asyncio, sys
import firsthand.backends.http
from firsthand.backends import connect
from firsthand.backends.base import BackendError, Endpoint, Request
from firsthand.core.fim import Hole

async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    backend = connect(Endpoint("a", "llamacpp", f"http://127.0.0.1:{port}"))
    before = set(sys.modules)
    try:
        await anext(backend.stream(Request(Hole("", ""))))
    except BackendError as error:
        print(error.status, sorted(set(sys.modules) - before))
    await backend.aclose()

asyncio.run(main())
"""
    command = [sys.executable, "-c", program]
    said = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True
    )
    assert said.stdout == "404 []\n", said


# The key of the cache


def key(endpoint: Endpoint, request: Request) -> str:
    place = Place(request.hole.prefix, "", request.hole.suffix)
    return request_key(endpoint, request) + place.digest


async def test_the_cache_key_depends_on_all_that_the_answer_depends_on() -> None:
    hole = ASKED.hole
    keys = [
        key(endpoint, request)
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
                    {"prefix": hole.prefix + hole.suffix[:1], "suffix": hole.suffix[1:]},
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
    assert key(LLAMA, ASKED) == keys[0]
    assert key(replace(LLAMA, name="again", price_in=1.0), ASKED) == keys[0]
    assert len(key(LLAMA, Request(Hole("\ud800", "")))) == 64
