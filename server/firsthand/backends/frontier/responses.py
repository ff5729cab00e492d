"""OpenAI's Responses.

Source: OpenAI's API reference, "Responses" and "Streaming events". Nothing is stored at OpenAI:
`store` is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firsthand.backends.base import Usage
from firsthand.backends.frontier.question import Message, Question
from firsthand.backends.frontier.talk import Read, Talk, versioned
from firsthand.backends.http import count, garbled
from firsthand.backends.reading import Piece


class Responses(Talk):
    """A connection to a server with OpenAI's Responses."""

    def address(self) -> str:
        """Where questions go."""
        return versioned(self.endpoint.url, "v1", "/responses")

    def asked(self, question: Question) -> dict[str, object]:
        """What is sent; a prompt's beginning is cached unasked."""
        turns = (Message("user", question.context), *question.messages)
        return {
            "model": self.endpoint.model,
            "instructions": question.task,
            "input": [
                {"type": "message", "role": each.role, "content": each.text} for each in turns
            ],
            "max_output_tokens": question.max_tokens,
            "store": False,
            "stream": True,
        }

    def reader(self) -> Read:
        """What makes pieces of the records of one stream."""
        return self._read

    def _read(self, record: Mapping[str, Any]) -> Piece:
        kind = record.get("type")
        if kind == "response.output_text.delta":
            text = record.get("delta")
            if not isinstance(text, str):
                raise garbled(self.endpoint)
            return Piece(text)
        if kind == "response.refusal.delta":
            raise self.declined()
        if kind in ("response.failed", "error"):
            raise self.failed()
        if kind in ("response.completed", "response.incomplete"):
            response = record.get("response")
            return self._last(response if isinstance(response, dict) else {})
        return Piece()

    def _last(self, response: Mapping[str, Any]) -> Piece:
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        if reason == "content_filter":
            raise self.declined()
        return Piece(
            last=True, cut=reason == "max_output_tokens", usage=_usage(response.get("usage"))
        )


def _usage(record: object) -> Usage | None:
    if not isinstance(record, dict):
        return None
    given = record.get("input_tokens_details")
    details = given if isinstance(given, dict) else {}
    return Usage(
        count(record.get("input_tokens")),
        count(details.get("cached_tokens")),
        count(record.get("output_tokens")),
        count(details.get("cache_write_tokens")),
    )
