"""One open file as a tier of its own: its lines, their tokens, and all contexts in order.

The same structure as the project's tier, small and mutable: integers in order, each a
context of 16 token numbers (the nearest on top) and the number of the token that followed. The line
under the cursor is not learned until the cursor leaves it: half a line would teach its own end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firsthand.core.text import Text
from firsthand.embedded.bindings import Bindings
from firsthand.embedded.habits import Habits
from firsthand.embedded.imports import Module, bound
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
from firsthand.embedded.ordered import Ordered
from firsthand.embedded.scope import Marks, marks_of, parameters_of, roles_of
from firsthand.embedded.tier import DEPTH

_TOP = 32 * (DEPTH - 1)
_TOP_SHAPE = 16 * (DEPTH - 1)
_LAST = 0xFFFFFFFF
_BACK = 1 << 31  # votes from here on say how far back a name stands
_EACH = 16  # successors taken on each side of the longest match
_WINDOW = 40  # lines above the cursor that are near
_AT_ONCE = 3  # lines learned within an edit; what is more waits
_STEP = 3  # lines learned between two steps of `pending`
_WALKED = 60  # lines looked at likewise
_MOST_TOKENS = 60_000


class Numbers(dict[str, int]):
    """Numbers for keys, shared by the open documents; a new key gets a new one when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.keyed: list[str] = []  # the keys by their numbers

    def __missing__(self, key: str) -> int:
        self.keyed.append(key)
        self[key] = len(self.keyed) - 1
        return self[key]


@dataclass(slots=True, eq=False)
class _Line:
    text: str
    state: str | None = None  # in which it was lexed
    lexed: Lexed | None = None
    keys: tuple[str, ...] = ()  # with its margin; empty for a blank line
    codes: tuple[int, ...] = ()
    learned: int | None = None  # the context before it, if its tokens are in the tier
    marks: Marks | None = None

    @property
    def blank(self) -> bool:
        # A line that nobody types counts as none.
        return not self.text or self.text.isspace() or len(self.text) > LONGEST_LINE

    @property
    def secret(self) -> bool:
        # A line of text whose lexer left nothing but its end.
        return self.lexed is not None and self.lexed.keys == (END,) and not self.blank


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
        self.hot: int | None = None
        self.habits = Habits()
        self._definitions = Bindings[_Line, None]()
        self._imports = Bindings[_Line, Module]()
        self._numbers = numbers
        self._lines = [_Line(line.rstrip("\r\n")) for line in text.lines]
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
            self._lines[first] = _Line(lines[0])
            return
        for line in self._lines[first : first + old]:
            self._unlearn(line)
        self._lines[first : first + old] = map(_Line, lines)
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
        return [(keys[entry], match) for entry, match in _around(self._order, query, 32)]

    def votes(self, query: int) -> list[tuple[str | int, int]]:
        """Votes after a context of shapes, as `tier.ProjectTier.votes` gives them."""
        keys = self._numbers.keyed
        return [
            (keys[vote] if vote < _BACK else _BACK - vote, match)
            for vote, match in _around(self._shaped, query, 16)
        ]

    def in_code(self, word: str) -> bool:
        """Whether a word stands in the file's code, strings and comments left out."""
        return word in self.habits.coded.get(word[0], ())

    def defines(self, name: str) -> bool:
        """Whether a line of the file begins a function or type of a name."""
        return name in self._definitions

    def imported(self, name: str) -> Module | None:
        """The module that a name stands for; None if no line of the file imports it."""
        found = self._imports.get(name)
        return found and found[1]

    def parameters(self, name: str) -> tuple[str, ...] | None:
        """The parameters of a function, or of what makes a type; None if the file has none."""
        found = self._definitions.get(name)
        if found is None:
            return None
        at = self._lines.index(found[0])
        if _marks(found[0]).type:
            for further in range(at + 1, min(at + 60, len(self._lines))):
                if _marks(self._lines[further]).defines in {"__init__", "constructor", "new"}:
                    at = further
                    break
        keys: list[str] = []
        for line in self._lines[at : at + 30]:
            keys.extend(line.keys)
        return parameters_of(keys)

    def deep(self, number: int) -> int:
        """How deeply a line is indented."""
        return width(self._lines[number].text)

    def roles(self, number: int) -> dict[str, int]:
        """The roles of names for a line, see `scope`."""
        above = (
            (width(line.text), _marks(line))
            for line in reversed(self._lines[max(0, number - 400) : number])
            if line.keys
        )
        return roles_of(above, width(self._lines[number].text))

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
            number += 1
            seen += 1
            if changed:
                budget -= 1
                self._near = None
            elif number > self._until:
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

    def _lex(self, line: _Line, carry: _Carry) -> bool:
        """Bring a line's tokens up to date; whether they had to be made anew."""
        step = None if line.blank else margin(carry.above, width(line.text), carry.blank)
        if line.lexed is not None and line.state == carry.state:
            body = line.lexed
            whole = (step, *body.keys) if step else body.keys
            if line.blank or line.secret or line.keys == whole:
                return False
        self._unlearn(line)
        line.marks = None
        line.state = carry.state
        line.lexed = learnable(line.text[: LONGEST_LINE + 1], carry.state, self.rules)
        line.keys = () if line.blank or line.secret else line.lexed.keys
        if step and line.keys:
            line.keys = (step, *line.keys)
        line.codes = tuple(map(self._numbers.__getitem__, line.keys))
        return True

    def _pass(self, line: _Line, carry: _Carry) -> None:
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

    def _learn(self, line: _Line, tail: int) -> None:
        if len(self._order) > _MOST_TOKENS:
            return
        line.learned = tail
        for entry, shaped in self._entries(line, tail):
            self._order.add(entry)
            self._shaped.add(shaped)
        self.habits.add(line.keys, line.state or "", 1)
        for imported, module in bound(line.keys):
            self._imports.add(imported, line, module)
        name = _marks(line).defines
        if name:
            self._definitions.add(name, line, None)

    def _unlearn(self, line: _Line) -> None:
        if line.learned is None:
            return
        tail, line.learned = line.learned, None
        for entry, shaped in self._entries(line, tail):
            self._order.remove(entry)
            self._shaped.remove(shaped)
        self.habits.add(line.keys, line.state or "", -1)
        for imported, _ in bound(line.keys):
            self._imports.remove(imported, line)
        self._definitions.remove(_marks(line).defines, line)

    def _entries(self, line: _Line, tail: int) -> Iterator[tuple[int, int]]:
        """What a line adds to both orders, given the context before it."""
        codes = [tail >> 32 * (DEPTH - 1 - back) & _LAST for back in range(DEPTH)]  # nearest first
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


def _around(order: Ordered, query: int, bits: int) -> Iterator[tuple[int, int]]:
    """What followed the contexts nearest to a query, and how many of their numbers agree."""
    for entries in order.around(query << 32, _EACH):
        for entry in entries:
            match = (bits * DEPTH - ((entry >> 32) ^ query).bit_length()) // bits
            if not match:
                break
            yield entry & _LAST, match


def _marks(line: _Line) -> Marks:
    if line.marks is None:
        line.marks = marks_of(line.keys)
    return line.marks
