"""What is known of a word for a whole line, whatever stands before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import log

import numpy as np
from numpy.typing import NDArray

from firsthand.embedded.document import Document, Near
from firsthand.embedded.kinds import parts
from firsthand.embedded.lexer import END, is_word
from firsthand.embedded.scope import PARAMETER, ROLES

Floats = NDArray[np.float32]
_PLAIN = 15
FACTS = _PLAIN + ROLES + 1  # numbers of a word
_BEGINS = ("def", "fn", "func", "function", "constructor")
_FLAGS = [tuple(role >> flag & 1 for flag in range(ROLES)) for role in range(1 << ROLES)]


class Facts:
    """The numbers of words; those asked for are kept.

    Attributes:
        distance: for each key of the lines above, how many tokens back it stood last.
    """

    def __init__(
        self,
        near: Near,
        document: Document,
        roles: dict[str, int],
        counted: Callable[[str], tuple[float, float]],
    ) -> None:
        """Look at the lines above the one that is written.

        Args:
            near: those lines.
            document: the file.
            roles: of names, for the line; see `scope`.
            counted: the logarithms of how often a word stands in the project, and in the base.
        """
        keys = near.keys
        self._document, self._roles, self._counted = document, roles, counted
        last = dict(zip(keys, range(len(keys)), strict=True))
        self.distance = {key: len(keys) - place for key, place in last.items()}
        self._times = Counter(keys)
        ends = near.places.get(END, [])[-3:]
        self._above: frozenset[str] = frozenset()
        if ends:
            self._above = frozenset().union(*map(parts, filter(is_word, keys[ends[0] :])))
        begins = max((last[word] for word in _BEGINS if word in last), default=0)
        self._body = Counter(keys[begins:])
        self._next = _next_of(keys[begins:], roles)
        self._places: dict[str, int] = {}
        self._words = 0
        self._rows = np.zeros((256, FACTS), np.float32)

    def of(self, keys: list[str]) -> Floats:
        """(keys, FACTS) what is known of keys."""
        known = self._places
        try:
            rows = [known[key] for key in keys]
        except KeyError:
            self._meet(keys)
            rows = [known[key] for key in keys]
        return self._rows[rows]

    def _meet(self, keys: list[str]) -> None:
        """Give each new key a row; the first one is that of all that are no words."""
        new: list[str] = []
        for key in keys:
            if key not in self._places:
                word = bool(key) and is_word(key)
                self._places[key] = self._words + len(new) + 1 if word else 0
                if word:
                    new.append(key)
        if not new:
            return
        first = self._words + 1
        self._words += len(new)
        while self._words >= len(self._rows):
            self._rows = np.concatenate((self._rows, np.zeros_like(self._rows)))
        self._rows[first : self._words + 1] = [self._fact(key) for key in new]

    def _fact(self, key: str) -> tuple[float, ...]:
        times = self._document.habits.words.get(key[0], {}).get(key, 0)
        away = self.distance.get(key, 0)
        own = parts(key)
        project, base = self._counted(key)
        built_in = self._document.built_in
        return (
            1.0,
            log(1 + times),
            times == 0,
            1 / (1 + away / 8) if away else 0.0,
            away > 0,
            log(1 + self._times.get(key, 0)),
            project / 4,
            base / 4,
            len(key) / 8,
            len(own & self._above) / (len(own) or 1),
            log(1 + self._body.get(key, 0)),
            key == self._next,
            key in self._body,
            key in built_in.names,
            key in built_in.members,
            *_FLAGS[self._roles.get(key, 0)],
            self._document.outline.defines(key),
        )


def _next_of(body: tuple[str, ...], roles: dict[str, int]) -> str:
    """The first parameter of a function that is not used yet, after those that are."""
    wanted = {name for name, role in roles.items() if role & PARAMETER}
    times = Counter(key for key in body if key in wanted)
    order = list(dict.fromkeys(key for key in body if key in wanted))
    used = max((at for at, key in enumerate(order) if times[key] > 1), default=-1)
    return next((key for key in order[used + 1 :]), "")
