"""What a stand-in answers, well and with each fault, to the real client of model servers."""

import asyncio

import pytest

from firsthand.backends import connect
from firsthand.backends.base import BackendError, Deadlines, Endpoint, Request
from firsthand.core.fim import Hole
from firsthand.drill.standin import FAULTS, StandIn

pytestmark = pytest.mark.asyncio

TEXT = "def add(a, b):\n    total = a + b\n    return total\n"
ASKED = Request(Hole("def add(a, b):\n    total = ", "\n    return total\n"))
QUICK = Deadlines(connect=1.0, first=0.3, stall=0.3, total=0.8)


async def ask(standin: StandIn, asked: Request = ASKED) -> str:
    endpoint = Endpoint("s", "openai", standin.url, "stand-in", "qwen")
    backend = connect(endpoint, deadlines=QUICK)
    try:
        return "".join([chunk.text async for chunk in backend.stream(asked)])
    finally:
        await backend.aclose()


async def test_it_knows_its_text() -> None:
    standin = await StandIn(TEXT, 0.0, 0.0).open()
    try:
        assert (await ask(standin)).startswith("a + b")
        assert standin.asked == {"": 1}
    finally:
        await standin.close()


async def test_it_tells_requests_that_were_left_from_those_it_answered() -> None:
    standin = await StandIn(TEXT, 0.05, 0.0).open()
    try:
        asking = asyncio.create_task(ask(standin))
        async with asyncio.timeout(5):
            while not standin.asked[""]:
                await asyncio.sleep(0)
            asking.cancel()
            while not standin.left:
                await asyncio.sleep(0)
        assert (await ask(standin)).startswith("a + b")
        assert (standin.left, standin.began) == ([1], [2])
    finally:
        await standin.close()


async def test_of_places_that_look_alike_it_knows_the_right_one() -> None:
    above = [
        f"class {name}:\n    size = {len(name)}\n\n    def f(self):\n" for name in ("A", "Bee")
    ]
    text = "".join(f"{each}        return {at}\n\n\n" for at, each in enumerate(above))
    standin = await StandIn(text, 0.0, 0.0).open()
    try:
        for at in (0, 1):
            prefix = text[: text.index(f"{at}\n\n\n")]
            said = await ask(standin, Request(Hole(prefix, "\n"), heal=""))
            assert said.startswith(str(at))
    finally:
        await standin.close()


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_one_and_it_comes_back_on_its_port(fault: str) -> None:
    standin = await StandIn(TEXT, 0.0, 0.0).open()
    url = standin.url
    try:
        await standin.behave(fault)
        async with asyncio.timeout(30):
            with pytest.raises(BackendError):
                await ask(standin)
        await standin.behave("")
        assert standin.url == url
        assert (await ask(standin)).startswith("a + b")
    finally:
        await standin.close()
