"""What models wrote that the person has not changed, nor said that they have read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from firsthand.core.authorship import ACCEPTED, CERTAIN, ORIGIN, READ, Authorship, Origin, Run
from firsthand.core.text import Edit, Position, Range, Text, advance

# A block is looked for in so many lines before and after a place.
_AROUND = 500
_LINE_TIERS = ACCEPTED - {Origin.FRONTIER}


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in a row, from first to last, each of which holds something unread or is blank."""

    first: int
    last: int


def unread(mark: int) -> bool:
    """Whether a packed mark is that of a frontier model's text that counts as unread."""
    return mark & (ORIGIN | READ) == Origin.FRONTIER


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
    marked = [(length, mark | READ if unread(mark) else mark) for length, mark in runs]
    return authorship.splice(text, Edit(where, text.slice(where)), text, marked)


def edited(
    was: Authorship, before: Text, edit: Edit, authorship: Authorship, after: Text
) -> Authorship:
    """The authorship after an edit, where what the edit changed counts as read.

    Of a frontier model's text that is the block, and of other accepted text what was accepted at
    once. Blanks are no change, and neither is what a formatter does; what comes directly before or
    after accepted text is not in it.

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
    around, near = _around(authorship, after, range_)
    touched = _acceptances(around[:1]) & _acceptances(around[1:])
    made_up_for, formatted = True, False
    if gone:
        lost = _solid(gone, was.slice(before, edit.range))
        got = _solid(come, authorship.slice(after, range_))
        touched |= _acceptances(lost - got)
        had, has = (sum(each[mark] for mark in each if unread(mark)) for each in (lost, got))
        made_up_for = has >= had
        formatted = had > 0 and got.total() - has == lost.total() - had
    if touched:
        authorship = _touched(authorship, range_, touched)
    lead, tail = come[: len(come) - len(come.lstrip())], come[len(come.rstrip()) :]
    first = range_.start.line + (lead.count("\n") if lead != come else 0)
    last = max(first, range_.end.line - tail.count("\n"))
    within = all(map(unread, around))
    if made_up_for and (
        formatted or not (within or (near and _any(authorship, after, first, last)))
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


def _around(authorship: Authorship, text: Text, range_: Range) -> tuple[tuple[int, int], bool]:
    """The marks of what stands before and after a range, and whether its lines may be unread.

    Blanks are left out; the marks are 0 where nothing stands on one of the sides.
    """
    before, after = _solid_before(text, range_.start), _solid_after(text, range_.end)
    first, last = before or range_.start, after or range_.end
    runs = authorship.slice(text, _lines(text, first.line, last.line))
    near = any(unread(mark) for _, mark in runs)
    if before is None or after is None:
        return (0, 0), near
    to = sum(map(len, text.lines[first.line : last.line])) + last.character
    return (_mark_at(runs, first.character), _mark_at(runs, to)), near


def _mark_at(runs: list[Run], at: int) -> int:
    """The mark of a character of some runs."""
    for length, mark in runs:
        if at < length:
            return mark
        at -= length
    return 0


def _solid_before(text: Text, place: Position) -> Position | None:
    """The last character before a place that is no blank, at most 500 lines away."""
    if place.character and not text.lines[place.line][place.character - 1].isspace():
        return Position(place.line, place.character - 1)
    end: int | None = place.character
    for line in range(place.line, max(-1, place.line - _AROUND), -1):
        if head := text.lines[line][:end].rstrip():
            return Position(line, len(head) - 1)
        end = None
    return None


def _solid_after(text: Text, place: Position) -> Position | None:
    """The first character after a place that is no blank, at most 500 lines away."""
    start = place.character
    for line in range(place.line, min(len(text.lines), place.line + _AROUND)):
        content = text.lines[line]
        if start < len(content) and not content[start].isspace():
            return Position(line, start)
        if tail := content[start:].lstrip():
            return Position(line, len(content) - len(tail))
        start = 0
    return None


def _acceptances(marks: Iterable[int]) -> set[int]:
    """The marks of accepted text that nobody has touched, as inferred; the frontier's left out."""
    return {mark & ~CERTAIN for mark in marks if mark & ORIGIN in _LINE_TIERS and not mark & READ}


def _touched(authorship: Authorship, range_: Range, acceptances: Iterable[int]) -> Authorship:
    """The authorship with what is left of some acceptances as read, as far as it is near."""
    known = [each | certain for each in acceptances for certain in (0, CERTAIN)]
    marks = {mark: mark | READ for mark in known}
    return authorship.remarked(marks, range_.start.line - _AROUND, range_.end.line + _AROUND)


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


def _solid(string: str, runs: Iterable[Run]) -> Counter[int]:
    """How many characters of a text are no blanks, by their marks."""
    at, counts = 0, Counter[int]()
    for length, mark in runs:
        counts[mark] += sum(not each.isspace() for each in string[at : at + length])
        at += length
    return counts


def _lines(text: Text, first: int, last: int) -> Range:
    return Range(Position(first, 0), Position(last, len(text.lines[last])))
