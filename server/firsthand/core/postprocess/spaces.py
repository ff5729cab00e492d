"""Line ends and trailing space."""

from __future__ import annotations

import re

from firsthand.core.lexical import PROSE
from firsthand.core.postprocess.place import Place

_LONGEST = 8_000  # characters; no more than a tenth of it is ever shown
_TRAILING = re.compile(r"[ \t]+(?=\n)")


def plain_line_ends(middle: str, place: Place) -> str:
    """Lines end in a line feed; no character that editors refuse, and not without end."""
    return middle[:_LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def without_trailing_space(middle: str, place: Place) -> str:
    r"""No space at the ends of lines, nor at the end unless code follows in the cursor's line.

    Prose keeps it between lines: two spaces are a line break in Markdown.
    """
    if place.language not in PROSE:
        first, newline, others = middle.partition("\n")
        if newline:
            middle = first.rstrip(" \t") + newline + _TRAILING.sub("", others)
    if not place.rest or place.rest[0].isspace():
        return middle.rstrip()
    return middle
