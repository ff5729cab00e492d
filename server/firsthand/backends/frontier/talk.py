"""What all formats of frontier models share: a connection, and one way to read a stream."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from firsthand.backends.base import BackendError, Endpoint, Failed, said_of
from firsthand.backends.frontier.question import Declined, End, Part, Question
from firsthand.backends.http import Connection, encoded, heard_out
from firsthand.backends.reading import Piece, whole_characters

Read = Callable[[Mapping[str, Any]], Piece]


class Talk(ABC):
    """A connection to one endpoint, as `Talker` says; each wire format adds its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @staticmethod
    def headers(key: str) -> Mapping[str, str]:
        """How the key is sent."""
        return {"Authorization": f"Bearer {key}"}

    @property
    def endpoint(self) -> Endpoint:
        """Whom it talks to."""
        return self._connection.endpoint

    @abstractmethod
    def address(self) -> str:
        """Where questions go."""

    @abstractmethod
    def asked(self, question: Question) -> dict[str, object]:
        """What is sent, before it is written as JSON."""

    @abstractmethod
    def reader(self) -> Read:
        """What makes pieces of the records of one stream."""

    def body(self, question: Question) -> bytes:
        """Exactly what `stream` sends, without headers."""
        return encoded(self.asked(question))

    async def stream(self, question: Question) -> AsyncGenerator[Part]:
        """The answer, piece by piece, as `Talker.stream` says."""
        answer = _Answer(self.reader())
        async with aclosing(self._connection.batches(self.address(), self.body(question))) as heard:
            try:
                async for batch in heard:
                    for record in batch:
                        if answer.take(record):
                            break
                        yield answer.part()
                    else:
                        continue
                    break
            except BackendError:
                if not answer.whole:  # all text is there: what failed is only the talk after it
                    raise
            yield answer.last()
            if answer.whole:
                await heard_out(heard)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connection.sender.aclose()

    def declined(self) -> Declined:
        """The error for an answer that is refused."""
        return Declined(
            said_of(self.endpoint, "refuses to answer this: word it differently, or ask another")
        )

    def failed(self) -> Failed:
        """The error for an answer that the server gave up."""
        return Failed(said_of(self.endpoint, "gave its answer up: ask again in a while"))


class _Answer:
    """An answer as far as it was heard.

    Attributes:
        whole: the server gave all text.
    """

    def __init__(self, read: Read) -> None:
        self.whole = False
        self._read = read
        self._text, self._half, self._end = "", "", End()

    def take(self, record: Mapping[str, Any] | None) -> bool:
        """Take a record; whether nothing that follows is of use. Raises as the wire format does."""
        piece = Piece(last=True) if record is None else self._read(record)
        self.whole = self.whole or piece.last
        self._end = End(self._end.cut or piece.cut, piece.usage or self._end.usage)
        said, self._half = whole_characters(self._half + piece.text)
        self._text += said
        return record is None or (piece.last and piece.usage is not None)

    def part(self) -> Part:
        """What is new."""
        text, self._text = self._text, ""
        return Part(text, None, self._end.usage)

    def last(self) -> Part:
        """What is left, and how the answer ended."""
        return Part(self._text + (self._half and "\ufffd"), self._end)


def versioned(url: str, version: str, path: str) -> str:
    """An address below a server's, which may end in its version already, as `/v1` or `/api/v4`."""
    root = url.rstrip("/")
    return f"{root}{path}" if re.search(r"/(v\d\w*|beta)$", root) else f"{root}/{version}{path}"
