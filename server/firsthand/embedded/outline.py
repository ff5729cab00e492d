"""What the lines of one open file say of its names: what they import, define, and have as members.

Read from tokens alone, by `imports`, `scope` and `members`, as lines come and go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from firsthand.embedded.bindings import Bindings
from firsthand.embedded.habits import Habits
from firsthand.embedded.imports import Module, bound, imported
from firsthand.embedded.lexer import END, LONGEST_LINE, Lexed, width
from firsthand.embedded.members import bases_of, members_of
from firsthand.embedded.scope import IMPORTED, UNUSED, Marks, marks_of, parameters_of, roles_of

_HEAD = 30  # lines of a function that may hold its parameters
_MAKER = 60  # lines of a type among which what makes it is looked for
_BODY = 120  # lines of a type that are looked at
_FURTHEST = 400  # lines above that are asked for roles, and for the type around a line
_IMPORTS = 200  # lines from the top among which imports are looked for


@dataclass(slots=True, eq=False)
class FileLine:
    """A line of an open file.

    Attributes:
        text: it, without its end.
        state: the one in which it was lexed; None if it was not.
        lexed: its tokens.
        keys: those that count, its margin first; empty for a blank line.
        codes: the numbers of the keys.
        learned: the context before it, if its tokens are in the tier.
    """

    text: str
    state: str | None = None
    lexed: Lexed | None = None
    keys: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    learned: int | None = None
    _marks: Marks | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing is in it, or so much that nobody typed it."""
        return not self.text or self.text.isspace() or len(self.text) > LONGEST_LINE

    @property
    def secret(self) -> bool:
        """Whether it has text of which the lexer left nothing but its end."""
        return self.lexed is not None and self.lexed.keys == (END,) and not self.blank

    @property
    def marks(self) -> Marks:
        """What it says of names."""
        if self._marks is None:
            self._marks = marks_of(self.keys)
        return self._marks

    def lex(self, state: str, lexed: Lexed) -> None:
        """Take its tokens, and the state in which it was lexed."""
        self.state, self.lexed, self._marks = state, lexed, None


class Outline:
    """The names of a file whose lines come and go."""

    def __init__(self, lines: list[FileLine], habits: Habits) -> None:
        """Begin with no names.

        Args:
            lines: all lines, which may change; `add` and `remove` tell which count.
            habits: knows how often words stand in those that count.
        """
        self._lines, self._habits = lines, habits
        self._definitions = Bindings[FileLine, None]()
        self._imports = Bindings[FileLine, Module]()

    def add(self, line: FileLine) -> None:
        """Take what a line defines and imports."""
        for name, module in bound(line.keys):
            self._imports.add(name, line, module)
        if line.marks.defines:
            self._definitions.add(line.marks.defines, line, None)

    def remove(self, line: FileLine) -> None:
        """Drop what a line defined and imported."""
        for name, _ in bound(line.keys):
            self._imports.remove(name, line)
        self._definitions.remove(line.marks.defines, line)

    def defines(self, name: str) -> bool:
        """Whether a line of the file begins a function or type of a name."""
        return name in self._definitions

    def defined(self, most: int) -> list[str]:
        """The functions and types of the file, at most so many, those that came last first."""
        return list(islice(reversed(self._definitions), most))

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
        if found[0].marks.type:
            for further in range(at + 1, min(at + _MAKER, len(self._lines))):
                if self._lines[further].marks.defines in {"__init__", "constructor", "new"}:
                    at = further
                    break
        keys: list[str] = []
        for line in self._lines[at : at + _HEAD]:
            keys.extend(line.keys)
        return parameters_of(keys)

    def members(self, name: str) -> tuple[str, ...]:
        """The members of a type of the file; none if it has no such type."""
        found = self._definitions.get(name)
        if found is None or not found[0].marks.type:
            return ()
        head = found[0]
        at, deep = self._lines.index(head), width(head.text)
        keys = list(head.keys[head.keys.index(name) + 1 :])
        for line in self._lines[at + 1 : at + _BODY]:
            if line.keys:
                if width(line.text) <= deep and not line.marks.closes:
                    break
                keys.extend(line.keys if line.keys[0][0] == END else (END, *line.keys))
        return members_of(keys)

    def bases(self, number: int) -> tuple[str, ...]:
        """The types that the type around a line builds on."""
        deep = width(self._lines[number].text)
        for line in self._above(number):
            here = width(line.text)
            if here < deep:
                if line.marks.type:
                    return bases_of(line.keys)
                deep = here
        return ()

    def roles(self, number: int) -> dict[str, int]:
        """The roles of names for a line, see `scope`."""
        above = ((width(line.text), line.marks) for line in self._above(number))
        roles = roles_of(above, width(self._lines[number].text))
        for name in imported(line.keys for line in self._lines[:_IMPORTS] if line.keys):
            once = self._habits.words.get(name[0], {}).get(name, 0) <= 1
            roles[name] = roles.get(name, UNUSED if once else 0) | IMPORTED
        return roles

    def _above(self, number: int) -> Iterator[FileLine]:
        lines = reversed(self._lines[max(0, number - _FURTHEST) : number])
        return (line for line in lines if line.keys)
