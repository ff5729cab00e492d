"""The brackets that are open at the cursor, and which of them the lines below close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

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
        below: what the lines below do with it: close it, surely leave it open, or end too soon.
    """

    bracket: str
    indent: int
    offset: int
    below: Literal["closed", "open", "unknown"] = "unknown"


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
    above: Iterable[tuple[str, int, str]],
    line: str,
    cursor: int,
    below: Sequence[str],
    language: str,
) -> Openers:
    """The brackets that are open at a cursor.

    Args:
        above: the brackets of the lines before the cursor's, as `placed` gives them.
        line: the cursor's line.
        cursor: how many characters of it stand left of the cursor.
        below: the lines after it.
        language: the LSP language id.
    """
    outer: list[Opener] = []
    sound = _follow(outer, above, above=True)
    standing = list(outer)
    _follow(standing, placed((line,), brackets(line, language)))
    fates = _fates(standing, below, language)
    kept = sum(opener.offset < 0 for opener in standing)
    return Openers(
        above=(*fates[:kept], *outer[kept:]),
        here=tuple(opener for opener in fates[kept:] if opener.offset < cursor),
        sound=sound,
    )


def indent_of(line: str) -> str:
    """The white space a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(indent: str) -> int:
    """The columns that white space takes, a tab going to the next multiple of eight.

    The size matters only where tabs and spaces are mixed, and there it is eight.
    """
    return len(indent.expandtabs(8))


def _follow(
    stack: list[Opener], found: Iterable[tuple[str, int, str]], *, above: bool = False
) -> bool:
    """Open and close brackets on a stack; whether each closer found its opener."""
    sound = True
    for line, offset, bracket in found:
        if bracket not in PAIRS:
            stack.append(Opener(bracket, width(indent_of(line)), -1 if above else offset))
        elif stack and stack[-1].bracket == PAIRS[bracket]:
            stack.pop()
        else:
            sound = False
    return sound


def _fates(stack: list[Opener], below: Sequence[str], language: str) -> list[Opener]:
    """Open brackets with what the lines below do with them."""
    fates = list(stack)
    left = len(stack)
    for closer in _surplus(below, language):
        index = _opener_of(closer, fates, left)
        if index is None:
            continue
        fates[index] = replace(fates[index], below="closed")
        if fates[index].offset < 0:
            left = index
    outermost = next((i for i, each in enumerate(fates) if each.below == "closed"), len(fates))
    ends = _first_depth(below)
    return [
        replace(each, below="open")
        if each.below == "unknown" and (index > outermost or ends <= each.indent)
        else each
        for index, each in enumerate(fates)
    ]


def _opener_of(closer: _Closer, stack: list[Opener], left: int) -> int | None:
    """Which open bracket a closer below belongs to, by its index.

    A closer that begins its line belongs to a bracket in a line that is indented as it is; any
    other one rather to a bracket above than to one in the line that is being written. Of those in
    that line, the inner ones are still open.
    """
    free = [
        index
        for index, opener in enumerate(stack)
        if opener.bracket == PAIRS[closer.bracket]
        and opener.below == "unknown"
        and opener.indent <= closer.indent
        and (opener.offset >= 0 or index < left)
    ]
    if closer.begins:
        free = [index for index in free if stack[index].indent == closer.indent] or free
    here = [index for index in free if stack[index].offset >= 0]
    above = [index for index in free if stack[index].offset < 0]
    if closer.begins and here:
        return here[0]
    return above[-1] if above else here[0] if here else None


@dataclass(frozen=True, slots=True)
class _Closer:
    """A closing bracket: the indentation of its line, and whether only closers precede it there."""

    bracket: str
    indent: int
    begins: bool


def _surplus(lines: Sequence[str], language: str) -> list[_Closer]:
    """The closers that close nothing in these lines."""
    own: list[str] = []
    surplus: list[_Closer] = []
    for line, offset, bracket in placed(lines, brackets("\n".join(lines), language)):
        if bracket not in PAIRS:
            own.append(bracket)
        elif not own:
            begins = not line[:offset].strip(" \t)]}")
            surplus.append(_Closer(bracket, width(indent_of(line)), begins))
        elif own[-1] == PAIRS[bracket]:
            own.pop()
    return surplus


def _first_depth(lines: Sequence[str]) -> int:
    """How far the next line with code is indented: what is not indented less has ended there."""
    for line in lines:
        if line and not line.isspace() and line.lstrip()[0] not in ")]}#":
            return width(indent_of(line))
    return -1 if lines else 0


def closes_all(string: str) -> bool:
    """Whether as many brackets are closed as are opened, strings and comments included."""
    return all(string.count(opening) == string.count(closing) for closing, opening in PAIRS.items())


def placed(
    lines: Sequence[str], found: Iterable[tuple[int, str]]
) -> Iterator[tuple[str, int, str]]:
    """Each bracket after the line it stands in and its offset there."""
    number = start = 0
    for offset, bracket in found:
        while offset > start + len(lines[number]):
            start += len(lines[number]) + 1
            number += 1
        yield lines[number], offset - start, bracket
