"""Files that are no source code of a person's: how long an answer for a key in them takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.keystroke.runs import press
from bench.keystroke.script import Script
from bench.keystroke.servers import Server, running, summary

from firsthand.core.text import Position, Text
from firsthand.demo.client import AUTOMATIC, Client

_KEYS = 200
_SETTLING = 3.0  # seconds after which a document that was opened is learned
# What is opened: its name and its text.
_FILES: dict[str, Callable[[], str]] = {
    "lines_of_50_mb": lambda: "value = compute(first, second)\n" * 1_700_000,
    "line_of_3_mb": lambda: "x = [" + "1, " * 1_000_000 + "]\n",
    "lines_of_3_mb": lambda: "".join(f"value_{n} = compute({n})\n" for n in range(110_000)),
}


async def large(workspace: Path, _script: Script, say: Callable[[str], None]) -> dict[str, Any]:
    """Keys into large files, and keys into a small one right after a large one was opened.

    Returns:
        Milliseconds to the answers in each file; to the first answer in a small file from when
        the large one was opened; megabytes resident at the end.
    """
    found: dict[str, Any] = {}
    for name, make in _FILES.items():
        say(f"large files: {name}")
        async with running(workspace) as server:
            await server.learn()
            found[name] = await _typed(server, workspace, name, make())
    return found


async def _typed(server: Server, workspace: Path, name: str, text: str) -> dict[str, Any]:
    small = server.open(workspace / "small.py", Text.of("value = 1\n"))
    small.cursor = Position(1, 0)
    await press(small, (None, "v"))
    began = time.perf_counter()
    path = workspace / f"{name}.py"
    server.open(path, Text((text,)))
    await press(small, (None, "a"))
    first = (time.perf_counter() - began) * 1000
    await asyncio.sleep(_SETTLING)
    line = text.count("\n") // 2
    times = [await _press(server.client, path.as_uri(), line, each) for each in range(_KEYS)]
    return {
        "answer": summary(times),
        "small_file_after_opening": round(first),
        "resident_mb": round(server.resident_mb()[0]),
    }


async def _press(client: Client, uri: str, line: int, number: int) -> float:
    """Type one key at a line's beginning; milliseconds to the answer.

    The demo's editor keeps a copy of the text, whose splices would be timed too.
    """
    start, end = ({"line": line, "character": number + past} for past in (0, 1))
    began = time.perf_counter()
    change = {"range": {"start": start, "end": start}, "text": "x"}
    document = {"uri": uri, "version": number + 2}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    context = {"triggerKind": AUTOMATIC}
    asked = {"textDocument": {"uri": uri}, "position": end, "context": context}
    await client.request("textDocument/inlineCompletion", asked)
    return (time.perf_counter() - began) * 1000
