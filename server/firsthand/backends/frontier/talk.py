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
        read, whole, end, half = self.reader(), False, End(), ""
        batches = self._connection.batches(self.address(), self.body(question))
        async with aclosing(batches):
            try:
                async for record in (each async for batch in batches for each in batch):
                    piece = Piece(last=True) if record is None else read(record)
                    whole = whole or piece.last
                    end = End(end.cut or piece.cut, piece.usage or end.usage)
                    text, half = whole_characters(half + piece.text)
                    if record is None or (piece.last and piece.usage):
                        break
                    yield Part(text, None, piece.usage)
                    text = ""
            except BackendError:
                if not whole:  # all text is there: what failed is only the talk after it
                    raise
                text = ""
            yield Part(text + (half and "\ufffd"), end)
            if whole:
                await heard_out(batches)

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


def versioned(url: str, version: str, path: str) -> str:
    """An address below a server's, which may end in its version already, as `/v1` or `/api/v4`."""
    root = url.rstrip("/")
    return f"{root}{path}" if re.search(r"/(v\d\w*|beta)$", root) else f"{root}/{version}{path}"
