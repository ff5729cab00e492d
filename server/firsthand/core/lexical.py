"""Comments, strings and brackets of a piece of source code, found without a grammar.

A table says how each language writes comments and strings, and one regular expression a language
finds them. It is an estimate: text that begins inside a string, or a regular expression literal
with a quote in it, misleads it until the line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from firsthand.core.text import Text

Kind = Literal["code", "comment", "string"]

LONGEST_LINE = 2_000
"""How much is looked at of a line that is not the cursor's."""

_LINES_ABOVE = 60
_CHARACTERS_ABOVE = 4_000
_HASH_ALONE = r"(?<!\S)#"  # where a # inside of a word is no comment
_SINGLE_AFTER_SPACE = r"(?<!\w)'"  # where a ' inside of a word is no quote

# JavaScript: a slash begins a regular expression where an operand is expected.
_REGEX = (
    r"(?:(?<=[(,=:\[!&|?{};])|(?<=return)) ?(?P<oregex>/)(?![/*])"
    r"(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n])*\]|[^/\\\n\[])+(?P<eregex>/)"
)
_RAW = frozenset(('r#"', "[["))  # what opens strings without escapes


class Token(NamedTuple):
    """A comment, a string or a bracket, as offsets into the text that was read.

    Attributes:
        kind: what it is.
        start: where it begins.
        end: where it ends, its end excluded.
        opening: how it begins: the quotes, the comment's mark or the bracket itself.
        closed: whether its end was found; a comment of one line has no end but the line's.
    """

    kind: Literal["comment", "string", "bracket"]
    start: int
    end: int
    opening: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How a language writes comments and strings.

    Attributes:
        comments: patterns of what begins a comment that ends with the line.
        blocks: how longer comments begin and end.
        quotes: patterns of quotes of strings that end with the line.
        long_quotes: what begins and ends strings of several lines.
    """

    comments: tuple[str, ...] = ()
    blocks: tuple[tuple[str, str], ...] = ()
    quotes: tuple[str, ...] = ()
    long_quotes: tuple[tuple[str, str], ...] = ()


def tokens(string: str, language: str) -> Iterator[Token]:
    """The comments, strings and brackets of a text that begins as code, in order."""
    return map(_token, _pattern(language).finditer(string))


def brackets(string: str, language: str) -> Iterator[tuple[int, str]]:
    """The brackets of a text that begins as code, after their offsets."""
    for found in _pattern(language).finditer(string):
        if found.lastgroup == "bracket":
            yield found.start(), found[0]


def kind_at_end(string: str, language: str) -> tuple[Kind, str]:
    """What would be written after a text that begins as code, and how that was opened."""
    return read(string, language)[1]


def read(string: str, language: str) -> tuple[list[tuple[int, str]], tuple[Kind, str]]:
    """The brackets of a text that begins as code, after their offsets, and the kind at its end."""
    found: list[tuple[int, str]] = []
    last = None
    for last in _pattern(language).finditer(string):
        if last.lastgroup == "bracket":
            found.append((last.start(), last[0]))
    if last is None or last.end() < len(string) or last.lastgroup == "bracket":
        return found, ("code", "")
    token = _token(last)
    if token.closed or token.kind == "bracket":
        return found, ("code", "")
    return found, (token.kind, token.opening)


def prepare(language: str) -> None:
    """Make a language's pattern, which takes as long as a key may: for a thread of its own."""
    _pattern(language)


def lines_above(text: Text, line: int) -> tuple[tuple[str, ...], bool]:
    """The lines before a line, as many as tell what it is in, and whether these are all.

    Where they are not, they begin with the least indented one: it is the least likely to stand
    inside of a string or a comment. Huge lines are cut.
    """
    above: list[str] = []
    taken = 0
    while line > 0 and len(above) < _LINES_ABOVE and taken < _CHARACTERS_ABOVE:
        line -= 1
        above.append(text.line(line)[:LONGEST_LINE])
        taken += len(above[-1])
    above.reverse()
    filled = [index for index, each in enumerate(above) if each and not each.isspace()]
    first = min(filled, key=lambda index: _indent(above[index]), default=0) if line else 0
    return tuple(above[first:]), line == 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def spans_lines(opening: str, language: str) -> bool:
    """Whether a comment or string opened that way goes on in the next line."""
    lexicon = LEXICONS.get(language, _UNKNOWN)
    return any(opening == begins for begins, _ in (*lexicon.blocks, *lexicon.long_quotes))


def comment_of(language: str) -> str:
    """What begins a comment that ends with the line; empty where the language has none."""
    lexicon = LEXICONS.get(language, _TEXT)
    marks = ("#", "//", "--", ";", "%")
    return next((mark for each in lexicon.comments for mark in marks if mark in each), "")


def closing_of(opening: str, language: str) -> str:
    """How a comment or string ends that was opened that way."""
    lexicon = LEXICONS.get(language, _UNKNOWN)
    pairs = dict((*lexicon.blocks, *lexicon.long_quotes))
    return pairs.get(opening, opening)


def _token(found: re.Match[str]) -> Token:
    group = found.lastgroup or ""
    if group == "bracket":
        return Token("bracket", found.start(), found.end(), found[0], True)
    if group[0] == "c":
        return Token("comment", found.start(), found.end(), found[0][:2], False)
    number = group[1:]
    kind: Literal["comment", "string"] = "comment" if number[0] == "b" else "string"
    return Token(kind, found.start(), found.end(), found["o" + number], group[0] == "e")


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """Alternatives in the order in which they win; the last group that matched tells which.

    Group oX holds what opened X, eX what ended it; without eX the last group is oX.
    """
    lexicon = LEXICONS.get(language, _UNKNOWN)
    parts = []
    for index, (begins, ends) in enumerate(lexicon.long_quotes):
        parts.append(_long(f"q{index}", begins, ends, escapes=begins not in _RAW))
    for index, (begins, ends) in enumerate(lexicon.blocks):
        parts.append(_long(f"b{index}", begins, ends, escapes=False))
    parts += [f"(?P<c{index}>{each}[^\\n]*)" for index, each in enumerate(lexicon.comments)]
    for index, quote in enumerate(lexicon.quotes):
        if quote == "char":
            parts.append(r"(?P<ochar>')(?:\\[^\n]{1,8}?|[^'\\\n])(?P<echar>')")
            continue
        if quote == "regex":
            parts.append(_REGEX)
            continue
        end = quote[-1]
        body = rf"(?:\\[\s\S]|[^{end}\\\n])*"
        parts.append(f"(?P<os{index}>{quote}){body}(?P<es{index}>{end})?")
    parts.append(r"(?P<bracket>[()\[\]{}])")
    return re.compile("|".join(parts))


def _long(name: str, begins: str, ends: str, *, escapes: bool) -> str:
    stop = re.escape(ends)
    escaped = r"\\[\s\S]|" if escapes else ""
    return rf"(?P<o{name}>{re.escape(begins)})(?:{escaped}(?!{stop})[\s\S])*(?P<e{name}>{stop})?"


_C_BLOCK = (("/*", "*/"),)
_TRIPLE = (('"""', '"""'),)
_SLASHES = Lexicon(("//",), _C_BLOCK, ('"', _SINGLE_AFTER_SPACE))
_SCRIPT = Lexicon(("//",), _C_BLOCK, ('"', "'", "regex"), (("`", "`"),))
_HASHES = Lexicon((_HASH_ALONE,), (), ('"', _SINGLE_AFTER_SPACE))
_DASHES = Lexicon(("--",), (), ('"', _SINGLE_AFTER_SPACE))
_TEXT = Lexicon()
_MARKUP = Lexicon((), (("<!--", "-->"),))
_UNKNOWN = Lexicon((_HASH_ALONE, r"(?<![:\w])//"), _C_BLOCK, ('"', _SINGLE_AFTER_SPACE))

_PYTHON = Lexicon(("#",), (), ('"', "'"), (*_TRIPLE, ("'''", "'''")))

LEXICONS: dict[str, Lexicon] = {
    "python": _PYTHON,
    **dict.fromkeys(("javascript", "typescript", "javascriptreact", "typescriptreact"), _SCRIPT),
    **dict.fromkeys(("c", "cpp", "objective-c", "objective-cpp", "csharp", "cuda-cpp"), _SLASHES),
    **dict.fromkeys(("dart", "css", "scss", "less", "groovy", "zig", "proto", "glsl"), _SLASHES),
    **dict.fromkeys(
        ("java", "kotlin", "scala", "swift"),
        Lexicon(("//",), _C_BLOCK, ('"', _SINGLE_AFTER_SPACE), _TRIPLE),
    ),
    "go": Lexicon(("//",), _C_BLOCK, ('"', "char"), (("`", "`"),)),
    "rust": Lexicon(("//",), _C_BLOCK, ("char",), (('r#"', '"#'), ('"', '"'))),
    "php": Lexicon(("//", "#(?!\\[)"), _C_BLOCK, ('"', "'")),
    **dict.fromkeys(("ruby", "shellscript", "perl", "yaml", "dockerfile", "makefile"), _HASHES),
    **dict.fromkeys(("r", "cmake", "powershell", "nim", "crystal", "fish", "awk"), _HASHES),
    "toml": Lexicon((_HASH_ALONE,), (), ('"', "'"), (*_TRIPLE, ("'''", "'''"))),
    **dict.fromkeys(("elixir", "julia"), Lexicon(("#",), (), ('"', "char"), _TRIPLE)),
    "lua": Lexicon(("--",), (("--[[", "]]"),), ('"', "'"), (("[[", "]]"),)),
    "sql": Lexicon(("--",), _C_BLOCK, ("'", '"')),
    **dict.fromkeys(("haskell", "elm", "ada", "vhdl"), _DASHES),
    **dict.fromkeys(("ocaml", "fsharp"), Lexicon(("//",), (("(*", "*)"),), ('"', "char"))),
    **dict.fromkeys(
        ("clojure", "lisp", "scheme", "racket", "ini", "asm"), Lexicon((";",), (), ('"',))
    ),
    **dict.fromkeys(("latex", "tex", "erlang", "matlab", "prolog"), Lexicon(("%",))),
    **dict.fromkeys(("html", "xml", "vue", "svelte", "astro", "xsl"), _MARKUP),
    **dict.fromkeys(("markdown", "mdx", "quarto", "rmd", "restructuredtext", "asciidoc"), _TEXT),
    **dict.fromkeys(("plaintext", "git-commit", "log", "csv"), _TEXT),
    "json": Lexicon((), (), ('"',)),
    "jsonc": Lexicon(("//",), _C_BLOCK, ('"',)),
}
"""By LSP language id; a language that is not named here is read by a careful mixture of all."""

PROSE = frozenset(name for name, lexicon in LEXICONS.items() if lexicon is _TEXT)
"""Languages that are written for people, where nothing is code but what stands in fences."""

MARKUP = PROSE | frozenset(name for name, lexicon in LEXICONS.items() if lexicon is _MARKUP)
"""Languages whose text is not a programming language's."""
