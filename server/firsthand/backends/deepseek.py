"""DeepSeek's beta /completions: prompt and suffix, at most 4096 tokens an answer.

Source: api-docs.deepseek.com, "Create FIM Completion (Beta)".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from firsthand.backends.base import Chunk, Request
from firsthand.backends.dialect import Dialect, prompt_of
from firsthand.backends.fim import asked
from firsthand.backends.http import encoded
from firsthand.backends.openai import counted, piece
from firsthand.backends.reading import Piece

_MOST_TOKENS = 4096


class DeepSeek(Dialect):
    """A connection to DeepSeek's own service."""

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        body = asked(self.endpoint, request)
        body["max_tokens"] = min(request.max_tokens, _MOST_TOKENS)
        return encoded({**body, **counted(self.endpoint), **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        prompt = prompt_of(None, request, request.freely)
        return self._answer("/completions", self.body(request), request, prompt)

    def _read(self, record: Mapping[str, Any]) -> Piece:
        return piece(self.endpoint, record)
