"""A small LSP client over a server process's stdio: what the demo and the benchmarks type through.

It speaks JSON-RPC 2.0 with the base protocol's Content-Length framing, answers what a server asks
of its client with null, and keeps the notifications that somebody wants to hear.
(Source: Language Server Protocol 3.17, "Base Protocol"; 3.18, "Inline Completion Request".)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

from firsthand.core.text import (
    Edit,
    Position,
    Range,
    Text,
    advance,
    character_to_units,
    units_to_character,
)

SERVE = (sys.executable, "-m", "firsthand", "serve")
AUTOMATIC = 2  # InlineCompletionTriggerKind: asked for by typing, not by a key of its own

# What VS Code declares, as far as it matters to a server of inline completions.
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "inlineCompletion": {"dynamicRegistration": True},
        "synchronization": {"dynamicRegistration": True, "didSave": True},
    },
    "window": {"workDoneProgress": True, "showMessage": {}, "showDocument": {"support": True}},
    "workspace": {"configuration": True, "workspaceFolders": True, "applyEdit": True},
}
# A process group of its own: Ctrl-C in the terminal is for the client, which then ends the server.
_OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


class ServerGoneError(Exception):
    """The server's process ended, or its output, while something was asked of it."""


class ResponseError(Exception):
    """The server answered a request with an error; the message is the server's."""


@dataclass(frozen=True, slots=True)
class Item:
    """An inline completion as it came: its edit, and the command to run once it was accepted."""

    edit: Edit
    command: Mapping[str, Any] | None = None


class Client:
    """The other end of one server process; made by `start`, ended by `close`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._stdin = cast(asyncio.StreamWriter, process.stdin)  # both are pipes
        self._stdout = cast(asyncio.StreamReader, process.stdout)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0
        self._gone = False
        self._listeners: dict[str, list[Callable[[Any], None]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls,
        command: Sequence[str] = SERVE,
        *,
        environment: Mapping[str, str] | None = None,
        stderr: IO[bytes] | int = subprocess.DEVNULL,
    ) -> Self:
        """Start a server.

        Args:
            command: the program and its arguments.
            environment: variables on top of this process's own.
            stderr: where its standard error goes.

        Raises:
            OSError: the program could not be started.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **(environment or {})},
            **_OWN_GROUP,
        )
        return cls(process)

    async def initialize(self, folder: Path, options: Mapping[str, Any] | None = None) -> Any:
        """Shake hands over one workspace folder; returns the server's capabilities.

        Args:
            folder: the workspace, an absolute path.
            options: `initializationOptions`.
        """
        uri = folder.as_uri()
        result = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "firsthand-demo"},
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": folder.name}],
                "capabilities": CAPABILITIES,
                "initializationOptions": dict(options or {}),
            },
        )
        self.notify("initialized", {})
        return result["capabilities"]

    def on(self, method: str, listener: Callable[[Any], None]) -> None:
        """Hear a notification's parameters whenever it comes."""
        self._listeners.setdefault(method, []).append(listener)

    async def request(self, method: str, params: Any = None) -> Any:
        """Ask, and wait for the result.

        Cancelling the wait sends `$/cancelRequest`.

        Raises:
            ServerGoneError: the process ended first.
            ResponseError: the server answered with an error.
        """
        self._last_id += 1
        number = self._last_id
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._send({"id": number, "method": method, "params": params})
            return await answer
        except asyncio.CancelledError:
            with contextlib.suppress(ServerGoneError):
                self.notify("$/cancelRequest", {"id": number})
            raise
        finally:
            del self._waiting[number]

    def notify(self, method: str, params: Any = None) -> None:
        """Tell, without an answer.

        Raises:
            ServerGoneError: the process has ended.
        """
        self._send({"method": method, "params": params})

    async def close(self, patience: float = 2.0) -> int:
        """End the server as the protocol says, by force after `patience` seconds twice over.

        Returns:
            The process's exit status.
        """
        with contextlib.suppress(ServerGoneError, ResponseError, TimeoutError):
            async with asyncio.timeout(patience):
                await self.request("shutdown")
        with contextlib.suppress(ServerGoneError):
            self.notify("exit")
        self._stdin.close()
        try:
            async with asyncio.timeout(patience):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        return self.process.returncode or 0

    def _send(self, message: dict[str, Any]) -> None:
        if self._gone or self._stdin.is_closing():
            raise ServerGoneError
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        try:
            while True:
                head = await self._stdout.readuntil(b"\r\n\r\n")
                self._dispatch(json.loads(await self._stdout.readexactly(_length(head))))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            # The end of its output, or output that is not the protocol: either way it is gone.
            self._gone = True
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ServerGoneError())

    def _dispatch(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            answer = self._waiting.get(message["id"])
            if answer is None or answer.done():
                return  # cancelled meanwhile
            if "error" in message:
                answer.set_exception(ResponseError(message["error"]["message"]))
            else:
                answer.set_result(message.get("result"))
        elif "id" in message:
            asked = message.get("params") or {}
            none = [None] * len(asked["items"]) if method == "workspace/configuration" else None
            self._send({"id": message["id"], "result": none})
        else:
            for listener in self._listeners.get(method, ()):
                listener(message.get("params"))


class Editor:
    """One open document in one client: its text, its version and the cursor."""

    def __init__(self, client: Client, path: Path, language: str, text: Text) -> None:
        self.client = client
        self.text = text
        self.cursor = text.end
        self.uri = path.as_uri()
        self.version = 1
        client.notify(
            "textDocument/didOpen",
            {
                "textDocument": {
                    "uri": self.uri,
                    "languageId": language,
                    "version": 1,
                    "text": text.string,
                }
            },
        )

    def type(self, string: str) -> None:
        """Insert at the cursor and move it behind."""
        self.edit(Edit(Range.at(self.cursor), string))

    def edit(self, edit: Edit) -> None:
        """Change the document, and move the cursor behind the new text."""
        self.version += 1
        self.client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [
                    {
                        "range": {
                            "start": self._outward(edit.range.start),
                            "end": self._outward(edit.range.end),
                        },
                        "text": edit.new_text,
                    }
                ],
            },
        )
        self.text = self.text.apply(edit)
        self.cursor = advance(edit.range.start, edit.new_text)

    async def suggestions(self) -> list[Item]:
        """Ask for inline completions at the cursor, as an editor does after a key."""
        result = await self.client.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": self.uri},
                "position": self._outward(self.cursor),
                "context": {"triggerKind": AUTOMATIC},
            },
        )
        items = result.get("items", []) if isinstance(result, dict) else result or []
        return [Item(self._edit(item), item.get("command")) for item in items]

    async def accept(self, item: Item) -> None:
        """Put an item into the document, as Tab does, and run its command."""
        self.edit(item.edit)
        if item.command is not None:
            await self.client.request(
                "workspace/executeCommand",
                {
                    "command": item.command["command"],
                    "arguments": item.command.get("arguments", []),
                },
            )

    def _edit(self, item: Mapping[str, Any]) -> Edit:
        new_text = item["insertText"]
        if isinstance(new_text, dict):  # a StringValue, the protocol's name for a snippet
            new_text = new_text["value"]
        if "range" not in item:
            return Edit(Range.at(self.cursor), new_text)
        start, end = item["range"]["start"], item["range"]["end"]
        return Edit(Range(self._inward(start), self._inward(end)), new_text)

    def _outward(self, position: Position) -> dict[str, int]:
        line = self.text.line(position.line)
        return {
            "line": position.line,
            "character": character_to_units(line, position.character, "utf-16"),
        }

    def _inward(self, position: Mapping[str, int]) -> Position:
        line = self.text.line(position["line"])
        return Position(position["line"], units_to_character(line, position["character"], "utf-16"))


def _length(head: bytes) -> int:
    """The Content-Length of a header block; other fields are passed over."""
    for field in head.split(b"\r\n"):
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise ValueError("no Content-Length in a header")
