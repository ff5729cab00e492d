"""How sure a model is of what it writes, from the log-probabilities of its tokens."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Confidence:
    """The geometric mean of tokens' probabilities: of the first line, and of all that was read."""

    _first: float = 0.0
    _first_count: int = 0
    _whole: float = 0.0
    _count: int = 0
    _text: str = ""

    def read(self, text: str, logprobs: Iterable[float]) -> None:
        """Take a piece of the answer and its tokens' natural logarithms of probability."""
        in_first = "\n" not in self._text.lstrip()
        for each in logprobs:
            self._whole += each
            self._count += 1
            if in_first:
                self._first += each
                self._first_count += 1
        if in_first:
            self._text += text

    @property
    def first_line(self) -> float | None:
        """Of the first line that has something in it, 0 to 1; None if nothing was said."""
        return _mean(self._first, self._first_count)

    @property
    def whole(self) -> float | None:
        """Of all that was read, 0 to 1; None if nothing was said."""
        return _mean(self._whole, self._count)


def numbers(values: object) -> tuple[float, ...]:
    """The log-probabilities among some values: finite numbers that are not above 0."""
    if not isinstance(values, list):
        return ()
    return tuple(
        float(each)
        for each in values
        if isinstance(each, int | float) and math.isfinite(each) and each <= 0
    )


def _mean(total: float, count: int) -> float | None:
    return math.exp(total / count) if count else None
