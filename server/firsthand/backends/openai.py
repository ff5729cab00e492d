"""Servers that are compatible with OpenAI's /v1/completions, asked with our own FIM template.

Source: OpenAI's API reference, "Completions (legacy)". `suffix` is never sent: some servers ignore
it in silence, others refuse it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from firsthand.backends.base import Chunk, Misconfigured, Request, Usage
from firsthand.backends.http import Connection, Piece, count, encoded, garbled
from firsthand.core.fim import render
from firsthand.core.stream import Stopper

_MOST_STOPS = 4  # of OpenAI's own interface; the Stopper looks for all of them


class OpenAI:
    """A connection to a server with OpenAI's completions."""

    def __init__(self, connection: Connection, extra: Mapping[str, object]) -> None:
        endpoint = connection.endpoint
        if endpoint.fim is None:
            raise Misconfigured(
                f"{endpoint.name} has a model whose fim template is not known: "
                "set fim to the name of its template."
            )
        self._connection = connection
        self._template = endpoint.fim
        self._extra = extra

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        endpoint, prompt = self._connection.endpoint, render(self._template, request.hole)
        body: dict[str, object] = {
            "model": endpoint.model,
            "prompt": prompt.text,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "stop": prompt.stops[:_MOST_STOPS],
            "stream": True,
        }
        if endpoint.remote:  # what is paid for is counted by the server
            body["stream_options"] = {"include_usage": True}
        return encoded({**body, **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        hole = request.hole
        stopper = Stopper(hole.prefix, hole.suffix, self._template.stops, request.max_lines)
        url = f"{self._connection.endpoint.url.rstrip('/').removesuffix('/v1')}/v1/completions"
        return self._connection.answer(url, self.body(request), self._read, stopper)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connection.http.aclose()

    def _read(self, record: Mapping[str, Any]) -> Piece:
        choices, counted = record.get("choices"), record.get("usage")
        usage = None
        if isinstance(counted, dict):
            details = counted.get("prompt_tokens_details")
            usage = Usage(
                count(counted.get("prompt_tokens")),
                count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
                count(counted.get("completion_tokens")),
            )
        if not isinstance(choices, list):
            raise garbled(self._connection.endpoint)
        if not choices:
            return Piece(last=usage is not None, usage=usage)
        choice = choices[0]
        text = choice.get("text") if isinstance(choice, dict) else None
        if not isinstance(text, str):
            raise garbled(self._connection.endpoint)
        finish = choice.get("finish_reason")
        return Piece(text, last=finish is not None, cut=finish == "length", usage=usage)
