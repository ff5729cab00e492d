"""Messages to the real server that no editor would send: malformed, in any order, huge, hostile.

Each request that can be told as one gets exactly one response, however it is filled; what can't be
told as a message is survived, or ends the process with a sentence. Nothing waits for ever.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds after which an answer on a busy machine is thought never to come."""

_MESSAGES_A_SERVER = 400
_TEXT = "import os\n\n\ndef f(a):\n    return os.path.join(a, 'b')\n\n\nx = f(\n"
_METHODS = (
    *("textDocument/inlineCompletion", "textDocument/completion", "textDocument/codeAction"),
    *("workspace/executeCommand", "textDocument/hover", "completionItem/resolve", "initialize"),
    *("workspace/symbol", "$/unknown", "firsthand/unknown", ""),
)
_NOTES = (
    *("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose"),
    *("textDocument/didSave", "workspace/didChangeConfiguration", "$/cancelRequest", "$/setTrace"),
    *("workspace/didChangeWorkspaceFolders", "workspace/didChangeWatchedFiles", "initialized"),
    *("window/workDoneProgress/cancel", "$/unknown", "firsthand/unknown"),
)
_COMMANDS = (
    *("escalate", "accepted", "why", "pause", "applyProposal", "discardProposal", "status"),
    *("costs", "clearCache", "grip", "diagnostics", "nothing"),
)
_STRANGE: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2**31,
        2**63,
        -(2**70),
        1e308,
        0.5,
        "",
        "x",
        "\ud800",
        "\0",
        [],
        {},
    ),
    *("file:///etc/passwd", "file://[", "untitled:a", "x" * 70_000, [[]], {"": None}, "🦆", [None]),
)


async def talk(messages: int, seed: int) -> dict[str, Any]:
    """Send so many messages to one server after another.

    Raises:
        AssertionError: something was not answered, or answered twice, or a server had a fault.
    """
    counted: Counter[str] = Counter()
    for number in range(-(-messages // _MESSAGES_A_SERVER)):
        chance = random.Random(f"{seed} {number}")
        with tempfile.TemporaryDirectory() as folder:
            counted.update(await _session(Path(folder), chance, f"seed {seed}, server {number}"))
    return {**sorted_(counted), "unanswered": 0, "faults": 0}


def sorted_(counted: Counter[str]) -> dict[str, int]:
    """Counts by name."""
    return dict(sorted(counted.items()))


async def _session(folder: Path, chance: random.Random, name: str) -> Counter[str]:
    root = folder / "project"
    root.mkdir()
    (root / "a.py").write_text(_TEXT, encoding="utf-8")
    environ = {**os.environ, "FIRSTHAND_HOME": str(folder / "home")}
    (folder / "config.toml").write_text("[inline]\ndiscover = false\n", encoding="utf-8")
    environ["FIRSTHAND_CONFIG"] = str(folder / "config.toml")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "firsthand", "serve"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ,
        limit=1 << 26,
    )
    line = _Line(process, chance, root.as_uri())
    try:
        await line.run()
        _, stderr = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        raise AssertionError(f"{name}: {line.open()} have no answer, or it does not end") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = stderr.decode("utf-8", "replace")
    log = "".join(
        path.read_text(encoding="utf-8") for path in (folder / "home").rglob("server.log*")
    )
    assert "Traceback" not in said + log, f"{name}: {said}{log}"
    assert len(said.splitlines()) <= 1, f"{name}: {said}"
    assert not line.twice(), f"{name}: {line.twice()} were answered more than once"
    return line.counted


class _Line:
    """What goes to and comes from one server."""

    def __init__(
        self, process: asyncio.subprocess.Process, chance: random.Random, root: str
    ) -> None:
        self._process = process
        self._chance = chance
        self._root = root
        self._ids = 0
        self._asked: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._came = asyncio.Event()
        self.counted: Counter[str] = Counter()

    def open(self) -> list[str]:
        """The ids of requests without a response."""
        return list((self._asked - self._answered).elements())

    def twice(self) -> list[str]:
        """The ids of requests with too many."""
        return list((self._answered - self._asked).elements())

    async def run(self) -> None:
        """Say hello, talk nonsense, see that all is answered, and leave."""
        assert self._process.stdout is not None
        reading = asyncio.create_task(self._read(self._process.stdout))
        if self._chance.random() < 0.1:
            self._nonsense()  # before anything was agreed on
        self._request("initialize", self._hello())
        self._note("initialized", {})
        document = {
            "uri": f"{self._root}/a.py",
            "languageId": "python",
            "version": 1,
            "text": _TEXT,
        }
        self._note("textDocument/didOpen", {"textDocument": document})
        for number in range(_MESSAGES_A_SERVER):
            self._nonsense()
            if number % 40 == 39:
                await self._settled()
        await self._settled()
        if self._chance.random() < 0.5:
            self._broken_frame()
        else:
            self._request("shutdown", None)
            await self._settled()
            self._note("exit", None)
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            await self._process.stdin.drain()
            self._process.stdin.close()
        await asyncio.wait_for(reading, PATIENCE)

    async def _settled(self) -> None:
        """Return once every request has its response."""
        self._request("workspace/executeCommand", {"command": "firsthand.status"})
        assert self._process.stdin is not None
        await self._process.stdin.drain()
        while self.open():
            self._came.clear()
            await asyncio.wait_for(self._came.wait(), PATIENCE)
            assert self._process.returncode is None, "the server ended"

    def _nonsense(self) -> None:
        """One message or more, of some kind."""
        ways: tuple[tuple[int, Callable[[], None]], ...] = (
            (8, self._filled_request),
            (8, self._filled_note),
            (3, self._edit),
            (2, self._no_message),
            (1, self._deep),
        )
        kinds = [way for weight, way in ways for _ in range(weight)]
        self._chance.choice(kinds)()

    def _filled_request(self) -> None:
        self._request(self._chance.choice(_METHODS), self._params())

    def _filled_note(self) -> None:
        params = self._params()
        note = self._chance.choice(_NOTES)
        if note == "$/cancelRequest" and self._chance.random() < 0.7:
            params = {"id": self._ids}
        self._note(note, params)

    def _edit(self) -> None:
        """A change and a question, as an editor puts them, but for where."""
        at = {
            "line": self._chance.choice((0, 7, 99, 2**31 - 1)),
            "character": self._chance.randrange(40),
        }
        document = {"uri": f"{self._root}/a.py", "version": self._chance.randrange(99)}
        change = {"range": {"start": at, "end": at}, "text": self._chance.choice("ab\n(🦆\0")}
        self._note("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        self._request(
            "textDocument/inlineCompletion",
            {"textDocument": document, "position": at, "context": {"triggerKind": 2}},
        )

    def _no_message(self) -> None:
        """JSON that is no message, or no JSON at all."""
        bodies = (
            *(
                b"",
                b"{",
                b"null",
                b"[]",
                b'"x"',
                b"1",
                b"\xff\xfe",
                b"{}",
                b"NaN",
                b'{"id": "odd"}',
            ),
            *(b'{"jsonrpc": "2.0"}', b'{"jsonrpc": "1.0", "id": "odd", "method": "x"}', b"\0" * 99),
            b'{"jsonrpc": "2.0", "method": 5}',
            b'{"jsonrpc": "2.0", "id": 99999, "result": {}}',
            b'{"jsonrpc": "2.0", "id": "never", "error": {"code": "x"}}',
            b'[{"jsonrpc": "2.0", "method": "initialized", "params": {}}]',
            b'{"jsonrpc": "2.0", "method": "initialized", "params": {}, "method": "x"}',
        )
        self._frame(self._chance.choice(bodies))
        self.counted["no_messages"] += 1

    def _deep(self) -> None:
        """Nested deeper than anybody reads."""
        depth = self._chance.choice((50, 900, 100_000))
        opening, closing = self._chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
        inside = opening * depth + b"1" + closing * depth
        self._frame(b'{"jsonrpc": "2.0", "method": "$/unknown", "params": ' + inside + b"}")
        self.counted["deep"] += 1

    def _broken_frame(self) -> None:
        """After it nobody can tell where a message begins."""
        headers = (
            *(b"Content-Length: -5", b"Content-Length: x", b"Content-Length: 99999999999999999999"),
            *(b"Content-Length: 500", b"Content-Type: x", b"\xff\xff", b"A" * 200_000, b"\r\n\r\n"),
        )
        self._send(self._chance.choice(headers) + b"\r\n\r\n{}")
        self.counted["broken_frames"] += 1

    def _params(self) -> Any:
        """Parameters that are nearly right, or nothing like it."""
        right: dict[str, Any] = {
            "textDocument": {"uri": f"{self._root}/a.py", "languageId": "python", "version": 2},
            "position": {"line": 7, "character": 6},
            "range": {"start": {"line": 3, "character": 0}, "end": {"line": 4, "character": 0}},
            "context": {"triggerKind": 1, "diagnostics": []},
            "contentChanges": [{"text": _TEXT}],
            "command": f"firsthand.{self._chance.choice(_COMMANDS)}",
            "arguments": [{"textDocument": {"uri": f"{self._root}/a.py"}, "id": "1"}],
            "event": {"added": [], "removed": []},
            "settings": {"firsthand": {"aggression": 0.5}},
            "changes": [{"uri": f"{self._root}/a.py", "type": 2}],
            "capabilities": {},
        }
        if self._chance.random() < 0.1:
            return self._strange()
        for _ in range(self._chance.choice((0, 1, 1, 2, 5))):
            self._spoil(right)
        return right

    def _strange(self) -> Any:
        """A value that belongs nowhere; a new one, as it may be spoiled further."""
        return deepcopy(self._chance.choice(_STRANGE))

    def _spoil(self, value: Any) -> None:
        """Change something somewhere inside."""
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = self._chance.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and self._chance.random() < 0.6:
            self._spoil(value[key])
        elif isinstance(value, dict) and self._chance.random() < 0.3:
            del value[key]
        else:
            value[key] = self._strange()

    def _hello(self) -> dict[str, Any]:
        options: tuple[Any, ...] = (None, {}, {"client": 5}, {"firsthand": {"aggression": 9}}, [])
        return {
            "processId": None,
            "capabilities": self._chance.choice(
                ({}, {"general": {"positionEncodings": ["utf-8"]}})
            ),
            "rootUri": self._root,
            "workspaceFolders": [{"uri": self._root, "name": "project"}],
            "initializationOptions": self._chance.choice(options),
        }

    def _request(self, method: str, params: Any) -> None:
        self._ids += 1
        id_: Any = self._ids if self._chance.random() < 0.7 else f"id {self._ids}"
        self._asked[str(id_)] += 1
        self.counted["requests"] += 1
        self._message({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})

    def _note(self, method: str, params: Any) -> None:
        self.counted["notifications"] += 1
        self._message({"jsonrpc": "2.0", "method": method, "params": params})

    def _message(self, message: dict[str, Any]) -> None:
        self._frame(json.dumps(message).encode("utf-8"))

    def _frame(self, body: bytes) -> None:
        self._send(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def _send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(content)

    async def _read(self, stdout: asyncio.StreamReader) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                header = await stdout.readuntil(b"\r\n\r\n")
                length = int(header.split(b"Content-Length:")[1].split(b"\r\n")[0])
                message = json.loads(await stdout.readexactly(length))
                if "method" in message and "id" in message:
                    self._reply(message["id"])
                elif message.get("id") not in (None, "odd"):
                    self._answered[str(message["id"])] += 1
                    self.counted["errors" if "error" in message else "results"] += 1
                self._came.set()
        self._came.set()

    def _reply(self, id_: Any) -> None:
        """Answer what the server asks of an editor, well or badly."""
        result = self._strange()
        self._message({"jsonrpc": "2.0", "id": id_, "result": result})
