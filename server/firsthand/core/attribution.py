"""Which marks the new text of an edit gets: what it kept of the old text, and what is new in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from firsthand.core.alignment import matches, tokens
from firsthand.core.authorship import (
    ACCEPTED,
    ORIGIN,
    Authorship,
    Mark,
    Origin,
    Run,
    cut,
    joined,
)
from firsthand.core.text import Edit, Position, Range, Text, advance

# A longer text than a name, in several words or lines, that comes at once was not typed.
_PASTED = 20
# Characters of old and new text that are compared word by word; longer ones line by line alone.
_BY_WORDS = 20_000
_BROUGHT = ACCEPTED | {Origin.CHANGED}
# A shorter piece that is taken out is no sign of where the same comes in again.
_MOVED = 8


@dataclass(frozen=True, slots=True)
class Removed:
    """Text that was taken out of a document a moment ago, and its marks."""

    string: str
    runs: tuple[Run, ...]


def typed(
    authorship: Authorship, before: Text, edit: Edit, at: int, removed: Sequence[Removed] = ()
) -> list[Run]:
    """The runs of a new text that no suggestion brought.

    Words that the replaced text had as well keep their marks, and so do the blanks and signs that
    a formatter puts between them. What is new was typed; inside or in place of accepted text it
    changed that. What comes in one piece, of several words, was pasted, unless it was taken out
    somewhere a moment ago: then it was moved, and is whose it was.

    Args:
        authorship: that of the text before.
        before: the text before the edit.
        edit: the edit.
        at: when, in milliseconds since 1970.
        removed: what was taken out of documents of late, newest first.
    """
    fresh = Mark(Origin.TYPED, at)
    if edit.range.empty:
        if moved := _moved(edit.new_text, removed):
            return moved
        if pasted(edit.new_text):
            fresh = Mark(Origin.PASTED, at)
        elif _inside_accepted(authorship, before, edit.range):
            fresh = Mark(Origin.CHANGED, at)
        return [(len(edit.new_text), fresh.packed)]
    old = authorship.slice(before, edit.range)
    beyond = _following(authorship, before, edit.range.end)
    return carried(before.slice(edit.range), old, edit.new_text, fresh, beyond=beyond)


def accepted(authorship: Authorship, before: Text, edit: Edit, mark: Mark) -> list[Run]:
    """The runs of a new text that was accepted; what it begins and ends with as before is kept."""
    old, new = before.slice(edit.range), edit.new_text
    runs = authorship.slice(before, edit.range) if old else []
    left = _common(old, new)
    right = min(_common(old[::-1], new[::-1]), len(old) - left, len(new) - left)
    return joined(
        [
            *cut(runs, 0, left),
            (len(new) - left - right, mark.packed),
            *cut(runs, len(old) - right, len(old)),
        ]
    )


def carried(
    old: str, runs: list[Run], new: str, fresh: Mark, *, beyond: int = 0, guessing: bool = True
) -> list[Run]:
    """The runs of a text that took another one's place.

    Args:
        old: the text before.
        runs: its runs.
        new: the text now.
        fresh: the mark of what is new; typed in place of accepted text it becomes changed.
        beyond: the mark of what follows, for blanks that are put before it.
        guessing: words are compared as well; otherwise only lines, blanks left out.
    """
    before, after = Text.of(old).lines, Text.of(new).lines
    found: list[Run] = []
    olds, done, made = _offsets(before), 0, 0

    def between(end: int, stop: int) -> None:
        gone, came = "".join(before[done:end]), "".join(after[made:stop])
        left = cut(runs, olds[done], olds[end])
        compared = guessing and gone and len(gone) + len(came) <= _BY_WORDS
        found.extend((_by_words if compared else _whole)(gone, left, came, fresh))

    for one, other, count in matches([*map(_bare, before)], [*map(_bare, after)]):
        between(one, other)
        for step in range(count):
            left = cut(runs, olds[one + step], olds[one + step + 1])
            found.extend(_respaced(before[one + step], left, after[other + step], beyond))
        done, made = one + count, other + count
    between(len(before), len(after))
    return joined(found)


def pasted(new_text: str) -> bool:
    """Whether a text came in one piece rather than by keys: longer than a name, in several words.

    An editor completes a name from its menu, breaks a line and indents; these count as typed.
    """
    return len(new_text) >= _PASTED and len(new_text.split()) > 1


def remark(authorship: Authorship, text: Text, range_: Range, mark: Mark) -> Authorship:
    """The authorship with another mark for a range of its text."""
    string = text.slice(range_)
    runs = [(len(string), mark.packed)]
    return authorship.splice(text, Edit(range_, string), text, runs)


def overlaid(over: list[Run], under: list[Run]) -> list[Run]:
    """Runs of the same characters: the upper ones, but the lower ones where those are unknown."""
    found: list[Run] = []
    at = 0
    for length, mark in over:
        known = Mark.of(mark).origin is not Origin.UNKNOWN
        found += [(length, mark)] if known else cut(under, at, at + length)
        at += length
    return joined(found)


def range_of(start: Range, text: str, first: int, end: int) -> Range:
    """Where a part of a text lies that was put at the start of a range."""
    return Range(advance(start.start, text[:first]), advance(start.start, text[:end]))


def _whole(_old: str, runs: list[Run], new: str, fresh: Mark) -> list[Run]:
    return [(len(new), _changing(fresh, runs).packed)]


def _by_words(old: str, runs: list[Run], new: str, fresh: Mark) -> list[Run]:
    """The runs of a short text that took another one's place, by the words that both have."""
    olds, news = tokens(old), tokens(new)
    starts = _offsets(olds)
    pieces = [cut(runs, starts[at], starts[at + 1]) for at in range(len(olds))]
    pairs = _pairs(olds, news)
    solid = [at for at, each in enumerate(olds) if not each.isspace()]
    gone = [run for at in solid if at not in {*pairs.values()} for run in pieces[at]]
    mark = _changing(fresh, gone).packed
    kept = sum(len(news[at]) for at in pairs)
    formatted = 2 * kept >= sum(len(olds[at]) for at in solid) and kept > 0
    found: list[Run] = []
    for at, each in enumerate(news):
        if at in pairs:
            found += pieces[pairs[at]]
        elif each.isspace():
            found.append((len(each), _blank(pairs, at, olds, pieces, mark)))
        elif formatted and not _is_word(each):
            near = pairs.get(at - 1, pairs.get(at + 1))
            found.append((len(each), mark if near is None else pieces[near][-1][1]))
        else:
            found.append((len(each), mark))
    return joined(found)


def _pairs(olds: list[str], news: list[str]) -> dict[int, int]:
    """For the tokens of a new text that the old one had, blanks left out, which they were there."""
    words = [at for at, each in enumerate(olds) if not each.isspace()]
    others = [at for at, each in enumerate(news) if not each.isspace()]
    return {
        others[other + step]: words[one + step]
        for one, other, count in matches([olds[at] for at in words], [news[at] for at in others])
        for step in range(count)
    }


def _blank(
    pairs: dict[int, int], at: int, olds: list[str], pieces: list[list[Run]], mark: int
) -> int:
    """The mark of a blank: that of the one in its place before, else of the word left of it."""
    one, other = pairs.get(at - 1), pairs.get(at + 1)
    if one is not None and one + 1 < len(olds) and olds[one + 1].isspace():
        return pieces[one + 1][0][1]
    if other is not None and other and olds[other - 1].isspace():
        return pieces[other - 1][0][1]
    near = one if one is not None else other
    return mark if near is None else pieces[near][-1][1]


def _changing(fresh: Mark, gone: list[Run]) -> Mark:
    """A mark of typed text, or of changed where accepted text had to go for it."""
    origins = {Mark.of(mark).origin for _, mark in gone}
    if fresh.origin is Origin.TYPED and origins & _BROUGHT:
        return replace(fresh, origin=Origin.CHANGED)
    return fresh


def _respaced(old: str, runs: list[Run], new: str, beyond: int) -> list[Run]:
    """The runs of a line that differs from another one in its blanks alone."""
    if old == new:
        return runs
    marks = [mark for length, mark in runs for _ in range(length)]
    solid = [mark for mark, each in zip(marks, old, strict=True) if not each.isspace()]
    blanks: list[list[int]] = [[]]
    for mark, each in zip(marks, old, strict=True):
        if each.isspace():
            blanks[-1].append(mark)
        else:
            blanks.append([])
    found: list[Run] = []
    at, blank = 0, 0
    for each in new:
        if not each.isspace():
            found.append((1, solid[at]))
            at, blank = at + 1, 0
            continue
        gap = blanks[at]
        if each in "\r\n":
            mark = gap[-1] if gap else beyond
        elif blank < len(gap):
            mark = gap[blank]
        else:
            mark = solid[at - 1] if at else [*solid, beyond][0]
        found.append((1, mark))
        blank += 1
    return joined(found)


def _moved(new_text: str, removed: Sequence[Removed]) -> list[Run]:
    """The runs of a text that was taken out of a document a moment ago; none where it was not."""
    wanted = new_text.strip()
    if len(wanted) < _MOVED:
        return []
    for each in removed:
        if wanted == each.string.strip():
            start = each.string.index(wanted)
            inside = cut(list(each.runs), start, start + len(wanted))
            lead = new_text.index(wanted)
            tail = len(new_text) - lead - len(wanted)
            return joined([(lead, inside[0][1]), *inside, (tail, inside[-1][1])])
    return []


def _inside_accepted(authorship: Authorship, text: Text, place: Range) -> bool:
    """Whether accepted text, or what changed it, stands on both sides of a place."""
    start = place.start
    if start == Position(0, 0) or start == text.end:
        return False
    before = Position(start.line, start.character - 1)
    if not start.character:
        before = Position(start.line - 1, len(text.lines[start.line - 1]) - 1)
    after = Position(start.line, start.character + 1)
    runs = authorship.slice(text, Range(before, after))
    one, other = runs[0][1], runs[-1][1]
    both = {one & ORIGIN, other & ORIGIN}
    if not both <= _BROUGHT:
        return False
    return Origin.CHANGED in both or one >> 5 == other >> 5


def _following(authorship: Authorship, text: Text, place: Position) -> int:
    """The mark of the character that follows a place; 0 at the end of the text."""
    if place == text.end:
        return 0
    one = Range(place, Position(place.line, place.character + 1))
    return authorship.slice(text, one)[0][1]


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


def _bare(line: str) -> str:
    return "".join(line.split())


def _offsets(pieces: Sequence[str]) -> list[int]:
    return list(accumulate(map(len, pieces), initial=0))


def _common(left: str, right: str) -> int:
    """How many leading characters two texts share."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
