"""A proposal: a change of a range that a person reads, and applies by hunk or not at all."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from firsthand.core.differing import Difference, note
from firsthand.core.patch import Reply
from firsthand.core.text import Edit, Position, Range, Text, advance

_COLON = re.compile(": ")


@dataclass(frozen=True, slots=True)
class Hunk:
    """A piece of a proposal that can be applied alone.

    Attributes:
        id: names it within its proposal, from 1 on.
        range: the lines that it replaces.
        new_text: what it puts there.
        check: what to look at in it; empty for nothing.
    """

    id: int
    range: Range
    new_text: str
    check: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """What some of the models would write at a place.

    Attributes:
        models: who.
        text: what.
        chosen: whether the proposal has it.
    """

    models: tuple[str, ...]
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A place where models that were asked the same would write different things.

    Attributes:
        range: lines of the document as it is; empty where something is only added.
        note: a sentence on who would write what.
        options: what each would write, the proposal's own first.
    """

    range: Range
    note: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a document's range, not made yet.

    Attributes:
        id: names it to the editor.
        uri, version: the document that the hunks' ranges belong to.
        range: where all hunks lie.
        hunks: in the order of the text.
        summary: what changes, in the model's words.
        model: who proposes it.
        cost_usd: what it cost; None where that is not known.
        sent_id: names the request in the ledger; empty where it was not entered.
        warnings: what was noticed about it.
        reason: why it is this one, where there were several candidates.
        disagreements: where the others differ.
    """

    id: int
    uri: str
    version: int
    range: Range
    hunks: tuple[Hunk, ...]
    summary: str = ""
    model: str = ""
    cost_usd: float | None = None
    sent_id: str = ""
    warnings: tuple[str, ...] = ()
    reason: str = ""
    disagreements: tuple[Disagreement, ...] = ()


def whole_lines(text: Text, range_: Range) -> Range:
    """The lines that a range touches; a range that ends where a line begins does not touch it.

    An empty range in an empty line is that line; another empty one is the line it lies in.
    """
    last = range_.end.line
    if last > range_.start.line and range_.end.character == 0:
        last -= 1
    return Range(Position(range_.start.line, 0), _after(text, last))


def hunks_of(text: Text, range_: Range, reply: Reply) -> tuple[Hunk, ...]:
    """The hunks that make of whole lines what a reply says, with what is to be looked at."""
    old, new = _lines(text.slice(range_)), _lines(reply.new_text)
    found: list[Hunk] = []
    left = list(reply.checks)
    for kind, first, end, first_new, end_new in difflib.SequenceMatcher(
        a=old, b=new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        written = "".join(new[first_new:end_new])
        here = [each for each in left if each.quote and each.quote in written]
        left = [each for each in left if each not in here]
        lines = range_.start.line
        at = Range(Position(lines + first, 0), _end_of(text, range_, lines + end))
        check = "\n".join(f"{each.quote}: {each.why}" for each in here)
        found.append(Hunk(len(found) + 1, at, written, check))
    if found and left:
        rest = "\n".join(filter(None, (found[0].check, *(each.why for each in left))))
        found[0] = replace(found[0], check=rest)
    return tuple(found)


def lines_of(range_: Range) -> str:
    """Lines as a person counts them; what is only added has the line that it stands before."""
    first, last = range_.start.line + 1, range_.end.line + (range_.end.character > 0)
    if last < first:
        return f"before line {first}"
    return f"line {first}" if last == first else f"lines {first} to {last}"


def note_of(hunk: Hunk) -> str:
    """What a hunk does to the document, as a sentence with its lines."""
    added, where = len(_lines(hunk.new_text)), lines_of(hunk.range)
    many = f"{added} line{'s' * (added != 1)}"
    if where.startswith("before"):
        return f"Adds {many} {where}."
    return f"Replaces {where} by {many}." if added else f"Removes {where}."


def checks(hunks: Sequence[Hunk]) -> tuple[tuple[int, str], ...]:
    """What is to be looked at, each with its line, from 0, once all of the hunks are applied."""
    found: list[tuple[int, str]] = []
    down = 0
    for hunk in sorted(hunks, key=lambda each: each.range.start):
        written, line = _lines(hunk.new_text), hunk.range.start.line + down
        for check in hunk.check.splitlines():
            quotes = [check[: at.start()] for at in _COLON.finditer(check)]
            places = (
                number
                for quote in reversed(quotes)
                for number, each in enumerate(written)
                if quote in each
            )
            found.append((line + next(places, 0), check))
        down += len(written) - len(range(hunk.range.start.line, _end_line(hunk.range)))
    return tuple(found)


def _end_line(range_: Range) -> int:
    """The line behind the last one of whole lines."""
    return range_.end.line + (range_.end.character > 0)


def disagreements(
    text: Text, range_: Range, found: Sequence[Difference], names: Sequence[str]
) -> tuple[Disagreement, ...]:
    """Where candidates for a range differ, in the document.

    Args:
        text: the document.
        range_: what the candidates are for.
        found: where they differ, the chosen one's text first.
        names: of the candidates, by their indexes.
    """
    line = range_.start.line
    return tuple(
        Disagreement(
            Range(
                max(range_.start, _end_of(text, range_, line + each.first)),
                _end_of(text, range_, line + each.end),
            ),
            note(names, each),
            tuple(
                Option(tuple(names[number] for number in group), written, not place)
                for place, (written, group) in enumerate(zip(each.texts, each.groups, strict=True))
            ),
        )
        for each in found
    )


def apply(text: Text, hunks: tuple[Hunk, ...]) -> Text:
    """A text with some hunks of one proposal applied."""
    for hunk in last_first(hunks):
        text = text.apply(Edit(hunk.range, hunk.new_text))
    return text


def last_first(hunks: tuple[Hunk, ...]) -> list[Hunk]:
    """Hunks in the order in which none moves another one's range."""
    return sorted(hunks, key=lambda each: each.range.start, reverse=True)


def rest(proposal: Proposal, applied: tuple[Hunk, ...]) -> Proposal | None:
    """What is left of a proposal in the text that some of its hunks were applied to; or None."""
    hunks: list[Hunk] = []
    down, end = 0, proposal.range.end
    for each in proposal.hunks:
        if each not in applied:
            hunks.append(replace(each, range=_down(each.range, down)))
            continue
        written = advance(_down(each.range, down).start, each.new_text)
        if each.range.end == proposal.range.end:
            end = Position(written.line - down, written.character)
        else:
            down = written.line - each.range.end.line
    if not hunks:
        return None
    start = proposal.range.start
    return replace(
        proposal, range=Range(start, Position(end.line + down, end.character)), hunks=tuple(hunks)
    )


def rebased(proposal: Proposal, version: int, edit: Edit) -> Proposal | None:
    """A proposal for the text after an edit, which lies before or behind its range; else None."""
    start, end = proposal.range.start, proposal.range.end
    if edit.range.empty and not edit.new_text:
        return replace(proposal, version=version)
    if (edit.range.start >= end and edit.range.start.character == 0) or edit.range.start > end:
        return replace(proposal, version=version)
    if edit.range.end > start:
        return None
    moved = advance(edit.range.start, edit.new_text)
    if edit.range.end.line == start.line and (edit.range.end != start or moved.character):
        return None
    down = moved.line - edit.range.end.line
    return replace(
        proposal,
        version=version,
        range=_down(proposal.range, down),
        hunks=tuple(replace(each, range=_down(each.range, down)) for each in proposal.hunks),
        disagreements=tuple(
            replace(each, range=_down(each.range, down)) for each in proposal.disagreements
        ),
    )


def _down(range_: Range, lines: int) -> Range:
    """A range so many lines further down."""
    start, end = range_.start, range_.end
    return Range(
        Position(start.line + lines, start.character), Position(end.line + lines, end.character)
    )


def _after(text: Text, line: int) -> Position:
    """Where the line after one begins; at the end of the text where there is none."""
    return Position(line + 1, 0) if line + 1 < len(text.lines) else text.end


def _end_of(text: Text, range_: Range, line: int) -> Position:
    return min(Position(line, 0), range_.end) if line < len(text.lines) else range_.end


def _lines(string: str) -> list[str]:
    return [line for line in Text.of(string).lines if line]
