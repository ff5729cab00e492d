"""What the lines above say of names: which are parameters, locals, members, not used yet.

Read from the tokens alone, so that it holds for any language and for code that does not parse: a
line that is less deeply indented than all below it encloses them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from firsthand.embedded.kinds import KEYWORDS, is_name

PARAMETER, LOCAL, LOOP, UNUSED, MEMBER, METHOD, IMPORTED = 1, 2, 4, 8, 16, 32, 64
ROLES = 7  # the flags above, as many
DOTS = frozenset({".", "->", "?.", "::"})
ITSELF = frozenset({"self", "this", "cls"})
DEFINING = frozenset(
    {"def", "fn", "func", "function", "class", "struct", "interface", "trait", "enum", "type"}
)

_FUNCTION = frozenset({"def", "fn", "func", "function", "lambda", "constructor"})
_TYPE = frozenset({"class", "struct", "impl", "interface", "trait", "enum"})
_BINDING = frozenset({"=", ":="})
_STARS = frozenset({"*", "**", "&", "...", "mut", "&&", "ref"})
_FURTHEST = 400  # lines above that are asked
_LONGEST = 90  # tokens of a definition's head


@dataclass(frozen=True, slots=True)
class Marks:
    """What one line says of names.

    Attributes:
        binds: names it gives a value.
        loops: names of a loop in it.
        members: names it uses as members of the object itself.
        defines: the name of the function or type it begins; empty for none.
        parameters: the parameters in it, if it begins or ends the head of a function.
        function: whether it begins a function.
        type: whether it begins a type.
        closes: whether it begins with a closing bracket.
        leads: the name it begins with, stars left out; empty for none.
        words: all names in it.
    """

    binds: tuple[str, ...]
    loops: tuple[str, ...]
    members: tuple[str, ...]
    defines: str
    parameters: tuple[str, ...]
    function: bool
    type: bool
    closes: bool
    leads: str
    words: frozenset[str]


def marks_of(keys: tuple[str, ...]) -> Marks:
    """What a line's tokens say of names."""
    bare = [key[1:] if key[0] == " " else key for key in keys]
    binds: list[str] = []
    loops: tuple[str, ...] = ()
    members = []
    defines = ""
    function = kind = False
    depth = 0
    for at, key in enumerate(bare):
        if key in {"(", "[", "{"}:
            depth += 1
        elif key in {")", "]", "}"}:
            depth -= 1
        elif key in _BINDING and depth == 0 and not binds and keys[at][0] == " ":
            binds = [
                word
                for place, word in enumerate(bare[:at])
                if is_name(word) and word not in KEYWORDS and not _is_member(bare, place)
            ]
            colon = bare.index(":") if ":" in bare[:at] else at
            binds = [word for word in binds if word in bare[:colon]]
        elif key in _FUNCTION:
            function = True
        elif key in _TYPE and at < 5:
            kind = True
        elif key == "for" and "in" in bare[at:]:
            loops = tuple(filter(is_name, bare[at + 1 : bare.index("in", at)]))
        elif key == "as" and at + 1 < len(bare) and is_name(bare[at + 1]):
            binds.append(bare[at + 1])
        elif at > 1 and bare[at - 1] in DOTS and bare[at - 2] in ITSELF and is_name(key):
            members.append(key)
        if at and bare[at - 1] in DEFINING and not defines and is_name(key):
            defines = key
    first = next((key for key in bare if key[0] != "\n" and key not in _STARS), "")
    parameters = parameters_of(keys) if function or first == ")" else ()
    words = frozenset(filter(is_name, bare))
    return Marks(
        tuple(binds),
        loops,
        tuple(members),
        defines,
        parameters,
        function,
        kind,
        first == ")",
        first if is_name(first) else "",
        words,
    )


def _is_member(bare: list[str], place: int) -> bool:
    return place > 0 and bare[place - 1] in DOTS


def parameters_of(keys: Iterable[str]) -> tuple[str, ...]:
    """The names of the parameters in the first brackets of some tokens, the object itself left out.

    Tokens that end before the brackets do give those so far.
    """
    found = []
    depth = 0
    before = ""
    for count, marked in enumerate(keys):
        key = marked[1:] if marked[0] == " " else marked
        if key[0] == "\n":
            continue
        if key in {"(", "[", "{"}:
            depth += 1
        elif key in {")", "]", "}"}:
            depth -= 1
            if depth == 0 and key == ")":
                break
        elif depth == 1 and before in {"(", ","} and is_name(key) and key not in ITSELF:
            found.append(key)
        if count > _LONGEST:
            break
        if key not in _STARS:
            before = key
    return tuple(found)


def roles_of(above: Iterable[tuple[int, Marks]], deep: int) -> dict[str, int]:
    """The roles of names for a line, by the lines above it, the nearest first.

    Args:
        above: how deeply each is indented, and what it says; blank lines left out.
        deep: how deeply the line itself is indented.
    """
    scope = _Scope(deep)
    for width, marks in islice(above, _FURTHEST):
        encloses = width < scope.deep
        scope.take(width, marks)
        if encloses and marks.type:
            break
    return scope.roles


@dataclass(slots=True)
class _Scope:
    """What is known of names so far, on the way up.

    Attributes:
        deep: how deeply the innermost thing that was seen to enclose the line is indented.
        roles: of names.
        used: names that stand below, on the way.
        deeper: names bound in blocks above that may belong to the same function.
        body: whether the lines are still those of the innermost function.
        head: whether they are those of a head of several lines, whose end was seen.
    """

    deep: int
    roles: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    deeper: set[str] = field(default_factory=set)
    body: bool = True
    head: bool = False

    def take(self, width: int, marks: Marks) -> None:
        """Go on to the next line above."""
        encloses = width < self.deep
        if self.body:
            self._bind(width, marks, encloses)
        if self.head and width > self.deep and marks.leads:
            self._add(marks.leads, PARAMETER)
        if encloses or (self.head and width == self.deep):
            self.deep = width
            self.head = marks.closes and not marks.function
            if self.body:
                self._enclose(marks)
        for name in marks.members:
            self.roles[name] = self.roles.get(name, 0) | MEMBER
        if marks.function and marks.defines:
            self.roles[marks.defines] = self.roles.get(marks.defines, 0) | METHOD
        self.used |= marks.words

    def _bind(self, width: int, marks: Marks, encloses: bool) -> None:
        if marks.function and not encloses:
            self.deeper.clear()  # they were that function's
        if width > self.deep:
            if not marks.function:
                self.deeper.update(marks.binds)
            return
        for name in marks.binds:
            self._add(name, LOCAL)
        for name in marks.loops if encloses else ():
            self.roles.pop(name, None)
            self._add(name, LOOP)

    def _enclose(self, marks: Marks) -> None:
        for name in marks.parameters:
            self._add(name, PARAMETER)
        if marks.function:
            self.body = False
            for name in self.deeper:
                self.roles.setdefault(name, LOCAL)

    def _add(self, name: str, role: int) -> None:
        self.roles.setdefault(name, role if name in self.used else role | UNUSED)
