"""From what a model wrote to the edit that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firsthand.core.postprocess.brackets import fitted, kept_in, replaced
from firsthand.core.postprocess.chat import without_fences, without_prose
from firsthand.core.postprocess.duplicates import (
    without_lines_above,
    without_lines_below,
    without_rest_of_line,
    without_start_of_line,
)
from firsthand.core.postprocess.extent import within_block, within_lines
from firsthand.core.postprocess.indentation import (
    as_the_file_indents,
    first_line_indented,
    indented_from_the_cursor,
    without_leading_lines,
)
from firsthand.core.postprocess.place import Context, Place
from firsthand.core.postprocess.repetition import without_loops
from firsthand.core.postprocess.spaces import plain_line_ends, without_trailing_space
from firsthand.core.postprocess.special import without_special_tokens
from firsthand.core.text import Position, Range

__all__ = ["Cleaned", "Context", "Nothing", "run"]

_MOST_PASSES = 8


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The edit to show.

    Attributes:
        range: what it replaces: from the cursor, or from the start of the menu's selected item, to
            the cursor or to a place further right in the same line.
        new_text: what it puts there, lines ended by a line feed. Of text that it replaces, what
            stands left of the cursor is its beginning and what stands right of it is kept in it.
        middle: the part of new_text from the cursor on; cleaning it again changes nothing.
    """

    range: Range
    new_text: str
    middle: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is left to show.

    Attributes:
        reason: what the model's text was, as the end of a sentence that begins with "it".
    """

    reason: str


_STEPS: tuple[tuple[Callable[[str, Place], str], str], ...] = (
    # What a model says around its code.
    (plain_line_ends, "was empty"),
    (without_special_tokens, "held only control tokens"),
    (without_fences, "held no code"),
    (without_prose, "talked instead of completing"),
    # What stands before the cursor, said again.
    (without_start_of_line, "repeated the line's beginning"),
    (without_lines_above, "repeated the lines above"),
    # Where the text begins and how it is indented.
    (without_leading_lines, "was white space"),
    (first_line_indented, "was white space"),
    (indented_from_the_cursor, "was white space"),
    (as_the_file_indents, "was white space"),
    # What stands after the cursor, said already, and what never ends.
    (without_rest_of_line, "repeated the text after the cursor"),
    (without_lines_below, "repeated the lines below"),
    (without_loops, "repeated itself"),
    # How much of it, and how it joins the text after the cursor.
    (within_block, "ended the block"),
    (within_lines, "began with a line break"),
    (fitted, "does not fit the text after the cursor"),
    (without_trailing_space, "was white space"),
)


def run(middle: str, context: Context) -> Cleaned | Nothing:
    """The edit that a model's text comes to, or why there is none.

    The steps are taken in order, and again until none of them finds anything, so that cleaning
    what was cleaned changes nothing. Each is a pure function of the text and the place.
    """
    place = context.place
    for _ in range(_MOST_PASSES):
        start = middle
        for step, blank in _STEPS:
            middle = step(middle, place)
            if not middle or middle.isspace():
                return Nothing(blank)
        if middle == start:
            return _edit(middle, place)
    return Nothing("did not settle")


def _edit(middle: str, place: Place) -> Cleaned | Nothing:
    """The edit at the cursor, or over the menu's selected item, which it must extend."""
    position = place.context.position
    start = position
    end = Position(position.line, position.character + replaced(middle, place))
    new_text = middle
    selected = place.context.selected
    if selected is not None:
        start, end = selected.range.start, max(end, selected.range.end)
        if start.line != position.line or end.line != position.line or start > position:
            return Nothing("cannot extend the menu's selected item")
        new_text = place.context.text.slice(Range(start, position)) + middle
        over = place.context.text.slice(Range(position, end))
        if new_text == selected.text or not new_text.startswith(selected.text):
            return Nothing("does not extend the menu's selected item")
        if not kept_in(over, middle):
            return Nothing("does not extend the menu's selected item")
    return Cleaned(Range(start, end), new_text, middle)
