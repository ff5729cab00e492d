"""The texts of files as one run of numbered tokens, of which a layer is made."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from firsthand.embedded.imports import offered
from firsthand.embedded.layer import Layer
from firsthand.embedded.lexer import (
    FILE,
    LONGEST_LINE,
    lex,
    margin,
    rules_for,
    width,
    words_of_code,
)

MOST_FILE_TOKENS = 60_000  # of one file, so that a generated one can't outweigh the rest


@dataclass(slots=True)
class Reading:
    """The tokens read so far.

    Attributes:
        tokens: their numbers, by first appearance.
        spaced: whether white space stands before each.
        numbers: the numbers of the words, in order.
        spans: (path, first token, one past the last) of each file.
        coded: the numbers of the words that stand in code, strings and comments left out.
        public: of each file, in the order of `spans`, the names that others may import from it.
    """

    tokens: array[int] = field(default_factory=lambda: array("i"))
    spaced: bytearray = field(default_factory=bytearray)
    numbers: defaultdict[str, int] = field(default_factory=lambda: defaultdict(count().__next__))
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    coded: set[int] = field(default_factory=set)
    public: list[array[int]] = field(default_factory=list)

    def add(self, path: str, language: str, text: str) -> None:
        """Take a file's text; what is no text is left out."""
        if "\0" in text:
            return
        rules = rules_for(language)
        first = len(self.tokens)
        state, above, blank = "", 0, False
        public: dict[str, None] = {}
        self._put((FILE,), ("",))
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            if not line or line.isspace():
                blank = True
                continue
            if len(line) > LONGEST_LINE:
                continue
            here = width(line)
            step = margin(above, here, blank)
            if step is not None:
                self._put((step,), ("",))
            lexed = lex(line, state, rules)
            self._put(lexed.keys, lexed.spaces)
            self.coded.update(map(self.numbers.__getitem__, words_of_code(lexed.keys, state)))
            if not here and not state:
                public.update(dict.fromkeys(offered(lexed.keys)))
            state, above, blank = lexed.state, here, False
            if len(self.tokens) - first > MOST_FILE_TOKENS:
                break
        self.spans.append((path, first, len(self.tokens)))
        self.public.append(array("i", map(self.numbers.__getitem__, public)))

    def take(self, layer: Layer, words: Mapping[int, str], paths: Iterable[str]) -> None:
        """Take files as a layer has them; `words` spells the numbers that it uses."""
        kept = sorted((*layer.spans[path], path) for path in paths)
        if not kept:
            return
        tokens, spaced = layer.text()
        used = np.unique(np.concatenate([tokens[first:last] for first, last, _ in kept]))
        mine = np.zeros(int(used[-1]) + 1, np.int32)
        for number in used.tolist():
            mine[number] = self.numbers[words[number]]
            if layer.in_code(number):
                self.coded.add(int(mine[number]))
        for first, last, path in kept:
            start = len(self.tokens)
            self.tokens.frombytes(mine[tokens[first:last]].tobytes())
            self.spaced += spaced[first:last].tobytes()
            self.spans.append((path, start, len(self.tokens)))
            self.public.append(array("i", mine[layer.public(path)].tolist()))

    def _put(self, keys: tuple[str, ...], spaces: tuple[str, ...]) -> None:
        self.tokens.extend(map(self.numbers.__getitem__, keys))
        self.spaced.extend(map(bool, spaces))
