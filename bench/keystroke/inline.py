"""The inline tier: what is added to a model's own time, and how soon a connection is closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from bench.keystroke.model_server import ModelServer
from bench.keystroke.runs import press
from bench.keystroke.script import Script
from bench.keystroke.servers import BARE, RELAY, running, summary

from firsthand.core.text import Edit, Range
from firsthand.demo.client import Editor

_ASKED = 100
_ENDED = 30
_OPENED = 3.0  # seconds after which a document that was opened may be sent
_PAUSE = 0.1  # seconds between two of them
_PATIENCE = 5.0  # seconds after which what does not come is a fault
_UNJOINED = 0.3  # seconds a generation lives that nobody waits for
_ANSWER = ["compute", "(first", ", second", ")"]
_CONFIG = """
[inline]
models = ["bench"]
embedded = false
max_lines = 1
patience_ms = 1000
[models.bench]
provider = "openai"
url = "{url}"
model = "bench"
fim = "qwen"
"""


async def inline(workspace: Path, script: Script, say: Callable[[str], None]) -> dict[str, Any]:
    """All of it, against a model server that takes a fixed time and knows its answer."""
    async with (
        ModelServer().serving() as model,
        running(workspace, config=_CONFIG.format(url=model.url)) as server,
        running(workspace, BARE) as bare,
        running(workspace, (*RELAY, model.url)) as relay,
    ):
        await server.learn()
        editor = server.open(script.path, script.text)
        others = (bare.open(script.path, script.text), relay.open(script.path, script.text))
        await asyncio.sleep(_OPENED)
        direct, through, protocol, relayed = await _added(model, editor, others, say)
        model.answer, model.holes = None, b""
        diverged = await _diverged(model, editor, say)
        unjoined = await _unjoined(model, editor, say)
    return {
        "model_alone": summary(direct),
        "protocol_alone": summary(protocol),
        "through_relay": summary(relayed),
        "through_firsthand": summary([each.whole for each in through]),
        "added_by_relay": summary(
            [whole - alone for whole, alone in zip(relayed, direct, strict=True)]
        ),
        "added": summary([each.whole - alone for each, alone in zip(through, direct, strict=True)]),
        "key_to_model": summary([each.before for each in through]),
        "model_to_answer": summary([each.after for each in through]),
        "diverged_to_closed": summary(diverged),
        "unjoined_to_closed": summary(unjoined),
    }


@dataclass(frozen=True, slots=True)
class Trip:
    """Milliseconds from a key to its answer, to the model's server, and back from there."""

    whole: float
    before: float
    after: float


async def _added(
    model: ModelServer, editor: Editor, others: tuple[Editor, Editor], say: Callable[[str], None]
) -> tuple[list[float], list[Trip], list[float], list[float]]:
    """The model asked directly, through Firsthand, through a relay, and a bare server, in turn."""
    direct, through, protocol, relayed = [], [], [], []
    bare, relay = others
    model.answer, model.holes = _ANSWER, b" = <|fim_suffix|>"
    async with httpx.AsyncClient() as client:
        for number in range(_ASKED + 1):
            if number % 25 == 0:
                say(f"inline tier {number}/{_ASKED}")
            direct.append(await _directly(client, model))
            await asyncio.sleep(_PAUSE)
            _begin(editor, number)
            through.append(await _fresh(model, editor))
            await asyncio.sleep(_PAUSE)
            _begin(bare, number)
            protocol.append((await press(bare, (None, " ")))[0])
            await asyncio.sleep(_PAUSE)
            _begin(relay, number)
            relayed.append((await press(relay, (None, " ")))[0])
            await asyncio.sleep(_PAUSE)
    return (
        direct[1:],
        through[1:],
        protocol[1:],
        relayed[1:],
    )  # the first round opens the connections


def _begin(editor: Editor, number: int) -> None:
    """Begin a new statement whose rest nobody knows."""
    editor.edit(Edit(Range.at(editor.text.end), f"\nvalue_{number} ="))


async def _directly(client: httpx.AsyncClient, model: ModelServer) -> float:
    began = time.perf_counter()
    body = {"model": "bench", "prompt": "value = <|fim_suffix|>", "stream": True, "max_tokens": 96}
    async with client.stream("POST", f"{model.url}/v1/completions", json=body) as response:
        async for _ in response.aiter_lines():
            pass
    return (time.perf_counter() - began) * 1000


async def _fresh(model: ModelServer, editor: Editor) -> Trip:
    """Type a key for which nothing is known, and wait for the model's text.

    Raises:
        RuntimeError: what came is not the model's answer, so that nothing was measured.
    """
    _drain(model.asked)
    _drain(model.answered)
    began = time.perf_counter()
    _, items = await press(editor, (None, " "))
    ended = time.perf_counter()
    if not items or model.asked.qsize() != 1:
        raise RuntimeError(f"the model was asked {model.asked.qsize()} times, {items} items came")
    asked, answered = model.asked.get_nowait(), model.answered.get_nowait()
    # A model whose answers nobody takes is asked less and shown less.
    await editor.accept((await editor.suggestions())[0])
    return Trip(*(1000 * each for each in (ended - began, asked - began, ended - answered)))


async def _diverged(model: ModelServer, editor: Editor, say: Callable[[str], None]) -> list[float]:
    """From a key that contradicts a running stream to the closed connection, in milliseconds."""
    times = []
    for number in range(_ENDED):
        if number % 10 == 0:
            say(f"diverging {number}/{_ENDED}")
        await _running(model, editor, number)
        began = time.perf_counter()
        editor.type("#")
        times.append((await _close(model) - began) * 1000)
    return times


async def _unjoined(model: ModelServer, editor: Editor, say: Callable[[str], None]) -> list[float]:
    """From the end of a stream's patience with nobody waiting to the closed connection."""
    times = []
    for number in range(_ENDED):
        if number % 10 == 0:
            say(f"unjoined {number}/{_ENDED}")
        left = await _running(model, editor, _ENDED + number)
        times.append((await _close(model) - left - _UNJOINED) * 1000)
    return times


async def _running(model: ModelServer, editor: Editor, number: int) -> float:
    """Start a stream that does not end and stop waiting for it; returns when that was."""
    _drain(model.asked)
    _drain(model.closed)
    _begin(editor, _ASKED + 1 + number)
    editor.type(" ")
    waiting = asyncio.create_task(editor.suggestions())
    async with asyncio.timeout(_PATIENCE):
        await model.asked.get()
    await asyncio.sleep(2 * model.first_token)
    left = time.perf_counter()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return left


async def _close(model: ModelServer) -> float:
    async with asyncio.timeout(_PATIENCE):
        return await model.closed.get()


def _drain(queue: asyncio.Queue[float]) -> None:
    while not queue.empty():
        queue.get_nowait()
