"""The brackets that are open at the cursor, and which of them the lines below close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from firsthand.core.lexical import brackets

PAIRS = {")": "(", "]": "[", "}": "{"}
"""The opening bracket of each closing one."""


@dataclass(frozen=True, slots=True)
class Opener:
    """An open bracket before the cursor.

    Attributes:
        bracket: the bracket.
        indent: how far the line is indented that it stands in.
        offset: where it stands in the cursor's line; negative above it.
        closed_below: whether a line below closes it.
    """

    bracket: str
    indent: int
    offset: int
    closed_below: bool = False


@dataclass(frozen=True, slots=True)
class Openers:
    """The brackets that are open at a cursor, innermost last.

    Attributes:
        above: those of the lines above.
        here: those of the cursor's line.
        sound: whether every closer above has its opener there.
    """

    above: tuple[Opener, ...]
    here: tuple[Opener, ...]
    sound: bool


def openers(
    above: Sequence[str], line: str, cursor: int, below: Sequence[str], language: str
) -> Openers:
    """The brackets that are open at a cursor.

    Args:
        above: the lines before the cursor's.
        line: the cursor's line.
        cursor: how many characters of it stand left of the cursor.
        below: the lines after it.
        language: the LSP language id.
    """
    stack: list[Opener] = []
    sound = _follow(stack, above, language, above=True)
    standing = list(stack)
    _follow(standing, (line,), language)
    closed = _closed_below(standing, below, language)
    kept = sum(opener.offset < 0 for opener in standing)
    outer = tuple(
        replace(opener, closed_below=index < kept and index in closed)
        for index, opener in enumerate(stack)
    )
    here = tuple(
        replace(opener, closed_below=index in closed)
        for index, opener in enumerate(standing)
        if 0 <= opener.offset < cursor
    )
    return Openers(outer, here, sound)


def indent_of(line: str) -> str:
    """The white space a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(indent: str) -> int:
    """The columns that white space takes, a tab going to the next multiple of four."""
    return len(indent.expandtabs(4))


def _follow(
    stack: list[Opener], lines: Sequence[str], language: str, *, above: bool = False
) -> bool:
    """Open and close brackets on a stack; whether each closer found its opener."""
    sound = True
    for line, offset, bracket in _brackets(lines, language):
        if bracket not in PAIRS:
            stack.append(Opener(bracket, width(indent_of(line)), -1 if above else offset))
        elif stack and stack[-1].bracket == PAIRS[bracket]:
            stack.pop()
        else:
            sound = False
    return sound


def _closed_below(stack: list[Opener], below: Sequence[str], language: str) -> frozenset[int]:
    """Which open brackets the lines below close, by their index.

    A closer that begins its line belongs to the innermost bracket of its kind whose line is not
    indented more than its own.
    """
    closed: set[int] = set()
    left = len(stack)
    own: list[str] = []
    for line, offset, bracket in _brackets(below, language):
        if not left:
            break
        if bracket not in PAIRS:
            own.append(bracket)
            continue
        if own:
            if own[-1] == PAIRS[bracket]:
                own.pop()
            continue
        column = width(indent_of(line))
        first = not line[:offset].strip(" \t)]}")
        for index in range(left - 1, -1, -1):
            opener = stack[index]
            if opener.bracket == PAIRS[bracket] and (not first or column >= opener.indent):
                closed.add(index)
                left = index
                break
    return frozenset(closed)


def _brackets(lines: Sequence[str], language: str) -> Iterator[tuple[str, int, str]]:
    """Each bracket after the line it stands in and its offset there."""
    number = start = 0
    for offset, bracket in brackets("\n".join(lines), language):
        while offset > start + len(lines[number]):
            start += len(lines[number]) + 1
            number += 1
        yield lines[number], offset - start, bracket
