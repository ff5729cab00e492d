"""The call that a place lies in: whose arguments are written, and which of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firsthand.embedded.kinds import KEYWORDS, is_name
from firsthand.embedded.lexer import END

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is being written.

    Attributes:
        callee: the name that is called.
        place: which argument: its number from 0, or its name.
        begins: whether the next token is the argument's first.
        named: the arguments written by name so far.
    """

    callee: str
    place: int | str
    begins: bool
    named: frozenset[str]


def call_of(keys: list[str]) -> Call | None:
    """The innermost call that tokens leave open; None in no call or in other brackets of one."""
    depth = number = 0
    named: set[str] = set()
    name = ""
    last = len(keys) - 1
    for at in range(last, 0, -1):
        key = keys[at]
        mark = key[1:] if key[0] == " " else key
        if mark in _CLOSING:
            depth += 1
        elif mark in _OPENING:
            if depth:
                depth -= 1
                continue
            callee = keys[at - 1]
            if mark != "(" or key[0] == " " or not is_name(callee) or callee in KEYWORDS:
                return None
            if at > 1 and keys[at - 2] in {"def", "fn", "func", "function", "class"}:
                return None
            begins = keys[last].lstrip(" ") in {"(", ",", "="} or keys[last][0] == END
            return Call(callee, name or number, begins, frozenset(named))
        elif depth == 0:
            if mark == ",":
                number += 1
            elif mark == "=" and is_name(keys[at - 1]):
                named.add(keys[at - 1])
                if number == 0:
                    name = keys[at - 1]
    return None


def arguments_of(keys: tuple[str, ...]) -> Iterator[tuple[str, int | str, str]]:
    """The callee, the place and the first token of each argument in a line."""
    open_: list[tuple[str, int | str]] = []
    count: list[int] = []
    begins = False
    before = ""
    for key in keys:
        mark = key[1:] if key[0] == " " else key
        if mark in _CLOSING:
            begins = False
            if open_:
                open_.pop()
                count.pop()
        elif begins and open_[-1][0]:
            yield open_[-1][0], open_[-1][1], key
            begins = False
        if mark in _OPENING:
            called = mark == "(" and key[0] != " " and is_name(before) and before not in KEYWORDS
            open_.append((before if called else "", 0))
            count.append(0)
            begins = called
        elif open_ and mark == ",":
            count[-1] += 1
            open_[-1] = (open_[-1][0], count[-1])
            begins = True
        elif open_ and mark == "=" and is_name(before):
            open_[-1] = (open_[-1][0], before)
            begins = True
        before = key
