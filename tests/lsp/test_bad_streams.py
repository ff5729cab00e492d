"""Streams that are odd in every way, over real HTTP to the real process."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.lsp.editor import PATIENCE, Editor
from tests.lsp.model_server import Asked, ModelServer, Script, answers
from tests.lsp.modelled import FRESH, close, reconfigure, session, until, until_asked

# One server process for all.
pytestmark = pytest.mark.asyncio(loop_scope="module")

Person = tuple[Editor, ModelServer, Path]
END = {"content": "", "stop": True}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    folder = tmp_path_factory.mktemp("streams")
    client = {"client": {"name": "nvim", "refresh": "extend"}}
    async with session(folder, answers(""), client) as (this, models):
        yield this, models, folder


@pytest_asyncio.fixture(loop_scope="module")
async def person(process: Person) -> Person:
    this, models, _ = process
    if this.uri:
        close(this)
        await this.command("firsthand.status")  # it was told of that by now
    await models.quiet()
    return process


def events(*records: object, kind: str = "text/event-stream", pause: float = 0.0) -> Script:
    """A script that sends records as server-sent events, in one piece or with pauses."""

    async def script(asked: Asked) -> None:
        await asked.begin(kind=kind)
        for record in records:
            line = record if isinstance(record, bytes) else b"data: " + encoded(record)
            await asked.raw(line + b"\n\n")
            await asyncio.sleep(pause)

    return script


def encoded(record: object) -> bytes:
    return json.dumps(record).encode()


def said(*texts: str) -> list[dict[str, Any]]:
    return [{"content": text, "stop": False} for text in texts]


async def shown(this: Editor, wanted: str) -> None:
    """Return once a text is shown, and nothing but its beginning was before."""
    async with asyncio.timeout(PATIENCE):
        while (text := await this.shown()) != wanted:
            assert wanted.startswith(text)


SPLIT = encoded({"content": "café", "stop": False}).replace(b"\\u00e9", "é".encode())
CASES: dict[str, tuple[Script, str]] = {
    "stutters": (
        events(
            b": keep-alive",
            *said("op", "", "", "en"),
            b": keep-alive\n\n: keep-alive",
            *said("(na", "me)", ""),
            END,
            pause=0.002,
        ),
        "open(name)",
    ),
    "says it twice": (events(*said("open(name)\n" * 40), END), "open(name)"),
    "half a pair": (events(*said("'\ud83d", "\ude00'"), END), "'😀'"),
    "control tokens as text": (
        events(*said("open(name)", "<|fim", "_pad|>", "import os"), END),
        "open(name)",
    ),
    "ignores stops": (
        events(*said("open(name)<|endoftext|>", "\n\n<|fim_prefix|>def f():\n    pass"), END),
        "open(name)",
    ),
    "an error in the middle": (
        events(*said("open(name)\n", "x = "), {"error": {"code": 500, "message": "zebra"}}),
        "open(name)",
    ),
    "called html": (events(*said("open(name)"), END, kind="text/html"), "open(name)"),
    "called nothing": (events(*said("open(name)"), END, kind=""), "open(name)"),
    "without an end": (events(*said("open(name)\n", "x = ")), "open(name)"),
    "fields nobody knows": (
        events({"content": "open(name)", "stop": False, "tokens": [[]], "odd": None}, END),
        "open(name)",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_odd_streams(person: Person, name: str) -> None:
    this, models, _ = person
    models.script, wanted = CASES[name]
    await again(person, name.replace(" ", "-"))
    this.open(f"{name}.py", FRESH)
    await shown(this, wanted)


async def again(person: Person, name: str, provider: str = "llamacpp") -> None:
    """Forget that the server failed: another model is another server. Only its text is shown."""
    this, models, folder = person
    config = models.config(name).replace("llamacpp", provider)
    config = config.replace("[inline]", "[inline]\nembedded = false")
    await reconfigure(this, folder, config)


async def test_a_stream_that_goes_round_in_circles(person: Person) -> None:
    this, models, _ = person

    async def script(asked: Asked) -> None:
        await asked.begin()
        while not asked.closed.is_set():
            await asked.say("ab")

    models.script = script
    await again(person, "circles")
    this.open("circles.py", FRESH)
    asked = await until_asked(this, models, 1)
    async with asyncio.timeout(PATIENCE):
        await asked.closed.wait()
    assert len(await this.shown()) < 200


async def test_a_character_whose_bytes_come_apart(person: Person) -> None:
    this, models, _ = person

    async def script(asked: Asked) -> None:
        await asked.begin()
        for byte in b"data: " + SPLIT + b"\n\n" + b"data: " + encoded(END) + b"\n\n":
            await asked.raw(bytes((byte,)))

    models.script = script
    await again(person, "apart")
    this.open("apart.py", FRESH)
    await shown(this, "café")


async def test_a_choice_that_is_empty(person: Person) -> None:
    this, models, _ = person
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    models.script = events(
        {"choices": []},
        {"choices": [{"text": "open("}]},
        {"choices": [], "usage": None},
        {"choices": [{"text": "name)", "finish_reason": "stop"}]},
        {"choices": [], "usage": usage},
        b"data: [DONE]",
    )
    await again(person, "qwen2.5-coder-choices", "openai")
    this.open("choices.py", FRESH)
    await shown(this, "open(name)")


@pytest.mark.parametrize("header", ["", "Retry-After: 0\r\n"])
async def test_asked_to_wait(person: Person, header: str) -> None:
    this, models, _ = person

    async def busy(asked: Asked) -> None:
        head = f"HTTP/1.1 429 Too Many Requests\r\n{header}Content-Length: 0\r\n\r\n"
        await asked.raw(head.encode())

    models.script = busy
    await again(person, f"busy{len(header)}")
    this.open("busy.py", FRESH.replace("zebra", f"busy{len(header)}"))
    async with asyncio.timeout(PATIENCE):
        while not any(f"busy{len(header)} =" in str(each.body) for each in models.asked):
            await this.ask()
    if not header:
        status = await until(this, lambda status: status["level"] == "embedded")
        assert "asks to wait" in status["reason"]
        return
    models.script = events(*said("open(name)"), END)
    this.type("\n")
    await shown(this, "open(name)")


async def test_asked_to_wait_for_so_long(person: Person) -> None:
    this, models, _ = person
    clock, times = asyncio.get_running_loop().time, list[float]()

    async def busy_at_first(asked: Asked) -> None:
        if asked.path == "/props":
            await asked.raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        times.append(clock())
        if len(times) > 1:
            await events(*said("open(name)"), END)(asked)
            return
        head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"
        await asked.raw(head.encode())

    models.script = busy_at_first
    await again(person, "busy-for-so-long")
    this.open("so-long.py", FRESH.replace("zebra", "so_long"))
    await this.ask()
    status = await until(this, lambda status: status["level"] == "embedded")
    assert "asks to wait" in status["reason"]
    async with asyncio.timeout(PATIENCE):
        while await this.shown() != "open(name)":
            this.type("\n")
            await asyncio.sleep(0.1)  # an answer is not waited for past the key expected next
    assert times[1] - times[0] >= 2, "nobody asks it before"
    assert (await until(this, lambda status: status["level"] == "inline"))["reason"] == ""


async def test_a_model_that_changes_while_it_runs(person: Person) -> None:
    this, models, _ = person
    running = ["qwen2.5-coder-7b"]
    # Of models that were wrong of late, as in the tests before, only a long text is worth showing.
    text = "open(the_path_of_the_account, the_encoding_of_the_account"

    async def script(asked: Asked) -> None:
        await asked.begin()
        file = f"/models/{running[-1]}.gguf"
        if asked.path == "/props":
            await asked.raw(encoded({"model_path": file}))
        elif asked.path == "/completion":
            await events(*said(text), {**END, "model": file})(asked)

    models.script = script
    await again(person, running[-1])
    for turn in range(8):  # an answer that was not read to its end does not say who wrote it
        this.open(f"turn{turn}.py", FRESH.replace("zebra", f"zebra{turn}"))
        await shown(this, text)
        close(this)
        running.append("starcoder2-3b")
        if any("<fim_prefix>" in each.prompt for each in models.asked):
            break
    assert "<|fim_prefix|>" in models.asked[0].prompt
    assert "<fim_prefix>" in models.asked[-1].prompt
    assert (await this.command("firsthand.status"))["model"] == "starcoder2-3b"
    this.open("last.py", FRESH)


async def test_a_context_that_is_too_long(person: Person) -> None:
    this, models, _ = person
    longest = 2_500

    async def script(asked: Asked) -> None:
        if len(asked.prompt) > longest:
            content = encoded({"error": {"code": 400, "type": "exceed_context_size_error"}})
            head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(content)}\r\n\r\n"
            await asked.raw(head.encode() + content)
        else:
            await events(*said("open(name)"), END)(asked)

    models.script = script
    await again(person, "qwen2.5-coder-short")
    above = "".join(f"value_{number} = {number}\n" for number in range(300))
    for count in (1, 2):
        this.open(f"long{count}.py", above + FRESH)
        await shown(this, "open(name)")
        close(this)
    lengths = [len(each.prompt) for each in models.asked]
    assert lengths[0] > longest
    assert all(length <= longest for length in lengths[1:]), "it is shortened once and remembered"
    at_cursor = [each.prompt for each in models.asked if "zebra = open(name)" not in each.prompt]
    assert at_cursor, "what is not asked ahead"
    assert all(each.endswith("zebra = <|fim_suffix|>\n<|fim_middle|>") for each in at_cursor)
    this.open("last.py", FRESH)
