"""The replay: accepts what agrees with the file, counts honestly, and stops in time."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.text import Edit, Position, Range, Text, advance
from firsthand.demo.client import Client, Editor, Item
from firsthand.demo.pick import Hole
from firsthand.demo.play import Frame, Tally, agrees, ghost_of, percentile, play

SERVER = Path(__file__).with_name("oracle_server.py")
MIDDLE = "def f(a):\n    if a:\n        return 1\n\n    return 2"
HOLE = Hole("x = 1\n\n", MIDDLE, "\n\ny = 2\n", 3)


class Frames:
    """A screen that keeps what it was shown."""

    def __init__(self) -> None:
        self.ghosts: list[tuple[str, bool]] = []
        self.last: Frame | None = None

    async def show(self, frame: Frame) -> None:
        self.ghosts.append((frame.ghost, frame.accepting))
        self.last = frame


async def replay(
    folder: Path, *options: str, clock: Callable[[], float] = lambda: 0.0
) -> tuple[Tally, Frames]:
    file = folder / "answer.py"
    file.write_text(HOLE.head + HOLE.middle + HOLE.tail, encoding="utf-8", newline="")
    client = await Client.start([sys.executable, str(SERVER), str(file), *options])
    try:
        await client.initialize(folder)
        editor = Editor(client, folder / "a.py", "python", Text.of(HOLE.head + HOLE.tail))
        editor.cursor = advance(Position(0, 0), HOLE.head)
        screen = Frames()
        tally = await play(editor, HOLE, screen, seconds=30, clock=clock)
        document = (await client.request("test/state"))["document"]
        assert document == editor.text.string
        if not tally.cut_short:
            assert document == HOLE.head + HOLE.middle + HOLE.tail
        return tally, screen
    finally:
        await client.close()


@pytest.mark.asyncio
async def test_right_suggestions_are_accepted_and_save_keys(tmp_path: Path) -> None:
    tally, screen = await replay(tmp_path)
    assert [ghost for ghost, accepting in screen.ghosts if accepting] == [
        line.strip() for line in MIDDLE.split("\n") if line
    ]
    by_hand = len("def f(a):") + len("if a:") + len("return 1") + len("return 2") + 4
    assert (tally.total, tally.by_hand) == (by_hand, by_hand)
    assert (tally.typed, tally.accepted, tally.shown) == (4, 4, 4)
    assert tally.saved == by_hand - 8
    assert tally.tiers == {"embedded": 4}
    assert len(tally.latencies) == 8


@pytest.mark.asyncio
async def test_wrong_suggestions_are_never_accepted_and_cost_no_key(tmp_path: Path) -> None:
    tally, _ = await replay(tmp_path, "--wrong")
    assert (tally.typed, tally.accepted, tally.saved) == (tally.total, 0, 0)
    assert tally.shown > 0


@pytest.mark.asyncio
async def test_typing_stops_when_the_time_is_over(tmp_path: Path) -> None:
    ticks = itertools.count(step=10)
    tally, screen = await replay(tmp_path, clock=lambda: float(next(ticks)))
    assert tally.cut_short
    assert 0 < tally.by_hand < tally.total
    assert screen.last is not None
    assert screen.last.text.string.startswith(HOLE.head + "def f(a):")


def check_ghost(drawing: str, start: int, end: int, new_text: str, ghost: str, right: bool) -> None:
    """An item over these characters of the cursor's line draws a ghost; the file says `rest`."""
    text, cursor = marked(drawing)
    line = cursor.line
    item = Item(Edit(Range(Position(line, start), Position(line, end)), new_text))
    assert ghost_of(item, text, cursor) == ghost
    assert agrees(item, ghost, cursor, "rest of it") is right


def test_ghost_text_is_what_follows_the_cursor() -> None:
    check_ghost("a\nab║\n", 2, 2, "rest", "rest", True)
    check_ghost("a\nab║\n", 0, 2, "abrest", "rest", True)
    check_ghost("a\nab║\n", 1, 2, "brest of it", "rest of it", True)


def test_ghost_text_that_disagrees_or_takes_text_away_is_not_right() -> None:
    check_ghost("a\nab║\n", 2, 2, "wrong", "wrong", False)
    check_ghost("a\nab║)\n", 2, 3, "rest", "rest", False)
    check_ghost("a\nab║\n", 0, 2, "ab", "", False)


def test_an_editor_draws_nothing_where_the_text_before_the_cursor_differs() -> None:
    check_ghost("a\nab║\n", 0, 2, "xyrest", "", False)
    check_ghost("a\nab║c\n", 3, 3, "rest", "", False)


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_percentiles_are_nearest_rank(values: list[int], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
