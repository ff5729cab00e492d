"""Anthropic's Messages, with prompt caching.

Source: Anthropic's API reference, "Messages", "Streaming messages" and "Prompt caching". Tokens
read from the cache and written to it are counted apart from the other ones of the prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firsthand.backends.base import Usage
from firsthand.backends.frontier.question import Question
from firsthand.backends.frontier.talk import Read, Talk, versioned
from firsthand.backends.http import count, garbled
from firsthand.backends.reading import Piece

_KEPT = {"type": "ephemeral"}


class Anthropic(Talk):
    """A connection to a server with Anthropic's Messages."""

    @staticmethod
    def headers(key: str) -> Mapping[str, str]:
        """How the key is sent, and the version of the interface."""
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}

    def address(self) -> str:
        """Where questions go."""
        return versioned(self.endpoint.url, "v1", "/messages")

    def asked(self, question: Question) -> dict[str, object]:
        """What is sent: the task and the context are cached, what follows changes."""
        first, *rest = question.messages
        known = [_text(question.context, kept=True), _text(first.text)]
        return {
            "model": self.endpoint.model,
            "max_tokens": question.max_tokens,
            "system": [_text(question.task)],
            "messages": [
                {"role": "user", "content": known},
                *({"role": each.role, "content": [_text(each.text)]} for each in rest),
            ],
            "stream": True,
        }

    def reader(self) -> Read:
        """What makes pieces of the records of one stream; the usage comes in two of them."""
        usage: dict[str, Any] = {}

        def read(record: Mapping[str, Any]) -> Piece:
            kind = record.get("type")
            if kind == "message_start":
                message = record.get("message")
                usage.update(_mapping(message.get("usage") if isinstance(message, dict) else None))
                return Piece(usage=_usage(usage)) if usage else Piece()
            if kind == "content_block_delta":
                return self._delta(record.get("delta"))
            if kind == "message_delta":
                usage.update(_mapping(record.get("usage")))
                reason = _mapping(record.get("delta")).get("stop_reason")
                if reason == "refusal":
                    raise self.declined()
                cut = reason in ("max_tokens", "model_context_window_exceeded")
                return Piece(last=reason is not None, cut=cut, usage=_usage(usage))
            if kind == "message_stop":
                return Piece(last=True, usage=_usage(usage))
            return Piece()

        return read

    def _delta(self, delta: object) -> Piece:
        if not isinstance(delta, dict):
            raise garbled(self.endpoint)
        if delta.get("type") != "text_delta":
            return Piece()  # a thought
        text = delta.get("text", "")
        if not isinstance(text, str):
            raise garbled(self.endpoint)
        return Piece(text)


def _text(text: str, *, kept: bool = False) -> dict[str, object]:
    return {"type": "text", "text": text, **({"cache_control": _KEPT} if kept else {})}


def _mapping(value: object) -> Mapping[str, Any]:
    """A record's field that should be an object, without what is null in it."""
    given = value if isinstance(value, dict) else {}
    return {key: each for key, each in given.items() if each is not None}


def _usage(record: Mapping[str, Any]) -> Usage:
    cached = count(record.get("cache_read_input_tokens"))
    written = count(record.get("cache_creation_input_tokens"))
    prompt = count(record.get("input_tokens")) + cached + written
    return Usage(prompt, cached, count(record.get("output_tokens")), written)
