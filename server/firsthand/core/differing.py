"""Where candidates for one change differ: the decisions that are left to the person.

Formatting and comments are no difference: blank lines, spaces between tokens, the kind of quotes, a
comma before a closing bracket, how the content of a bracket is spread over lines.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from firsthand.core import lexical

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_PIECE = re.compile(r"\n\s*|\w+|[^\w\s]")
_OPENING, _CLOSING, _COMMA = ("(", "[", "{"), (")", "]", "}"), ","
# What a bracket follows that is no call.
_NO_CALL = frozenset(("return", "in", "yield", "and", "or", "not", "if", "elif", "else", "lambda"))
_BY_INDENT = frozenset(("python", "yaml", "nim", "haskell", "fsharp", "coffeescript"))
_BY_SEMICOLON = frozenset(
    ("c", "cpp", "csharp", "java", "php", "rust", "javascript", "javascriptreact", "typescript")
) | {"typescriptreact", "css"}
_ANY_QUOTE = frozenset(("python", "javascript", "javascriptreact", "typescript", "typescriptreact"))
_LONGEST = 60

_Opcodes = Sequence[tuple[str, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where candidates differ.

    Attributes:
        first, end: the lines of the range as it is, from 0, `end` excluded.
        texts: what each kind of candidate would write there, the chosen one's first.
        groups: which candidates write each of these, by their indexes.
    """

    first: int
    end: int
    texts: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]


def normal(text: str, language: str) -> tuple[str, ...]:
    """The tokens of a text: the same where only formatting and comments differ."""
    found: list[str] = []
    opened: list[tuple[bool, int]] = []  # brackets: whether one may end in a comma, commas so far
    indents: list[int] = []
    pending = "\n" + text[: len(text) - len(text.lstrip())]
    for token in _tokens(text, language):
        if token[0] == "\n":
            pending = token
            continue
        if pending and not opened and language not in _BY_SEMICOLON:
            found.extend(_line_begun(pending, indents, language in _BY_INDENT))
        pending = ""
        if token in _OPENING:
            opened.append((token != _OPENING[0] or (bool(found) and _calls(found[-1])), 0))
        elif token == _COMMA and opened:
            opened[-1] = opened[-1][0], opened[-1][1] + 1
        elif token in _CLOSING and opened:
            free, commas = opened.pop()
            if found[-1] == _COMMA and (free or commas > 1):
                found.pop()
        found.append(token)
    return tuple(found)


def differences(
    old: str, candidates: Sequence[str], chosen: int, language: str
) -> tuple[Difference, ...]:
    """Where candidates differ from the chosen one, in the order of its text.

    Args:
        old: the range as it is.
        candidates: the range's new text by each.
        chosen: the index of the one that is proposed.
        language: the LSP language id.
    """
    lines = [_Lines.of(text, language) for text in candidates]
    base, before = lines[chosen], _Lines.of(old, language)
    maps = [_opcodes(base, each) for each in lines]
    to_old = _opcodes(base, before)
    found = []
    for first, end in _changed(maps):
        written = {
            number: each.part(*_mapped(maps[number], first, end))
            for number, each in enumerate(lines)
        }
        texts, groups = _grouped(written, chosen, language)
        if len(texts) > 1:
            at = before.place(*_mapped(to_old, first, end))
            found.append(Difference(*at, texts, groups))
    return tuple(found)


def note(names: Sequence[str], difference: Difference) -> str:
    """A sentence on who would write what at a place.

    Args:
        names: of all candidates, by their indexes.
        difference: the place.
    """
    said = [
        f"{_listed([names[number] for number in group])} "
        f"{'writes' if len(group) == 1 else 'write'} {_brief(text)}"
        for text, group in zip(difference.texts, difference.groups, strict=True)
    ]
    return "; ".join(said) + "."


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a text that hold code, each with its number and what it is compared by."""

    all: tuple[str, ...]
    numbers: tuple[int, ...]
    keys: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, text: str, language: str) -> _Lines:
        lines = _LINE.findall(text)
        keys: list[list[str]] = [[] for _ in range(text.count("\n") + 1)]
        number = 0
        for token in _tokens(text, language):
            if token[0] == "\n":
                number += token.count("\n")
                continue
            for part in token.split("\n"):  # a string may go over several lines
                keys[number].extend(filter(None, (part,)))
                number += 1
            number -= 1
        held = [number for number, key in enumerate(keys) if key]
        widths = sorted({_width(lines[each]) for each in held if language in _BY_INDENT})
        deep = {width: str(rank) for rank, width in enumerate(widths)}
        return cls(
            tuple(lines),
            tuple(held),
            tuple((deep.get(_width(lines[each]), ""), *keys[each]) for each in held),
        )

    def place(self, first: int, end: int) -> tuple[int, int]:
        """Lines that hold code as numbers among all lines."""
        if first == end:
            at = self.numbers[first] if first < len(self.numbers) else len(self.all)
            return at, at
        return self.numbers[first], self.numbers[end - 1] + 1

    def part(self, first: int, end: int) -> tuple[str, str]:
        """The text of some lines, and how deep the first of them is."""
        start, stop = self.place(first, end)
        return "".join(self.all[start:stop]), self.keys[first][0] if first < end else ""


def _tokens(text: str, language: str) -> Iterator[str]:
    """The words, marks and strings of a text, and the ends of its lines with what indents them."""
    at = 0
    for each in lexical.tokens(text, language):
        if each.kind == "bracket":
            continue
        yield from _PIECE.findall(text[at : each.start])
        at = each.end
        if each.kind == "string":
            yield _string(text[each.start : each.end], language)
        else:
            yield from re.findall(r"\n\s*", text[each.start : each.end])
    yield from _PIECE.findall(text[at:])


def _string(written: str, language: str) -> str:
    """A string by the quotes that are used most, where either kind means the same."""
    if language in _ANY_QUOTE and written[:1] == "'" == written[-1:] and '"' not in written:
        return f'"{written[1:-1]}"' if len(written) > 1 else written
    return written


def _line_begun(end: str, indents: list[int], deep: bool) -> Iterator[str]:
    """What stands for the end of a line: with how the next one is indented, where that counts."""
    yield "\n"
    width = _width(end.rpartition("\n")[2])
    while deep and indents and width < indents[-1]:
        indents.pop()
        yield "<"
    if deep and (not indents or width > indents[-1]):
        yield ">" if indents else ""
        indents.append(width)


def _calls(before: str) -> bool:
    return (before[-1].isalnum() or before[-1] in "_)]") and before not in _NO_CALL


def _width(line: str) -> int:
    return len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())


def _opcodes(base: _Lines, other: _Lines) -> _Opcodes:
    return difflib.SequenceMatcher(a=base.keys, b=other.keys, autojunk=False).get_opcodes()


def _changed(maps: Iterable[_Opcodes]) -> list[tuple[int, int]]:
    """The lines of the base that any other text changes; what touches is one."""
    spans = sorted((a, b) for each in maps for kind, a, b, _, _ in each if kind != "equal")
    merged: list[tuple[int, int]] = []
    for first, end in spans:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return merged


def _mapped(opcodes: _Opcodes, first: int, end: int) -> tuple[int, int]:
    """Lines of the base as lines of another text: all of what they became there."""
    starts, stops = [], []
    for kind, a, b, c, d in opcodes:
        if a <= first <= b:
            if kind == "equal":
                starts.append(c + first - a)
            elif first < b or a == b:
                starts.append(c)
        if a <= end <= b:
            if kind == "equal":
                stops.append(c + end - a)
            elif a < end or a == b:
                stops.append(d)
    start = min(starts, default=0)
    return start, max(stops, default=start)


def _grouped(
    written: Mapping[int, tuple[str, str]], chosen: int, language: str
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """The texts that differ, and who wrote each; the chosen one's first."""
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number in sorted(written, key=lambda each: (each != chosen, each)):
        text, deep = written[number]
        groups.setdefault((deep, normal(text, language)), []).append(number)
    texts = tuple(written[each[0]][0] for each in groups.values())
    return texts, tuple(tuple(sorted(each)) for each in groups.values())


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _brief(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return "nothing there"
    first = lines[0] if len(lines[0]) <= _LONGEST else f"{lines[0][:_LONGEST].rstrip()}…"
    more = len(lines) - 1
    rest = f" and {more} more line{'s' if more > 1 else ''}" if more else ""
    return f"`{first}`{rest}"
