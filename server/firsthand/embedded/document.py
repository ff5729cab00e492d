"""One open file as a tier of its own: its lines, their tokens, and all contexts in order.

The same structure as the project's tier, small and mutable: integers in order, each a
context of 16 token numbers (the nearest on top) and the number of the token that followed. The line
under the cursor is not learned until the cursor leaves it: half a line would teach its own end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firsthand.core.built_in import built_in
from firsthand.core.text import Text
from firsthand.embedded.habits import Habits, named
from firsthand.embedded.kinds import NEW, REACH, is_name, shape
from firsthand.embedded.lexer import (
    END,
    FILE,
    LONGEST_LINE,
    Lexed,
    Rules,
    learnable,
    lex,
    margin,
    rules_for,
    width,
)
from firsthand.embedded.ordered import Ordered, successors
from firsthand.embedded.outline import FileLine, Outline
from firsthand.embedded.tier import DEPTH
from firsthand.embedded.words import Numbers

_TOP = 32 * (DEPTH - 1)
_TOP_SHAPE = 16 * (DEPTH - 1)
_LAST = 0xFFFFFFFF
_BACK = 1 << 31  # votes from here on say how far back a name stands
_WINDOW = 40  # lines above the cursor that are near
_AT_ONCE = 3  # lines learned within an edit; what is more waits
_STEP = 3  # lines learned between two steps of `pending`
_WALKED = 60  # lines looked at likewise
_MOST_TOKENS = 60_000


@dataclass(frozen=True, slots=True)
class Near:
    """The tokens right above a line, and where each stands among them."""

    keys: tuple[str, ...]
    places: dict[str, list[int]]
    tail: int


@dataclass(slots=True)
class _Carry:
    """What the lines above leave to the next one."""

    state: str
    tail: int
    above: int = 0
    blank: bool = False


class Document:
    """An open file's lines and tier."""

    def __init__(self, path: str, language: str, text: Text, numbers: Numbers) -> None:
        self.path = path
        self.rules: Rules = rules_for(language)
        self.built_in = built_in(language)
        self.hot: int | None = None
        self.habits = Habits()
        self._numbers = numbers
        self._lines = [FileLine(line.rstrip("\r\n")) for line in text.lines]
        self.outline = Outline(self._lines, self.habits)
        self._order = Ordered()  # contexts of 16 numbers of 32 bits, and what followed
        self._shaped = Ordered()  # contexts of 16 shapes of 16 bits, and the vote
        self._dirty = 0  # lines in [dirty, until) must be looked at again
        self._until = len(self._lines)
        self._near: tuple[int, Near] | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def replace(self, first: int, old: int, lines: list[str]) -> None:
        """Put lines in the place of `old` lines from `first` on and learn what is soon done."""
        hot = self.hot
        if old == 1 and len(lines) == 1 and hot == first:
            self._lines[first] = FileLine(lines[0])
            return
        for line in self._lines[first : first + old]:
            self._unlearn(line)
        self._lines[first : first + old] = map(FileLine, lines)
        shift = len(lines) - old
        if hot is not None and hot >= first + old:
            hot += shift
        elif hot is not None and hot >= first:
            self._mark(first, first + 1)
            hot = None
        if self._until > first:
            self._until += shift
        self.hot = hot
        self._mark(first, first + len(lines))
        self.heat(first + len(lines) - 1)
        self._near = None
        self._settle(_AT_ONCE)

    def heat(self, number: int) -> None:
        """Take a line as the one that is being written."""
        if number == self.hot:
            return
        old, self.hot = self.hot, number
        self._near = None
        self._unlearn(self._lines[number])
        if old is not None:
            self._mark(old, old + 1)
            self._settle(_AT_ONCE)

    def pending(self) -> Iterator[None]:
        """Learn what waits, in steps of less than a millisecond."""
        while not self._settle(_STEP):
            yield

    def near(self, number: int) -> Near:
        """The tokens of the lines above a line."""
        if self._near is not None and self._near[0] == number:
            return self._near[1]
        carry = self._carry(max(0, number - _WINDOW))
        keys: list[str] = [FILE] if number <= _WINDOW else []
        for line in self._lines[max(0, number - _WINDOW) : number]:
            self._lex(line, carry)
            self._pass(line, carry)
            keys.extend(line.keys)
        places: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            places.setdefault(key, []).append(place)
        near = Near(tuple(keys), places, carry.tail)
        self._near = (number, near)
        return near

    def before(self, number: int, prefix: str) -> tuple[Lexed, str | None, str]:
        """The tokens of a line's beginning, its margin, and the state the line begins in."""
        carry = self._carry(number)
        lexed = lex(prefix, carry.state, self.rules)
        return lexed, margin(carry.above, width(prefix), carry.blank), carry.state

    def written(self, number: int) -> list[tuple[int, str]]:
        """The tokens of a line, each after its context (see `sources.Context.file`)."""
        line = self._lines[number]
        carry = self._carry(number)
        keys = learnable(line.text, carry.state, self.rules).keys
        if line.blank or keys == (END,):
            return []
        step = margin(carry.above, width(line.text), carry.blank)
        tail = carry.tail
        found = []
        for key in (step, *keys) if step else keys:
            found.append((tail, key))
            tail = tail >> 32 | self._numbers[key] << _TOP
        return found

    def successors(self, query: int) -> list[tuple[str, int]]:
        """Keys seen after a context, each with the number of tokens of context that agreed."""
        keys = self._numbers.keyed
        return [(keys[entry], match) for entry, match in successors(self._order, query, 32)]

    def votes(self, query: int) -> list[tuple[str | int, int]]:
        """Votes after a context of shapes, as `tier.ProjectTier.votes` gives them."""
        keys = self._numbers.keyed
        return [
            (keys[vote] if vote < _BACK else _BACK - vote, match)
            for vote, match in successors(self._shaped, query, 16)
        ]

    def in_code(self, word: str) -> bool:
        """Whether a word stands in the file's code, strings and comments left out."""
        return word in self.habits.coded.get(word[0], ())

    def deep(self, number: int) -> int:
        """How deeply a line is indented."""
        return width(self._lines[number].text)

    def _mark(self, first: int, until: int) -> None:
        if self._dirty >= self._until:
            self._dirty, self._until = first, until
        else:
            self._dirty, self._until = min(self._dirty, first), max(self._until, until)

    def _settle(self, budget: int) -> bool:
        """Look at the lines that must be looked at, learning at most `budget`; whether all are."""
        number = self._dirty
        if number >= self._until:
            return True
        carry = self._carry(number)
        seen = 0
        while number < len(self._lines):
            line = self._lines[number]
            changed = self._lex(line, carry)
            if number != self.hot and line.learned != carry.tail and line.codes:
                self._unlearn(line)
                self._learn(line, carry.tail)
                changed = True
            self._pass(line, carry)
            # A line that is not learned does not tell whether the context is as it was.
            told = bool(line.codes) and number != self.hot
            number += 1
            seen += 1
            if changed:
                budget -= 1
                self._near = None
            elif told and number > self._until:
                break
            if budget <= 0 or seen > _WALKED:
                self._dirty, self._until = number, max(self._until, number + 1)
                return number >= len(self._lines)
        self._dirty = self._until = len(self._lines)
        return True

    def _carry(self, number: int) -> _Carry:
        """What the lines above one leave to it, as far as they were looked at."""
        lines = self._lines
        codes: list[int] = []
        at = number - 1
        while at >= 0 and len(codes) < DEPTH:
            codes.extend(reversed(lines[at].codes))
            at -= 1
        if len(codes) < DEPTH:
            codes.extend([self._numbers[FILE]] * (DEPTH - len(codes)))
        tail = 0
        for code in reversed(codes[:DEPTH]):
            tail = tail >> 32 | code << _TOP
        carry = _Carry("", tail)
        for at in range(number - 1, -1, -1):
            if lines[at].secret:
                continue
            if not lines[at].blank:
                carry.above = width(lines[at].text)
                break
            carry.blank = True
        above = lines[number - 1].lexed if number else None
        if above is not None:
            carry.state = above.state
        return carry

    def _lex(self, line: FileLine, carry: _Carry) -> bool:
        """Bring a line's tokens up to date; whether they had to be made anew."""
        step = None if line.blank else margin(carry.above, width(line.text), carry.blank)
        if line.lexed is not None and line.state == carry.state:
            body = line.lexed
            whole = (step, *body.keys) if step else body.keys
            if line.blank or line.secret or line.keys == whole:
                return False
        self._unlearn(line)
        lexed = learnable(line.text[: LONGEST_LINE + 1], carry.state, self.rules)
        line.lex(carry.state, lexed)
        line.keys = () if line.blank or line.secret else lexed.keys
        if step and line.keys:
            line.keys = (step, *line.keys)
        line.codes = tuple(map(self._numbers.__getitem__, line.keys))
        return True

    def _pass(self, line: FileLine, carry: _Carry) -> None:
        if line.lexed is not None:
            carry.state = line.lexed.state
        if line.secret:
            return  # as if it were not there
        if line.blank:
            carry.blank = True
            return
        carry.blank = False
        carry.above = width(line.text)
        for code in line.codes[-DEPTH:]:
            carry.tail = carry.tail >> 32 | code << _TOP

    def _learn(self, line: FileLine, tail: int) -> None:
        if len(self._order) > _MOST_TOKENS:
            return
        line.learned = tail
        for entry, shaped in self._entries(line, tail):
            self._order.add(entry)
            self._shaped.add(shaped)
        self.habits.add(line.keys, line.state or "", self._named(tail), 1)
        self.outline.add(line)

    def _unlearn(self, line: FileLine) -> None:
        if line.learned is None:
            return
        tail, line.learned = line.learned, None
        for entry, shaped in self._entries(line, tail):
            self._order.remove(entry)
            self._shaped.remove(shaped)
        self.habits.add(line.keys, line.state or "", self._named(tail), -1)
        self.outline.remove(line)

    def _named(self, tail: int) -> tuple[str, str]:
        """The last two names of a context."""
        keyed = self._numbers.keyed
        return named(keyed[code] for code in _codes(tail))

    def _entries(self, line: FileLine, tail: int) -> Iterator[tuple[int, int]]:
        """What a line adds to both orders, given the context before it."""
        codes = _codes(tail)
        shapes = 0
        for code in reversed(codes):
            shapes = shapes >> 16 | shape(self._numbers.keyed[code]) << _TOP_SHAPE
        for key, code in zip(line.keys, line.codes, strict=True):
            vote = code
            if is_name(key):
                reach = codes[:REACH]
                vote = _BACK + (reach.index(code) + 1 if code in reach else -NEW)
            yield tail << 32 | code, shapes << 32 | vote
            tail = tail >> 32 | code << _TOP
            shapes = shapes >> 16 | shape(key) << _TOP_SHAPE
            codes.insert(0, code)


def _codes(tail: int) -> list[int]:
    """The numbers of a context's tokens, the nearest first."""
    return [tail >> 32 * (DEPTH - 1 - back) & _LAST for back in range(DEPTH)]
