"""Models that answer late, badly, or not at all, over real HTTP to the real process."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import (
    Asked,
    ModelServer,
    Script,
    answers,
    model_server,
    refuses,
    silence,
)

from firsthand.backends.discovery import PORTS

pytestmark = pytest.mark.asyncio

METHOD = CODE + "    def move(self, amount):\n        ║\n"
# Nothing that an embedded model could go on with.
FRESH = "zebra = ║\n"
EMPTY = {"client": {"name": "code", "refresh": "empty"}}
EXTEND = {"client": {"name": "nvim", "refresh": "extend"}}
REFRESH = "firsthand/refresh"


@asynccontextmanager
async def session(
    tmp_path: Path, script: Script, options: dict[str, Any] | None = None
) -> AsyncIterator[tuple[Editor, ModelServer]]:
    """A person with a model server, ready to type."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    async with (
        model_server(script) as models,
        editor(tmp_path / "home", root, options=options, config=models.config()) as this,
    ):
        await until(this, lambda status: status["level"] == "inline")
        yield this, models


async def until(this: Editor, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first status that is as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            status: dict[str, Any] = await this.command("firsthand.status")
            if wanted(status):
                return status
            await asyncio.sleep(0.01)


async def until_asked(this: Editor, models: ModelServer, count: int) -> Asked:
    """Ask without a key until the server was asked: a file has to be judged before it is sent."""
    async with asyncio.timeout(PATIENCE):
        while len(models.asked) < count:
            await this.ask()
    return models.asked[count - 1]


class Held:
    """A script whose every answer waits until the test lets it go."""

    def __init__(self, *texts: str, first: tuple[str, ...] = ()) -> None:
        self.texts, self.first = texts, first
        self.go = asyncio.Event()

    async def __call__(self, asked: Asked) -> None:
        await asked.begin()
        await asked.say(*self.first)
        waits = [asyncio.ensure_future(each.wait()) for each in (self.go, asked.closed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        await asked.say(*self.texts)
        await asked.end()


async def test_an_answer_in_time_is_typed_through(tmp_path: Path) -> None:
    async with session(tmp_path, answers("open(", "name)")) as (this, models):
        this.open("a.py", FRESH)
        await until_asked(this, models, 1)
        assert await this.shown() == "open(name)"
        why = await this.command("firsthand.why")
        assert [why["completions"][0][key] for key in ("tier", "model")] == [
            "inline",
            "qwen2.5-coder-1.5b",
        ]
        this.type("op")
        assert await this.shown() == "en(name)"
        this.backspace()
        assert await this.shown() == "pen(name)"
        assert "zebra = " in models.asked[0].prompt
        assert models.asked[0].path == "/completion"


async def test_a_late_answer_reaches_an_editor_that_can_ask_again(tmp_path: Path) -> None:
    script = Held("open(name)")
    async with session(tmp_path, script, EMPTY) as (this, models):
        this.open("a.py", FRESH)
        asked = await until_asked(this, models, 1)
        # It stands still for much longer than a plain editor's stream would live.
        began = time.monotonic()
        while time.monotonic() - began < 0.8:
            assert (await this.command("firsthand.status"))["thinking"]
        assert not asked.closed.is_set()
        assert this.notes[REFRESH] == []
        script.go.set()
        note = await this.until(REFRESH)
        assert (note.textDocument.uri, note.textDocument.version) == (this.uri, 1)
        assert (note.position.line, note.position.character) == (0, 8)
        assert await this.shown() == "open(name)"
        assert len(models.asked) == 1
        assert len(this.notes[REFRESH]) == 1


async def test_a_late_answer_extends_what_is_shown(tmp_path: Path) -> None:
    script = Held("ount <= 0 or self.frozen:")
    async with session(tmp_path, script, EXTEND) as (this, models):
        this.open("a.py", METHOD)
        await this.ready()
        this.type("if am")
        shown = await this.shown()
        assert shown.startswith("ount <= 0")
        await until_asked(this, models, 1)
        script.texts = (shown + " # twice",)
        script.go.set()
        await this.until(REFRESH)
        assert await this.shown() == shown + " # twice"


async def test_a_late_answer_that_contradicts_the_screen_waits_for_the_next_key(
    tmp_path: Path,
) -> None:
    script = Held("ount > self.balance:")
    async with session(tmp_path, script, EXTEND) as (this, models):
        this.open("a.py", METHOD)
        await this.ready()
        this.type("if am")
        shown = await this.shown()
        assert shown.startswith("ount <= 0")
        await until_asked(this, models, 1)
        script.go.set()
        await until(this, lambda status: not status["thinking"])
        assert await this.shown() == shown
        assert this.notes[REFRESH] == []
        this.type("o")
        items = await this.ask()
        assert items
        assert [str(each.insert_text) for each in items][:2] == [
            "unt > self.balance:",
            shown.removeprefix("o"),
        ]


async def test_a_plain_editor_gets_a_late_answer_at_the_next_key(tmp_path: Path) -> None:
    script = Held("open(name)")
    async with session(tmp_path, script) as (this, models):
        this.open("a.py", FRESH)
        await until_asked(this, models, 1)
        script.go.set()
        await until(this, lambda status: not status["thinking"])
        this.type("o")
        assert await this.shown() == "pen(name)"
        assert len(models.asked) == 1
        assert this.notes[REFRESH] == []


async def test_what_nobody_waits_for_is_closed(tmp_path: Path) -> None:
    async with session(tmp_path, Held(first=("open(",))) as (this, models):
        this.open("a.py", FRESH)
        asked = await until_asked(this, models, 1)
        answered = asyncio.get_running_loop().time()
        async with asyncio.timeout(PATIENCE):
            await asked.closed.wait()
        # 300 ms without a request and at most 50 ms for the connection, on a busy machine more.
        assert 0.25 < asked.closed_at - answered < 1.3
        assert not (await this.command("firsthand.status"))["thinking"]


async def test_what_the_text_contradicts_is_closed_at_once(tmp_path: Path) -> None:
    async with session(tmp_path, Held(first=("open(\n",)), EMPTY) as (this, models):
        this.open("a.py", FRESH)
        asked = await until_asked(this, models, 1)
        this.type("z")
        typed = asyncio.get_running_loop().time()
        async with asyncio.timeout(PATIENCE):
            await asked.closed.wait()
        assert asked.closed_at - typed < 0.25


async def test_a_newer_request_takes_over(tmp_path: Path) -> None:
    script = Held("open(name)")
    async with session(tmp_path, script) as (this, models):
        this.open("a.py", FRESH)
        await until_asked(this, models, 1)
        this.type("x")  # nothing was said yet that it could contradict
        older = asyncio.create_task(this.ask())
        await asyncio.sleep(0)
        this.type("y")
        newer = asyncio.create_task(this.ask())
        assert await older is None
        script.go.set()
        assert await newer is not None


async def test_a_closed_document_answers_whoever_waits(tmp_path: Path) -> None:
    async with session(tmp_path, Held()) as (this, models):
        this.open("a.py", FRESH)
        asked = await until_asked(this, models, 1)
        automatic = asyncio.create_task(this.ask())
        explicit = asyncio.create_task(this.ask(explicit=True))
        await asyncio.sleep(0)
        close(this)
        assert not await automatic
        assert not await explicit
        await asked.closed.wait()
        assert this.messages == []


async def test_pause_closes_what_runs_and_resume_goes_on(tmp_path: Path) -> None:
    async with session(tmp_path, Held(first=("open(",)), EMPTY) as (this, models):
        this.open("a.py", FRESH)
        asked = await until_asked(this, models, 1)
        assert await this.command("firsthand.pause", {"minutes": 5}) == {"paused": True}
        await asked.closed.wait()
        assert (await this.command("firsthand.status"))["level"] == "paused"
        assert await this.ask() == []
        status = await this.command("firsthand.status")
        assert (status["level"], status["reason"]) == ("paused", "paused")
        assert await this.command("firsthand.pause") == {"paused": False}
        models.script = answers("name)")
        await until_asked(this, models, 2)
        assert await this.shown() == "open(name)"


def _broken_off(*pieces: bytes) -> Script:
    async def script(asked: Asked) -> None:
        await asked.begin()
        for piece in pieces:
            await asked.raw(piece)

    return script


def _raw(content: bytes) -> Script:
    async def script(asked: Asked) -> None:
        await asked.raw(content)

    return script


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
STRANGE = "did not answer as a model server does"
BROKEN_OFF = "broke off its answer"
BAD: dict[str, tuple[Script, str]] = {
    "404": (refuses("404 Not Found"), "knows no such address or model"),
    "500": (refuses("500 Internal Server Error", b"\xff" * 9), "look into its log (HTTP status 5"),
    "501": (refuses("501 Not Implemented"), "cannot fill in the middle"),
    "503": (refuses("503 Service Unavailable"), "is not ready"),
    "302": (refuses("302 Found"), "points elsewhere"),
    "empty": (_broken_off(), STRANGE),
    "html": (_broken_off(b"<!doctype html><p>Welcome to nginx\n\n"), STRANGE),
    "bytes": (_broken_off(bytes(range(256)) * 64), STRANGE),
    "json": (_broken_off(b'data: {"content": 3}\n\n'), STRANGE),
    "no-json": (_broken_off(b"data: {[}\n\n"), STRANGE),
    "deep": (_broken_off(b"data: " + b"[" * 100_000 + b"\n\n"), STRANGE),
    "line": (_broken_off(b"data: " + b"x" * 3_000_000), STRANGE),
    "error": (_broken_off(b'data: {"error": {"code": 500}}\n\n'), "reported an error"),
    "nothing": (_raw(b""), BROKEN_OFF),
    "ssh": (_raw(b"SSH-2.0-OpenSSH_9.2\r\n\xff\x00"), BROKEN_OFF),
    "head": (_raw(b"HTTP/1.1 200 OK\r\nContent-"), BROKEN_OFF),
    "chunk": (_raw(CHUNKED + b"ff\r\ndata: {"), BROKEN_OFF),
    "no-chunk": (_raw(CHUNKED + b"zz\r\n"), BROKEN_OFF),
}


async def test_bad_servers_cost_no_completion_and_are_named(tmp_path: Path) -> None:
    async with session(tmp_path, answers("")) as (this, models):
        await this.ready()
        for name, (script, reason) in BAD.items():
            models.script = script
            await reconfigure(this, tmp_path, models.config(name))
            this.open(f"{name}.py", METHOD)
            this.type("if am")
            await until_asked(this, models, len(models.asked) + 1)
            status = await until(this, lambda status: status["level"] == "embedded")
            assert reason in status["reason"], name
            assert status["reason"].startswith("local (127.0.0.1:"), name
            assert (await this.shown()).startswith("ount <= 0"), name
            this.type("ou")
            assert (await this.shown()).startswith("nt <= 0"), name
            status = await this.command("firsthand.status")
            assert reason in status["reason"], f"{name}: it is gone with the next key"
            close(this)
        assert this.messages == []


async def test_what_came_before_an_answer_broke_off_stays_good(tmp_path: Path) -> None:
    piece = b'data: {"content": "open(name)", "stop": false}\n\n'
    async with session(tmp_path, _broken_off(piece)) as (this, models):
        this.open("a.py", FRESH)
        await until_asked(this, models, 1)
        assert await this.shown() == "open(name)"
        assert "broke off" in (await this.command("firsthand.status"))["reason"]


async def test_half_a_character_ends_an_answer(tmp_path: Path) -> None:
    piece = b'data: {"content": "open(name)  # caf\xc3", "stop": false}\n\n'
    async with session(tmp_path, _broken_off(piece)) as (this, models):
        this.open("a.py", FRESH)
        await until_asked(this, models, 1)
        shown = await this.shown()
        assert shown.startswith("open(name)")
        assert "\ufffd" not in shown


async def test_an_endless_answer_is_ended(tmp_path: Path) -> None:
    async def flood(asked: Asked) -> None:
        await asked.begin()
        number = 0
        while not asked.closed.is_set():
            await asked.say(*(f"x{each} + " for each in range(number, number + 200)))
            number += 200

    async with session(tmp_path, flood, EMPTY) as (this, models):
        this.open("a.py", METHOD)
        await this.ready()
        this.type("if am")
        asked = await until_asked(this, models, 1)
        slowest = 0.0
        for key in "ount <= 0":
            began = time.monotonic()
            this.type(key)
            await this.ask()
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 1.0
        async with asyncio.timeout(PATIENCE):
            await asked.closed.wait()


async def test_a_silent_server_is_left_alone_and_named(tmp_path: Path) -> None:
    async with session(tmp_path, silence, EMPTY) as (this, models):
        this.open("a.py", METHOD)
        await this.ready()
        this.type("if am")
        asked = await until_asked(this, models, 1)
        for key in "ount":
            began = time.monotonic()
            this.type(key)
            assert (await this.shown()).startswith("ount <= 0"[this.cursor.character - 13 :])
            assert time.monotonic() - began < 1.0
        # A person who stands still may still get an answer, so it is waited for.
        status = await until(this, lambda status: status["level"] == "embedded")
        assert "is too slow" in status["reason"]
        assert asked.closed.is_set()
        assert len(models.asked) == 1


async def test_found_models_are_announced_before_they_get_text(tmp_path: Path) -> None:
    said: list[bool] = []

    async def llamacpp(asked: Asked) -> None:
        if asked.path == "/props":
            await _json(asked, {"default_generation_settings": {}, "model_alias": "qwen2.5-coder"})
        elif asked.path == "/tokenize":
            tokens = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
            await _json(asked, {"tokens": [{"id": 1, "piece": each} for each in tokens]})
        elif asked.path != "/completion":
            await refuses("404 Not Found")(asked)
        elif "zebra" in asked.prompt:
            for _ in range(20):  # what was written before it may still be on its way to the editor
                await asyncio.sleep(0)
            said.append(any("found on this machine" in each for each in this.messages))
            await answers("open(name)")(asked)
        else:
            await answers(" + second")(asked)

    root = tmp_path / "project"
    root.mkdir()
    async with (
        model_server(llamacpp, await _free(PORTS)) as models,
        editor(tmp_path / "home", root, config="") as this,
    ):
        this.open("a.py", FRESH)
        async with asyncio.timeout(PATIENCE):
            while not said:
                await this.ask()
        assert said[0]
        assert await this.shown() == "open(name)"
        message = next(each for each in this.messages if "found on this machine" in each)
        assert f"qwen2.5-coder at llama.cpp ({models.url})" in message
        assert "inline.discover = false" in message


def close(this: Editor) -> None:
    this.client.text_document_did_close(
        lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(this.uri))
    )


async def _json(asked: Asked, body: object) -> None:
    await asked.begin(kind="application/json")
    await asked.raw(json.dumps(body).encode())


async def _free(ports: tuple[int, ...]) -> int:
    for port in ports:
        try:
            server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", port)
        except OSError:
            continue
        server.close()
        await server.wait_closed()
        return port
    raise AssertionError(f"all of the ports {ports} are taken")


async def reconfigure(this: Editor, tmp_path: Path, config: str) -> None:
    """Change the person's file and let the server read it again."""
    (tmp_path / "home" / "config.toml").write_text(config, encoding="utf-8")
    model = config.rpartition('model = "')[2].partition('"')[0]
    this.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({}))
    await until(this, lambda status: status["model"] == model)
