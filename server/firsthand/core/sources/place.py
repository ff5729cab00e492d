"""The cursor's surroundings, as the sources look at them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from firsthand.core.text import Position, Text

NAME = re.compile(r"[^\W\d]\w*")
"""A name in any language, as the index counts them."""

_ABOVE, _BELOW = 20, 8
_LONGEST_LINE = 400
_SUBWORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_SHORTEST_SUBWORD = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in a document, with the lines around it.

    Attributes:
        path: the document's path in its workspace folder.
        language: the LSP language id.
        line: the cursor's line; 0 is the first.
        above: the lines before the cursor, the nearest last; the cursor's own up to the cursor.
        below: the lines after the cursor's, the nearest first.
    """

    path: str
    language: str
    line: int
    above: tuple[str, ...]
    below: tuple[str, ...]

    @classmethod
    def at(cls, path: str, language: str, text: Text, position: Position) -> Place:
        """The surroundings of a position; of huge lines, what is near the cursor."""
        line = position.line
        own = text.lines[line][: position.character][-_LONGEST_LINE:]
        above = (text.line(each)[:_LONGEST_LINE] for each in range(max(0, line - _ABOVE), line))
        below = range(line + 1, min(len(text.lines), line + 1 + _BELOW))
        return cls(
            path=path,
            language=language,
            line=line,
            above=(*above, own),
            below=tuple(text.line(each)[:_LONGEST_LINE] for each in below),
        )

    def near(self) -> Iterator[tuple[str, float]]:
        """The lines around the cursor and how much each weighs, 0 to 1: the nearest the most."""
        count = len(self.above)
        for index, line in enumerate(self.above):
            yield line, 1 - 0.5 * (count - 1 - index) / _ABOVE
        for line in self.below:
            yield line, 0.4


@lru_cache(maxsize=4_096)
def names_in(line: str) -> tuple[str, ...]:
    """The names in a line, each once; the lines around a cursor are asked for again and again."""
    return tuple(dict.fromkeys(NAME.findall(line)))


@lru_cache(maxsize=65_536)
def subwords(name: str) -> frozenset[str]:
    """The words that a name is made of, in lower case; short ones say nothing and are left out."""
    found = _SUBWORD.findall(name)
    return frozenset(each.lower() for each in found if len(each) >= _SHORTEST_SUBWORD)
