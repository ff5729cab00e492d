"""What is wrong with texts that were shown, whether the person wanted them or not."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import product

from firsthand.core.built_in import built_in
from firsthand.core.text import Text
from firsthand.embedded.kinds import KEYWORDS
from firsthand.embedded.lexer import CLOSE, OPEN, lex, open_brackets, rules_for, words_of_code
from firsthand.evaluate.replay import agrees
from firsthand.evaluate.typist import Known, Typist
from firsthand.syntax import parse

_BUILT_IN = frozenset(dir(builtins)) | KEYWORDS | {"self", "cls"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
# What a statement may want before it, where it is cut, and after its brackets are closed, so that
# half a statement is told from a wrong one.
_BEFORE = ("", "if x:\n    pass\n", "try:\n    pass\n", "match x:\n    ")
_WITHIN = ("", " x", "x", " x: x", ": x", " in x", " x in x", "\n    pass")
_AFTER = (
    *("", ":\n    pass", " x", ": x", " else x", " import x", " x:\n    pass"),
    "(x):\n    pass",
    "\ndef f(): pass",
)
_ABOVE = 12  # lines a statement may have above the cursor's
_WORD = re.compile(r"[^\W\d]\w*")


class Fault(Enum):
    """What is wrong with a text."""

    SYNTAX = "breaks the syntax of its statement"
    NAME = "writes a name that stands in no code"


class Judge:
    """Finds texts that break the syntax of their statement, or write a name that nothing defines.

    A name is known if it stands in the code of another file of the project or above in the file,
    is built in, is a keyword, or is that of a module; what only strings and comments hold is not.
    Syntax is judged in Python, by its grammar: a text is at fault if no end makes a statement of
    it, though one does of what stands before it. What agrees with the file has no fault.
    """

    def __init__(self, known: Known, files: Iterable[tuple[str, str, str]]) -> None:
        """Judge by a project.

        Args:
            known: has its tiers.
            files: its files as (path, language, text), read as far as they are needed.
        """
        self._known = known
        self._unread = iter(files)
        self._read: list[tuple[str, frozenset[str]]] = []

    def faults(self, typist: Typist, number: int, at: int, text: str) -> frozenset[Fault]:
        """What is wrong with a text that is shown at a character of a line."""
        if agrees(typist.lines, number, at, text):
            return frozenset()
        line = typist.lines[number][:at]
        start, _ = typist.start(number, at)
        if start.quote or start.context.prose:
            return frozenset()
        found = set()
        before = set(_code_words(line, typist.language))
        new = set(_code_words(line + text, typist.language)) - before
        if any(not self._knows(word, typist, number) for word in new):
            found.add(Fault.NAME)
        if typist.language == "python" and _breaks(typist.lines[:number], line, text):
            found.add(Fault.SYNTAX)
        return frozenset(found)

    def _knows(self, word: str, typist: Typist, number: int) -> bool:
        if word in _BUILT_IN or word in built_in(typist.language):
            return True
        if word in self._known.tier.modules():
            return True
        if any(word in words for path, words in self._files() if path != typist.path):
            return True
        base = self._known.base
        if base is not None and base.count(word, base.excluded("")):
            return True
        return word in _code_words("\n".join(typist.lines[:number]), typist.language)

    def _files(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The files and the names in their code; each is read once."""
        yield from self._read
        for path, language, text in self._unread:
            self._read.append((path, frozenset(_code_words(text, language))))
            yield self._read[-1]


def _code_words(text: str, language: str) -> Iterator[str]:
    """The names that stand in code, strings and comments left out."""
    state, rules = "", rules_for(language)
    for line in text.split("\n"):
        lexed = lex(line, state, rules)
        yield from filter(_WORD.fullmatch, words_of_code(lexed.keys, state))
        state = lexed.state


def _breaks(above: Sequence[str], line: str, text: str) -> bool:
    """Whether a text makes a statement impossible that was possible, wherever it may begin."""
    possible = False
    for first in range(len(above), max(-1, len(above) - _ABOVE - 1), -1):
        begun = "\n".join([*above[first:], line])
        if _possible(begun):
            if _possible(begun + text):
                return False
            possible = True
    return possible


def _possible(begun: str) -> bool:
    """Whether some end makes a statement of its beginning."""
    indent = len(begun) - len(begun.lstrip())
    begun = "\n".join(line[indent:] for line in begun.split("\n"))
    if not begun.strip():
        return True
    quote, brackets = _open(begun)
    closers = quote + "".join(map(_CLOSERS.__getitem__, reversed(brackets)))
    for before, within, after in product(_BEFORE, _WITHIN, _AFTER):
        if quote and within:
            continue
        tree = parse("python", Text.of(f"{before}{begun}{within}{closers}{after}\n"))
        if tree is not None and not tree.root.has_error:
            return True
    return False


def _open(begun: str) -> tuple[str, list[str]]:
    """The quote and the brackets that Python code leaves open."""
    keys: list[str] = []
    state, rules = "", rules_for("python")
    for line in begun.split("\n"):
        lexed = lex(line, state, rules)
        keys += lexed.keys
        state = lexed.state
    quote = state
    for key in keys:
        mark = key.lstrip(" ")
        if mark[:1] == OPEN:
            quote = mark[1:].lstrip("rRbBuUfFtT")
        elif mark[:1] == CLOSE:
            quote = ""
    return quote, open_brackets(keys, [])
