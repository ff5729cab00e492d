"""Where a model's text goes: the cursor and what stands around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from firsthand.core.lexical import LONGEST_LINE, Kind, lines_above, read, spans_lines
from firsthand.core.postprocess.openers import Openers, indent_of, openers, placed
from firsthand.core.snapshot import Selected
from firsthand.core.text import Position, Text

# Enough to see what follows the cursor; all steps are in proportion to it.
_LINES_BELOW = 30
_CHARACTERS_BELOW = 3_000

_WORD = re.compile(r"[^\W\d_]{3,}")
_JOINING = re.compile(r"[=(.,\[]|\w\s+\w")
_EMPTY_CALL = re.compile(r"\s*[\w.]+\(\);?\s*")


@dataclass(frozen=True)
class Context:
    """What cleaning has to know.

    Attributes:
        text: the document that the model's text is to be inserted in.
        position: the cursor.
        language: the LSP language id.
        multi_line: whether several lines make sense here.
        max_lines: the most lines that are shown.
        selected: the item selected in the editor's completion menu, which must be extended.
        indentation: what one level is indented by; empty means as the lines around do.

    Whoever cleans the text of a stream again and again does it with the same context: what was
    found out about the place is kept with it.
    """

    text: Text
    position: Position
    language: str = ""
    multi_line: bool = True
    max_lines: int = 8
    selected: Selected | None = None
    indentation: str = ""

    @cached_property
    def place(self) -> Place:
        """What the steps read."""
        return place_of(self)


@dataclass(frozen=True)
class Place:
    """A context as the steps read it; what costs is found out when it is first asked for.

    Attributes:
        context: what it was made from.
        before: the cursor's line up to the cursor; of a huge line, what is near.
        rest: the cursor's line after the cursor, without trailing space; likewise.
        above: the lines before the cursor's, the nearest last, as many as are looked at.
        below: the lines after the cursor's, as many as are looked at.
        whole: whether above reaches up to the first line of the document.
    """

    context: Context
    before: str
    rest: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    whole: bool

    @property
    def language(self) -> str:
        """The LSP language id."""
        return self.context.language

    @cached_property
    def _read(self) -> tuple[list[tuple[int, str]], tuple[Kind, str]]:
        return read("\n".join((*self.above, self.before)), self.language)

    @property
    def written(self) -> tuple[Kind, str]:
        """What is written at the cursor; of a comment or string, also how it began."""
        return self._read[1]

    @property
    def kind(self) -> Kind:
        """What is written at the cursor."""
        return self.written[0]

    @property
    def in_long(self) -> bool:
        """Whether the cursor is in a comment or string that goes on in the next line."""
        return self.kind != "code" and spans_lines(self.written[1], self.language)

    @property
    def fresh(self) -> bool:
        """Whether only indentation stands left of the cursor."""
        return not self.before or self.before.isspace()

    @cached_property
    def steps(self) -> frozenset[int]:
        """By how many spaces blocks around are indented."""
        lines = (*self.above, self.before + "_", *self.below)
        return frozenset(step for step, opens in _steps(lines) if opens)

    @cached_property
    def unit(self) -> str:
        """What one level is indented by; empty where that is not known."""
        lines = (*self.above, self.before + "_", *self.below)
        return self.context.indentation or indentation_unit(lines)

    @cached_property
    def mixed(self) -> bool:
        """Whether some lines around begin with tabs and others with spaces."""
        lines = (*self.above, self.before + "_", *self.below)
        indented = [line for line in lines if not line.isspace()]
        return any(line.startswith("\t") for line in indented) and any(
            line.startswith("  ") for line in indented
        )

    @cached_property
    def open(self) -> Openers:
        """The brackets that are open at the cursor."""
        line = self.before + self.rest
        end = sum(map(len, self.above)) + len(self.above)
        found = (each for each in self._read[0] if each[0] < end)
        above = placed(self.above, found)
        return openers(above, line, len(self.before), self.below, self.language)

    @cached_property
    def line_above(self) -> str:
        """The nearest line above that is not blank; empty if there is none."""
        return next((line.rstrip() for line in reversed(self.above) if line.strip()), "")

    @cached_property
    def filled_above(self) -> tuple[str, ...]:
        """The lines above that are not blank, without trailing space."""
        return tuple(line.rstrip() for line in self.above if line and not line.isspace())

    @cached_property
    def filled_below(self) -> tuple[str, ...]:
        """The lines below that are not blank, without trailing space."""
        return tuple(line.rstrip() for line in self.below if line and not line.isspace())


def place_of(context: Context) -> Place:
    """What the steps read of a context."""
    text, position = context.text, context.position
    line = text.lines[position.line]
    above, whole = lines_above(text, position.line)
    below: list[str] = []
    taken = 0
    for number in range(position.line + 1, min(len(text.lines), position.line + _LINES_BELOW)):
        below.append(text.line(number)[:LONGEST_LINE])
        taken += len(below[-1])
        if taken > _CHARACTERS_BELOW:
            break
    return Place(
        context=context,
        before=line[max(0, position.character - LONGEST_LINE) : position.character],
        rest=line[position.character : position.character + LONGEST_LINE].rstrip(),
        above=above,
        below=tuple(below),
        whole=whole,
    )


def indentation_unit(lines: Sequence[str]) -> str:
    """What one level is indented by: a tab, or the usual step into blocks; empty if unknown."""
    indented = [line for line in lines if line[:1].isspace() and not line.isspace()]
    tabs = sum(line[0] == "\t" for line in indented)
    if tabs * 2 > len(indented):
        return "\t"
    steps = list(_steps(lines))
    counts = Counter(step for step, opens in steps if opens) or Counter(step for step, _ in steps)
    return " " * min(counts, key=lambda step: (-counts[step], step)) if counts else ""


def _steps(lines: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """By how many spaces lines are deeper than those above, and whether these open a block."""
    last, opens = 0, False
    for line in lines:
        if not line or line.isspace():
            continue
        indent = indent_of(line)
        step = len(indent) - last
        if step in (2, 3, 4, 8) and "\t" not in indent:
            yield step, opens
        last, opens = len(indent), line.rstrip()[-1] in ":{"


def weighty(line: str) -> bool:
    """Whether a line says enough that its second occurrence next to the first is a mistake.

    Brackets, keywords alone, rows of numbers and calls without arguments are often repeated.
    """
    stripped = line.strip()
    return (
        len(stripped) >= 6
        and bool(_WORD.search(stripped))
        and bool(_JOINING.search(stripped))
        and not _EMPTY_CALL.fullmatch(stripped)
    )
