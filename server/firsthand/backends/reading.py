"""What the records of a streamed answer say, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from firsthand.backends.base import Chunk, Ending, Endpoint, Usage
from firsthand.backends.confidence import Confidence
from firsthand.core.stream import Stopper


@dataclass(frozen=True, slots=True)
class Piece:
    """One record of a stream, as its wire format reads it.

    Attributes:
        text: what the record adds to the answer.
        last: all text was given.
        cut: the server ended the answer because it had as many tokens as were asked for.
        usage: what the answer took, where the record says so.
        logprobs: natural logarithms of its tokens' probabilities, where the record has them.
    """

    text: str = ""
    last: bool = False
    cut: bool = False
    usage: Usage | None = None
    logprobs: tuple[float, ...] = ()


class Reading:
    """An answer as far as it was read.

    Attributes:
        text: what was read and not given yet.
        whole: the server gave all text.
    """

    def __init__(self, read: Callable[[Mapping[str, Any]], Piece], stopper: Stopper) -> None:
        self.text, self.whole = "", False
        self._read, self._stopper, self._confidence = read, stopper, Confidence()
        self._cut, self._half = False, ""
        self._usage: Usage | None = None

    def take(self, record: Mapping[str, Any] | None) -> bool:
        """Take a record; whether nothing that follows is of use. Raises as the wire format does."""
        piece = Piece(last=True) if record is None else self._read(record)
        self.whole, self._cut = self.whole or piece.last, self._cut or piece.cut
        self._usage = piece.usage or self._usage
        said, self._half = whole_characters(self._half + piece.text)
        if not self._stopper.leading:  # what a lead has to be says nothing of the rest
            self._confidence.read(said, piece.logprobs)
        self.text += self._stopper.feed(said)
        return self._stopper.done or (piece.last and self._usage is not None) or record is None

    def chunk(self) -> Chunk:
        """What is new."""
        text, self.text = self.text, ""
        return Chunk(text, confidence=self._confidence.first_line)

    def last(self, endpoint: Endpoint) -> Chunk:
        """What is left, and how the answer ended."""
        if not self._stopper.done:
            self.text += self._stopper.feed(self._half and "\ufffd") + self._stopper.flush()
        early = self._stopper.reason or ("length" if self._cut else "")
        ending = Ending(endpoint, early, self._usage, confidence=self._confidence.whole)
        return replace(self.chunk(), ending=ending)


def whole_characters(text: str) -> tuple[str, str]:
    """A text whose characters are whole, and half of one that its end may have cut off."""
    if text.isascii():
        return text, ""
    half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
    pairs = text.removesuffix(half).encode("utf-16-le", "surrogatepass")
    return pairs.decode("utf-16-le", "replace"), half
