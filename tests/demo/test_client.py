"""The client: what it sends is what an editor sends, and a server's end is an error, not a wait."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from firsthand.core.text import Edit, Position, Range, Text
from firsthand.demo.client import Client, Editor, ResponseError, ServerGoneError

SERVER = Path(__file__).with_name("oracle_server.py")


@asynccontextmanager
async def opened(folder: Path, answer: str, *options: str) -> AsyncIterator[Client]:
    """A client of the oracle server, which knows a file with this content."""
    file = folder / "answer.txt"
    file.write_text(answer, encoding="utf-8", newline="")
    client = await Client.start([sys.executable, str(SERVER), str(file), *options])
    try:
        yield client
    finally:
        assert await client.close() in (0, 7)


@pytest.mark.asyncio
async def test_handshake_answers_the_server_and_hears_its_notifications(tmp_path: Path) -> None:
    async with opened(tmp_path, "") as client:
        heard: list[Any] = []
        client.on("firsthand/status", heard.append)
        assert await client.initialize(tmp_path) == {"inlineCompletionProvider": {}}
        await client.request("test/state")
        assert [status["indexing"] for status in heard] == [{"done": 0, "total": 1}, None]


@pytest.mark.asyncio
@pytest.mark.parametrize("line", ["plain", "é = 'e\u0301'", "flag = '😀😀'"])
async def test_positions_are_utf_16(tmp_path: Path, line: str) -> None:
    async with opened(tmp_path, f"a\n{line} # end\nz") as client:
        await client.initialize(tmp_path)
        editor = Editor(client, tmp_path / "a.py", "python", Text.of("a\n\nz"))
        editor.cursor = Position(1, 0)
        for character in line:
            editor.type(character)
        (item,) = await editor.suggestions()
        assert item.edit == Edit(Range(Position(1, 0), Position(1, len(line))), f"{line} # end")
        await editor.accept(item)
        state = await client.request("test/state")
        assert state["document"] == editor.text.string == f"a\n{line} # end\nz"
        assert state["accepted"] == [f"{line} # end"]
        assert editor.cursor == Position(1, len(line) + 6)


@pytest.mark.asyncio
async def test_an_error_is_raised_with_the_server_s_words(tmp_path: Path) -> None:
    async with opened(tmp_path, "") as client:
        with pytest.raises(ResponseError, match="refused"):
            await client.request("test/refuse")


@pytest.mark.asyncio
async def test_the_server_s_end_reaches_every_wait(tmp_path: Path) -> None:
    async with opened(tmp_path, "answer", "--die", "1") as client:
        await client.initialize(tmp_path)
        editor = Editor(client, tmp_path / "a.py", "python", Text.of(""))
        with pytest.raises(ServerGoneError):
            await editor.suggestions()
        with pytest.raises(ServerGoneError):
            await client.request("test/state")


@pytest.mark.asyncio
async def test_a_cancelled_wait_is_cancelled_at_the_server_too(tmp_path: Path) -> None:
    async with opened(tmp_path, "answer", "--silent", "1") as client:
        await client.initialize(tmp_path)
        editor = Editor(client, tmp_path / "a.py", "python", Text.of(""))
        waiting = asyncio.create_task(editor.suggestions())
        await client.request("test/state")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len((await client.request("test/state"))["cancelled"]) == 1
