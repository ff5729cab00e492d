"""From the bytes of a stream to its events, and from a model's text to where it should end.

Everything here is fed pieces of any size and gives the same result however they were cut, also
inside a character's bytes. Sources: the WHATWG HTML standard, "Server-sent events" (the line and
field rules; ours also gives an event that the end of the stream cut off, as some servers leave out
the last empty line), and NDJSON (one JSON text a line).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

LINE_LIMIT = 1 << 20
"""The most bytes of one line, about a thousand times what a model server sends."""

Ended = Literal[
    "", "stop", "lines", "below", "suffix", "bracket", "repetition", "garbled", "lead", "length"
]
"""Why an answer ended early; "length" is said by its server alone, never by a Stopper."""

_PAIRS = {")": "(", "]": "[", "}": "{"}
_TELLING = re.compile(r"(?<!\\)[()\[\]{}\"'`]|\n")  # all that matters to brackets
_NEAR = 1500  # characters around the cursor in which brackets are counted
_PERIOD, _PERIODIC = 24, 120  # characters: the longest unit looked for, and how far it must go on


class LineTooLong(ValueError):
    """A stream sent a line without end."""


class Lines:
    """Bytes to lines of text without their ends (LF, CRLF or CR); bad UTF-8 becomes U+FFFD."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._after_cr = False

    def decode(self, piece: bytes) -> list[str]:
        """The lines that a piece completes; raises LineTooLong."""
        if self._after_cr and piece:
            piece = piece.removeprefix(b"\n")
            self._after_cr = False
        self._after_cr |= piece.endswith(b"\r")
        self._buffer += piece
        # Unlike str.splitlines, the bytes method knows no other ends than the three.
        lines = bytes(self._buffer).splitlines() if b"\n" in piece or b"\r" in piece else []
        rest = bytearray()
        if not lines or not self._buffer.endswith((b"\n", b"\r")):
            rest = bytearray(lines.pop()) if lines else self._buffer
        self._buffer = rest
        if max(map(len, (*lines, rest)), default=0) > self._limit:
            raise LineTooLong(f"a line of more than {self._limit} bytes")
        return [line.decode("utf-8", "replace") for line in lines]

    def flush(self) -> list[str]:
        """What the end of the stream left without a line's end."""
        rest, self._buffer = bytes(self._buffer), bytearray()
        return [rest.decode("utf-8", "replace")] if rest else []


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event: its name ("message" where none was given) and its data."""

    name: str
    data: str


class EventDecoder:
    """Server-sent events from bytes.

    A line `error: ...`, which llama.cpp's server sent for years, is an event of that name.
    """

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._lines = Lines(limit)
        self._name = ""
        self._data: list[str] = []
        self._first = True

    def decode(self, piece: bytes) -> list[Event]:
        """The events that a piece completes; raises LineTooLong."""
        return [event for line in self._lines.decode(piece) for event in self._line(line)]

    def flush(self) -> list[Event]:
        """The event that the end of the stream cut off, if any."""
        rest = [event for line in self._lines.flush() for event in self._line(line)]
        return [*rest, *self._dispatch()]

    def _line(self, line: str) -> Iterator[Event]:
        if self._first:
            line, self._first = line.removeprefix("\ufeff"), False
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "error":
            yield Event("error", value)

    def _dispatch(self) -> Iterator[Event]:
        if self._data:
            yield Event(self._name or "message", "\n".join(self._data))
        self._name, self._data = "", []


class RecordDecoder:
    """NDJSON from bytes: the text of each record, empty lines left out."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._lines = Lines(limit)

    def decode(self, piece: bytes) -> list[str]:
        """The records that a piece completes; raises LineTooLong."""
        return [line for line in self._lines.decode(piece) if line.strip()]

    def flush(self) -> list[str]:
        """The record that the end of the stream left without a line's end."""
        return [line for line in self._lines.flush() if line.strip()]


@dataclass(slots=True)
class _Brackets:
    """Which brackets are open, strings left out.

    Strings are known by their quotes alone and end with the line at the latest, so that an
    apostrophe in a comment costs no more than the brackets of that line.
    """

    quote: str = ""
    escaped: bool = False
    open: list[str] = field(default_factory=list)

    def closes(self, character: str) -> bool:
        """Take a character; whether it closes a bracket that was not opened here."""
        if self.quote:
            if self.escaped:
                self.escaped = False
            elif character == "\\":
                self.escaped = True
            elif character in (self.quote, "\n"):
                self.quote = ""
            return False
        if character in "\"'`":
            self.quote = character
        elif character in "([{":
            self.open.append(character)
        elif character in _PAIRS:
            if not self.open or self.open[-1] != _PAIRS[character]:
                return True
            self.open.pop()
        return False


class Stopper:
    """Ends a model's answer where nothing useful follows, and gives what is safe to show before.

    It stops at a stop string (also when the server ignored it), after `max_lines` lines, when the
    answer writes the line below the cursor or the rest of the cursor's line again, at a bracket
    or quote that closes nothing of its own and stands in the suffix already, at text that repeats
    itself, and at bytes that are no text. What might turn out to belong to such an end is held
    back, so text once given never has to be taken away. Carriage returns are left out.

    Args:
        prefix: the text before the cursor.
        suffix: the text after it.
        stops: the stop strings.
        max_lines: the most lines.
        lead: what the answer has to begin with although it stands before the cursor already; it is
            taken off, and an answer that begins with anything else ends at once.

    Attributes:
        done: whether the answer has ended; what is fed after that is ignored.
        reason: why it ended; empty while it has not, and after a stream that ended by itself.
    """

    def __init__(
        self,
        prefix: str,
        suffix: str,
        stops: tuple[str, ...] = (),
        max_lines: int = 8,
        lead: str = "",
    ) -> None:
        self.done = False
        self.reason: Ended = ""
        self._owed = lead.replace("\r", "")
        self._stops = stops
        self._max_lines = max(1, max_lines)
        self._text = ""
        self._shown = 0  # how much of the text was given
        self._cut = 0  # where the answer ends, once it is done
        self._line = 0  # where the current line begins
        self._content = 0  # where the last line with something in it ended
        self._lines: list[str] = []  # the lines with something in them

        before = prefix[prefix.rfind("\n") + 1 :].replace("\r", "")
        rest, _, after = suffix.replace("\r", "").partition("\n")
        self._lead = before if not before.strip() else None
        self._rest = rest.rstrip()
        self._below = next((line.rstrip() for line in after.split("\n") if line.strip()), "")
        self._telling = sum(map(str.isalnum, self._below)) >= 3

        outer = _Brackets()
        for character in before:
            outer.closes(character)
        self._brackets = _Brackets(outer.quote, outer.escaped)
        self._quoted = bool(outer.quote) and self._rest.startswith(outer.quote)
        beyond = _Brackets(outer.quote, outer.escaped)
        closers = [at for at, each in enumerate(self._rest) if beyond.closes(each)]
        self._closer = self._rest[closers[0]] if closers else ""
        self._around = prefix[-_NEAR:], suffix[:_NEAR]
        self._braces = outer.open.count("{") - sum(self._rest[at] == "}" for at in closers)
        # What may have to be taken back when the rest of the line is written again.
        self._again = self._rest[: closers[0]] if closers else self._rest
        self._sought = [each for each in (*stops, self._again) if each]
        self._longest = max(map(len, self._sought), default=1)

    @cached_property
    def _spare(self) -> dict[str, int]:
        """How many brackets the answer may close itself; counted when it closes the first.

        Braces are counted in the cursor's line alone, as those of whole blocks may close below all
        that is known of the suffix.
        """
        return {**_surplus(*self._around), "}": self._braces}

    def feed(self, piece: str) -> str:
        """Take a piece of the answer; gives the text that is now safe to show."""
        for character in piece.replace("\r", ""):
            if self.done:
                break
            if self._owed:
                self._pay(character)
                continue
            self._text += character
            self._take(character)
        return self._give(self._cut if self.done else len(self._text) - self._held())

    def flush(self) -> str:
        """The stream has ended by itself; gives the rest of the text."""
        if not self.done and self._owed:
            self._stop("lead", 0)
        if not self.done:
            self._end_of_line(len(self._text))
        return self._give(self._cut if self.done else len(self._text))

    @property
    def leading(self) -> bool:
        """Whether the lead, or a part of it, is still to come."""
        return bool(self._owed)

    def _pay(self, character: str) -> None:
        """Take off a character that stands before the cursor already."""
        if self._owed.startswith(character):
            self._owed = self._owed[1:]
        else:
            self._stop("lead", 0)

    def _give(self, end: int) -> str:
        start, self._shown = self._shown, max(self._shown, end)
        return self._text[start : self._shown]

    def _stop(self, reason: Ended, cut: int) -> None:
        self.done, self.reason, self._cut = True, reason, cut

    def _take(self, character: str) -> None:
        end = len(self._text)
        if character in "\ufffd\0":
            self._stop("garbled", end - 1)
        elif self._text.endswith(self._stops):
            self._stop("stop", end - max(len(s) for s in self._stops if self._text.endswith(s)))
        elif character == "\n":
            self._brackets.closes(character)
            self._quoted = False
            self._end_of_line(end - 1)
            self._line = end
        elif self._brackets.closes(character):
            self._unopened(character, end - 1)
        elif self._quoted and not self._brackets.quote:
            self._quoted = False
            if end > 1:  # else it may become a docstring's three quotes
                self._stop("suffix", end - 1)
        elif end % 16 == 0 and self._periodic():
            self._stop("repetition", end)

    def _end_of_line(self, end: int) -> None:
        """A line ends at `end`: by a line feed, or because the stream did."""
        line = self._text[self._line : end]
        if not line.strip():
            if self._height(end) > self._max_lines:
                self._stop("lines", self._content)
            return
        first = self._line == 0
        if self._telling and self._whole_line(line) == self._below:
            self._stop("below", self._content)
        elif first and self._rest and not self._closer and line.endswith(self._rest):
            self._stop("suffix", end - len(self._rest))
        elif self._lines[-2:] == [line] * 2 and any(map(str.isalnum, line)):
            self._stop("repetition", self._content)
        else:
            self._lines.append(line)
            self._content = end
            if end < len(self._text) and self._height(end) >= self._max_lines:
                self._stop("lines", end)

    def _height(self, end: int) -> int:
        """How many lines the answer has up to `end`; a break at its very start adds none."""
        text = self._text[:end]
        return text.count("\n") + (not text.startswith("\n"))

    def _whole_line(self, line: str) -> str | None:
        """The line as the document will have it, if all of it is known to come from the answer."""
        if self._line:
            return line.rstrip()
        return None if self._lead is None else (self._lead + line).rstrip()

    def _unopened(self, character: str, at: int) -> None:
        """The answer closes a bracket that it did not open."""
        whole = self._whole_line(self._text[self._line : at + 1])
        alone = not self._rest and whole is not None and whole.strip() == character
        if alone and whole and self._below.startswith(whole):
            # The same bracket, also on a line of its own and at the same depth, stands below.
            self._stop("bracket", self._content)
        elif self._spare[character] > 0:
            self._spare[character] -= 1
        elif character == self._closer:
            again = self._again if self._text[:at].endswith(self._again) else ""
            self._stop("bracket", at - len(again))

    def _periodic(self) -> bool:
        """Whether the end of the text is one short piece over and over."""
        tail = self._text[max(self._line, len(self._text) - _PERIODIC) :]
        return len(tail) == _PERIODIC and any(
            tail[period:] == tail[:-period] for period in range(1, _PERIOD + 1)
        )

    def _held(self) -> int:
        """How many of the last characters could still turn out to belong to an end."""
        tail = self._text[-self._longest :]
        held = max(
            (_overlap(tail, each) for each in self._sought if each[0] in tail),
            default=0,
        )
        line = self._text[self._line :]
        whole = self._whole_line(line)
        repeats = len(self._lines) > 1 and self._lines[-1] == self._lines[-2]
        if (
            not line.strip()
            or (self._telling and whole is not None and self._begins(whole, line))
            or (repeats and self._lines[-1].startswith(line))
        ):
            held = max(held, len(self._text) - self._content)
        return held

    def _begins(self, whole: str, line: str) -> bool:
        """Whether the current line may yet become the line below."""
        spaces = line[len(line.rstrip()) :]
        return whole == self._below or self._below.startswith(whole + spaces)


def _surplus(before: str, after: str) -> dict[str, int]:
    """How many brackets of each kind are open before the cursor and not closed after it."""
    left = _Brackets()
    for each in _TELLING.findall(before):
        left.closes(each)
    right = _Brackets(left.quote)
    closed = [each for each in _TELLING.findall(after) if right.closes(each)]
    return {end: left.open.count(start) - closed.count(end) for end, start in _PAIRS.items()}


def _overlap(text: str, string: str) -> int:
    """The length of the longest end of a text that a string begins with."""
    return next(
        (
            size
            for size in range(min(len(text), len(string)), 0, -1)
            if text.endswith(string[:size])
        ),
        0,
    )
