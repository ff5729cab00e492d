"""What a frontier model is asked, and what comes back. Nothing here loads an HTTP library."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from firsthand.backends.base import BackendError, Endpoint, Usage


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked.

    Attributes:
        task: how to answer, the same for every question, so that servers can cache it.
        context: what is known of the code, the same for questions in one place.
        messages: the conversation; the first and the last turns are the user's.
        max_tokens: the most tokens the model may make, its thoughts included.
    """

    task: str
    context: str
    messages: tuple[Message, ...]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class End:
    """What is known once an answer is whole.

    Attributes:
        cut: the model had more to say than it was allowed.
        usage: what the answer took; None where the server does not say.
    """

    cut: bool = False
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer. May be empty: a thought.

    Attributes:
        text: what it adds.
        end: on the last one, and only there.
        usage: what the answer took so far, where the server says so before the end.
    """

    text: str
    end: End | None = None
    usage: Usage | None = None


class Declined(BackendError):
    """The model, or a filter of its provider's, refuses to answer."""


class Talker(Protocol):
    """A connection to one model that answers questions."""

    @property
    def endpoint(self) -> Endpoint:
        """Whom it talks to."""

    def body(self, question: Question) -> bytes:
        """Exactly what `stream` sends, without headers."""

    def stream(self, question: Question) -> AsyncGenerator[Part]:
        """The answer, piece by piece.

        Closing the generator (`aclose`, or cancelling the task that waits on it) closes the HTTP
        connection at once, which is what makes a server stop working.

        Raises:
            BackendError: as its docstring draws it; or Declined.
        """

    async def aclose(self) -> None:
        """Close every connection."""
