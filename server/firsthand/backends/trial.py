"""A trial: whether a model fills in the middle, shown on a text that is always the same.

Nothing of the person's is in it. A server may take a prompt for a chat, or know another template
than ours; both answer without an error and are only seen in what they answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from firsthand.backends.base import Chunk, Request
from firsthand.core.fim import Hole

SNIPPET = Hole(
    prefix='def add(first, second):\n    """The sum of two numbers."""\n    return first',
    suffix="\n\n\nassert add(2, 3) == 5\n",
    path="sums.py",
)
# A chat model may put it in a fence, or begin the line once more.
_EXPECTED = re.compile(r"\s*(```\w*\s+)?(return\s+first)?\s*\+\s*second\b")


@dataclass(frozen=True, slots=True)
class Trial:
    """How a model filled the snippet.

    Attributes:
        text: what it answered.
        first_s: seconds to the first text, all of them if there was none.
    """

    text: str
    first_s: float

    @property
    def sensible(self) -> bool:
        """Whether the answer is what stands in such a place, as every code model knows."""
        return _EXPECTED.match(self.text) is not None


class Streams(Protocol):
    """What a backend and a router have in common."""

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, piece by piece."""


async def fire(model: Streams) -> Trial:
    """Let a model fill the snippet; raises what its stream raises."""
    start = time.monotonic()
    text, first = "", None
    async with aclosing(model.stream(Request(SNIPPET, max_tokens=24, max_lines=1))) as chunks:
        async for chunk in chunks:
            text += chunk.text
            if text and first is None:
                first = time.monotonic() - start
    return Trial(text, time.monotonic() - start if first is None else first)
