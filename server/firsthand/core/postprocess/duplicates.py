"""What the document says already: left of the cursor, above, right of it and below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from firsthand.core.lexical import PROSE
from firsthand.core.postprocess.openers import closes_all, indent_of
from firsthand.core.postprocess.place import Place, weighty

_LETTERS = re.compile(r"[^\W\d_]{3,}")
_LAST_WORD = re.compile(r"\w+$")
_FIRST_WORD = re.compile(r"\w+")
_BLOCK_END = re.compile(r"\s*(?:[)\]}]+|end|fi|done|esac|endif|END)[)\]};,]*")
_MOST_LINES = 8
_SHORTEST = 10  # characters of a line that is not meant to follow its equal


def without_start_of_line(middle: str, place: Place) -> str:
    """Without the beginning of the cursor's line, or the beginning of its last word."""
    typed = place.before.strip()
    said = middle.lstrip(" \t")
    if len(typed) >= 4 and _LETTERS.search(typed) and said.startswith(typed):
        prose = place.language in PROSE and " " not in typed
        if not prose and not (typed[-1] in "([{" and closes_all(place.before + middle)):
            rest = said[len(typed) :]
            return rest.lstrip(" \t") if place.before[-1:].isspace() else rest
    last, first = _LAST_WORD.search(place.before), _FIRST_WORD.match(middle)
    if not last or not first or len(first[0]) <= len(last[0]):
        return middle
    if _LETTERS.search(last[0]) and first[0].startswith(last[0]):
        return middle[len(last[0]) :]
    return middle


def without_lines_above(middle: str, place: Place) -> str:
    """Without the last lines above the cursor, when the text begins with them.

    A line may follow its equal where two such lines stand above: then they are a pattern.
    """
    above = place.filled_above
    lines = _lines(middle, place)
    filled = [index for index, line in enumerate(lines) if line.strip()]
    if not above or not filled or _mostly_typed(lines[filled[0]], place):
        return middle
    for count in range(min(len(filled), len(above), _MOST_LINES), 0, -1):
        said = [lines[index] for index in filled[:count]]
        if not _same_lines(said, above[-count:]):
            continue
        if not any(map(weighty, said)):
            continue
        if count == 1 and (list(above[-2:-1]) == said or len(said[0].strip()) < _SHORTEST):
            continue
        if not place.fresh and filled[0] == 0:
            return ""
        return "\n".join(middle.split("\n")[filled[count - 1] + 1 :])
    return middle


def without_rest_of_line(middle: str, place: Place) -> str:
    """Without the rest of the cursor's line, when the text ends with it.

    Closing brackets and quotes are not looked at here: they may be the text's own.
    """
    rest = place.rest.lstrip()
    if not rest:
        return middle
    if _FIRST_WORD.search(rest):
        first = middle.split("\n")[0].rstrip()
        if first.endswith(rest):
            shorter = first[: len(first) - len(rest)]
            ends = closes_all(place.before + first + rest)
            if not ends or closes_all(place.before + shorter + rest):
                return shorter.rstrip() if place.rest != rest else shorter
    if rest[0] in ";,:" and middle.rstrip().endswith(rest[0]):
        return middle.rstrip()[:-1]
    if rest[0] == ">" and middle.endswith(">"):
        angles = re.sub(r"->|=>|>=|<=|<<|>>=", "", middle)
        if angles.count(">") > angles.count("<"):
            return middle[:-1]
    return middle


def without_lines_below(middle: str, place: Place) -> str:
    """Up to where the text begins to say the next lines of the document."""
    below = place.filled_below
    if not below:
        return middle
    lines = _lines(middle, place)
    for index, line in enumerate(lines):
        if not line or line != below[0]:
            continue
        if index == 0 and (_mostly_typed(line, place) or place.line_above == line):
            continue
        if _says_below(lines, index, below):
            return "\n".join(middle.split("\n")[:index])
    return middle


def _says_below(lines: list[str], index: int, below: Sequence[str]) -> bool:
    """Whether lines from an index on are the document's, not others that look like them."""
    if weighty(lines[index]):
        return True
    indent = indent_of(lines[index])
    own = [line for line in lines[:index] if line and indent_of(line) == indent]
    if index and not own and _BLOCK_END.fullmatch(lines[index]):
        return True
    said = [line for line in lines[index:] if line]
    same = 0
    while same < min(len(said), len(below)) and said[same] == below[same]:
        same += 1
    if same == len(said) - 1 and same < len(below) and below[same].startswith(said[same]):
        same += 1
    if same < 2 or same < len(said):
        return False
    return any(map(weighty, said)) or (same >= 3 and any(map(_LETTERS.search, said)))


def _lines(middle: str, place: Place) -> list[str]:
    """The lines that a text makes, the first one with what stands left of it."""
    first, *others = middle.split("\n")
    return [(place.before + first).rstrip(), *(line.rstrip() for line in others)]


def _mostly_typed(line: str, place: Place) -> bool:
    """Whether the person wrote more than a third of a line, so that it is meant."""
    return len(place.before.strip()) * 3 > len(line.strip())


def _same_lines(said: list[str], there: Sequence[str]) -> bool:
    """Whether lines are the same; a block's first line may be said with another indentation."""
    if said == list(there):
        return True
    return [said[0].strip(), *said[1:]] == [there[0].strip(), *there[1:]] and there[-1][-1] in ":{"
