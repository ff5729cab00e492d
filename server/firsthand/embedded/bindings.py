"""The names that the lines of a file bind, as lines come and go."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

L = TypeVar("L", bound=Hashable)
T = TypeVar("T")


class Bindings(Generic[L, T]):
    """For each name the lines that bind it, and to what; where there are several, the last one."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[L, T]] = {}

    def add(self, name: str, line: L, what: T) -> None:
        """A line binds a name."""
        self._lines.setdefault(name, {})[line] = what

    def remove(self, name: str, line: L) -> None:
        """A line binds a name no more; another one may."""
        lines = self._lines.get(name, {})
        lines.pop(line, None)
        if not lines:
            self._lines.pop(name, None)

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def __reversed__(self) -> Iterator[str]:
        """The names, the one that was bound first last."""
        return reversed(self._lines)

    def get(self, name: str) -> tuple[L, T] | None:
        """The line that binds a name, and to what; None where no line does."""
        return next(reversed(self._lines.get(name, {}).items()), None)
