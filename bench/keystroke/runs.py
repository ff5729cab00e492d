"""The measurements: start-up, typing beside a server that does nothing, bursts, the index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.keystroke.script import Script, gaps
from bench.keystroke.servers import BARE, WATCHED, Server, running, summary

from firsthand.core.text import Position
from firsthand.demo.client import Editor

Say = Callable[[str], None]
Stroke = tuple[Position | None, str]

_STARTS = 10
_BUILDS = 5
_HELD = 10.0  # milliseconds that no callback may take
_POLL = 0.05  # seconds between two looks at the memory


async def start_up(workspace: Path, say: Say) -> dict[str, Any]:
    """Spawn to `initialize` answered, in turn with the bare server; the first pair warms the disk.

    Returns:
        Milliseconds, and the median of the pairs' ratios.
    """
    pairs: list[tuple[float, float]] = []
    for number in range(_STARTS + 1):
        say(f"start-up {number}/{_STARTS}")
        async with running(workspace) as ours:
            pass
        async with running(workspace, BARE) as bare:
            pass
        pairs.append((ours.started * 1000, bare.started * 1000))
    warm = pairs[1:]
    return {
        "firsthand_ms": round(median(ours for ours, _ in warm)),
        "bare_ms": round(median(bare for _, bare in warm)),
        "ratio": round(median(ours / bare for ours, bare in warm), 2),
        "pairs": len(warm),
    }


async def typist(workspace: Path, script: Script, say: Say) -> dict[str, Any]:
    """Every key at a fast typist's pace, into both servers in turn, then all of it as a burst."""
    async with running(workspace) as ours, running(workspace, BARE) as bare:
        await ours.learn()
        subjects = {"firsthand": ours, "bare": bare}
        editors = {name: each.open(script.path, script.text) for name, each in subjects.items()}
        memory = ours.resident_mb()
        cpu = {name: each.cpu_ms() for name, each in subjects.items()}
        times: dict[str, list[float]] = {name: [] for name in subjects}
        suggested = 0
        for number, (gap, stroke) in enumerate(zip(gaps(), script.keys, strict=False)):
            if number % 200 == 0:
                say(f"typist {number}/{len(script.keys)}")
            for name, editor in editors.items():
                await asyncio.sleep(gap / 2)
                ms, items = await press(editor, stroke)
                times[name].append(ms)
                suggested += bool(items)
        found: dict[str, Any] = {
            name: {
                **summary(times[name]),
                "cpu_ms_a_key": round((each.cpu_ms() - cpu[name]) / len(script.keys), 2),
            }
            for name, each in subjects.items()
        }
        found["firsthand"]["keys_with_a_suggestion"] = suggested
        after = ours.resident_mb()
        found["memory_mb"] = {"start": round(memory[0]), "end": round(after[0])}
    return found


async def burst(workspace: Path, script: Script, say: Say) -> dict[str, Any]:
    """Every key as soon as the one before was answered, into one server after the other."""
    found: dict[str, Any] = {}
    for name, command in (("firsthand", None), ("bare", BARE)):
        say(f"burst into {name}")
        async with running(workspace, command) if command else running(workspace) as server:
            if command is None:
                await server.learn()
            editor = server.open(script.path, script.text)
            cpu = server.cpu_ms()
            times = [(await press(editor, stroke))[0] for stroke in script.keys]
            found[name] = {
                **summary(times),
                "cpu_ms_a_key": round((server.cpu_ms() - cpu) / len(times), 2),
            }
    return found


async def building(workspace: Path, script: Script, say: Say) -> dict[str, Any]:
    """The index: its time and memory with nobody typing, then keys while it is built."""
    say("index, nobody typing")
    async with running(workspace) as server:
        began = time.perf_counter()
        waiting = asyncio.create_task(server.learn())
        peak = (0.0, 0.0)
        while not waiting.done():
            peak = max(peak, server.resident_mb(), key=lambda each: each[1])
            await asyncio.wait([waiting], timeout=_POLL)
        await waiting
        seconds = time.perf_counter() - began
        settled = server.resident_mb()
    times: list[float] = []
    for number in range(_BUILDS):
        say(f"typist while the index is built {number + 1}/{_BUILDS}")
        async with running(workspace) as server:
            times += await _until_learned(server, script, pace=True)
    say("burst while the index is built")
    async with running(workspace) as server:
        bursts = await _until_learned(server, script, pace=False)
    return {
        "seconds": round(seconds, 1),
        "peak_mb": {"server": round(peak[0]), "all": round(peak[1])},
        "settled_mb": {"server": round(settled[0]), "all": round(settled[1])},
        "typist": {**summary(times), "keys": len(times)},
        "burst": {**summary(bursts), "keys": len(bursts)},
    }


async def callbacks(workspace: Path, script: Script, say: Say) -> dict[str, Any]:
    """What held the event loop: while the server starts under a typist's keys, then under a burst.

    They are the process's CPU time in a callback, as `watched` says, so that what else the machine
    does counts only in as far as it slows the cores down.
    """
    starting: list[dict[str, Any]] = []
    for number in range(_BUILDS):
        say(f"callbacks while starting {number + 1}/{_BUILDS}")
        async with running(workspace, WATCHED) as server:
            await _until_learned(server, script, pace=True)
            starting += server.held()
    say("callbacks while typing")
    async with running(workspace, WATCHED) as server:
        await server.learn()
        before = len(server.held())
        editor = server.open(script.path, script.text)
        for stroke in script.keys:
            await press(editor, stroke)
        typing = server.held()[before:]
    return {"starting": _longest(starting), "typing": _longest(typing)}


def _longest(held: list[dict[str, Any]]) -> dict[str, Any]:
    """How many callbacks held the loop for over 10 ms, and the five longest of those noted."""
    held = sorted(held, key=lambda each: -float(each["ms"]))
    return {
        "count": sum(each["ms"] > _HELD for each in held),
        "longest": held[:5],
    }


async def press(editor: Editor, stroke: Stroke) -> tuple[float, int]:
    """Type one key and ask for completions; milliseconds, and how many came."""
    at, key = stroke
    if at is not None:
        editor.cursor = at
    began = time.perf_counter()
    editor.type(key)
    items = await editor.suggestions()
    return (time.perf_counter() - began) * 1000, len(items)


async def _until_learned(server: Server, script: Script, pace: bool) -> list[float]:
    """Type until the workspace is learned or the script is over."""
    editor = server.open(script.path, script.text)
    times = []
    for gap, stroke in zip(gaps(), script.keys, strict=False):
        if server.learned.is_set():
            break
        times.append((await press(editor, stroke))[0])
        if pace:
            await asyncio.sleep(gap)
    return times
