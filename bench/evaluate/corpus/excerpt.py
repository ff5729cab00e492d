"""The text around the cursor that a model gets to read.

A model server keeps its work on the beginning of a prompt and computes only what follows the first
difference to the prompt before. So the windows must not slide with each key. The prefix begins at a
line that stays the same while its window grows from half of the allowed size to all of it, and is
then moved to the line in that range whose number has the most factors of two: of all choices that
need no memory, the one that changes least. The end of the suffix is chosen likewise, with lines
counted from the end of the document, where typing does not change them. And a suffix that has
hardly changed is kept as it was sent.

All work is in proportion to the windows, never to the document, however long its lines are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from firsthand.core.text import Position, Text

# Characters that an editor adds or takes away right of the cursor while a line is typed.
_CLOSERS = frozenset(")]}>\"'`;:, \t")
_MOST_CLOSERS = 8
_MOST_LINES_CHANGED = 2
_LINE_END = re.compile(r"\r\n?")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a model reads of a document.

    Attributes:
        prefix: the text before the cursor from start on, up to the cursor exactly. Lines end in a
            line feed, and half of a surrogate pair is U+FFFD, so that it can be encoded.
        suffix: the text after the cursor, written likewise; it may be one sent earlier that differs
            a little from the document's (see `kept`).
        start: where in the document the prefix begins.
        kept: the suffix is the previous excerpt's although the document's differs from it.
    """

    prefix: str
    suffix: str
    start: Position
    kept: bool = False


def excerpt(
    text: Text,
    position: Position,
    prefix_chars: int,
    suffix_chars: int,
    previous: Excerpt | None = None,
) -> Excerpt:
    """The windows before and after a position, in whole lines where lines are not huge.

    Args:
        text: the document.
        position: an existing position in it.
        prefix_chars: the most characters before the cursor; at least half as many are given where
            the document holds them and no line is longer than that half.
        suffix_chars: the same after the cursor.
        previous: the excerpt used last in this document; its beginning and its suffix are kept
            while they still serve.
    """
    start = _start(text, position, prefix_chars, previous)
    prefix = _encodable(_before(text, start, position))
    suffix = _encodable(_after(text, position, suffix_chars))
    if previous is not None and previous.suffix != suffix:
        wide = _encodable(_take(text, position, suffix_chars + _MOST_CLOSERS))
        if _still_serves(previous.suffix, wide, suffix_chars):
            return Excerpt(prefix, previous.suffix, start, not wide.startswith(previous.suffix))
    return Excerpt(prefix, suffix, start)


def _start(text: Text, position: Position, size: int, previous: Excerpt | None) -> Position:
    """Where the prefix begins."""
    if position.character > size:
        return Position(position.line, _snapped_up(position.character - size, size))
    lowest = highest = position.line
    taken = position.character
    while lowest > 0 and taken + len(text.lines[lowest - 1]) <= size:
        if taken < size // 2:
            highest = lowest - 1
        lowest -= 1
        taken += len(text.lines[lowest])
    if lowest == 0:
        return Position(0, 0)
    if previous is not None and lowest <= previous.start.line <= highest:
        return Position(previous.start.line, 0)
    return Position(_roundest(lowest, highest), 0)


def _before(text: Text, start: Position, position: Position) -> str:
    if start.line == position.line:
        return text.lines[start.line][start.character : position.character]
    return "".join(
        (
            text.lines[start.line][start.character :],
            *text.lines[start.line + 1 : position.line],
            text.lines[position.line][: position.character],
        )
    )


def _after(text: Text, position: Position, size: int) -> str:
    """The suffix up to the line that the window ends with."""
    line = text.lines[position.line]
    left = len(line) - position.character
    if left > size:
        return line[position.character : position.character + size]
    lowest = highest = position.line + 1  # the line that is the first one left out
    taken = left
    while highest < len(text.lines) and taken + len(text.lines[highest]) <= size:
        if taken < size // 2:
            lowest = highest + 1
        taken += len(text.lines[highest])
        highest += 1
    if highest == len(text.lines):
        end = highest
    else:
        count = len(text.lines)
        end = count - _roundest(count - highest, count - lowest)
    return "".join((line[position.character :], *text.lines[position.line + 1 : end]))


def _take(text: Text, position: Position, size: int) -> str:
    """The next characters after a position, cut without regard to lines."""
    pieces = [text.lines[position.line][position.character : position.character + size]]
    taken = len(pieces[0])
    number = position.line + 1
    while taken < size and number < len(text.lines):
        piece = text.lines[number][: size - taken]
        pieces.append(piece)
        taken += len(piece)
        number += 1
    return "".join(pieces)


def _still_serves(old: str, new: str, size: int) -> bool:
    """Whether a suffix that was sent can stand for the one that is there now.

    It can when it lies within the allowed size, is not much shorter than what could be sent, and
    differs by nothing but closing characters at the cursor, or by a line or two further below.
    """
    if not old or len(old) > size or len(old) < min(size // 2, len(new) * 3 // 4):
        return False
    return _without_closers(old, new) or _same_but_lines_below(old, new)


def _without_closers(old: str, new: str) -> bool:
    """Whether the two begin with different closing characters and agree from there on."""
    old_heads, new_heads = _closers_at_start(old), _closers_at_start(new)
    return any(
        new.startswith(old[left:], right) and len(old) > left
        for left in range(old_heads + 1)
        for right in range(new_heads + 1)
    )


def _closers_at_start(string: str) -> int:
    count = 0
    while count < min(len(string), _MOST_CLOSERS) and string[count] in _CLOSERS:
        count += 1
    return count


def _same_but_lines_below(old: str, new: str) -> bool:
    """Whether at most two lines changed, none of them the cursor's or the one below it."""
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    same = 0
    while same < min(len(old_lines), len(new_lines)) and old_lines[same] == new_lines[same]:
        same += 1
    if same < 2:
        return False
    return any(
        _begins(new_lines[same + right :], old_lines[same + left :])
        for left in range(_MOST_LINES_CHANGED + 1)
        for right in range(_MOST_LINES_CHANGED + 1)
    )


def _begins(lines: list[str], with_lines: list[str]) -> bool:
    return bool(with_lines) and lines[: len(with_lines)] == with_lines


def _snapped_up(character: int, size: int) -> int:
    """The next multiple of half a window, for cuts inside of a huge line."""
    step = max(1, size // 2)
    return -(-character // step) * step


def _roundest(low: int, high: int) -> int:
    """The number in low..high (low >= 1) with the most factors of two; unique in its range."""
    shift = 0
    while (high >> (shift + 1)) << (shift + 1) >= low:
        shift += 1
    return (high >> shift) << shift


def _encodable(string: str) -> str:
    if "\r" in string:
        string = _LINE_END.sub("\n", string)
    return string if string.isascii() else _SURROGATE.sub("\ufffd", string)
