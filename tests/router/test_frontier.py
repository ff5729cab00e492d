"""Asking a frontier model: priced, capped, redacted, entered, and ended when nobody waits."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from tests.backends.fakes import Handler, Stream, sse, transport
from tests.router.world import SECRET, at_once

from firsthand.backends.base import BackendError, Endpoint, Failed, Unreachable
from firsthand.backends.frontier import Message, Question
from firsthand.ledger import Entry, Ledger, Refused, Sent
from firsthand.router.frontier import Answered, Frontier
from firsthand.router.toll import Toll
from firsthand.settings import Budget, Privacy

pytestmark = pytest.mark.asyncio

FAR = Endpoint(
    *("far", "anthropic", "https://api.anthropic.com", "claude"),
    remote=True,
    price_in=4.0,
    price_cached_in=0.2,
    price_out=20.0,
)
RECORDED = (Path(__file__).parents[1] / "backends/recordings/frontier/anthropic.sse").read_bytes()
ASKED = Question("task", f"token = '{SECRET}'", (Message("user", f"use {SECRET}"),), 1000)


class Scene:
    """A frontier over one server, and its ledger."""

    def __init__(
        self,
        folder: Path,
        handler: Handler,
        endpoint: Endpoint = FAR,
        cap: float = 2.0,
        key: str = "k",
    ) -> None:
        self.sent: list[httpx.Request] = []
        self.rows_at_sending: list[tuple[Sent, ...]] = []
        self.ledger = Ledger(folder, tell=pytest.fail)

        def answer(request: httpx.Request) -> httpx.Response:
            self.sent.append(request)
            self.rows_at_sending.append(self.rows())
            return self.handler(request)

        self.endpoint, self.handler = endpoint, handler
        self.frontier = Frontier(
            (endpoint,),
            run=at_once,
            toll=Toll(self.ledger, Budget(cap, 20.0), Privacy()),
            keys=lambda _: key,
            transport=transport(answer),
        )

    def rows(self) -> tuple[Sent, ...]:
        return self.ledger.sent(10) or ()

    def spent(self) -> float:
        spent = self.ledger.spent(datetime.now().astimezone().date())
        return spent.day_usd if spent else -1.0

    async def ask(self) -> Answered:
        return await self.frontier.ask(self.endpoint, ASKED, lambda _: None)


def recorded(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=RECORDED)


async def test_it_is_in_the_ledger_before_it_is_sent_and_priced_after(tmp_path: Path) -> None:
    scene = Scene(tmp_path, recorded)
    answered = await scene.ask()
    await scene.frontier.aclose()
    ((row,),) = scene.rows_at_sending
    assert (row.feature, row.outcome, row.kept) == ("escalate", "", True)
    body, estimate = await scene.frontier.look(FAR, ASKED)
    assert body == scene.sent[0].content
    assert row.estimate_usd == pytest.approx(estimate)
    # 20 and 100 written at 1.25 times the price, 1000 cached, 15 answered.
    cost = (20 * 4 + 100 * 5 + 1000 * 0.2 + 15 * 20) / 1e6
    assert answered.cost_usd == pytest.approx(cost)
    assert (answered.text, answered.sent_id) == ("a + b", row.id)
    assert scene.spent() == pytest.approx(cost, rel=0.001)


async def test_secrets_are_blanked_out(tmp_path: Path) -> None:
    scene = Scene(tmp_path, recorded)
    await scene.ask()
    assert SECRET.encode() not in scene.sent[0].content
    assert scene.sent[0].content.count(b"[REDACTED:") == 2


async def test_the_key_of_the_provider_itself_is_blanked_out(tmp_path: Path) -> None:
    """Whatever it looks like, and whether it is in the environment or in a keyring."""
    scene = Scene(tmp_path, recorded, key="hunter2-hunter")
    asked = replace(ASKED, messages=(Message("user", "say hunter2-hunter"),))
    body, _ = await scene.frontier.look(FAR, asked)
    await scene.frontier.ask(scene.endpoint, asked, lambda _: None)
    assert scene.sent[0].content == body
    assert b"hunter2" not in body
    assert b"[REDACTED:known_key:" in body


async def test_secrets_stand_in_the_answer_again(tmp_path: Path) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        placeholder = re.findall(rb"\[REDACTED:[^\]]+\]", request.content)[-1]
        return httpx.Response(200, content=RECORDED.replace(b'"+ b"', b'"%b"' % placeholder))

    scene, told = Scene(tmp_path, echo), list[str]()
    answered = await scene.frontier.ask(scene.endpoint, ASKED, told.append)
    assert SECRET in answered.text
    assert "".join(told) == answered.text
    assert b"[REDACTED:" in (scene.ledger.body(Entry(answered.sent_id)) or b"")


async def test_a_cap_is_hard_also_for_requests_at_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path, recorded, cap=0.05)  # one costs at most 0.0216 USD
    asked = [scene.ask() for _ in range(5)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in results if isinstance(each, Refused)]
    assert refused
    assert "would pass the day's cap" in str(refused[0])
    assert len(scene.sent) == len(results) - len(refused)
    await scene.frontier.aclose()
    assert scene.spent() <= 0.05


async def test_without_a_price_nothing_is_sent(tmp_path: Path) -> None:
    unpriced = Endpoint("far", "openai", "https://models.example.com", "m", remote=True)
    scene = Scene(tmp_path, recorded, unpriced)
    with pytest.raises(Refused, match=r"set price_in and price_out in \[models.far\]"):
        await scene.ask()
    assert not scene.sent


async def test_one_that_never_arrived_costs_nothing(tmp_path: Path) -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("")

    scene = Scene(tmp_path, nobody)
    with pytest.raises(Unreachable):
        await scene.ask()
    await scene.frontier.aclose()
    assert (scene.rows()[0].outcome, scene.spent()) == ("failed", 0.0)


USED = {"input_tokens": 20, "cache_read_input_tokens": 1000, "output_tokens": 1}
BEGUN = {"type": "message_start", "message": {"usage": USED}}
THOUGHT = {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "x" * 80}}
SAID = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "total = 1\n" * 10}}


@pytest.mark.parametrize(
    ("records", "prompt"),
    [
        (({"type": "ping"},), None),  # as many as bytes were sent
        ((BEGUN,), 1020),
        ((BEGUN, THOUGHT, SAID), 1020),
    ],
)
async def test_a_cancel_closes_the_connection_and_counts_the_most_that_it_can_have_cost(
    tmp_path: Path, records: tuple[dict[str, object], ...], prompt: int | None
) -> None:
    asked = asyncio.Event()

    async def forever() -> AsyncIterator[bytes]:
        asked.set()
        await asyncio.Event().wait()
        yield b""

    stream = Stream([*sse(*records), forever()])
    scene = Scene(tmp_path, lambda _: httpx.Response(200, stream=stream))
    asking = asyncio.ensure_future(scene.ask())
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert stream.closed
    await scene.frontier.aclose()
    (row,) = scene.rows()
    assert row.outcome == "cancelled"
    assert row.prompt_tokens == (prompt or len(scene.sent[0].content))
    assert row.completion_tokens == ASKED.max_tokens  # thoughts that nobody sees are paid as well
    assert scene.spent() == pytest.approx(row.cost_usd)
    if prompt is None:
        assert scene.spent() == pytest.approx(row.estimate_usd)


async def test_a_stream_that_is_cut_counts_what_its_server_said_and_the_most_of_the_rest(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path, lambda _: httpx.Response(200, stream=Stream(sse(BEGUN, SAID))))
    with pytest.raises(Failed):
        await scene.ask()
    await scene.frontier.aclose()
    (row,) = scene.rows()
    assert (row.outcome, row.prompt_tokens, row.cached_tokens) == ("failed", 1020, 1000)
    assert row.completion_tokens == ASKED.max_tokens


async def test_what_stays_on_this_machine_is_free_and_whole(tmp_path: Path) -> None:
    near = Endpoint("near", "anthropic", "http://127.0.0.1:4000", "m")
    scene = Scene(tmp_path, recorded, near)
    answered = await scene.ask()
    assert (answered.cost_usd, answered.sent_id, scene.rows()) == (0.0, "", ())
    assert SECRET.encode() in scene.sent[0].content


async def test_a_model_is_asked_once_more_when_it_is_late(tmp_path: Path) -> None:
    scene = Scene(tmp_path, recorded)
    seconds: list[bool] = []
    for _ in range(20):
        await scene.ask()
    closed: list[bool] = []

    async def never() -> AsyncIterator[bytes]:
        try:
            await asyncio.sleep(60)
            yield b""
        finally:
            closed.append(True)

    def late(request: httpx.Request) -> httpx.Response:
        first = len(scene.sent) == 21
        return httpx.Response(200, stream=Stream([never()])) if first else recorded(request)

    scene.handler = late
    answered = await scene.frontier.ask(
        FAR, ASKED, lambda _: None, on_second=lambda: seconds.append(True)
    )
    await scene.frontier.aclose()
    assert (answered.text, seconds, closed, len(scene.sent)) == ("a + b", [True], [True], 22)
    rows = sorted(scene.rows()[:2], key=lambda row: row.outcome)
    assert [row.outcome for row in rows] == ["cancelled", "done"]
    assert answered.cost_usd == pytest.approx(sum(row.cost_usd or 0 for row in rows))
    assert answered.sent_id == rows[1].id


async def test_a_server_that_keeps_failing_is_left_alone(tmp_path: Path) -> None:
    scene = Scene(tmp_path, lambda _: httpx.Response(500))
    for _ in range(7):
        with pytest.raises(BackendError, match=r"far .* failed: look into its log"):
            await scene.ask()
    assert len(scene.sent) == 5


async def test_a_model_at_several_addresses(tmp_path: Path) -> None:
    urls = ("https://one.example", "https://two.example")
    scene = Scene(tmp_path, recorded, replace(FAR, url=urls[0], urls=urls))
    scene.handler = lambda request: (
        httpx.Response(529) if request.url.host == "one.example" else recorded(request)
    )
    answered = await scene.ask()
    assert answered.endpoint.url == urls[1]
    assert [each.url.host for each in scene.sent] == ["one.example", "two.example"]
