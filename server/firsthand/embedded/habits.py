"""Exact counts of one file: of its words, of what follows one and two tokens, and of arguments."""

from __future__ import annotations

from collections.abc import Hashable

from firsthand.embedded.calls import arguments_of
from firsthand.embedded.lexer import END, is_word, words_of_code

Tables = dict[Hashable, dict[str, int]]


class Habits:
    """The counts.

    Attributes:
        words: how often each word stands, by its first character.
        follows: how often keys stand after a token, and after two (the nearest last).
        arguments: how often keys begin an argument, by what is called and the argument's place.
        coded: how often each word stands in code, strings and comments left out, as in `words`.
    """

    def __init__(self) -> None:
        self.words: Tables = {}
        self.follows: Tables = {}
        self.arguments: Tables = {}
        self.coded: Tables = {}

    def add(self, keys: tuple[str, ...], state: str, times: int) -> None:
        """Count a line's tokens so many times more, or less if negative.

        `state` is the one that the line began in.
        """
        two, one = "", END
        for key in keys:
            if is_word(key):
                _add(self.words, key[0], key, times)
            _add(self.follows, one, key, times)
            if two:
                _add(self.follows, (two, one), key, times)
            two, one = one, key
        for key in words_of_code(keys, state):
            _add(self.coded, key[0], key, times)
        for callee, place, key in arguments_of(keys):
            _add(self.arguments, (callee, place), key, times)


def _add(tables: Tables, under: Hashable, key: str, times: int) -> None:
    table = tables.setdefault(under, {})
    total = table.get(key, 0) + times
    if total:
        table[key] = total
        return
    del table[key]
    if not table:
        del tables[under]
