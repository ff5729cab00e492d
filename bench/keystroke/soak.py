"""Many keys into one server, with a model: what it costs in memory, and a place typed once more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.keystroke.model_server import ModelServer
from bench.keystroke.runs import press
from bench.keystroke.script import Script
from bench.keystroke.servers import BARE, Server, running, summary

from firsthand.core.text import Edit, Position, Range
from firsthand.demo.client import Editor

KEYS = 50_000
_EVERY = 5_000  # keys between two looks at the memory
_IDLE = 12.0  # seconds after which the server has tidied up, as in a person's pause
_SAME = 3  # looks, that long apart, without a change
_AGAIN = 100  # statements that are typed again
_FIRST = 2  # of them, which do not count
_PAUSE = 0.1  # seconds between two of them
_OPENED = 3.0  # seconds after which a document's path was checked
_ANSWER = ["compute", "(first", ", second", ")"]
# The model's text alone, waited for.
_ALONE = "embedded = false\nmax_lines = 1\npatience_ms = 1000"
_CONFIG = """
[inline]
models = ["bench"]
{more}
[models.bench]
provider = "openai"
url = "{url}"
model = "bench"
fim = "qwen"
"""


async def soak(workspace: Path, script: Script, say: Callable[[str], None]) -> dict[str, Any]:
    """The script's keys over and over in a burst, with a model that is asked wherever nothing fits.

    At each repetition the holes are empty again, by one change of the whole document.

    Returns:
        Megabytes of the server's process, resident in all and of them private, after each 5,000
        keys and a pause, and what the last are more than the first. Before the first look 5,000
        keys fill what is kept, and once all tiers are mapped as many bring in what they use: what
        is mapped anew takes no memory until it is read.
    """
    async with (
        ModelServer().serving() as model,
        running(workspace, config=_CONFIG.format(url=model.url, more="patience_ms = 2")) as server,
    ):
        model.first_token, model.answer = 0.0, ["compute", "(first)", "\n"]
        await server.learn()
        editor = server.open(script.path, script.text)
        resident: list[float] = []
        private: list[float] = []
        for number in range(2 * _EVERY + KEYS):
            if number and number % len(script.keys) == 0:
                editor.edit(Edit(Range(Position(0, 0), editor.text.end), script.text.string))
            await press(editor, script.keys[number % len(script.keys)])
            if number + 1 == _EVERY:
                await _settled(server)
            elif (number + 1) % _EVERY == 0:
                await asyncio.sleep(_IDLE)
                resident.append(round(server.resident_mb()[0], 1))
                private.append(round(server.private_mb() or 0.0, 1))
                typed = number + 1 - 2 * _EVERY
                say(f"soak {typed}/{KEYS}: {resident[-1]} MB, {private[-1]} private")
    return {
        "keys": KEYS,
        "resident_mb": resident,
        "private_mb": private,
        "growth_mb": round(resident[-1] - resident[0], 1),
        "private_growth_mb": round(private[-1] - private[0], 1),
        "asked": model.asked.qsize(),
    }


async def _settled(server: Server) -> None:
    """Wait until a server that nobody types into has as much memory as it will have."""
    before, same = server.resident_mb()[0], 0
    while same < _SAME:
        await asyncio.sleep(_IDLE)
        now = server.resident_mb()[0]
        same, before = (same + 1 if abs(now - before) < 1 else 0), now


async def again(workspace: Path, script: Script, say: Callable[[str], None]) -> dict[str, Any]:
    """Statements typed once, once more after the document was opened anew, and in another server.

    Returns:
        Milliseconds from the key to the answer: from the model, from memory, from the disk, and of
        a bare server's that has none; and how many were what the model had said at first.
    """
    found: dict[str, Any] = {}
    async with ModelServer().serving() as model:
        model.answer, model.holes = _ANSWER, b" = <|fim_suffix|>"
        config = _CONFIG.format(url=model.url, more=_ALONE)
        async with (
            running(workspace, config=config) as server,
            running(workspace, BARE) as bare,
        ):
            await server.learn()
            for name in ("model", "memory"):
                say(f"cache: {name}")
                found[name] = _hits(await _begun(server.open(script.path, script.text)))
                model.answer = ["asked", "(again)"]
            async with running(workspace, config=config, home=server.home) as other:
                await other.learn()
                say("cache: disk")
                found["disk"] = _hits(await _begun(other.open(script.path, script.text)))
            found["protocol_alone"] = summary(await _alone(bare.open(script.path, script.text)))
    return found


def _hits(times: list[float]) -> dict[str, float]:
    return {**summary(times or [0.0]), "hits": len(times), "of": _AGAIN - _FIRST}


async def _alone(editor: Editor) -> list[float]:
    """The same keys into the bare server, which has no answer to them."""
    times = []
    for number in range(_AGAIN):
        editor.edit(Edit(Range.at(editor.text.end), f"\nvalue_{number} ="))
        await asyncio.sleep(_PAUSE)
        times.append((await press(editor, (None, " ")))[0])
    return times[_FIRST:]


async def _begun(editor: Editor) -> list[float]:
    """Begin statements and accept their rest; milliseconds from the key to each first answer.

    The first opens the connection, and by the second one there may be nothing yet that the model is
    shown beside the file: what is asked there is another question, so that both do not count.
    """
    await asyncio.sleep(_OPENED)
    times = []
    for number in range(_AGAIN):
        editor.edit(Edit(Range.at(editor.text.end), f"\nvalue_{number} ="))
        await asyncio.sleep(_PAUSE)
        began = time.perf_counter()
        _, items = await press(editor, (None, " "))
        ended = time.perf_counter()
        known = await editor.suggestions()
        if items and known[0].edit.new_text.startswith(_ANSWER[0]):
            times += [(ended - began) * 1000] if number >= _FIRST else []
            await editor.accept(known[0])
        else:  # the text has to go on as it did before
            editor.type("".join(_ANSWER))
        await asyncio.sleep(_PAUSE)
    return times
