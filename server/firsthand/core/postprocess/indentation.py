"""Where a text begins and how its lines are indented: as the file does it."""

from __future__ import annotations

import re
from math import gcd

from firsthand.core.lexical import PROSE
from firsthand.core.postprocess.openers import closes_all, indent_of, width
from firsthand.core.postprocess.place import Place

_COLON_BLOCKS = frozenset(("python", "nim", "gdscript", "starlark", "cython"))
_CONTINUES = frozenset(".&|+-*/?:<>=")  # what a deeper line begins with that goes on
_COMMENT = re.compile(r"\s*(?:#|//|/\*|--)")
_OPENS_ANY = re.compile(r"(?:[({\[:,=\\]|=>|->|\b(?:do|then|else|begin|of|where))$")


def without_leading_lines(middle: str, place: Place) -> str:
    """Without blank lines at the start where the cursor stands in a blank line already.

    They stay where the text leaves the cursor's block, and at the outermost level below code,
    where blank lines part definitions.
    """
    body = middle.lstrip()
    if not place.fresh or not body or "\n" not in middle[: len(middle) - len(body)]:
        return middle
    start = middle[: len(middle) - len(body)].rfind("\n") + 1
    indent = middle[start : len(middle) - len(body)]
    if width(indent) < width(place.before):
        return middle
    blank_above = not place.above or not place.above[-1].strip()
    if not place.before and not indent and not blank_above and place.context.multi_line:
        return middle
    return middle[start:]


def first_line_indented(middle: str, place: Place) -> str:
    """Without the indentation that stands left of the cursor already."""
    indent = indent_of(middle)
    if not indent or not place.before or middle.startswith("\n"):
        return middle
    if place.kind != "code" or place.language in PROSE:
        return middle
    if not place.fresh:
        # One space between what is written and what is added, but for aligned columns.
        one = place.before[-1].isspace() and not place.before[-2:].isspace() and len(indent) <= 2
        return middle[len(indent) :] if one and not _COMMENT.match(middle) else middle
    if middle[len(indent)] in _CONTINUES:
        return middle
    above = place.line_above
    opens = 1 if _OPENS_ANY.search(above) else 0
    if width(place.before) >= width(indent_of(above)) + opens:
        return middle[len(indent) :]
    if indent.startswith(place.before) and not opens:
        return middle[len(place.before) :]
    return middle


def indented_from_the_cursor(middle: str, place: Place) -> str:
    """Lines that were indented from the cursor's column on get what stands left of it.

    It shows where the first line opens a block and the next one is not deeper in the file than it.
    """
    lines = middle.split("\n")
    base = indent_of(place.before)
    if place.fresh:
        base += indent_of(middle)
    second = next((line for line in lines[1:] if line.strip()), "")
    indent = indent_of(second)
    if place.kind != "code" or place.mixed or not base:
        return middle
    if not indent or width(indent) > width(base):
        return middle
    first = place.before + lines[0]
    if indent not in (place.unit or indent, "\t") or not _opens_block(first, place.language):
        return middle
    above = place.line_above
    deepest = width(indent_of(above)) + (width(place.unit) if _OPENS_ANY.search(above) else 0)
    if width(base) > deepest or (first.rstrip()[-1] != "{" and not closes_all(first)):
        return middle
    return "\n".join((lines[0], *(base + line if line.strip() else line for line in lines[1:])))


def as_the_file_indents(middle: str, place: Place) -> str:
    """Tabs where the file has tabs, spaces where it has spaces, in steps of the same size."""
    unit = place.unit
    first, *others = middle.split("\n")
    if not unit or place.mixed or place.kind != "code" or (not others and not indent_of(first)):
        return middle
    if unit == "\t":
        return _with_tabs(first, others, place)
    if place.language != "makefile":
        others = [_with_spaces(line, unit) for line in others]
        if place.fresh:
            first = _with_spaces(first, unit)
    return "\n".join((first, *_in_steps(first, others, place)))


def _with_tabs(first: str, others: list[str], place: Place) -> str:
    base = indent_of(place.before).count("\t")
    indents = [len(indent_of(line)) for line in others if line.startswith("  ")]
    size = 4
    if indents:
        levels = base + (1 if _opens_block(place.before + first, place.language) else 0)
        size = indents[0] // levels if levels and indents[0] % levels == 0 else gcd(*indents)
        size = size if size in (2, 3, 4, 8) else 4
    others = [_tabbed(line, size) for line in others]
    return "\n".join((_tabbed(first, size) if place.fresh else first, *others))


def _tabbed(line: str, size: int) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    return "\t" * (spaces // size) + line[spaces // size * size :]


def _with_spaces(line: str, unit: str) -> str:
    indent = indent_of(line)
    return indent.replace("\t", unit) + line[len(indent) :] if "\t" in indent else line


def _in_steps(first: str, others: list[str], place: Place) -> list[str]:
    """Lines with steps of the file's size, where their first step shows another one."""
    base = len(indent_of(place.before + first))
    if not _opens_block(place.before + first, place.language):
        return others
    deeper = [len(indent_of(line)) - base for line in others if line.strip()]
    unit = len(place.unit)
    if not deeper or deeper[0] not in (2, 4) or unit not in (2, 4) or deeper[0] == unit:
        return others
    size = deeper[0]
    if size in place.steps or any(depth < 0 or depth % size for depth in deeper):
        return others
    return [
        " " * (base + (len(indent_of(line)) - base) // size * unit) + line.lstrip(" ")
        if line.strip()
        else line
        for line in others
    ]


def _opens_block(line: str, language: str) -> bool:
    line = line.rstrip()
    return line.endswith("{") or (language in _COLON_BLOCKS and line.endswith(":"))
