"""How much of a text is shown: one line, or a block."""

from __future__ import annotations

import re

from firsthand.core.lexical import PROSE, tokens
from firsthand.core.postprocess.openers import indent_of, width
from firsthand.core.postprocess.place import Place

_GOES_ON = re.compile(r"(?:else|elif|except|finally|catch|rescue|ensure|elsif|elseif)\b")
_CLOSER = re.compile(r"[)\]}]|end\b")
_WORD = re.compile(r"\w")


def within_block(middle: str, place: Place) -> str:
    """Up to the end of the block that begins at the cursor, by indentation.

    In a line with code that is the line and what is indented deeper or stands in its brackets; in
    a blank line, all that is not indented less, at the outermost level up to a blank line. A
    closing bracket on the block's own level belongs to it.
    """
    lines = middle.split("\n")
    if len(lines) == 1 or place.language in PROSE or place.in_long:
        return middle
    floor = width(indent_of(place.before))
    own_lines = place.fresh or not lines[0].strip()
    base = floor
    if not lines[0].strip():
        base = max(floor, width(indent_of(next((each for each in lines if each.strip()), ""))))
    elif place.fresh:
        base = width(indent_of(place.before + lines[0]))
    depths = _depths(place.before, lines, place)
    for index in range(1, len(lines)):
        line = lines[index]
        if not line.strip():
            ends = own_lines and base == 0 and depths[index - 1] == 0
            if ends and lines[0].strip() and not _deeper_next(lines[index + 1 :]):
                return "\n".join(lines[:index])
            continue
        depth = width(indent_of(line))
        if depths[index - 1] > 0 or depth > base or (own_lines and depth == base):
            continue
        header = depth == (base if place.fresh else floor)
        if header and _GOES_ON.match(line.lstrip()):
            continue
        if not _CLOSER.match(line.lstrip()):
            return "\n".join(lines[:index])
        if header and line.rstrip().endswith("{"):
            continue
        return "\n".join((*lines[: index + 1], *_closers(lines[index + 1 :], depth)))
    return middle


def _closers(lines: list[str], depth: int) -> list[str]:
    """The lines in front that close blocks, each one less deep than the one before."""
    for index, line in enumerate(lines):
        if not _CLOSER.match(line.lstrip()) or width(indent_of(line)) >= depth:
            return lines[:index]
        depth = width(indent_of(line))
    return lines


def within_lines(middle: str, place: Place) -> str:
    """One line, where several make no sense, and never more than are to be shown.

    A longer text is cut where a statement can end: not within round or square brackets, and not
    behind a line that opens a block.
    """
    lines = middle.split("\n")
    if not place.context.multi_line or _WORD.search(place.rest):
        return lines[0]
    most = max(1, place.context.max_lines)
    if len(lines) <= most:
        return middle
    depths = _depths(place.before, lines, place)
    for count in range(most, 1, -1):
        last = lines[count - 1].rstrip()
        if last and depths[count - 1] <= 0 and not last.endswith((":", "{", ",", "\\")):
            return "\n".join(lines[:count])
    return "\n".join(lines[:most])


def _depths(before: str, lines: list[str], place: Place) -> list[int]:
    """For each line, how many round and square brackets and long strings are open at its end."""
    changes: list[tuple[int, int]] = []
    for token in tokens(before + "\n".join(lines), place.language):
        if token.kind != "bracket":
            changes += [(token.start, 1), (token.end, -1)]
        elif token.opening in "()[]":
            changes.append((token.start, 1 if token.opening in "([" else -1))
    depths = []
    depth = index = 0
    end = len(before)
    for line in lines:
        end += len(line)
        while index < len(changes) and changes[index][0] <= end:
            depth = max(0, depth + changes[index][1])
            index += 1
        depths.append(depth)
        end += 1
    return depths


def _deeper_next(lines: list[str]) -> bool:
    return next((line for line in lines if line.strip()), "").startswith((" ", "\t"))
