"""llama.cpp's own server: /completion with our template, or /infill with the model's.

Source: tools/server/README.md of llama.cpp. /infill needs no configuration, as the server takes the
tokens from the model's file; but it calls every file "filename", and windows the text itself.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from firsthand.backends.base import Chunk, Request, Usage
from firsthand.backends.http import Connection, Piece, count, encoded, garbled
from firsthand.core.fim import render
from firsthand.core.stream import Stopper


class LlamaCpp:
    """A connection to a llama.cpp server."""

    def __init__(self, connection: Connection, extra: Mapping[str, object]) -> None:
        self._connection = connection
        self._extra = extra

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        hole, template = request.hole, self._connection.endpoint.fim
        if template:
            prompt = render(template, hole)
            asked: dict[str, object] = {"prompt": prompt.text, "stop": prompt.stops}
        else:
            extra = [{"filename": name, "text": text} for name, text in hole.snippets]
            asked = {
                "input_prefix": hole.prefix,
                "input_suffix": hole.suffix,
                "input_extra": extra,
                "prompt": "",
            }
        limits = {"n_predict": request.max_tokens, "temperature": request.temperature}
        return encoded({**asked, **limits, "cache_prompt": True, "stream": True, **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        endpoint, hole = self._connection.endpoint, request.hole
        stops = endpoint.fim.stops if endpoint.fim else ()
        stopper = Stopper(hole.prefix, hole.suffix, stops, request.max_lines)
        path = "completion" if endpoint.fim else "infill"
        url = f"{endpoint.url.rstrip('/').removesuffix('/v1')}/{path}"
        return self._connection.answer(url, self.body(request), self._read, stopper)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connection.http.aclose()

    def _read(self, record: Mapping[str, Any]) -> Piece:
        text, timings = record.get("content"), record.get("timings")
        if not isinstance(text, str):
            raise garbled(self._connection.endpoint)
        usage = None
        if isinstance(timings, dict):
            cached, computed, made = (
                count(timings.get(name)) for name in ("cache_n", "prompt_n", "predicted_n")
            )
            usage = Usage(cached + computed, cached, made)
        # Its older versions said the same by a field of its own.
        cut = record.get("stop_type") == "limit" or record.get("stopped_limit") is True
        return Piece(text, last=record.get("stop") is True, cut=cut, usage=usage)
