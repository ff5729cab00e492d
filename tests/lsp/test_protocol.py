"""What is not LSP, sent to the real process byte by byte."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.loaded import python

pytestmark = pytest.mark.asyncio
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX alone has this")

INITIALIZE: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


class Wire:
    """Raw messages to a server and from it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.said: list[str] = []  # messages to the person
        self._stdin, self._stdout = process.stdin, process.stdout

    def send(self, message: object) -> None:
        self.send_body(json.dumps(message).encode())

    def send_body(self, body: bytes) -> None:
        self._stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_raw(self, raw: bytes) -> None:
        self._stdin.write(raw)

    def end(self) -> None:
        self._stdin.close()

    async def receive(self) -> dict[str, Any]:
        """The next message that is no notification."""
        async with asyncio.timeout(60):
            while True:
                header = await self._stdout.readuntil(b"\r\n\r\n")
                length = int(header.split(b"Content-Length: ")[1].split(b"\r\n")[0])
                message: dict[str, Any] = json.loads(await self._stdout.readexactly(length))
                if message.get("method") == "window/showMessage":
                    self.said.append(message["params"]["message"])
                if "id" in message:
                    return message


@asynccontextmanager
async def server(
    home: Path, *arguments: str, abilities: dict[str, Any] | None = None
) -> AsyncIterator[Wire]:
    process = await asyncio.create_subprocess_exec(
        *(python(), "-m", "firsthand", "serve", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"FIRSTHAND_HOME": str(home)},
    )
    wire = Wire(process)
    try:
        params = INITIALIZE["params"] | {"capabilities": abilities or {}}
        wire.send(INITIALIZE | {"params": params})
        assert (await wire.receive())["id"] == 1
        yield wire
    finally:
        wire.end()
        async with asyncio.timeout(60):
            await process.wait()


async def is_alive(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "id": "alive", "method": "workspace/executeCommand",
               "params": {"command": "firsthand.status"}})  # fmt: skip
    answer = await wire.receive()
    assert (answer["id"], answer["result"]["schema"]) == ("alive", 1)


async def test_editors_that_name_the_way_they_speak(home: Path) -> None:
    async with server(home, "--stdio") as wire:
        await is_alive(wire)


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"jsonrpc": "2.0", "id": 2,', b"[" * 100_000, b'"\\ud800', b""],
    ids=["cut", "not utf-8", "cut later", "deep", "surrogate", "empty"],
)
async def test_what_is_not_json_is_answered_without_an_id(home: Path, body: bytes) -> None:
    async with server(home) as wire:
        wire.send_body(body)
        if body:
            answer = await wire.receive()
            assert (answer["id"], answer["error"]["code"]) == (None, -32700)
        await is_alive(wire)


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        [],
        {"textDocument": {"uri": 3}, "position": {"line": 0, "character": 0}},
        {"textDocument": {"uri": "file:///a"}, "position": {"line": -1, "character": "x"}},
    ],
)
async def test_bad_parameters_are_answered(home: Path, params: object) -> None:
    async with server(home) as wire:
        wire.send({"jsonrpc": "2.0", "id": 5, "method": "textDocument/inlineCompletion",
                   "params": params})  # fmt: skip
        answer = await wire.receive()
        assert (answer["id"], answer["error"]["code"]) == (5, -32602)
        assert "Traceback" not in json.dumps(answer)
        await is_alive(wire)


async def test_an_unknown_method_is_answered(home: Path) -> None:
    async with server(home) as wire:
        wire.send({"jsonrpc": "2.0", "id": 6, "method": "textDocument/nonsense", "params": {}})
        assert (await wire.receive())["error"]["code"] == -32601
        wire.send({"jsonrpc": "2.0", "method": "$/nonsense", "params": {}})
        await is_alive(wire)


@pytest.mark.parametrize(
    "message",
    [
        *([], 3, {}, {"id": 9, "result": 1}, {"jsonrpc": "1.0", "method": "shutdown"}),
        *({"method": "shutdown", "id": 9}, {"jsonrpc": "1.0", "method": "shutdown", "id": 9}),
    ],
    ids=str,
)
async def test_what_is_not_json_rpc_is_refused(home: Path, message: object) -> None:
    async with server(home) as wire:
        wire.send(message)
        answer = await wire.receive()
        known = message.get("id") if isinstance(message, dict) and "method" in message else None
        assert (answer["id"], answer["error"]["code"]) == (known, -32600)
        await is_alive(wire)
    assert wire.said == []


@pytest.mark.parametrize(
    "message",
    [{"jsonrpc": "2.0"}, {"jsonrpc": "2.0", "id": 9, "result": 1}],
    ids=str,
)
async def test_answers_to_nothing_are_ignored(home: Path, message: object) -> None:
    async with server(home) as wire:
        wire.send(message)
        await is_alive(wire)
    assert wire.said == []


async def test_an_answer_that_nobody_waits_for_any_more_is_dropped(home: Path) -> None:
    async with server(home, abilities={"window": {"workDoneProgress": True}}) as wire:
        wire.send({"jsonrpc": "2.0", "id": 3, "method": "workspace/executeCommand",
                   "params": {"command": "firsthand.escalate"}})  # fmt: skip
        asked = await wire.receive()
        assert asked["method"] == "window/workDoneProgress/create"
        assert (await wire.receive())["id"] == 3  # it is over
        wire.send({"jsonrpc": "2.0", "id": asked["id"], "result": None})
        await is_alive(wire)
    assert not any("fault of its own" in each for each in wire.said)


@POSIX
async def test_an_interrupt_ends_it_with_130(home: Path) -> None:
    async with server(home) as wire:
        wire.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await wire.process.wait() == 130


@POSIX
@pytest.mark.parametrize(
    ("redirection", "status"),
    [("</dev/null", 0), ("<&-", 1), (">&-", 1), ("</dev/null 2>&-", 0), ("<&- 2>&-", 1)],
)
async def test_streams_that_nobody_speaks_on(home: Path, redirection: str, status: int) -> None:
    process = await asyncio.create_subprocess_shell(
        f"'{sys.executable}' -m firsthand serve {redirection}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"FIRSTHAND_HOME": str(home)},
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == status
    assert b"Traceback" not in err
    assert b"a fault of its own" not in out
    if status and "2>" not in redirection:
        assert b"standard input and output" in err


async def test_garbage_between_messages_is_survived(home: Path) -> None:
    async with server(home) as wire:
        wire.send_raw(b"nonsense\r\n\r\n" + b"y" * 200_000 + b"\r\n")
        await is_alive(wire)


async def test_an_unopened_document_has_nothing_to_show(home: Path) -> None:
    async with server(home) as wire:
        params = {
            "textDocument": {"uri": "file:///nowhere.py"},
            "position": {"line": 0, "character": 0},
            "context": {"triggerKind": 2},
        }
        wire.send({"jsonrpc": "2.0", "id": 7, "method": "textDocument/inlineCompletion",
                   "params": params})  # fmt: skip
        assert (await wire.receive())["result"] == []


async def test_an_editor_that_dies_takes_the_server_with_it(home: Path) -> None:
    async with server(home) as wire:
        wire.end()
        async with asyncio.timeout(60):
            assert await wire.process.wait() == 0


async def test_exit_without_shutdown_is_an_error(home: Path) -> None:
    async with server(home) as wire:
        wire.send({"jsonrpc": "2.0", "method": "exit"})
        async with asyncio.timeout(60):
            assert await wire.process.wait() == 1


async def test_shutdown_then_exit(home: Path) -> None:
    async with server(home) as wire:
        wire.send({"jsonrpc": "2.0", "id": 8, "method": "shutdown"})
        assert (await wire.receive()) == {"jsonrpc": "2.0", "id": 8, "result": None}
        wire.send({"jsonrpc": "2.0", "id": 9, "method": "shutdown"})
        late = await wire.receive()
        assert (late["id"], late["error"]["code"]) == (9, -32600)
        wire.send({"jsonrpc": "2.0", "method": "exit"})
        async with asyncio.timeout(60):
            assert await wire.process.wait() == 0


async def test_the_log_holds_no_source_code(home: Path) -> None:
    async with server(home) as wire:
        secret = "unlikely_identifier_in_source"
        item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": secret}
        wire.send({"jsonrpc": "2.0", "method": "textDocument/didOpen",
                   "params": {"textDocument": item}})  # fmt: skip
        wire.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"text": secret}})
        wire.send({"jsonrpc": "2.0", "id": 5, "method": secret, "params": secret})
        await wire.receive()
        await is_alive(wire)
    logs = [path.read_text(encoding="utf-8") for path in home.rglob("*.log")]
    assert logs
    assert not any(secret in log for log in logs)
