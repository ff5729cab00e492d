"""Which function of a file is typed back: found by indentation, so in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SHORTEST, LONGEST = 15, 60  # lines


@dataclass(frozen=True, slots=True)
class Hole:
    """A file with one function taken out of it: `head + middle + tail` is the file.

    Attributes:
        head: all before the function, up to its own indentation.
        middle: the function from its first word to its last character.
        tail: all after it, beginning with a line's end.
        line: the function's first line in the file, 1-based.
    """

    head: str
    middle: str
    tail: str
    line: int

    @property
    def name(self) -> str:
        """The function's first line, to be shown."""
        return self.middle.partition("\n")[0].rstrip(" {:(")

    @property
    def rank(self) -> int:
        """How much it looks like a function: 0 by its keyword, 1 by its shape, 2 not at all."""
        first = self.middle.partition("\n")[0]
        if _KEYWORD.search(first):
            return 0
        shaped = _SHAPE.search(first) and not _STATEMENT.search(first)
        return 1 if shaped and self.middle.endswith("}") else 2


def pick(source: str) -> Hole | None:
    """The function of 15 to 60 lines nearest to the middle of a file.

    Args:
        source: the file's text, lines ended by a line feed.

    Returns:
        The file around the function; nothing when there is no block of that size. A block that
        does not look like a function is taken only where no function is.
    """
    centre = source.count("\n") / 2

    def distance(hole: Hole) -> tuple[int, float]:
        return hole.rank, abs(hole.line + hole.middle.count("\n") / 2 - centre)

    return min(holes(source), key=distance, default=None)


def holes(source: str) -> Iterator[Hole]:
    """Every block of 15 to 60 lines, each as a hole, from the top; they may overlap."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", source)
    depths = [_depth(line) for line in lines]
    for first in range(len(lines)):
        last = _block(lines, depths, first)
        if not SHORTEST <= last - first + 1 <= LONGEST:
            continue
        block = "".join(lines[first : last + 1]).rstrip("\n")
        indent = block[: len(block) - len(block.lstrip())]
        head = "".join(lines[:first]) + indent
        middle = block[len(indent) :]
        yield Hole(head, middle, source[len(head) + len(middle) :], first + 1)


def next_key(middle: str, at: int) -> str:
    """What one more key press types: a character, or Enter with the next line's indentation."""
    return next(_KEY.finditer(middle, at)).group()


def count_keys(middle: str, start: int = 0) -> int:
    """How many key presses type a text from a place on."""
    return sum(1 for _ in _KEY.finditer(middle, start))


_KEY = re.compile(r"\n(?:[ \t]+(?=\S))?|.", re.DOTALL)
_KEYWORD = re.compile(
    r"^(?:(?:pub(?:\([^)]*\))?|async|export|default|static|private|public|protected|internal"
    r"|override|local|unsafe|const|extern|inline|virtual|abstract|final|open|suspend)\s+)*"
    r"(?:def|fn|func|fun|function|sub|proc)\b\s*\*?\s*[\w(]"
    r"|=>\s*\{$"
)
_SHAPE = re.compile(r"^[^=]*\w\s*\([^;]*$")
_STATEMENT = re.compile(
    r"^(?:if|else|elif|for|while|switch|match|try|catch|except|finally|with|do|case|return"
    r"|class|struct|enum|interface|trait|impl|namespace|module|import|from)\b|^\W"
)
_CLOSER = re.compile(r"[\])}]|(?:end|fi|done|esac)\b")
# A signature over several lines closes at its own indentation, or its brace stands on a line alone.
_STILL_HEAD = re.compile(r"\).*[:{]$|\{$")


def _block(lines: list[str], depths: list[int | None], first: int) -> int:
    """The last line of the block that a line opens; the line itself when it opens none."""
    depth = depths[first]
    if depth is None or _CLOSER.match(lines[first].lstrip()):
        return first
    last, inside = first, False
    for number in range(first + 1, min(len(lines), first + LONGEST + 2)):
        here = depths[number]
        if here is None:
            continue
        stripped = lines[number].strip()
        if here > depth:
            last, inside = number, True
        elif here < depth:
            break
        elif _STILL_HEAD.match(stripped):
            last, inside = number, False
        elif inside and _CLOSER.match(stripped):
            return number
        else:
            break
    return last if inside else first


def _depth(line: str) -> int | None:
    """A line's indentation in columns; nothing for a blank line."""
    stripped = line.lstrip()
    return len(line[: len(line) - len(stripped)].expandtabs(8)) if stripped else None
