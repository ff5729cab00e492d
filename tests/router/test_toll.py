"""What is due before text leaves this machine, and after."""

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.fakes import ASKED, Handler, Stream, giving, streaming, transport
from tests.router.world import (
    FAR,
    ONE,
    SECRET,
    T,
    World,
    at_once,
    says,
    says_paid,
)

from firsthand.backends.base import Ending, Endpoint, Request, Usage
from firsthand.backends.frontier import Message, Question, open_talk
from firsthand.core.fim import Hole
from firsthand.ledger import Entry, Ledger
from firsthand.router import NoModel, Router
from firsthand.router.toll import estimate, price
from firsthand.settings import Budget, Privacy

pytestmark = pytest.mark.asyncio


# To another machine


async def test_local_only() -> None:
    world = World(FAR, ONE)
    world.servers = {"1": says, "far.example": says_paid}
    assert world.router.choose() == FAR
    assert world.router.choose(local_only=True) == ONE
    assert await world.ask(local_only=True) == "a + b"
    alone = World(FAR)
    await alone.fails("Only models on this machine", local_only=True)
    assert alone.router.standing(local_only=True).level == "embedded"
    assert alone.requests == []


async def test_whose_price_nobody_knows_is_not_asked(tmp_path: Path) -> None:
    unknown = replace(FAR, price_in=None, price_out=None)
    why = r"far has no known price.*set price_in and price_out in \[models.far\], 0 if it is free"
    for missing in (unknown, replace(FAR, price_in=None), replace(FAR, price_out=None)):
        world = World(missing, folder=tmp_path)
        world.servers = {"far.example": says_paid}
        assert world.router.choose() is None
        assert re.match(why, world.router.standing().reason)
        await world.fails(why)
        assert world.requests == []
        world.ledger.close()  # type: ignore[union-attr]
    world = World(unknown, ONE, folder=tmp_path)
    world.servers = {"1": says, "far.example": says_paid}
    assert await world.ask() == "a + b"
    standing = world.router.standing()
    assert (standing.level, standing.endpoint) == ("inline", ONE)
    assert re.match(why, standing.reason)
    world.ledger.close()  # type: ignore[union-attr]


async def test_a_price_of_nothing_is_a_known_one(tmp_path: Path) -> None:
    world = World(replace(FAR, price_in=0.0, price_out=0.0), folder=tmp_path)
    world.servers = {"far.example": says_paid}
    assert await world.ask() == "c"
    assert world.router.standing().reason == ""
    await world.router.aclose()
    spent = world.ledger.spent(datetime.now().astimezone().date())  # type: ignore[union-attr]
    assert spent is not None
    assert spent.day_usd == 0.0
    world.ledger.close()  # type: ignore[union-attr]


async def test_a_request_is_entered_before_it_is_sent(tmp_path: Path) -> None:
    world = World(FAR, folder=tmp_path)
    assert world.ledger
    before: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        assert world.ledger
        spent = world.ledger.spent(date.today())
        before.append(spent.day_usd if spent else 0)
        return says_paid(request)

    world.servers["far.example"] = handle
    assert await world.ask() == "c"
    await world.router.aclose()
    assert before[0] > 0
    spent = world.ledger.spent(date.today())
    assert spent is not None
    assert spent.day_usd == pytest.approx((1000 * 1.0 + 500 * 2.0) / 1e6)
    assert world.ending == Ending(FAR, "", Usage(1000, 0, 500), spent.day_usd)
    world.ledger.close()


async def test_secrets_stay_here(tmp_path: Path) -> None:
    text = f'token = "{SECRET}"\n'
    request = Request(Hole(text, text, "a.py", "", (("b.py", text),)))
    for redact in (True, False):
        world = World(FAR, ONE, folder=tmp_path, privacy=Privacy(redact=redact))
        world.servers = {"far.example": says_paid, "1": says}
        await world.ask(request)
        assert (SECRET in world.requests[0].content.decode()) is not redact
        await world.ask(request, local_only=True)
        assert SECRET in world.requests[1].content.decode()
        await world.router.aclose()
        assert world.ledger
        world.ledger.close()


async def test_a_cap_is_hard_and_the_next_model_goes_on(tmp_path: Path) -> None:
    world = World(FAR, ONE, folder=tmp_path, budget=Budget(day_usd=0.0))
    world.servers = {"far.example": says_paid, "1": says}
    assert await world.ask() == "a + b"
    assert [request.url.port for request in world.requests] == [1]
    assert world.router.choose() == ONE
    assert "cap" in world.router.standing().reason
    assert world.ledger
    world.ledger.close()


async def test_what_cannot_be_entered_is_not_sent() -> None:
    world = World(FAR)
    world.servers["far.example"] = says_paid
    await world.fails("cannot be recorded")
    assert world.requests == []


@pytest.mark.parametrize(
    ("handler", "stays"),
    [
        (None, False),
        (streaming(status=500), False),
        (giving(Stream([b"data: x\n\n"])), True),
        (streaming({"choices": [{"text": "</s>", "finish_reason": None}]}), True),
    ],
)
async def test_without_a_count_the_estimate_stays(
    tmp_path: Path, handler: Handler | None, stays: bool
) -> None:
    world = World(FAR, folder=tmp_path)
    assert world.ledger
    if handler:
        world.servers["far.example"] = handler
    with suppress(NoModel):
        await world.ask()
    await world.router.aclose()
    spent = world.ledger.spent(date.today())
    assert spent is not None
    assert (spent.day_usd > 0) is stays
    world.ledger.close()


# Letters, digits and signs that tokenizers make most tokens of: hexadecimal, names at random, Thai,
# Chinese, emoji with their joiners, marks upon letters, control characters, JSON's own signs.
WORST = st.one_of(
    st.text("0123456789abcdef"),
    st.text("qjxzQJXZ"),
    st.text("กขคงจฉช"),
    st.text("龘靐齉爩"),
    st.text("🦄🧿🏴\u200d☠️"),
    st.text("a\u0301\u0489"),
    st.text("\x00\x01\x7f"),
    st.text('\\"{}\n\t '),
    st.text(),
)
TALKS: tuple[Literal["anthropic", "openai", "gemini", "openrouter"], ...] = (
    *("anthropic", "openai"),
    *("gemini", "openrouter"),
)


@pytest.mark.parametrize(
    ("provider", "written"),
    [
        *(("anthropic", 1.25), ("openai", 1.25), ("openrouter", 1.25), ("litellm", 1.25)),
        *(("gemini", 1.0), ("zai", 1.0)),
    ],
)
async def test_what_is_put_into_a_cache_has_a_price_of_its_own(
    provider: str, written: float
) -> None:
    endpoint = Endpoint(
        *("far", provider, "https://far.example", "m"),
        remote=True,
        price_in=4.0,
        price_cached_in=0.5,
        price_out=20.0,
    )
    due = (20 * 4 + 100 * 4 * written + 1000 * 0.5 + 15 * 20) / 1e6
    assert price(endpoint, Usage(1120, 1000, 15, written=100)) == pytest.approx(due)


@given(st.sampled_from(TALKS), st.lists(WORST, min_size=3, max_size=3), st.integers(1, 9_999))
async def test_what_is_reserved_is_never_too_little(
    provider: Literal["anthropic", "openai", "gemini", "openrouter"], texts: list[str], limit: int
) -> None:
    """For a tokenizer that knows single bytes alone, and a server that puts ten marks around."""
    endpoint = Endpoint(
        *("far", provider, "https://far.example", "m"), remote=True, price_in=5.0, price_out=9.0
    )
    talker = open_talk(endpoint, "k", transport=transport(says_paid))
    task, context, text = texts
    body = talker.body(Question(task, context, (Message("user", text),), limit))
    prompt = sum(len(each.encode("utf-8", "replace")) for each in texts) + 10 * len(texts)
    for used in (
        Usage(prompt, 0, limit),
        Usage(prompt, 0, limit, written=prompt),
        Usage(prompt, prompt, limit),
    ):
        assert price(endpoint, used) <= estimate(endpoint, body, limit)
    await talker.aclose()


async def test_cancelled_while_it_is_entered_costs_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=lambda _: None)
    entering, entered = asyncio.Event(), asyncio.Event()

    async def slowly(call: Callable[[], T]) -> T:
        result = call()
        if ledger.spent(date.today()) and not entering.is_set():
            spent = ledger.spent(date.today())
            if spent and spent.day_usd:
                entering.set()
                await entered.wait()
        return result

    router = Router(
        [FAR], run=slowly, ledger=ledger, keys=lambda _: None, transport=transport(says_paid)
    )
    async with aclosing(router.stream(ASKED)) as chunks:
        waiting = asyncio.ensure_future(anext(chunks))
        await entering.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
    entered.set()
    for _ in range(5):
        await asyncio.sleep(0)
    await router.aclose()
    spent = ledger.spent(date.today())
    assert spent is not None
    assert spent.day_usd == 0
    ledger.close()


async def test_what_is_kept_is_what_was_sent(tmp_path: Path) -> None:
    bodies: list[bytes] = []

    class Watched(Ledger):
        def begin(self, *args: Any, **more: Any) -> Entry:
            bodies.append(args[3])
            return super().begin(*args, **more)

    ledger, requests = Watched(tmp_path, tell=lambda _: None), []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return says_paid(request)

    router = Router(
        [FAR], run=at_once, ledger=ledger, keys=lambda _: None, transport=transport(handle)
    )
    assert "".join([chunk.text async for chunk in router.stream(ASKED)]) == "c"
    await router.aclose()
    assert [request.content for request in requests] == bodies
    ledger.close()
