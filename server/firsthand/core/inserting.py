"""What a frontier model wrote for a cursor, brought into its place.

A model may say again what stands around the cursor, write its lines as if they began at the left
margin, or indent them by another unit than the file's. That is mended as it is for completions;
where more than one way of it makes sense, whoever asks finds out by the grammar which does.
"""

from __future__ import annotations

from collections.abc import Callable

from firsthand.core.postprocess.duplicates import (
    without_lines_below,
    without_rest_of_line,
    without_start_of_line,
)
from firsthand.core.postprocess.indentation import (
    as_the_file_indents,
    first_line_indented,
    indented_from_the_cursor,
)
from firsthand.core.postprocess.openers import indent_of
from firsthand.core.postprocess.place import Context, Place
from firsthand.core.text import Position, Text

_STEPS: tuple[Callable[[str, Place], str], ...] = (
    without_start_of_line,
    first_line_indented,
    indented_from_the_cursor,
    as_the_file_indents,
    without_rest_of_line,
    without_lines_below,
)


def readings(written: str, text: Text, position: Position, language: str) -> tuple[str, ...]:
    """What is inserted at a cursor by what was written for it, the likeliest first.

    Args:
        written: the model's code, lines ended by line feeds.
        text: the document.
        position: the cursor.
        language: the LSP language id.
    """
    place = Context(text, position, language, max_lines=len(text.lines)).place
    first, *others = written.split("\n")
    margin, own = indent_of(place.before), indent_of(first)
    filled = [line for line in others if line.strip()]
    fresh = not place.before.strip()
    if fresh and own and own != margin and all(line.startswith(own) for line in filled):
        # All of it stands further right, by something that is not the cursor's indentation.
        first, others = first[len(own) :], [line.removeprefix(own) for line in others]
        written, own = "\n".join((first, *others)), ""
        filled = [line for line in others if line.strip()]
    as_it_is = _brought(written, place)
    if not margin or not fresh or not filled or own:
        return (as_it_is,)
    moved = "\n".join((first, *(margin + line if line.strip() else line for line in others)))
    shifted = _brought(moved, place)
    # Lines at the left margin were most likely written from there on.
    at_margin = any(not indent_of(line) for line in filled)
    return (shifted, as_it_is) if at_margin else (as_it_is, shifted)


def _brought(written: str, place: Place) -> str:
    for step in _STEPS:
        written = step(written, place)
    return written if place.rest else written.rstrip()
