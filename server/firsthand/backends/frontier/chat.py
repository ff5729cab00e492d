"""OpenAI's Chat Completions, which most other providers and servers speak.

Source: OpenAI's API reference, "Chat completions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firsthand.backends.frontier.question import Message, Question
from firsthand.backends.frontier.talk import Read, Talk, versioned
from firsthand.backends.openai import piece
from firsthand.backends.reading import Piece


class ChatCompletions(Talk):
    """A connection to a server with OpenAI's chat completions."""

    def address(self) -> str:
        """Where questions go."""
        return versioned(self.endpoint.url, "v1", "/chat/completions")

    def asked(self, question: Question) -> dict[str, object]:
        """What is sent; Mistral counts tokens unasked, and refuses the question."""
        first, *rest = question.messages
        turns = (Message("user", f"{question.context}\n{first.text}"), *rest)
        counts = self.endpoint.preset.wire != "fim"
        return {
            "model": self.endpoint.model,
            "messages": [
                {"role": "system", "content": question.task},
                *({"role": each.role, "content": each.text} for each in turns),
            ],
            self.endpoint.preset.limit: question.max_tokens,
            "stream": True,
            **({"stream_options": {"include_usage": True}} if counts else {}),
        }

    def reader(self) -> Read:
        """What makes pieces of the records of one stream."""
        return self._read

    def _read(self, record: Mapping[str, Any]) -> Piece:
        choices = record.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, dict):
            delta = choice.get("delta")
            refusal = delta.get("refusal") if isinstance(delta, dict) else None
            if refusal or choice.get("finish_reason") == "content_filter":
                raise self.declined()
        return piece(self.endpoint, record)
