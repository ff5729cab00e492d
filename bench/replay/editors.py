"""Editors that type through the real server, each with its habits of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.keystroke.servers import Server
from bench.replay.screen import Screen

from firsthand.core.text import Position, Range, Text
from firsthand.demo.client import Editor, Item


@dataclass(frozen=True, slots=True)
class Habit:
    """How an editor asks.

    Attributes:
        refresh: what it declares about `firsthand/refresh`; None for nothing.
        wait: seconds after a key, unless another one comes.
        arriving: what it asks for when the person begins somewhere else.
        cancels: whether it cancels a request that a key has superseded.
    """

    refresh: Literal["extend", "empty"] | None = None
    wait: float = 0.0
    arriving: Literal["suggestions", "actions"] | None = None
    cancels: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What it sends as `initializationOptions`."""
        return {"client": {"name": "bench", "refresh": self.refresh}} if self.refresh else {}


PLUGIN = Habit(refresh="extend", arriving="suggestions")
VSCODE = Habit(refresh="empty", wait=0.050, arriving="actions", cancels=True)
PLAIN = Habit()


class Firsthand:
    """One editor on one server."""

    def __init__(self, server: Server, screen: Screen, habit: Habit) -> None:
        self.screen = screen
        self._server = server
        self._habit = habit
        self._editor: Editor | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._newest = 0
        server.client.on("firsthand/refresh", self._refresh)

    def open(self, path: Path, text: Text) -> None:
        """Open a file in place of the one before."""
        self.close()
        self._editor = self._server.open(path, text)

    def move(self, position: Position) -> None:
        """Put the cursor somewhere, to type there."""
        self.editor.cursor = position
        if self._habit.arriving == "suggestions":
            self._ask(0.0)
        elif self._habit.arriving == "actions":
            self._hold(self._actions(self.editor))

    def press(self, key: str) -> None:
        """Type a character and ask, as the habit says."""
        self.editor.type(key)
        if self._habit.cancels:
            for task in self._asking:
                task.cancel()
        self._ask(self._habit.wait)

    def close(self) -> None:
        """Close the file."""
        for task in self._asking:
            task.cancel()
        if self._editor is not None:
            self._editor.client.notify(
                "textDocument/didClose", {"textDocument": {"uri": self._editor.uri}}
            )

    @property
    def editor(self) -> Editor:
        """The open file."""
        assert self._editor is not None
        return self._editor

    def _ask(self, wait: float, extending: bool = False) -> None:
        self._hold(self._suggest(self.editor, wait, extending))

    def _hold(self, asking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _actions(self, editor: Editor) -> None:
        """Ask what could be done at the cursor, which stands in an indentation."""
        at = {"line": editor.cursor.line, "character": editor.cursor.character}
        await editor.client.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": editor.uri},
                "range": {"start": at, "end": at},
                "context": {"diagnostics": [], "triggerKind": 2},
            },
        )

    async def _suggest(self, editor: Editor, wait: float, extending: bool) -> None:
        """Ask, and show the answer unless a newer question was put or the text has changed."""
        if wait:
            await asyncio.sleep(wait)
        self._newest += 1
        number, version = self._newest, editor.version
        items = await editor.suggestions()
        if (number, editor, version) != (self._newest, self._editor, editor.version):
            return
        text = ghost(editor, items[0]) if items else ""
        if not extending or text.startswith(self.screen.ghost):
            self.screen.show(text)

    def _refresh(self, params: dict[str, Any]) -> None:
        """The server has something better than what it answered."""
        document = params["textDocument"]
        current = document["uri"], document["version"]
        if self._editor is None or current != (self._editor.uri, self._editor.version):
            return
        if self._habit.refresh == "extend":
            self._ask(0.0, extending=True)
        elif self._habit.refresh == "empty" and not self.screen.ghost:
            self._ask(0.0)


def ghost(editor: Editor, item: Item) -> str:
    """What an item shows at the cursor: its text without what stands there already."""
    start, new_text = item.edit.range.start, item.edit.new_text
    if start > editor.cursor:
        return ""
    typed = editor.text.slice(Range(start, editor.cursor))
    return new_text[len(typed) :] if new_text.startswith(typed) else ""
