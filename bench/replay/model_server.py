"""A model server with a known answer and an honest price.

It speaks the OpenAI-compatible `/v1/completions` as server-sent events, with the fill-in-the-middle
template of Qwen2.5-Coder as the prompt. It has one slot: requests queue for it, and a closed
connection frees it within one token's time. As in llama.cpp's server, the slot keeps what it
computed last, and a prompt is computed from its first token on that differs from it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.loopback import Loopback, begin_stream, end_stream, event
from bench.replay.known import Known, Wrong, answer, tokens

_PROMPT_TOKEN = 0.000_25  # seconds to compute one
_TOKEN = 0.008  # seconds from one token of the answer to the next
_BATCH = 32  # prompt tokens that are computed in one token's time
PREFIX = re.compile(r"<\|fim_prefix\|>(.*?)(?:<\|fim_\w+\|>|\Z)", re.DOTALL)


@dataclass(slots=True)
class Bill:
    """What a server did.

    Attributes:
        requests: asked for.
        aborted: of them, closed by the client before their end.
        prompt: tokens of the prompts that came to the slot.
        computed: of them, those not found in its cache.
        generated: tokens written.
        lines: when the first line of each answer was whole, by the loop's clock.
    """

    requests: int = 0
    aborted: int = 0
    prompt: int = 0
    computed: int = 0
    generated: int = 0
    lines: list[float] = field(default_factory=list)


class ModelServer(Loopback):
    """One loopback port, one model, one slot."""

    def __init__(self, files: Sequence[Known], wrong: Wrong, first_token: float) -> None:
        """What the model knows, how it goes wrong, and seconds before its first token."""
        super().__init__()
        self.bill = Bill()
        self._files = files
        self._wrong = wrong
        self._first_token = first_token
        self._slot = asyncio.Lock()
        self._cache: list[str] = []

    async def complete(
        self, path: str, body: bytes, gone: asyncio.Future[bytes], writer: asyncio.StreamWriter
    ) -> None:
        """Answer a request once the slot is free."""
        self.bill.requests += 1
        turn: asyncio.Future[Any] = asyncio.ensure_future(self._slot.acquire())
        try:
            await asyncio.wait([turn, gone], return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await self._work(json.loads(body), gone, writer)
        finally:
            if turn.done():
                self._slot.release()
            else:
                turn.cancel()
                await asyncio.gather(turn, return_exceptions=True)
        if gone.done():
            self.bill.aborted += 1
            raise ConnectionResetError

    async def _work(
        self, asked: dict[str, Any], gone: asyncio.Future[bytes], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        due = await self._compute(tokens(asked["prompt"]), gone)
        due += self._first_token
        begin_stream(writer)
        told, whole = "", False
        text, most = self._answer(asked), asked.get("max_tokens", 16)
        for token in text[:most]:
            await asyncio.wait({gone}, timeout=max(0.0, due - loop.time()))
            if gone.done():
                return
            event(writer, json.dumps({"choices": [{"index": 0, "text": token}]}))
            self.bill.generated += 1
            self._cache.append(token)
            told += token
            if not whole and "\n" in told.lstrip():
                whole = True
                self.bill.lines.append(loop.time())
            due += _TOKEN
        if len(text) <= most:  # one more token says that this was the end
            await asyncio.wait({gone}, timeout=max(0.0, due - loop.time()))
        if gone.done():
            return
        if not whole:
            self.bill.lines.append(loop.time())
        end_stream(writer, "length" if len(text) > most else "stop")

    async def _compute(self, prompt: list[str], gone: asyncio.Future[bytes]) -> float:
        """Take in a prompt; returns when that was done, by the loop's clock."""
        kept = min(_common(self._cache, prompt), len(prompt) - 1)
        self.bill.prompt += len(prompt)
        loop = asyncio.get_running_loop()
        due = loop.time()
        self._cache = prompt[:kept]
        while kept < len(prompt) and not gone.done():
            batch = prompt[kept : kept + _BATCH]
            due += len(batch) * _PROMPT_TOKEN
            await asyncio.wait({gone}, timeout=max(0.0, due - loop.time()))
            self._cache += batch
            self.bill.computed += len(batch)
            kept += len(batch)
        return due

    def _answer(self, asked: dict[str, Any]) -> list[str]:
        """The tokens of the whole answer to a request."""
        prefix = PREFIX.search(asked["prompt"])
        text = answer(self._files, prefix[1], self._wrong) if prefix else ""
        for stop in asked.get("stop") or ():
            text = text.partition(stop)[0]
        return tokens(text)


def _common(left: list[str], right: list[str]) -> int:
    """How many leading tokens two prompts share."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
