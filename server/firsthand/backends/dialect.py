"""What all wire formats have in common: a connection, the address's root, and where answers end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from firsthand.backends.base import Chunk, Endpoint, Request
from firsthand.backends.http import Connection
from firsthand.backends.reading import Piece
from firsthand.core.fim import Prompt, Template, ends, render
from firsthand.core.stream import Stopper

_ASK_NEAR, _ASK_FAR = 0.25, 2.0  # seconds that a server may take to say something of itself
_REMOTE_SLOTS = 4  # requests at once that a hosted model is sent


class Dialect(ABC):
    """A connection to one endpoint, as `Backend` says; each wire format adds its own."""

    def __init__(self, connection: Connection, extra: Mapping[str, object]) -> None:
        self.known = False
        self.changes = 0
        self.slots = 1 if connection.endpoint.loopback else _REMOTE_SLOTS
        self._connection = connection
        self._configured = connection.endpoint
        self._serving = ""  # the model's name as its answers give it
        self._extra = extra

    @property
    def endpoint(self) -> Endpoint:
        """Whom it talks to, with what the server said of its model."""
        return self._connection.endpoint

    @property
    def root(self) -> str:
        """The server's address without a last `/v1`."""
        return self.endpoint.url.rstrip("/").removesuffix("/v1")

    @abstractmethod
    def body(self, request: Request) -> bytes:
        """Exactly what `stream` sends, without headers."""

    @abstractmethod
    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, piece by piece."""

    @property
    def _ask_s(self) -> float:
        return _ASK_NEAR if self.endpoint.loopback else _ASK_FAR

    async def learn(self) -> None:
        """There is nothing to learn."""
        self.known = True

    async def warm(self, request: Request) -> bool:
        """Let the server read a request's prompt ahead, for one token that nobody hears."""
        async with aclosing(self.stream(replace(request, max_tokens=1))) as chunks:
            async for _ in chunks:
                pass
        return True

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connection.sender.aclose()

    def _is(self, **changes: Any) -> None:
        """Go by what the server said."""
        before, after = self.endpoint, replace(self.endpoint, **changes)
        self.changes += before != after
        self._connection = replace(self._connection, endpoint=after)

    def _another(self, serving: str) -> bool:
        """Notice by an answer that the server runs another model than by the one before."""
        before, self._serving = self._serving, serving or self._serving
        if not (before and serving and serving != before):
            return False
        self.known = False
        self.changes += 1
        return True

    async def _answer(
        self, path: str, body: bytes, request: Request, prompt: Prompt, *, lines: bool = False
    ) -> AsyncGenerator[Chunk]:
        """The answer to a body, cut where it should end."""
        hole, url = request.hole, f"{self.root}{path}"
        stopper = Stopper(hole.prefix, hole.suffix, prompt.stops, request.max_lines, prompt.lead)
        answer = self._connection.answer(url, body, self._read, stopper, lines=lines)
        async with aclosing(answer) as chunks:
            async for chunk in chunks:
                if chunk.ending:  # which may have said that another model answers now
                    chunk = replace(chunk, ending=replace(chunk.ending, endpoint=self.endpoint))
                yield chunk

    @abstractmethod
    def _read(self, record: Mapping[str, Any]) -> Piece:
        """What a record of a streamed answer says."""


def prompt_of(template: Template | None, request: Request, heal: str = "") -> Prompt:
    """The prompt by a template; without one only where an answer ends, as far as can be known."""
    if template:
        return render(template, request.hole, heal)
    return Prompt("", ends(), heal if request.hole.prefix.endswith(heal) else "")
