"""Models that answer badly, or not at all, over real HTTP to the real process."""

import asyncio
from pathlib import Path

import pytest
from tests.lsp.editor import PATIENCE
from tests.lsp.model_server import Asked, Script, answers, refuses, silence
from tests.lsp.modelled import (
    FRESH,
    METHOD,
    close,
    reconfigure,
    session,
    until,
    until_asked,
    until_it_failed,
    until_shown,
)

pytestmark = pytest.mark.asyncio

EMPTY = {"client": {"name": "code", "refresh": "empty"}}


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
            status = await until_it_failed(this)
            assert reason in status["reason"], name
            assert status["reason"].startswith("local (127.0.0.1:"), name
            assert (await this.shown()).startswith("ount <= 0"), name
            this.type("ou")
            assert (await this.shown()).startswith("nt <= 0"), name
            status = await this.command("firsthand.status")
            assert reason in status["reason"], f"{name}: it is gone with the next key"
            close(this)
        # Nobody shows the status of such an editor: each cause is said, and said once.
        assert len(this.messages) == len(set(this.messages))
        for _, reason in BAD.values():
            assert any(reason in each for each in this.messages), reason


async def test_what_came_before_an_answer_broke_off_stays_good(tmp_path: Path) -> None:
    line = b'data: {"content": "open(name)\\n", "stop": false}\n\n'
    broken = line + b'data: {"content": "x = ", "stop": false}\n\n'
    half = line + b'data: {"content": "x = \'caf\xc3", "stop": false}\n\n'
    async with session(tmp_path, _broken_off(broken)) as (this, models):
        this.open("a.py", FRESH)
        await until_asked(this, models, 1)
        assert await until_shown(this) == "open(name)"
        assert "broke off" in (await this.command("firsthand.status"))["reason"]

        models.script = _broken_off(half)
        await reconfigure(this, tmp_path, models.config("half"))
        this.open("b.py", FRESH)
        await until_asked(this, models, 2)
        shown = await until_shown(this)
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
        for key in "ount <= 0":
            this.type(key)
            await this.ask()
        async with asyncio.timeout(PATIENCE):
            await asked.closed.wait()


async def test_a_silent_server_is_left_alone_and_named(tmp_path: Path) -> None:
    async with session(tmp_path, silence, EMPTY) as (this, models):
        this.open("a.py", METHOD)
        await this.ready()
        this.type("if am")
        asked = await until_asked(this, models, 1)
        for key in "ount":
            this.type(key)
            assert (await this.shown()).startswith("ount <= 0"[this.cursor.character - 13 :])
        # A person who stands still may still get an answer, so it is waited for.
        status = await until(this, lambda status: status["level"] == "embedded")
        assert "is too slow" in status["reason"]
        async with asyncio.timeout(PATIENCE):
            await asked.closed.wait()
        assert len(models.asked) == 1
