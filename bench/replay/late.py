"""A better answer that comes after the person has stopped: how soon it is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.keystroke.servers import summary
from bench.replay.editors import PLUGIN, Firsthand
from bench.replay.known import Known
from bench.replay.model_server import ModelServer
from bench.replay.runs import configured, learned
from bench.replay.screen import Screen, next_key
from bench.replay.script import Script, begins_line

from firsthand.core.text import Position, advance

_FIRST_TOKEN = 0.250  # seconds
_ARRIVING = 0.5  # seconds at a new place before the key
_PATIENCE = 5.0  # seconds in which the answer should be on the screen
_TRIALS = 24
# As the plugin, of a person who has been there for a while: what comes is new to the screen.
_HABIT = replace(PLUGIN, arriving=None)


async def late(
    workspace: Path, scripts: Sequence[Script], say: Callable[[str], None]
) -> dict[str, Any]:
    """One key at the beginning of a line, then nothing: from the model's first line to the screen.

    The embedded model is off, so that the model's answer is new to the screen.
    """
    loop = asyncio.get_running_loop()
    screen = Screen(loop.time)
    refreshed: list[float] = []
    to_refresh, to_screen = [], []
    files = [script.known for script in scripts]
    places = [(script, at) for script in scripts for at in _places(script.known)][:_TRIALS]
    async with (
        ModelServer(files, _never, _FIRST_TOKEN).serving() as model,
        learned(workspace, configured(model.url, embedded=False), _HABIT) as server,
    ):
        server.client.on("firsthand/refresh", lambda _params: refreshed.append(loop.time()))
        engine = Firsthand(server, screen, _HABIT)
        for number, (script, at) in enumerate(places):
            if number % 8 == 0:
                say(f"answer {number}/{len(places)}")
            refreshed.clear()
            model.bill.lines.clear()
            await _one_key(engine, script, at)
            if await _shown(screen) and refreshed and model.bill.lines:
                to_refresh.append(1000 * (refreshed[0] - model.bill.lines[0]))
                shown = screen.state.began + screen.state.seen[-1][0]
                to_screen.append(1000 * (shown - model.bill.lines[0]))
        engine.close()
    return {
        "answers": len(places),
        "on_screen_by_refresh": len(to_screen),
        "line_to_refresh_ms": summary(to_refresh or [float("nan")]),
        "line_to_screen_ms": summary(to_screen or [float("nan")]),
    }


def _places(file: Known) -> list[int]:
    """Where lines of code begin that are typed."""
    typed = (at for hole in file.holes for at in range(*hole))
    return [at for at in typed if begins_line(file.source, at)]


def _never(_file: Known, _at: int, _end: int) -> None:
    """All of an answer is right."""


async def _one_key(engine: Firsthand, script: Script, at: int) -> None:
    """Open the file anew, put in the body up to a place, and type one character there."""
    source = script.known.source
    engine.open(script.path, script.text)
    for begin, end in script.known.holes:
        if begin <= at:
            engine.move(advance(Position(0, 0), source[:begin]))
            engine.editor.type(source[begin : min(end, at)])
    await asyncio.sleep(_ARRIVING)
    engine.screen.type(source[at], source[at + 1 :], first=True)
    engine.press(source[at])


async def _shown(screen: Screen) -> bool:
    """Wait until something right is on the screen."""
    end = screen.state.began + _PATIENCE
    while asyncio.get_running_loop().time() < end:
        if next_key(screen.ghost, screen.state.comes):
            return True
        await asyncio.sleep(0.001)
    return False
