"""Mistral's /v1/fim/completions, and Inception's of the same name: prompt and suffix, no template.

Sources: Mistral's API reference, "Fill in the Middle Completion" (deltas have the shape of a
chat's; the last one carries the usage); Inception's, "FIM completions".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from firsthand.backends.base import Chunk, Endpoint, Request
from firsthand.backends.dialect import Dialect, prompt_of
from firsthand.backends.http import encoded
from firsthand.backends.openai import piece
from firsthand.backends.reading import Piece
from firsthand.core.fim import TEMPLATES, halves


class Fim(Dialect):
    """A connection to a hosted model that fills in the middle by itself."""

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        return encoded({**asked(self.endpoint, request), **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        prompt = prompt_of(None, request, request.freely)
        return self._answer("/v1/fim/completions", self.body(request), request, prompt)

    def _read(self, record: Mapping[str, Any]) -> Piece:
        return piece(self.endpoint, record)


def asked(endpoint: Endpoint, request: Request) -> dict[str, object]:
    """The fields that services with a prompt and a suffix of their own share."""
    lead = prompt_of(None, request, request.freely).lead
    prefix, suffix = halves(TEMPLATES.get(endpoint.preset.template), request.hole, lead)
    return {
        "model": endpoint.model,
        "prompt": prefix or "\n",  # an empty one is refused
        "suffix": suffix,
        "max_tokens": request.max_tokens + len(lead) // 3,
        "temperature": request.temperature,
        "stream": True,
    }
