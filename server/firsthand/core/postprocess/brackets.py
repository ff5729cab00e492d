"""How a text joins what stands right of the cursor and below: closing brackets and quotes.

A text may close what is open at the cursor, but not what the document closes already. The line is
read as it would be with the text in it; where a closer would then be one too many, the text loses
it, or replaces the closer right of the cursor, or is given up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from firsthand.core.lexical import LEXICONS, MARKUP, closing_of, kind_at_end, tokens
from firsthand.core.postprocess.openers import PAIRS
from firsthand.core.postprocess.place import Place

_STATEMENT = re.compile(
    r"\s*(?:(?:async )?(?:def|class|for|with)\b.*:|@|(?:return|import|from)\b|[\w.]+ = )"
)
_ENDING = re.compile(r"[)\]}\"'`]")
_CLOSERS = frozenset(")]}\"'`>;,")
# Where a closing bracket may stand alone: prose, and the patterns of a shell's `case`.
_LOOSE = MARKUP | {"shellscript", "fish"}


def fitted(middle: str, place: Place) -> str:
    """The text without closers that the document has already; empty where it contradicts it."""
    return _fit(middle, place)[0]


def replaced(middle: str, place: Place) -> int:
    """How many characters right of the cursor a fitted text replaces; all of them are in it."""
    return _fit(middle, place)[1] if place.rest else 0


def kept_in(old: str, new: str) -> bool:
    """Whether all characters of one text occur in another, in order: editors demand it."""
    rest = iter(new)
    return all(character in rest for character in old)


def _fit(middle: str, place: Place) -> tuple[str, int]:
    if place.in_long and kind_at_end(place.before, place.language) != place.written:
        return _without_text_closers(_within_long(middle, place), place), 0
    loose = place.language in _LOOSE or place.language not in LEXICONS
    if not place.rest and (loose or not _ENDING.search(middle)):
        return middle, 0
    if place.kind != "code":
        middle = _without_text_closers(middle, place)
    usual = _faults("", place.rest, place)
    for candidate, over in _candidates(middle, place.rest):
        if _faults(candidate, place.rest[over:], place).no_more_than(usual):
            return candidate, over + _separator(candidate, place.rest[over:], over)
    faults = _faults(middle, place.rest, place)
    cut = min(faults.closers, default=0) - len(place.before)
    if cut < 0 or cut >= len(middle):
        return "", 0
    shorter = middle[:cut] if place.rest else middle[:cut].rstrip()
    return (shorter, 0) if _faults(shorter, place.rest, place).no_more_than(usual) else ("", 0)


def _candidates(middle: str, rest: str) -> Iterator[tuple[str, int]]:
    """The text as it is, without the end that stands right of the cursor, or replacing that."""
    yield middle, 0
    for right in dict.fromkeys((rest, rest.lstrip())):
        for count in range(len(right), 0, -1):
            if middle.endswith(right[:count]):
                yield middle[:-count], 0
    for end, character in enumerate(rest, start=1):
        if character not in _CLOSERS and not character.isspace():
            break
        if not character.isspace() and kept_in(rest[:end], middle):
            yield middle, end


def _separator(middle: str, rest: str, over: int) -> int:
    """How much more is replaced where a text that replaces closers brings what follows them."""
    return 1 if over and rest[:1] in (";", ",") and middle.endswith(rest[0]) else 0


@dataclass(frozen=True, slots=True)
class _Faults:
    """What is wrong in the cursor's line with a text in it.

    Attributes:
        closers: where closing brackets stand that close nothing, or what is closed below.
        strings: how many strings stay open that the rest of the line is in.
    """

    closers: tuple[int, ...]
    strings: int

    def no_more_than(self, other: _Faults) -> bool:
        return len(self.closers) <= len(other.closers) and self.strings <= other.strings


def _faults(middle: str, rest: str, place: Place) -> _Faults:
    """What is wrong in the cursor's line with a text in it and another rest."""
    line = place.before + middle + rest
    inner = len(place.before) + len(middle)
    outer = list(place.open.above)
    here = {opener.offset: opener for opener in place.open.here}
    stack: list[tuple[str, int]] = []
    faults: dict[int, str] = {}
    strings = 0
    for token in tokens(line, place.language):
        if token.kind == "string" and not token.closed and token.end > inner:
            strings += 1
        if token.kind != "bracket":
            continue
        if token.opening not in PAIRS:
            stack.append((token.opening, token.start))
            continue
        wanted = PAIRS[token.opening]
        if stack and stack[-1][0] == wanted:
            opener = here.get(stack.pop()[1])
            wrong = opener is not None and opener.below == "closed"
        elif stack:
            wrong = True
        elif outer and outer[-1].bracket == wanted:
            wrong = outer[-1].below == "closed" or (outer[-1].below == "unknown" and bool(rest))
            outer.pop()
        else:
            wrong = bool(rest) or (place.open.sound and (place.whole or bool(outer)))
        if wrong:
            faults[token.start] = wanted
    for bracket, offset in stack:
        # What the document closes below closes a bracket of the text, if that was opened anew.
        again = [each for each in faults if each < offset and faults[each] == bracket]
        if again and offset >= len(place.before):
            del faults[again[-1]]
    return _Faults(tuple(faults), strings)


def _without_text_closers(middle: str, place: Place) -> str:
    """In a comment or string, without the brackets right of the cursor, if they are too many."""
    line, rest = place.before, place.rest

    def surplus(part: str) -> int:
        string = line + part + rest
        return sum(max(0, string.count(each) - string.count(PAIRS[each])) for each in PAIRS)

    if surplus(middle) <= surplus(""):
        return middle
    for count in range(len(rest), 0, -1):
        shorter = middle[:-count]
        if middle.endswith(rest[:count]) and surplus(shorter) <= surplus(""):
            return shorter
    return middle


def _within_long(middle: str, place: Place) -> str:
    """Inside of a string or comment of several lines: not past its end, if it has one already."""
    closing = closing_of(place.written[1], place.language)
    if not closing:
        return middle
    ends = [found.start() for found in re.finditer(rf"(?<!\\){re.escape(closing)}", middle)]
    if not ends or (closing == place.written[1] and len(ends) % 2 == 0):
        return middle
    if not place.rest.lstrip().startswith(closing) and not _closed_below(closing, place):
        return middle
    return middle[: ends[0]] if place.rest else middle[: ends[0]].rstrip()


def _closed_below(closing: str, place: Place) -> bool:
    """Whether the comment or string at the cursor ends in a line below, not another one."""
    opening = place.written[1]
    for line in place.below:
        if opening != closing and opening in line:
            return False
        if closing in line:
            return opening != closing or line.strip() == closing
        if opening == closing and _STATEMENT.match(line):
            return False
    return False
