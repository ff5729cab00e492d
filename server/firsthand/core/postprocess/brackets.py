"""How a text joins what stands right of the cursor and below: closing brackets and quotes.

A text may close what is open at the cursor, but not what the document closes already. The line is
read as it would be with the text in it; where a closer would then be one too many, the text loses
it, or replaces the closer right of the cursor, or is given up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from firsthand.core.lexical import LEXICONS, MARKUP, closing_of, kind_at_end, tokens
from firsthand.core.postprocess.openers import PAIRS
from firsthand.core.postprocess.place import Place

_ENDING = re.compile(r"[)\]}\"'`]")
_CLOSERS = frozenset(")]}\"'`>;,")
# Where a closing bracket may stand alone: prose, and the patterns of a shell's `case`.
_LOOSE = MARKUP | {"shellscript", "fish"}


def fitted(middle: str, place: Place) -> str:
    """The text without closers that the document has already; empty where it contradicts it."""
    return _fit(middle, place)[0]


def replaced(middle: str, place: Place) -> int:
    """How many characters right of the cursor a fitted text replaces; all of them are in it."""
    return _fit(middle, place)[1]


def kept_in(old: str, new: str) -> bool:
    """Whether all characters of one text occur in another, in order: editors demand it."""
    rest = iter(new)
    return all(character in rest for character in old)


def _fit(middle: str, place: Place) -> tuple[str, int]:
    if place.in_long and kind_at_end(place.before, place.language) != place.written:
        return _within_long(middle, place), 0
    loose = place.language in _LOOSE or place.language not in LEXICONS
    if not place.rest and (loose or not _ENDING.search(middle)):
        return middle, 0
    usual = len(_faults("", place.rest, place))
    for candidate, over in _candidates(middle, place.rest):
        faults = _faults(candidate, place.rest[over:], place)
        if len(faults) <= usual:
            return candidate, over
    faults = _faults(middle, place.rest, place)
    cut = faults[0] - len(place.before)
    if cut < 0 or cut >= len(middle):
        return "", 0
    shorter = middle[:cut].rstrip() if not place.rest else middle[:cut]
    if len(_faults(shorter, place.rest, place)) > usual:
        return "", 0
    return shorter, 0


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


def _faults(middle: str, rest: str, place: Place) -> list[int]:
    """Where in the cursor's line, with a text in it, a closer is wrong or a string stays open."""
    line = place.before + middle + rest
    inner = len(place.before) + len(middle)
    outer = list(place.open.above)
    here = {opener.offset: opener for opener in place.open.here}
    stack: list[tuple[str, int]] = []
    faults: list[int] = []
    for token in tokens(line, place.language):
        if token.kind == "string" and not token.closed and token.end > inner:
            faults.append(max(token.start, inner))
        if token.kind != "bracket":
            continue
        if token.opening not in PAIRS:
            stack.append((token.opening, token.start))
            continue
        wanted = PAIRS[token.opening]
        if stack:
            if stack[-1][0] != wanted:
                faults.append(token.start)
                continue
            _, offset = stack.pop()
            if token.start >= len(place.before) and offset in here and here[offset].closed_below:
                faults.append(token.start)
        elif outer:
            if outer[-1].bracket != wanted or outer[-1].closed_below:
                faults.append(token.start)
            else:
                outer.pop()
        elif place.whole and place.open.sound:
            faults.append(token.start)
    return faults


def _within_long(middle: str, place: Place) -> str:
    """Inside of a string or comment of several lines: not past its end, if it has one already."""
    closing = closing_of(place.written[1], place.language)
    if not closing:
        return middle
    ends = [found.start() for found in re.finditer(rf"(?<!\\){re.escape(closing)}", middle)]
    stands = place.rest.lstrip().startswith(closing) or any(
        line.strip() == closing for line in place.below
    )
    if len(ends) % 2 == 0 or not stands:
        return middle
    return middle[: ends[0]] if place.rest else middle[: ends[0]].rstrip()
