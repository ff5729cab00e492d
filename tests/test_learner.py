import asyncio
import time
from collections.abc import Iterator

import pytest

from firsthand.learner import Learner

pytestmark = pytest.mark.asyncio


def counting(seen: list[str], name: str, steps: int) -> Iterator[None]:
    for number in range(steps):
        seen.append(f"{name}{number}")
        yield


async def test_what_was_added_first_is_done_first() -> None:
    learner, seen = Learner(), list[str]()
    learner.add(counting(seen, "a", 3))
    learner.add(counting(seen, "b", 2))
    await learner.finished()
    assert seen == ["a0", "a1", "a2", "b0", "b1"]
    learner.add(counting(seen, "c", 1))
    await learner.finished()
    assert seen[-1] == "c0"


async def test_others_get_their_turn_between_steps() -> None:
    def slow() -> Iterator[None]:
        for _ in range(60):
            time.sleep(0.0005)
            yield

    learner, turns = Learner(), 0
    learner.add(slow())
    finished = asyncio.ensure_future(learner.finished())
    while not finished.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10


async def test_closing_drops_the_rest() -> None:
    learner, seen = Learner(), list[str]()
    learner.add(counting(seen, "a", 10**9))
    await asyncio.sleep(0.002)
    learner.close()
    done = len(seen)
    await asyncio.sleep(0.002)
    assert 0 < done == len(seen)


async def test_steps_that_fail_do_not_hold_up_others() -> None:
    def fails() -> Iterator[None]:
        yield
        raise ZeroDivisionError

    learner, seen = Learner(), list[str]()
    learner.add(fails())
    with pytest.raises(ZeroDivisionError):
        await learner.finished()
    learner.add(counting(seen, "a", 2))
    await learner.finished()
    assert seen == ["a0", "a1"]
