"""Typing a function back, key by key, and counting what that took.

The rule of the replay: a suggestion is accepted as soon as all of it agrees with the file, and
otherwise the next key is typed. A wrong suggestion is never accepted, and costs nothing but a look.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from firsthand.core.text import Position, Text
from firsthand.demo.client import Editor, Item
from firsthand.demo.pick import Hole, count_keys, next_key

ANSWER_WITHIN = 10.0  # seconds, after which the server counts as stuck

_T = TypeVar("_T")


class StuckError(Exception):
    """The server runs, but did not answer within `ANSWER_WITHIN` seconds."""


@dataclass(slots=True)
class Tally:
    """The counts of one replay.

    Attributes:
        total: the key presses that typing everything by hand takes.
        typed: the keys that were typed.
        accepted: how often Tab was pressed, which is how many suggestions were right.
        by_hand: the key presses that the text written so far takes by hand.
        shown: the suggestions that appeared; one that shrinks as it is typed through is one.
        latencies: milliseconds from each change to its answer.
        tiers: how many non-empty answers each tier gave.
        cut_short: whether the time was over before the function was.
    """

    total: int
    typed: int = 0
    accepted: int = 0
    by_hand: int = 0
    shown: int = 0
    latencies: list[float] = field(default_factory=list)
    tiers: Counter[str] = field(default_factory=Counter)
    cut_short: bool = False

    @property
    def saved(self) -> int:
        """The key presses that the suggestions saved so far."""
        return self.by_hand - self.typed - self.accepted


@dataclass(frozen=True, slots=True)
class Frame:
    """What an editor would show at one moment.

    Attributes:
        text: the document.
        cursor: where the cursor stands in it.
        ghost: the text suggested after the cursor, empty for none.
        accepting: whether Tab is being pressed for it.
        tally: the counts so far.
        level: the tier that serves, as the server's last status says.
    """

    text: Text
    cursor: Position
    ghost: str
    accepting: bool
    tally: Tally
    level: str


class Screen(Protocol):
    """Where the frames go. Showing one takes as long as a person would look at it."""

    async def show(self, frame: Frame) -> None:
        """Draw one frame."""


async def play(
    editor: Editor,
    hole: Hole,
    screen: Screen,
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> Tally:
    """Type the hole's middle at the editor's cursor.

    Args:
        editor: its document holds the hole's head and tail, the cursor between them.
        hole: what to type.
        screen: sees every key.
        seconds: typing stops there, finished or not.
        clock: the time in seconds.

    Raises:
        ServerGoneError: the server ended.
        ResponseError: the server answered with an error.
        StuckError: the server did not answer.
    """
    tally = Tally(count_keys(hole.middle))
    levels = _Levels(editor)
    until = clock() + seconds
    at, expected = 0, ""
    while at < len(hole.middle):
        if clock() >= until:
            tally.cut_short = True
            break
        item, ghost = await _ask(editor, tally)
        if ghost:
            through = bool(expected) and expected.startswith(ghost)
            tally.tiers["typed-through" if through else levels.now] += 1
            tally.shown += not through
        right = item is not None and agrees(item, ghost, editor.cursor, hole.middle[at:])
        await screen.show(Frame(editor.text, editor.cursor, ghost, right, tally, levels.now))
        if item is not None and right:
            await _within(editor.accept(item))
            tally.accepted += 1
            at, expected = at + len(ghost), ""
        else:
            key = next_key(hole.middle, at)
            editor.type(key)
            tally.typed += 1
            at += len(key)
            expected = ghost[len(key) :] if ghost.startswith(key) else ""
        tally.by_hand = tally.total - count_keys(hole.middle, at)
    await screen.show(Frame(editor.text, editor.cursor, "", False, tally, levels.now))
    return tally


def ghost_of(item: Item, text: Text, cursor: Position) -> str:
    """The part of an item's text that an editor draws after the cursor.

    Returns:
        Its text without what already stands before the cursor; empty when that differs, for then
        an editor draws nothing.
    """
    start = item.edit.range.start
    if start.line != cursor.line or start.character > cursor.character:
        return ""
    there = text.lines[cursor.line][start.character : cursor.character]
    new = item.edit.new_text
    return new[len(there) :] if new.startswith(there) else ""


def agrees(item: Item, ghost: str, cursor: Position, rest: str) -> bool:
    """Whether accepting an item would write the rest of the file's text, and change nothing else.

    Args:
        item: the suggestion, and `ghost` the part of it after the cursor.
        ghost: see above.
        cursor: where the cursor stands; what follows it is the file's own text.
        rest: what is still to be typed there.
    """
    return bool(ghost) and rest.startswith(ghost) and item.edit.range.end == cursor


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


class _Levels:
    """The tier that serves, by the server's own word."""

    def __init__(self, editor: Editor) -> None:
        self.now = "embedded"
        editor.client.on("firsthand/status", self._hear)

    def _hear(self, status: dict[str, Any]) -> None:
        self.now = status["level"]


async def _ask(editor: Editor, tally: Tally) -> tuple[Item | None, str]:
    """The first item that an editor would draw, and the time to it into the tally."""
    began = time.perf_counter()
    items = await _within(editor.suggestions())
    tally.latencies.append((time.perf_counter() - began) * 1000)
    for item in items:
        if ghost := ghost_of(item, editor.text, editor.cursor):
            return item, ghost
    return None, ""


async def _within(answer: Awaitable[_T]) -> _T:
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await answer
    except TimeoutError as error:
        raise StuckError from error
