import asyncio

import pytest
from tests.fakes import Told
from tests.test_complete import until

from firsthand.status import Board, Status

pytestmark = pytest.mark.asyncio

STATUS = "firsthand/status"


def board() -> tuple[Board, Told]:
    told = Told()
    return Board(told), told


async def test_the_first_changes_are_told_soon_and_together() -> None:
    this, told = board()
    this.update(level="embedded")
    this.update(reason="why")
    assert not told
    await until(lambda: bool(told))
    assert told.of(STATUS) == [this.status.to_wire()]
    assert told.of(STATUS)[0]["schema"] == 1


async def test_changes_that_follow_are_told_together_and_at_most_five_a_second() -> None:
    this, told = board()
    loop = asyncio.get_running_loop()
    this.update(level="embedded")
    await until(lambda: bool(told))
    began = loop.time()
    for number in range(50):
        this.update(reason=f"reason {number}")
    assert len(told) == 1
    await until(lambda: len(told) > 1)
    assert loop.time() - began >= 0.19
    assert told.of(STATUS)[1]["reason"] == "reason 49"
    this.update(reason="more")
    assert len(told) == 2


async def test_what_changed_back_is_not_told() -> None:
    this, told = board()
    this.update(thinking=False)
    await until(lambda: bool(told))
    this.update(thinking=True)
    this.update(thinking=False)
    began = asyncio.get_running_loop().time()
    await until(lambda: asyncio.get_running_loop().time() - began > 0.25)
    assert len(told) == 1
    this.update(thinking=True)
    await until(lambda: len(told) == 2)


async def test_a_latency_alone_is_no_news_but_comes_with_any() -> None:
    this, told = board()
    this.update(level="embedded", latency_ms=1.0)
    await until(lambda: bool(told))
    this.update(latency_ms=2.0)
    this.update(latency_ms=3.26, thinking=True)
    await until(lambda: len(told) > 1)
    assert told.of(STATUS)[1]["latency_ms"] == 3.3
    assert len(told) == 2


async def test_the_wire_names_what_is_indexed() -> None:
    assert Status().to_wire()["indexing"] is None
    assert Status(indexing=(3, 9)).to_wire()["indexing"] == {"done": 3, "total": 9}
