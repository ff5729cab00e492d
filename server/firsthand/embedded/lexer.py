"""Lines of any text language as tokens, from which the exact text can be rebuilt.

A line is lexed alone, given the state the line above ended in, so that an edit relexes what it
touched. A *key* names a token for the model and holds its text after at most two mark characters:

- words and numbers: the text itself, in code, strings and comments alike;
- operators in code: the text, after a space if white space stands before it (``" ="`` and ``"="``
  are different habits);
- operators in strings and comments: likewise, after ``PROSE``;
- quotes: ``OPEN`` or ``CLOSE`` and the quote with its prefix; a closing one has the space mark;
- the end of a line: ``END``. A line's tokens follow the key ``margin`` gives, if any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from firsthand.core.redact import continues_key, holds_secret, opens_key

OPEN, CLOSE, PROSE, END = "\x01", "\x02", "\x03", "\n"
FILE = "\n\n"  # stands before the first token of a file
_KEY = "\x00"  # what a state begins with inside of a private key
LONGEST_LINE = 2000  # characters; a longer line is no text that a person types

_MARKS = OPEN + CLOSE + PROSE
_PAIRS = {")": "(", "]": "[", "}": "{"}
COMMENTS = frozenset(PROSE + mark for mark in ("#", "//", "--", ";", "%"))
_WORD = r"\d\w*(?:\.\d\w*)?|[\w$]+"
_OPERATOR = (
    r"<<=|>>=|\*\*=|//=|===|!==|\.\.\.|\.\.=|&&=|\|\|=|\?\?=|->|=>|::|:=|==|!=|<=|>=|&&|\|\||\?\?|\?\."
    r"|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|\*\*|\.\.|<-|<<|@"
)


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of one line.

    Attributes:
        keys: the tokens' keys, the last one ``END``.
        spaces: the white space before each token; before ``END`` that at the end of the line.
        state: what is open after the line: empty in code, else the text that closes it.
    """

    keys: tuple[str, ...]
    spaces: tuple[str, ...]
    state: str

    @property
    def text(self) -> str:
        """The line again, without its terminator."""
        return "".join(
            space + written(key) for space, key in zip(self.spaces, self.keys, strict=True)
        ).removesuffix(END)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a language writes its comments and strings.

    Attributes:
        code: matches white space and one token of code in one of the groups word, opener, comment
            and operator.
        lasting: closers of strings and comments that may run over several lines.
    """

    code: re.Pattern[str]
    lasting: frozenset[str]


def lex(line: str, state: str, rules: Rules) -> Lexed:
    """The tokens of a line without its terminator, begun in the state of the line above."""
    state = state.removeprefix(_KEY)
    if len(line) > LONGEST_LINE:
        return Lexed((PROSE + line, END), ("", ""), state)
    keys: list[str] = []
    spaces: list[str] = []
    at = 0
    comment = False
    while at < len(line):
        pattern = _prose("" if comment else state) if comment or state else rules.code
        match = pattern.match(line, at)
        if match is None:
            break
        space, at = match[1], match.end()
        spaces.append(space)
        mark = " " if space else ""
        group = match.lastgroup
        if group == "word":
            keys.append(match["word"])
        elif group == "operator":
            keys.append(mark + (PROSE if comment or state else "") + match["operator"])
        elif group == "closer":
            keys.append(f"{mark}{CLOSE}{state}")
            state = ""
        elif group == "opener":
            keys.append(OPEN + match["opener"])
            state = _closer(match["opener"])
        else:
            keys.append(mark + PROSE + match["comment"])
            comment = True
    return Lexed((*keys, END), (*spaces, line[at:]), state if state in rules.lasting else "")


def learnable(line: str, state: str, rules: Rules) -> Lexed:
    """`lex` of a line that is to be learned: one that holds a secret has no tokens but its end.

    The lines of a private key are told by the state that its first line leaves.
    """
    outer = state.removeprefix(_KEY)
    if outer != state:
        if continues_key(line):
            return Lexed((END,), (line,), state)
        state = outer
    lexed = lex(line, state, rules)
    if holds_secret(line):
        return Lexed((END,), (line,), lexed.state)
    return replace(lexed, state=_KEY + lexed.state) if opens_key(line) else lexed


def written(key: str) -> str:
    """The text of a token."""
    at = 1 if key[0] == " " else 0
    if len(key) > at + 1 and key[at] in _MARKS:
        at += 1
    return key[at:] if at else key


def words_of_code(keys: Iterable[str], state: str) -> Iterator[str]:
    """The words and numbers among a line's keys that stand in no string and no comment.

    `state` is the one that the line began in.
    """
    prose = bool(state)
    for key in keys:
        mark = key.lstrip(" ")
        if mark[0] == OPEN or mark in COMMENTS:
            prose = True
        elif mark[0] == CLOSE:
            prose = False
        elif not prose and is_word(key):
            yield key


def open_brackets(keys: list[str], before: list[str]) -> list[str]:
    """The brackets that code leaves open, the innermost last, given those open before it."""
    found = list(before)
    for key in keys:
        mark = key[1:] if key[0] == " " else key
        if mark in {"(", "[", "{"}:
            found.append(mark)
        elif mark in _PAIRS:
            if found and found[-1] == _PAIRS[mark]:
                found.pop()
        elif key == FILE:
            found.clear()
    return found


def width(line: str) -> int:
    """How deep a line is indented, in columns with tabs of eight."""
    body = line.lstrip()
    return len(line[: len(line) - len(body)].expandtabs())


def margin(above: int, here: int, blank: bool) -> str | None:
    """The key for the step between two lines: deeper, shallower or only past a blank line."""
    if above == here:
        return END + "=" if blank else None
    return END + (">" if here > above else "<") + ("=" if blank else "")


def is_word(key: str) -> bool:
    """Whether a key is a word or a number."""
    first = key[0]
    return first.isalnum() or first == "_" or first == "$"


@lru_cache(maxsize=64)
def rules_for(language: str) -> Rules:
    """The rules of a language by its LSP identifier; an unknown one gets the commonest rules."""
    comments, openers, lasting = _LANGUAGES.get(language, _COMMON)
    opener = f"|(?P<opener>{openers})" if openers else ""
    comment = f"|(?P<comment>{comments})" if comments else ""
    # A character literal is one word: its quote would otherwise open a string (Rust's lifetimes).
    char = r"'(?:\\[^']{1,8}|[^\\'])'|" if language in _CHARACTERS else ""
    operator = f"(?P<operator>{_OPERATOR}|.)"
    string = opener[1:] + "|" if opener else ""
    code = rf"([^\S\r\n]*)(?:{string}(?P<word>{char}{_WORD}){comment}|(?!\s){operator})"
    return Rules(re.compile(code), frozenset(lasting))


def _closer(opener: str) -> str:
    if opener == "/*":
        return "*/"
    if opener == "<!--":
        return "-->"
    return opener.lstrip("rRbBuUfFtT@$cL") or opener


@lru_cache(maxsize=64)
def _prose(closer: str) -> re.Pattern[str]:
    end = rf"(?P<closer>{re.escape(closer)})|" if closer else ""
    return re.compile(rf"([^\S\r\n]*)(?:{end}(?P<word>\w+)|(?!\s)(?P<operator>\\.|.))")


_C_STYLE = ("//", r"/\*|\"", ("*/",))
_SCRIPT = ("//", r"/\*|\"|'|`", ("*/", "`"))
_HASH = ("#", "\"|'", ())
_MARKUP = ("", "<!--", ("-->",))
_COMMON = ("//|#", r"/\*|\"|'", ("*/",))
_Language = tuple[str, str, tuple[str, ...]]
_CHARACTERS = frozenset({"rust", "c", "cpp", "java", "go", "csharp", "kotlin", "scala", "swift"})
# (what begins a comment up to the end of the line, what opens a string or a comment, closers of
# those that may run over several lines)
_LANGUAGES: dict[str, _Language] = {
    "python": (
        "#",
        r"(?:[rR][bBfFtT]?|[bBfFtT][rR]?|[uU])?(?:\"\"\"|'''|\"|')",
        ('"""', "'''"),
    ),
    **dict.fromkeys(("typescript", "typescriptreact", "javascript", "javascriptreact"), _SCRIPT),
    "go": ("//", r"/\*|\"|`", ("*/", "`")),
    "rust": ("//", r"/\*|(?:b|c)?\"", ("*/", '"')),
    **dict.fromkeys(("c", "cpp", "objective-c", "csharp", "java", "scala", "swift"), _C_STYLE),
    "kotlin": ("//", r"/\*|\"\"\"|\"", ("*/", '"""')),
    **dict.fromkeys(("php", "css", "scss", "less", "groovy", "dart"), _COMMON),
    **dict.fromkeys(
        ("shellscript", "ruby", "perl", "r", "yaml", "toml", "makefile", "dockerfile", "elixir"),
        _HASH,
    ),
    **dict.fromkeys(("sql", "lua", "haskell", "ada"), ("--", "\"|'", ())),
    **dict.fromkeys(("lisp", "clojure", "scheme", "ini"), (";", '"', ('"',))),
    **dict.fromkeys(("latex", "erlang", "matlab"), ("%", "", ())),
    **dict.fromkeys(("html", "xml", "markdown", "vue", "svelte"), _MARKUP),
    "plaintext": ("", "", ()),
}
