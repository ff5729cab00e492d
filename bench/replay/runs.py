"""The runs: one engine or several, typed into at the same time, each with its own model server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from bench.keystroke.servers import EMBEDDED_ONLY, Server, running
from bench.replay.baselines import AskEveryLine, AskOnce, Baseline
from bench.replay.editors import PLAIN, PLUGIN, VSCODE, Firsthand, Habit
from bench.replay.known import Wrong, decaying, some_answers
from bench.replay.model_server import Bill, ModelServer
from bench.replay.screen import Screen
from bench.replay.script import Script
from bench.replay.typist import Engine, type_back

_CONFIG = """
[inline]
models = ["bench"]
embedded = {embedded}
[models.bench]
provider = "{provider}"
url = "{url}"
model = "qwen2.5-coder"
fim = "qwen"
"""

_LEARNING = 20.0  # seconds in which a small workspace is learned
_APART = 0.040  # seconds between the typists' keys, so that they do not fall together

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured together.

    Attributes:
        wrong: how the model goes wrong.
        first_token: seconds before its first token; None for no model.
        engines: their names.
    """

    wrong: Wrong = some_answers
    first_token: float | None = 0.020
    engines: tuple[str, ...] = ("firsthand", "ask_once", "ask_every_line")


RUNS = {
    "normal": Run(),
    "decaying": Run(wrong=decaying),
    "slow_150": Run(first_token=0.150),
    "slow_400": Run(first_token=0.400),
    "no_model": Run(first_token=None, engines=("firsthand",)),
    "editors": Run(engines=("vscode", "plain")),
}


async def measure(run: Run, workspace: Path, scripts: Sequence[Script], say: Say) -> dict[str, Any]:
    """Type everything into each of a run's engines."""

    async def one(number: int, name: str) -> dict[str, Any]:
        async with _engine(name, run, workspace, scripts) as (engine, bill):
            await asyncio.sleep(number * _APART)
            found = await type_back(engine, scripts, lambda words: say(f"{name}: {words}"))
            return {**found, **_price(bill, found["keys"])}

    found = await asyncio.gather(*(one(*each) for each in enumerate(run.engines)))
    return dict(zip(run.engines, found, strict=True))


@asynccontextmanager
async def _engine(
    name: str, run: Run, workspace: Path, scripts: Sequence[Script]
) -> AsyncIterator[tuple[Engine, Bill]]:
    """An engine and its model server's bill."""
    screen = Screen(asyncio.get_running_loop().time)
    async with AsyncExitStack() as stack:
        files = [script.known for script in scripts]
        model = ModelServer(files, run.wrong, run.first_token or 0.0)
        await stack.enter_async_context(model.serving())
        if name in BASELINES:
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=None))
            yield BASELINES[name](model.url, http, screen), model.bill
            return
        config = EMBEDDED_ONLY if run.first_token is None else configured(model.url)
        habit = _HABITS[name]
        server = await stack.enter_async_context(learned(workspace, config, habit))
        yield Firsthand(server, screen, habit), model.bill


@asynccontextmanager
async def learned(workspace: Path, config: str, habit: Habit) -> AsyncIterator[Server]:
    """A server that has read its workspace, for an editor."""
    async with running(workspace, config=config, options=habit.options) as server:
        with suppress(TimeoutError):  # it may have been learned before the first word about it
            async with asyncio.timeout(_LEARNING):
                await server.learned.wait()
        yield server


def configured(url: str, provider: str = "openai", embedded: bool = True) -> str:
    """A configuration file with one model, and with the default settings."""
    return _CONFIG.format(url=url, provider=provider, embedded=str(embedded).lower())


_HABITS: dict[str, Habit] = {"firsthand": PLUGIN, "vscode": VSCODE, "plain": PLAIN}
BASELINES: dict[str, type[Baseline]] = {"ask_once": AskOnce, "ask_every_line": AskEveryLine}


def _price(bill: Bill, keys: int) -> dict[str, float]:
    """What a model server did for each 100 keys."""
    figures = {
        "requests": bill.requests,
        "aborted": bill.aborted,
        "prompt_tokens": bill.prompt,
        "computed": bill.computed,
        "generated": bill.generated,
    }
    return {name: round(100 * figure / keys, 1) for name, figure in figures.items()}
