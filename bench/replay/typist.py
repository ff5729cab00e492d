"""A person who types the bodies back, whatever is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from bench.keystroke.servers import summary
from bench.replay.screen import MOMENTS, Screen, State, next_key, shares, whole_line, wrong_shown
from bench.replay.script import Script, begins_line, rhythm

from firsthand.core.text import Position, Text, advance

_ARRIVING = 1.0  # seconds at a new place before the first key
_SETTLING = 0.5  # seconds after the last one


class Engine(Protocol):
    """What is typed into: it writes its suggestions to the screen."""

    screen: Screen

    def open(self, path: Path, text: Text) -> None:
        """Open a file in place of the one before."""

    def move(self, position: Position) -> None:
        """Put the cursor somewhere."""

    def press(self, key: str) -> None:
        """Type a character there; the screen has it already."""

    def close(self) -> None:
        """Close the file, and stop asking."""


async def type_back(
    engine: Engine, scripts: Sequence[Script], say: Callable[[str], None]
) -> dict[str, Any]:
    """Type every body of every file, key by key, and look at the screen.

    Returns:
        How many keys were typed, percentages of the states between two of them, by how many
        milliseconds keys came late (a machine with too much else to do), and in words the states
        with nothing right on screen.
    """
    loop, gaps = asyncio.get_running_loop(), rhythm()
    late: list[float] = []
    for script in scripts:
        engine.open(script.path, script.text)
        source, begins = script.known.source, {begin for begin, _ in script.known.holes}
        for at in script.places:
            if at in begins:
                engine.screen.leave()
                engine.move(advance(Position(0, 0), source[:at]))
                await asyncio.sleep(_ARRIVING)
            gap, thought = next(gaps)
            due = loop.time() + (thought if begins_line(source, at) else gap)
            await asyncio.sleep(due - loop.time())
            late.append(1000 * (loop.time() - due))
            place = f"{script.known.name}:{source.count(chr(10), 0, at) + 1}"
            engine.screen.type(source[at], source[at + 1 :], place, first=at in begins)
            engine.press(source[at])
            if len(late) % 100 == 0:
                say(f"{len(late)} keys")
    await asyncio.sleep(_SETTLING)
    engine.close()
    states = engine.screen.states
    return {
        "keys": len(late),
        "next_key": shares(states, next_key),
        "whole_line": shares(states, whole_line),
        "wrong_shown": wrong_shown(states),
        "typist_late_ms": summary(late),
        "misses": [
            _miss(state)
            for state in states
            if not next_key(state.at(MOMENTS["within_100_ms"]), state.comes)
        ],
    }


def _miss(state: State) -> str:
    """A state in words: what came, and what was shown until then."""
    shown = ", ".join(f"{ghost[:20]!r} after {1000 * came:.0f} ms" for came, ghost in state.seen)
    gap = 1000 * (state.ended - state.began)
    return f"{state.place}: {shown}; came {state.comes[:20]!r} after {gap:.0f} ms"
