"""A model that knows the answer, and how it goes wrong: always the same at the same place."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import takewhile

_SEED = 8
# About four characters of code each, as a model's tokenizer cuts it.
_TOKEN = re.compile(
    r"<\|\w+\|>|\n[ \t]*| ?[A-Za-z]{1,7}| ?_+|\d{1,3}| ?[^\w\s]{1,2}|[ \t]+|.", re.DOTALL
)
_PIECE = re.compile(r"\w+|[^\w\s]")
_TELLING = 24  # characters before the cursor that a place is known by
_STATEMENTS = (ast.Assign, ast.AugAssign, ast.Return, ast.Raise, ast.If, ast.For, ast.With)
_UNKNOWN_LINES = 2  # before the cursor, that the model need not know
_WRONG, _WRONG_WITHIN = 0.25, 8  # of the answers; characters
_DECAY = 0.15  # of the lines


def tokens(text: str) -> list[str]:
    """A text cut into tokens; a control token is one of them."""
    return _TOKEN.findall(text)


@dataclass(frozen=True)
class Known:
    """A file as it is to become, and the parts of it that are typed.

    Attributes:
        name: tells it from others.
        source: its whole text.
        holes: where each typed part begins and ends, from the top.
    """

    name: str
    source: str
    holes: tuple[tuple[int, int], ...]

    @cached_property
    def statements(self) -> list[tuple[int, str]]:
        """The first line of each statement of a function, as its indentation and its text."""
        lines = self.source.split("\n")
        begins = {
            (statement.lineno, statement.col_offset)
            for function in ast.walk(ast.parse(self.source))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for statement in ast.walk(function)
            if isinstance(statement, _STATEMENTS)
        }
        return [(indent, lines[number - 1].strip()) for number, indent in sorted(begins)]

    def hole(self, at: int) -> tuple[int, int] | None:
        """The typed part that a place lies in."""
        return next((each for each in self.holes if each[0] <= at <= each[1]), None)


Wrong = Callable[[Known, int, int], int | None]
"""Where an answer goes wrong that begins at one place and would end at another, if it does."""


def answer(files: Sequence[Known], prefix: str, wrong: Wrong) -> str:
    """What the model writes after a prefix: the rest of the function, right or wrong.

    Args:
        files: what it knows.
        prefix: the text before the cursor, as the prompt holds it.
        wrong: where answers go wrong.
    """
    found = place(files, prefix)
    hole = found and found[0].hole(found[1])
    if found is None or hole is None:
        return ""
    file, at = found
    turn = wrong(file, at, hole[1])
    if turn is None or turn >= hole[1]:
        return file.source[at : hole[1]]
    return file.source[at:turn] + _other(file, turn, hole[1])


def place(files: Sequence[Known], prefix: str) -> tuple[Known, int] | None:
    """Where in what the model knows a prefix ends.

    Up to two lines at its end may be strange to it; it then goes on as if they were those that it
    knows.
    """
    for strange in range(_UNKNOWN_LINES + 1):
        telling = prefix.rsplit("\n", strange)[0]
        places = [(file, at) for file in files for at in _ends(file.source, telling)]
        if places:
            file, at = max(places, key=partial(_likeness, telling))
            for _ in range(strange):
                end = file.source.find("\n", at + 1)
                at = end if end >= 0 else len(file.source)
            return file, at
    return None


def some_answers(file: Known, at: int, end: int) -> int | None:
    """A quarter of the answers goes wrong, after up to eight characters.

    None goes wrong inside an indentation, but with the first character after it: models count well.
    """
    chance = _chance(file, at, "answer")
    turn = at + chance.randint(0, _WRONG_WITHIN)
    if chance.random() >= _WRONG:
        return None
    begin = file.source.rfind("\n", 0, turn) + 1
    while turn < end and file.source[begin : turn + 1].isspace():
        turn += 1
    return turn


def decaying(file: Known, at: int, end: int) -> int | None:
    """Some lines come out wrong until their first two tokens were typed."""
    begin = file.source.rfind("\n", 0, at) + 1
    while 0 < begin <= end:
        line = file.source[begin : end + 1].partition("\n")[0]
        code = begin + len(line) - len(line.lstrip())
        known = code + sum(map(len, tokens(line.strip())[:2]))
        if line.strip() and known > at and _chance(file, begin, "line").random() < _DECAY:
            return max(at, code)
        begin = file.source.find("\n", begin) + 1
    return None


def _chance(file: Known, at: int, what: str) -> random.Random:
    return random.Random(f"{_SEED} {what} {file.name} {at}")


def _ends(source: str, text: str) -> list[int]:
    """The places at which the end of a text stands."""
    end = text[-_TELLING:]
    if not end.strip():
        return []
    return [found.start() + len(end) for found in re.finditer(f"(?={re.escape(end)})", source)]


def _likeness(text: str, found: tuple[Known, int], most: int = 400) -> tuple[int, bool]:
    """How many characters before a place are those at a text's end, and whether it is typed."""
    file, at = found
    count = 0
    while count < min(most, at, len(text)) and file.source[at - count - 1] == text[-count - 1]:
        count += 1
    return count, file.hole(at) is not None


def _other(file: Known, at: int, end: int) -> str:
    """Other code of the same file in place of what comes at a place, at most as many lines."""
    chance = _chance(file, at, "other")
    begin = file.source.rfind("\n", 0, at) + 1
    line = file.source[begin:].partition("\n")[0]
    indent = line[: len(line) - len(line.lstrip())]
    number, piece = _pick(file, chance, file.source[begin:at], file.source[at])
    depth = file.statements[number][0]
    more = file.statements[number + 1 : number + 1 + file.source.count("\n", at, end)]
    same = takewhile(lambda each: each[0] >= depth, more)
    return piece + "".join(f"\n{indent}{' ' * (deep - depth)}{code}" for deep, code in same)


def _pick(file: Known, chance: random.Random, before: str, right: str) -> tuple[int, str]:
    """A statement's number and the part of it that could stand after `before`, begun otherwise."""
    inside = _in_word(before[-1:])
    while True:
        number = chance.randrange(len(file.statements))
        code = file.statements[number][1]
        starts = [found.start() for found in _PIECE.finditer(code)] if before.strip() else [0]
        piece = code[chance.choice(starts) :]
        fits = _in_word(piece[0]) == _in_word(right) if inside else True
        if piece[0] != right and fits:
            return number, piece


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
