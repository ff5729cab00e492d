import asyncio
from collections.abc import AsyncGenerator

import pytest
from tests.marked import marked

from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Text
from firsthand.generation import Generation

pytestmark = pytest.mark.asyncio


class Stream:
    """A stream whose pieces the test hands out, and that knows when it was closed."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def read(self) -> AsyncGenerator[str]:
        try:
            while (piece := await self.pieces.get()) is not None:
                yield piece
        finally:
            self.closed.set()


def begin(drawing: str, unjoined: float = 60.0) -> tuple[Generation, Stream, list[Generation]]:
    text, position = marked(drawing)
    snapshot = Snapshot("file:///a.py", "a.py", "python", 1, text, position)
    stream, ended = Stream(), list[Generation]()
    return Generation(snapshot, stream.read(), ended.append, unjoined=unjoined), stream, ended


def turn_at(generation: Generation) -> asyncio.Future[bool]:
    """A request that waits for something to show."""
    turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    generation.join(turn, generation.snapshot)
    return turn


async def test_the_time_without_a_request_counts_once_the_model_was_asked() -> None:
    text, position = marked("x = ║\n")
    snapshot = Snapshot("file:///a.py", "a.py", "python", 1, text, position)
    stream = Stream()
    generation = Generation(
        snapshot, stream.read(), lambda _generation: None, delay=0.05, unjoined=0.01
    )
    generation.count_down()
    async with asyncio.timeout(60):
        while not generation.asked:
            assert not generation.ended
            await asyncio.sleep(0)
        await stream.closed.wait()
    assert generation.cut


async def test_who_waits_hears_of_news_before_the_rest_is_read() -> None:
    generation, stream, _ = begin("x = ║\n")
    turn, superseded = turn_at(generation), turn_at(generation)
    superseded.set_result(False)
    for piece in ("foo(1)\n", "bar(2)\n", None):
        stream.pieces.put_nowait(piece)
    assert await turn
    assert generation.middle == "foo(1)\n"
    assert await turn_at(generation)
    assert not await superseded


async def test_what_may_be_shown_are_whole_lines_until_all_is_said() -> None:
    generation, stream, _ = begin("x = ║\n")
    shown = []
    for piece in ("foo(1", ")\nb", "ar(2)", ""):
        stream.pieces.put_nowait(piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        shown.append(generation.offered().completion.new_text)
    assert shown == ["", "foo(1)", "foo(1)", "foo(1)\nbar(2)"]
    generation.close()


async def test_of_one_that_was_closed_half_a_line_is_never_shown() -> None:
    generation, stream, ended = begin("x = ║\n")
    stream.pieces.put_nowait("foo(1)\nba")
    assert await turn_at(generation)
    generation.close()
    await stream.closed.wait()
    await asyncio.wait({generation.task})
    await asyncio.sleep(0)
    assert ended[0].offered().completion.new_text == "foo(1)"


async def test_news_come_with_a_whole_line_and_the_end() -> None:
    generation, stream, ended = begin("x = ║\n")
    stream.pieces.put_nowait("foo")
    stream.pieces.put_nowait("(1)\nb")
    await turn_at(generation)
    assert generation.middle == "foo(1)\nb"
    assert not generation.ended
    stream.pieces.put_nowait(None)
    await asyncio.wait({generation.task})
    await asyncio.sleep(0)
    assert generation.ended
    assert ended == [generation]


async def test_a_closed_one_gives_its_connection_back() -> None:
    generation, stream, ended = begin("x = ║\n")
    stream.pieces.put_nowait("foo")
    await asyncio.sleep(0)
    generation.close()
    await stream.closed.wait()
    await turn_at(generation)
    assert ended == [generation]


async def test_one_that_nobody_joins_ends() -> None:
    generation, stream, ended = begin("x = ║\n", unjoined=0.0)
    turn = turn_at(generation)
    await asyncio.sleep(0)
    assert not ended
    generation.leave(turn)
    await stream.closed.wait()


async def test_one_that_the_session_waits_for_stays() -> None:
    generation, stream, _ = begin("x = ║\n", unjoined=0.0)
    generation.leave(turn_at(generation))
    generation.stay()
    stream.pieces.put_nowait("foo")
    stream.pieces.put_nowait(None)
    await turn_at(generation)
    assert generation.middle == "foo"


async def test_agreement_with_what_was_typed() -> None:
    generation, stream, _ = begin("x = ║\ny\n")
    assert generation.agrees(Text.of("x = anything\ny\n"))  # nothing was said yet
    stream.pieces.put_nowait("foo(\n")
    await turn_at(generation)
    assert generation.agrees(Text.of("x = fo\ny\n"))
    assert not generation.agrees(Text.of("x = fa\ny\n"))
    assert generation.agrees(Text.of("x = foo(\n1\ny\n"))  # the person is ahead of the stream
    stream.pieces.put_nowait(None)
    await asyncio.wait({generation.task})
    await asyncio.sleep(0)
    assert not generation.agrees(Text.of("x = foo(\n1\ny\n"))
