"""What frontier models wrote that the person has not changed, nor said that they have read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from firsthand.core.authorship import Authorship, Mark, Origin, Run
from firsthand.core.text import Edit, Position, Range, Text, advance

# A block is looked for in so many lines before and after a place.
_AROUND = 500


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in a row, from first to last, each of which holds something unread or is blank."""

    first: int
    last: int


def unread(mark: int) -> bool:
    """Whether a packed mark is that of a frontier model's text that counts as unread."""
    known = Mark.of(mark)
    return known.origin is Origin.FRONTIER and not known.read


def blocks(authorship: Authorship, text: Text, first: int, last: int) -> list[Block]:
    """The blocks that have a line from first to last; further than 500 lines away they are cut."""
    start, end = max(0, first - _AROUND), min(len(text.lines) - 1, last + _AROUND)
    runs = authorship.slice(text, _lines(text, start, end))
    found: list[Block] = []
    for line in _unread_lines(text, start, runs):
        if found and not any(map(str.strip, text.lines[found[-1].last + 1 : line])):
            found[-1] = Block(found[-1].first, line)
        else:
            found.append(Block(line, line))
    return [each for each in found if each.first <= last and each.last >= first]


def read(authorship: Authorship, text: Text, first: int, last: int) -> Authorship:
    """The authorship with all that lines hold as read."""
    where = _lines(text, first, last)
    runs = authorship.slice(text, where)
    marked = [(length, _read(mark) if unread(mark) else mark) for length, mark in runs]
    return authorship.splice(text, Edit(where, text.slice(where)), text, marked)


def edited(
    was: Authorship, before: Text, edit: Edit, authorship: Authorship, after: Text
) -> Authorship:
    """The authorship after an edit, where a block that the edit changed counts as read.

    Blanks are no change, and neither is what a formatter does; what comes directly before or after
    a block is not in it.

    Args:
        was: that of the text before.
        before: the text before.
        edit: the edit.
        authorship: that of the text after.
        after: the text that it made.
    """
    gone, come = before.slice(edit.range), edit.new_text
    if "".join(gone.split()) == "".join(come.split()):
        return authorship
    range_ = Range(edit.range.start, advance(edit.range.start, come))
    lost = _solid(gone, was.slice(before, edit.range)) if gone else (0, 0)
    got = _solid(come, authorship.slice(after, range_)) if come else (0, 0)
    lead, tail = come[: len(come) - len(come.lstrip())], come[len(come.rstrip()) :]
    first = range_.start.line + (lead.count("\n") if lead != come else 0)
    last = max(first, range_.end.line - tail.count("\n"))
    if got[0] >= lost[0]:
        formatted = lost[0] > 0 and got[1] == lost[1]
        if formatted or not (
            _between(authorship, after, range_) or _any(authorship, after, first, last)
        ):
            return authorship
    # What is left of a block may begin a line further on.
    for each in blocks(authorship, after, max(0, first - 1), min(len(after.lines) - 1, last + 1)):
        authorship = read(authorship, after, each.first, each.last)
    return authorship


def _any(authorship: Authorship, text: Text, first: int, last: int) -> bool:
    """Whether lines hold something unread."""
    runs = authorship.slice(text, _lines(text, first, last))
    return any(True for _ in _unread_lines(text, first, runs))


def _between(authorship: Authorship, text: Text, range_: Range) -> bool:
    """Whether what stands directly before and after a range is unread."""
    start, end = range_.start, range_.end
    if start == Position(0, 0) or end == text.end:
        return False
    before = Position(start.line, start.character - 1)
    if not start.character:
        before = Position(start.line - 1, len(text.lines[start.line - 1]) - 1)
    after = Position(end.line, end.character + 1)
    runs = authorship.slice(text, Range(before, after))
    return unread(runs[0][1]) and unread(runs[-1][1])


def _unread_lines(text: Text, line: int, runs: Iterable[Run]) -> Iterator[int]:
    """The lines, from one on, that hold something unread other than blanks."""
    character, said = 0, -1
    for length, mark in runs:
        while length:
            content = text.lines[line]
            taken = min(length, len(content) - character)
            if said != line and unread(mark) and content[character : character + taken].strip():
                said = line
                yield line
            character, length = character + taken, length - taken
            if character == len(content):
                line, character = line + 1, 0


def _solid(string: str, runs: Iterable[Run]) -> tuple[int, int]:
    """How many characters of a text are no blanks: those that are unread, and all others."""
    at, counts = 0, [0, 0]
    for length, mark in runs:
        solid = sum(not each.isspace() for each in string[at : at + length])
        counts[not unread(mark)] += solid
        at += length
    return counts[0], counts[1]


def _lines(text: Text, first: int, last: int) -> Range:
    return Range(Position(first, 0), Position(last, len(text.lines[last])))


def _read(mark: int) -> int:
    return replace(Mark.of(mark), read=True).packed
