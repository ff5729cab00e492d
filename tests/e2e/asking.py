"""What the tests ask a real llama.cpp server."""

from __future__ import annotations

from collections.abc import Mapping

from tests.e2e.servers import Server

from firsthand.backends import connect
from firsthand.backends.base import Backend, Chunk, Endpoint, Request, Usage
from firsthand.backends.trial import Streams
from firsthand.core.fim import Hole

HOLE = Hole(
    "def add(a, b):\n    ", "\n\nprint(add(1, 2))\n", "sums.py", "demo", (("b.py", "B = 2\n"),)
)
KNOWN: Mapping[str, object] = {"grammar": 'root ::= "return a + b"'}
ENDLESS: Mapping[str, object] = {
    "grammar": "root ::= [a-z]+",
    "temperature": 1.0,
    "seed": 1,
    "ignore_eos": True,
}


def backend(
    server: Server, provider: str, template: str, extra: Mapping[str, object] | None = None
) -> Backend:
    endpoint = Endpoint("tiny", provider, server.url, "tiny", template)
    return connect(endpoint, extra=extra)


async def answer(model: Streams, request: Request) -> list[Chunk]:
    return [chunk async for chunk in model.stream(request)]


def taken(chunks: list[Chunk]) -> Usage:
    ending = chunks[-1].ending
    assert ending is not None
    assert ending.usage is not None
    return ending.usage
