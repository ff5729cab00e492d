"""What is wrong with texts that were shown, whether the person wanted them or not."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from bench.embedded.corpus import Project
from bench.embedded.typist import Typist

from firsthand.core.text import Text
from firsthand.embedded.kinds import KEYWORDS
from firsthand.embedded.lexer import CLOSE, OPEN, is_word, lex, rules_for
from firsthand.embedded.sources import open_brackets
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


@dataclass(slots=True)
class Faults:
    """Texts that break the syntax of their statement, or write a name that stands in no code.

    A name is known if it stands in the code of another file of the project or above in the file,
    is built in, or is a keyword; what only strings and comments hold is not. Syntax is judged in
    Python, by its grammar: a text is at fault if no end makes a statement of it, though one does
    of what stands before it. What agrees with the file has no fault.
    """

    project: Project
    shown: int = 0
    syntax: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _code: dict[str, dict[str, int]] = field(default_factory=dict)

    def judge(self, typist: Typist, number: int, at: int, text: str) -> None:
        """Look at a text that is shown at a character of a line."""
        self.shown += 1
        if typist.agrees(number, at, text):
            return
        line = typist.lines[number][:at]
        start, _ = typist.start(number, at)
        if start.quote or start.context.prose:
            return
        written = line + text
        new = set(_code_words(written, typist.language)) - set(_code_words(line, typist.language))
        if any(not self._known(word, typist, number) for word in new):
            self.names.append(written)
        if typist.language == "python" and _breaks(typist.lines[:number], line, text):
            self.syntax.append(written)

    def figures(self) -> dict[str, float]:
        """The shares of the texts shown."""
        return {
            "syntax_faults": len(self.syntax) / max(1, self.shown),
            "unknown_names": len(self.names) / max(1, self.shown),
        }

    def _known(self, word: str, typist: Typist, number: int) -> bool:
        if word in _BUILT_IN:
            return True
        if not self._code:
            for path, language, text in self.project.files:
                for each in _code_words(text, language):
                    places = self._code.setdefault(each, {})
                    places[path] = places.get(path, 0) + 1
        if any(path != typist.path for path in self._code.get(word, {})):
            return True
        base = self.project.base
        if base is not None and base.count(word, (0, 0)):
            return True
        return word in _code_words("\n".join(typist.lines[:number]), typist.language)


def _code_words(text: str, language: str) -> Iterator[str]:
    """The names that stand in code, strings and comments left out."""
    state, rules = "", rules_for(language)
    for line in text.split("\n"):
        inside = bool(state)
        lexed = lex(line, state, rules)
        for key in lexed.keys:
            mark = key.lstrip(" ")
            if mark[:1] == OPEN or mark[1:] in {"#", "//"}:
                inside = True
            elif mark[:1] == CLOSE:
                inside = False
            elif not inside and is_word(key) and _WORD.fullmatch(key):
                yield key
        state = lexed.state


def _breaks(above: list[str], line: str, text: str) -> bool:
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
