"""Two simple engines in the editor's own process, to be measured beside Firsthand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import httpx
from bench.replay.screen import Screen

from firsthand.core.excerpt import Excerpt, excerpt
from firsthand.core.fim import TEMPLATES, Hole, render
from firsthand.core.text import Edit, Position, Range, Text, advance

_PREFIX, _SUFFIX = 6_000, 2_000  # characters; Firsthand's own windows
_MOST_TOKENS = 48  # of a line


class Baseline:
    """An engine that asks for the rest of the line, or for the next one."""

    def __init__(self, url: str, http: httpx.AsyncClient, screen: Screen) -> None:
        self.screen = screen
        self._url = url
        self._http = http
        self._path = ""
        self._text = Text()
        self._cursor = Position(0, 0)
        self._window: Excerpt | None = None
        self._asking: asyncio.Task[None] | None = None

    def open(self, path: Path, text: Text) -> None:
        """Open a file in place of the one before."""
        self.close()
        self._path, self._text, self._window = path.name, text, None

    def move(self, position: Position) -> None:
        """Put the cursor somewhere, and ask."""
        self._cursor = position
        self.close()
        self.arrived()

    def press(self, key: str) -> None:
        """Type a character and ask, if this is the time."""
        self._text = self._text.apply(Edit(Range.at(self._cursor), key))
        self._cursor = advance(self._cursor, key)
        self.typed(key)

    def typed(self, key: str) -> None:
        """A character was typed; `_ask` asks."""
        raise NotImplementedError

    def arrived(self) -> None:
        """The cursor was put somewhere; `_ask` asks."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._asking is not None and not self._asking.done()

    async def _line(self) -> AsyncGenerator[str]:
        """The rest of the cursor's line as the model writes it, piece by piece."""
        self._window = excerpt(self._text, self._cursor, _PREFIX, _SUFFIX, self._window)
        hole = Hole(self._window.prefix, self._window.suffix, self._path)
        body = {
            "model": "bench",
            "prompt": render(TEMPLATES["qwen"], hole).text,
            "max_tokens": _MOST_TOKENS,
            "stop": ["\n"],
            "stream": True,
        }
        url = f"{self._url}/v1/completions"
        async with self._http.stream("POST", url, json=body) as answer:
            async for line in answer.aiter_lines():
                data = line.removeprefix("data: ")
                if data and data != "[DONE]":
                    yield json.loads(data)["choices"][0]["text"]


class AskOnce(Baseline):
    """Asks when nothing is on screen, waits for the answer, and drops it if it comes too late."""

    def typed(self, key: str) -> None:
        """Ask unless something agrees or comes."""
        if not self.screen.ghost and not self.busy:
            self.arrived()

    def arrived(self) -> None:
        """Ask."""
        self._asking = asyncio.ensure_future(self._ask())

    async def _ask(self) -> None:
        while True:
            asked = self._text
            async with aclosing(self._line()) as pieces:
                line = "".join([piece async for piece in pieces])
            if asked is self._text:
                self.screen.show(line)
                return


class AskEveryLine(Baseline):
    """Asks at each line's beginning and when the person writes something else.

    It shows the answer while it comes, cut by what was typed meanwhile.
    """

    _typed = ""

    def typed(self, key: str) -> None:
        """Ask, in place of what was asked before, or note what was typed meanwhile."""
        self._typed += key
        if key == "\n" or not (self.screen.ghost or self.busy):
            self.arrived()

    def arrived(self) -> None:
        """Ask, in place of what was asked before."""
        self.close()
        self._typed = ""
        self._asking = asyncio.ensure_future(self._ask())

    async def _ask(self) -> None:
        line = ""
        async with aclosing(self._line()) as pieces:
            async for piece in pieces:
                line += piece
                if line.startswith(self._typed):
                    self.screen.show(line[len(self._typed) :])
                elif not self._typed.startswith(line):
                    self.arrived()
                    return
