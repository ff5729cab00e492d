"""Whether the ledger says what was spent, and whether a cap holds against a crowd."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from firsthand.backends.base import BackendError, Endpoint, Usage
from firsthand.backends.frontier import Message, Question
from firsthand.ledger import Ledger, Refused
from firsthand.router.frontier import Frontier
from firsthand.router.toll import Toll
from firsthand.settings import PRESETS, Budget, Privacy, Provider
from firsthand.worker import Worker

_ASKED = Question("task", "context " * 200, (Message("user", "the request"),), 1_000)
_FAILS, _CANCELLED = 0.05, 0.10
_CAP = 20.0
_SEED = 6
_BEGUN = 40  # requests, after which a router begins anew: none is late by so short a history

Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]
Records = list[dict[str, object]]


class _Wire(httpx.AsyncBaseTransport):
    """The network: a function that answers."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answered = self._answer(request)
        return answered if isinstance(answered, httpx.Response) else await answered


@asynccontextmanager
async def _frontier(
    folder: Path, endpoints: Sequence[Endpoint], answer: Answer, cap: float
) -> AsyncIterator[tuple[Frontier, Ledger]]:
    """The real thing but for the network, and its ledger once more, to be looked into."""
    worker, ledger = Worker(), Ledger(folder, tell=print)
    toll = Toll(ledger, Budget(cap, cap), Privacy())
    frontier = Frontier(
        endpoints, run=worker.run, toll=toll, keys=lambda _: "k", transport=_Wire(answer)
    )
    try:
        yield frontier, Ledger(folder, tell=print)
    finally:
        worker.close()


def _endpoint(provider: Provider) -> Endpoint:
    """A provider's first model."""
    preset = PRESETS[provider]
    model, prices = next(iter(preset.prices.items()))
    return Endpoint(
        *(provider, provider, preset.url, model),
        remote=True,
        price_in=prices.prompt,
        price_cached_in=prices.cached,
        price_out=prices.answer,
    )


def _due(endpoint: Endpoint, usage: Usage) -> float:
    """What a provider charges, in USD: a quarter more for what is put into its cache.

    Anthropic and OpenAI do; the others are told of nothing that was.
    """
    fresh = usage.prompt - usage.cached - usage.written
    price_in, price_cached = endpoint.price_in or 0.0, endpoint.price_cached_in or 0.0
    prompt = fresh * price_in + usage.written * 1.25 * price_in + usage.cached * price_cached
    return (prompt + usage.completion * (endpoint.price_out or 0.0)) / 1e6


def _spent(ledger: Ledger) -> float:
    spent = ledger.spent(datetime.now().astimezone().date())
    if spent is None:
        raise SystemExit("the ledger can't be read")
    return spent.day_usd


# What each provider says of an answer's usage.


def _anthropic(usage: Usage) -> Records:
    begun = {
        "input_tokens": usage.prompt - usage.cached - usage.written,
        "cache_read_input_tokens": usage.cached,
        "cache_creation_input_tokens": usage.written,
        "output_tokens": 1,
    }
    ended = {"output_tokens": usage.completion}
    return [
        {"type": "message_start", "message": {"usage": begun}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": ended},
    ]


def _responses(usage: Usage) -> Records:
    told = {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.written,
        },
        "output_tokens": usage.completion,
    }
    return [{"type": "response.completed", "response": {"usage": told}}]


def _gemini(usage: Usage) -> Records:
    told = {
        "promptTokenCount": usage.prompt,
        "cachedContentTokenCount": usage.cached,
        "candidatesTokenCount": usage.completion // 2,
        "thoughtsTokenCount": usage.completion - usage.completion // 2,
    }
    return [{"candidates": [{"finishReason": "STOP"}], "usageMetadata": told}]


def _chat(usage: Usage) -> Records:
    told = {
        "prompt_tokens": usage.prompt,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens": usage.completion,
    }
    return [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": told}]


_FORMATS: Mapping[Provider, Callable[[Usage], Records]] = {
    "anthropic": _anthropic,
    "openai": _responses,
    "gemini": _gemini,
    "zai": _chat,
}


def _content(records: Records) -> bytes:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in records).encode()


def ledger_error(requests: int = 500) -> dict[str, object]:
    """The ledger's sum beside the providers' prices times their usage, in four formats."""
    return asyncio.run(_ledger_error(requests))


async def _ledger_error(requests: int) -> dict[str, object]:
    draw, due, told = random.Random(_SEED), 0.0, 0.0
    endpoints = {each.url: each for each in map(_endpoint, _FORMATS)}

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal due
        url = str(request.url)
        endpoint = next(each for root, each in endpoints.items() if url.startswith(root))
        cached, fresh = draw.randrange(0, 20_000), draw.randrange(1, 5_000)
        writes = endpoint.provider in ("anthropic", "openai")
        written = draw.randrange(0, 9_000) if writes else 0
        usage = Usage(cached + written + fresh, cached, draw.randrange(2, 4_000), written)
        due += _due(endpoint, usage)
        records = next(form for name, form in _FORMATS.items() if name == endpoint.provider)(usage)
        return httpx.Response(200, content=_content(records))

    asked = tuple(endpoints.values())
    with TemporaryDirectory() as folder:
        for first in range(0, requests, _BEGUN):
            async with _frontier(Path(folder), asked, answer, 10_000.0) as (frontier, ledger):
                for number in range(first, min(first + _BEGUN, requests)):
                    endpoint = asked[number % len(asked)]
                    answered = await frontier.ask(endpoint, _ASKED, lambda _: None)
                    told += answered.cost_usd or 0.0
                await frontier.aclose()
                entered = _spent(ledger)
    return {
        "requests": requests,
        "formats": len(_FORMATS),
        "due_usd": round(due, 4),
        "ledger_error_percent": round(100 * abs(entered / due - 1), 4),
        "told_error_percent": round(100 * abs(told / due - 1), 4),
    }


def overruns(requests: int = 10_000) -> dict[str, object]:
    """Many requests at once against a cap: how often what was spent was over it."""
    return asyncio.run(_overruns(requests))


async def _overruns(requests: int) -> dict[str, object]:
    crowd, began = _Crowd(), time.process_time()
    with TemporaryDirectory() as folder:
        asked = (crowd.endpoint,)
        async with _frontier(Path(folder), asked, crowd.answer, _CAP) as (frontier, ledger):
            watching = asyncio.ensure_future(crowd.watch(ledger))
            asking = (crowd.ask(frontier) for _ in range(requests))
            outcomes = Counter(await asyncio.gather(*asking))
            watching.cancel()
            await frontier.aclose()
            crowd.look(ledger)
    return {
        "requests": requests,
        "most_at_once": crowd.most_flying,
        **outcomes,
        "cap_usd": _CAP,
        "most_spent_and_reserved_usd": round(crowd.most, 4),
        "due_to_the_provider_usd": round(crowd.due, 4),
        "overruns": crowd.over,
        "cpu_s": round(time.process_time() - began, 1),
    }


class _Crowd:
    """Many who ask one provider, and what is seen of the cap meanwhile."""

    def __init__(self) -> None:
        self.endpoint = _endpoint("anthropic")
        self.over, self.most, self.due = 0, 0.0, 0.0
        self.flying = self.most_flying = 0
        self._draw = random.Random(_SEED)

    async def answer(self, _: httpx.Request) -> httpx.Response:
        """What the provider says, after a while."""
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            await asyncio.sleep(self._draw.expovariate(2))
        finally:
            self.flying -= 1
        if self._draw.random() < _FAILS:
            return httpx.Response(529)
        draw = self._draw.randrange
        prompt = draw(100, 700)
        usage = Usage(prompt, 0, draw(1, _ASKED.max_tokens), written=draw(prompt))
        self.due += _due(self.endpoint, usage)
        return httpx.Response(200, content=_content(_anthropic(usage)))

    async def ask(self, frontier: Frontier) -> str:
        """One request, at some time, which may be cancelled; what became of it."""
        await asyncio.sleep(self._draw.random() * 10)
        asking = asyncio.ensure_future(frontier.ask(self.endpoint, _ASKED, lambda _: None))
        if self._draw.random() < _CANCELLED:
            asyncio.get_running_loop().call_later(self._draw.random(), asking.cancel)
        try:
            await asking
        except Refused:
            return "refused"
        except BackendError:
            return "failed"
        except asyncio.CancelledError:
            return "cancelled"
        return "answered"

    async def watch(self, ledger: Ledger) -> None:
        """Look again and again."""
        while True:
            self.look(ledger)
            await asyncio.sleep(0.02)

    def look(self, ledger: Ledger) -> None:
        """See whether the cap holds now."""
        spent = _spent(ledger)
        self.most = max(self.most, spent)
        self.over += spent > _CAP or self.due > _CAP
