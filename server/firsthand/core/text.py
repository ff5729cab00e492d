"""The text of a document, and positions in it.

A position inside Firsthand counts whole characters (code points). Editors count in the unit that
was negotiated: bytes (utf-8), 16-bit units (utf-16, the default) or code points (utf-32). The two
functions at the end of this file are the only place where one becomes the other.
(Source: Language Server Protocol 3.17, "Position" and "PositionEncodingKind".)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

# LSP ends a line at \n, \r\n or \r and nowhere else; str.splitlines also splits at \x0c, \u2028.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_MOST_COMPARED = 500  # lines; comparing more would keep keys waiting


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two characters: 0-based line, 0-based character in code points."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Range:
    """The text between two positions, the end excluded."""

    start: Position
    end: Position

    @classmethod
    def at(cls, position: Position) -> Range:
        """The empty range at a position."""
        return cls(position, position)

    @property
    def empty(self) -> bool:
        """Whether nothing lies between start and end."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of a range by a new text."""

    range: Range
    new_text: str


@dataclass(frozen=True)
class Text:
    """An immutable text as its lines, each with its terminator.

    The last line has no terminator; it is the empty string after a final newline and in an empty
    text, so there is always at least one line. Texts made from one another share their lines, so
    that keeping many versions of a file costs little.
    """

    lines: tuple[str, ...] = ("",)

    @classmethod
    def of(cls, string: str) -> Text:
        """The text whose content is a string."""
        return cls(_split(string))

    @cached_property
    def string(self) -> str:
        """The whole content."""
        return "".join(self.lines)

    @cached_property
    def fingerprint(self) -> int:
        """A hash of the lines without their order: equal texts have equal fingerprints."""
        return _hashed(self.lines)

    def __hash__(self) -> int:
        """The fingerprint: what is kept for a text is found without a walk over its lines."""
        return hash(self.fingerprint)

    @property
    def end(self) -> Position:
        """The position after the last character."""
        return Position(len(self.lines) - 1, len(self.lines[-1]))

    def line(self, number: int) -> str:
        """A line without its terminator."""
        return self.lines[number].rstrip("\r\n")

    def clamp(self, position: Position) -> Position:
        """The nearest position that exists: a character past the end of a line becomes its end."""
        if position.line < 0:
            return Position(0, 0)
        if position.line >= len(self.lines):
            return self.end
        return Position(
            position.line, max(0, min(position.character, len(self.line(position.line))))
        )

    def before(self, position: Position) -> str:
        """The line's text up to a position."""
        return self.lines[position.line][: position.character]

    def after(self, position: Position) -> str:
        """The line's text from a position on, without the terminator."""
        return self.line(position.line)[position.character :]

    def slice(self, range_: Range) -> str:
        """The content of a range of existing positions."""
        start, end = range_.start, range_.end
        if start.line == end.line:
            return self.lines[start.line][start.character : end.character]
        return "".join(
            (
                self.lines[start.line][start.character :],
                *self.lines[start.line + 1 : end.line],
                self.lines[end.line][: end.character],
            )
        )

    def apply(self, edit: Edit) -> Text:
        """The text after an edit of existing positions."""
        first, last = edit.range.start.line, edit.range.end.line
        head = self.lines[first][: edit.range.start.character]
        tail = self.lines[last][edit.range.end.character :]
        # An edit can make CR and LF meet, or part them, so the neighbours are split anew with it.
        if first > 0 and self.lines[first - 1].endswith("\r"):
            first -= 1
            head = self.lines[first] + head
        if last + 1 < len(self.lines):
            last += 1
            tail += self.lines[last]
        middle = _split(head + edit.new_text + tail)
        if last + 1 < len(self.lines):
            middle = middle[:-1]
        after = Text((*self.lines[:first], *middle, *self.lines[last + 1 :]))
        # Told rather than summed anew: a key must not cost a walk over the whole text.
        after.__dict__["fingerprint"] = (
            self.fingerprint - _hashed(self.lines[first : last + 1]) + _hashed(middle)
        )
        return after


def advance(position: Position, string: str) -> Position:
    """Where a position lies after a string was inserted at it."""
    if "\n" not in string and "\r" not in string:  # as most of what a key brings
        return Position(position.line, position.character + len(string))
    pieces = _split(string)
    return Position(position.line + len(pieces) - 1, len(pieces[-1]))


def difference(before: Text, after: Text) -> Edit:
    """The smallest single edit that turns one text into another, at whole characters."""
    old, new = before.lines, after.lines
    head = _common(old, new)
    if head == len(old) == len(new):
        return Edit(Range.at(before.end), "")
    limit = min(len(old), len(new)) - head
    tail = _common(reversed(old), reversed(new), limit)
    old_piece = "".join(old[head : len(old) - tail])
    new_piece = "".join(new[head : len(new) - tail])
    left = _common(old_piece, new_piece)
    left -= _splits_line_end(old_piece, left)
    right = _common(
        reversed(old_piece), reversed(new_piece), min(len(old_piece), len(new_piece)) - left
    )
    right -= _splits_line_end(old_piece, len(old_piece) - right)
    start = advance(Position(head, 0), old_piece[:left])
    end = advance(Position(head, 0), old_piece[: len(old_piece) - right])
    return Edit(Range(start, end), new_piece[left : len(new_piece) - right])


def line_edits(before: Text, after: Text) -> tuple[Edit, ...]:
    """The edits of whole lines that turn one text into another, from top to bottom.

    Their ranges are all in the text before. Where too many lines lie between the first change and
    the last, all of them are one edit.
    """
    old, new = before.lines, after.lines
    head = _common(old, new)
    tail = _common(reversed(old), reversed(new), min(len(old), len(new)) - head)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    codes = [("replace", 0, len(a), 0, len(b))]
    if max(len(a), len(b)) <= _MOST_COMPARED:
        import difflib  # loaded when it is needed: a server answers its editor before

        codes = list(difflib.SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes())
    return tuple(
        Edit(
            Range(_start(before, head + first), _start(before, head + end)),
            "".join(b[first_new:end_new]),
        )
        for kind, first, end, first_new, end_new in codes
        if kind != "equal"
    )


def _start(text: Text, line: int) -> Position:
    """Where a line begins; the text's end for the line after its last one."""
    return Position(line, 0) if line < len(text.lines) else text.end


def _splits_line_end(string: str, offset: int) -> bool:
    """Whether an offset lies inside a line's end, where no position is."""
    return string[max(offset - 1, 0) : offset + 1] == "\r\n"


def units_to_character(line: str, units: int, encoding: Encoding) -> int:
    """The code point index of an editor's offset in a line; inside a character means its start.

    An offset past the end of the line becomes its end, as LSP demands.
    """
    if encoding == "utf-32" or line.isascii():
        return max(0, min(units, len(line)))
    left = units
    for index, character in enumerate(line):
        left -= _units(character, encoding)
        if left < 0:
            return index
    return len(line)


def character_to_units(line: str, character: int, encoding: Encoding) -> int:
    """The editor's offset of a code point index in a line."""
    if encoding == "utf-32" or line.isascii():
        return min(character, len(line))
    return sum(_units(each, encoding) for each in line[:character])


def _units(character: str, encoding: Encoding) -> int:
    code = ord(character)
    if encoding == "utf-16":
        return 2 if code > 0xFFFF else 1
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _split(string: str) -> tuple[str, ...]:
    lines = _LINE.findall(string)
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return tuple(lines)


def _hashed(lines: tuple[str, ...]) -> int:
    return sum(map(hash, lines))


def _common(left: Iterable[str], right: Iterable[str], limit: int | None = None) -> int:
    """How many leading elements two sequences share."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if count == limit or (one is not other and one != other):
            break
        count += 1
    return count
