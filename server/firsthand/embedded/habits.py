"""Exact counts of one file: of its words, of what follows one and two tokens, and of arguments."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from firsthand.embedded.calls import arguments_of
from firsthand.embedded.kinds import KEYWORDS, LOWER, kind
from firsthand.embedded.lexer import END, is_word, words_of_code

_PASSED_OVER = frozenset(
    {"self", "this", "cls", "str", "int", "float", "bool", "bytes", "list", "dict", "tuple"}
    | {"set", "object", "string", "number", "boolean", "any", "error", "byte", "len", "isinstance"}
)

Tables = dict[Hashable, dict[str, int]]


class Habits:
    """The counts.

    Attributes:
        words: how often each word stands, by its first character.
        follows: how often keys stand after a token, and after two (the nearest last).
        arguments: how often keys begin an argument, by what is called and the argument's place.
        coded: how often each word stands in code, strings and comments left out, as in `words`.
        sequels: how often a name is the next other one after a name, and after two (the nearest
            last), whatever stands between; see `named`.
    """

    def __init__(self) -> None:
        self.words: Tables = {}
        self.follows: Tables = {}
        self.arguments: Tables = {}
        self.coded: Tables = {}
        self.sequels: Tables = {}

    def add(self, keys: tuple[str, ...], state: str, before: tuple[str, str], times: int) -> None:
        """Count a line's tokens so many times more, or less if negative.

        Args:
            keys: the tokens.
            state: the one that the line began in.
            before: the names before the line, as `named` gives them.
            times: how often more.
        """
        two, one = "", END
        for key in keys:
            if is_word(key):
                _add(self.words, key[0], key, times)
            _add(self.follows, one, key, times)
            if two:
                _add(self.follows, (two, one), key, times)
            two, one = one, key
        two, one = before
        for key in words_of_code(keys, state):
            _add(self.coded, key[0], key, times)
            if key != one and _counts(key):
                _add(self.sequels, one, key, times)
                _add(self.sequels, (two, one), key, times)
                two, one = one, key
        for callee, place, key in arguments_of(keys):
            _add(self.arguments, (callee, place), key, times)


def named(keys: Iterable[str]) -> tuple[str, str]:
    """The last two different names among tokens, the nearest last; empty where there are fewer.

    Names of types, and those that languages give, are passed over: of `a: int, b: int` they are
    `a` and `b`.

    Args:
        keys: the tokens, the nearest first.
    """
    one = ""
    for key in keys:
        if key != one and is_word(key) and _counts(key):
            if one:
                return key, one
            one = key
    return "", one


def _counts(key: str) -> bool:
    return kind(key) == LOWER and key not in KEYWORDS and key not in _PASSED_OVER


def _add(tables: Tables, under: Hashable, key: str, times: int) -> None:
    table = tables.setdefault(under, {})
    total = table.get(key, 0) + times
    if total:
        table[key] = total
        return
    del table[key]
    if not table:
        del tables[under]
