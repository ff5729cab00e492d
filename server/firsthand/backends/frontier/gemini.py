"""Google's Gemini.

Source: the Gemini API's reference, "streamGenerateContent". A prompt's beginning is cached unasked;
thoughts are counted, and paid, as part of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from firsthand.backends.base import Usage
from firsthand.backends.frontier.question import Message, Question
from firsthand.backends.frontier.talk import Read, Talk, versioned
from firsthand.backends.http import count, garbled
from firsthand.backends.reading import Piece
from firsthand.backends.said import listed

_ROLES = {"user": "user", "assistant": "model"}


class Gemini(Talk):
    """A connection to Google's service."""

    @staticmethod
    def headers(key: str) -> Mapping[str, str]:
        """How the key is sent."""
        return {"x-goog-api-key": key}

    def address(self) -> str:
        """Where questions go."""
        model = quote(self.endpoint.model, safe="")
        return versioned(
            self.endpoint.url, "v1beta", f"/models/{model}:streamGenerateContent?alt=sse"
        )

    def asked(self, question: Question) -> dict[str, object]:
        """What is sent."""
        first, *rest = question.messages
        turns = (Message("user", f"{question.context}\n{first.text}"), *rest)
        return {
            "systemInstruction": {"parts": [{"text": question.task}]},
            "contents": [
                {"role": _ROLES[each.role], "parts": [{"text": each.text}]} for each in turns
            ],
            "generationConfig": {"maxOutputTokens": question.max_tokens},
        }

    def reader(self) -> Read:
        """What makes pieces of the records of one stream."""
        return self._read

    def _read(self, record: Mapping[str, Any]) -> Piece:
        usage, feedback = _usage(record.get("usageMetadata")), record.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            raise self.declined()
        candidates = listed(record, "candidates")
        if not candidates:
            return Piece(usage=usage)
        reason = candidates[0].get("finishReason")
        if reason not in (None, "STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED"):
            raise self.declined()
        parts = listed(candidates[0].get("content"), "parts")
        said = "".join(map(self._said, parts))
        last = reason in ("STOP", "MAX_TOKENS")
        cut = reason == "MAX_TOKENS"
        return Piece(said, last=last, cut=cut, usage=usage)

    def _said(self, part: Mapping[str, Any]) -> str:
        text = "" if part.get("thought") else part.get("text", "")
        if not isinstance(text, str):
            raise garbled(self.endpoint)
        return text


def _usage(record: object) -> Usage | None:
    if not isinstance(record, dict):
        return None
    answer = count(record.get("candidatesTokenCount")) + count(record.get("thoughtsTokenCount"))
    return Usage(
        count(record.get("promptTokenCount")), count(record.get("cachedContentTokenCount")), answer
    )
