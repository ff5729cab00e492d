import asyncio
import threading

import pytest
from tests.test_complete import until

from firsthand.worker import Worker

pytestmark = pytest.mark.asyncio


class Call:
    """A call that lasts until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.done = False

    def __call__(self) -> str:
        self.go.wait(5)
        self.done = True
        return "done"


async def test_calls_run_one_after_the_other() -> None:
    worker, ran = Worker(), list[int]()
    await asyncio.gather(*(worker.run(ran.append, each) for each in range(20)))
    assert ran == list(range(20))
    worker.close()


async def test_a_fault_is_its_callers() -> None:
    worker = Worker()
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await worker.within(5, lambda: 1 / 0)
    assert await worker.run(lambda: 1) == 1
    worker.close()


async def test_what_takes_too_long_is_a_miss_and_no_wait() -> None:
    worker, slow = Worker(), Call()
    assert await worker.within(0.01, slow) is None
    slow.go.set()
    assert await worker.within(5, lambda: "later") == "later"
    assert slow.done
    worker.close()


async def test_a_fault_that_comes_too_late_is_nobodys() -> None:
    worker, slow = Worker(), Call()

    def fails() -> None:
        slow()
        raise OSError

    await worker.within(0.01, fails)
    slow.go.set()
    assert await worker.run(lambda: 1) == 1
    worker.close()


async def test_a_fault_of_what_nobody_waits_for_is_logged_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker()

    def fails() -> None:
        raise OSError("source code")

    worker.send(fails)
    assert await worker.run(lambda: 1) == 1
    assert "OSError" in caplog.text
    assert "source code" not in caplog.text
    worker.close()


async def test_closing_finishes_what_was_sent_and_drops_what_is_waited_for() -> None:
    worker, slow, written = Worker(), Call(), list[int]()
    running = asyncio.ensure_future(worker.run(slow))
    waiting = asyncio.ensure_future(worker.run(written.append, 1))
    await asyncio.sleep(0)
    worker.send(written.append, 2)
    slow.go.set()
    worker.close()
    assert slow.done
    assert written in ([2], [1, 2])
    await asyncio.wait({running, waiting})
    worker.send(written.append, 3)
    for asking in (worker.run(written.append, 4), worker.within(5, written.append, 5)):
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert not {3, 4, 5} & {*written}


async def test_a_cancelled_caller_leaves_the_call_alone() -> None:
    worker, slow = Worker(), Call()
    waiting = asyncio.ensure_future(worker.run(slow))
    await asyncio.sleep(0)
    waiting.cancel()
    slow.go.set()
    await until(lambda: slow.done)
    worker.close()
