"""What the editor reports of a document: the diagnostics of other servers, near the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firsthand.core.text import Text

_NEAR = 30  # lines from the cursor
_MOVED = 20  # lines that a line may have moved since it was reported
_SHOWN = 4
_LONGEST_LINE, _LONGEST_MESSAGE = 160, 240


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that another server found wrong.

    Attributes:
        number: of the line that it begins in, when it was reported.
        line: that line as it stood there; where it stands no more, the problem is of the past.
        message: what is wrong.
        severity: as LSP has it: 1 is an error, 2 a warning, 3 an information, 4 a hint.
    """

    number: int
    line: str
    message: str
    severity: int = 1


def reported(text: Text, found: Iterable[tuple[int, str, int]]) -> tuple[Problem, ...]:
    """Problems with the lines that they are in, by their lines, messages and severities."""
    return tuple(
        Problem(number, line, message, severity)
        for number, message, severity in found
        if 0 <= number < len(text.lines) and (line := text.line(number)).strip()
    )


def near(problems: Sequence[Problem], text: Text, cursor: int) -> str:
    """The problems in lines around a cursor that stand as they were reported, one a line.

    The worst come first, then the nearest. The cursor's own line is left out: what is wrong there
    is mostly that it is being written.

    Args:
        problems: what was reported, of this text or of one some edits ago.
        text: the document.
        cursor: the cursor's line.
    """
    found = []
    for each in problems:
        if abs(each.number - cursor) > _NEAR + _MOVED:
            continue
        number = _number_now(each, text)
        if number is not None and number != cursor and abs(number - cursor) <= _NEAR:
            found.append((each.severity, abs(number - cursor), each))
    found.sort(key=lambda it: it[:2])
    lines = (
        f"{' '.join(each.message.split())[:_LONGEST_MESSAGE]}: {each.line.strip()[:_LONGEST_LINE]}"
        for _, _, each in found[:_SHOWN]
    )
    return "".join(f"{line}\n" for line in lines)


def _number_now(problem: Problem, text: Text) -> int | None:
    """Where the line of a problem stands now; None where it was changed or is gone."""
    first = max(0, problem.number - _MOVED)
    numbers = range(first, min(len(text.lines), problem.number + _MOVED + 1))
    same = (number for number in numbers if text.line(number) == problem.line)
    return min(same, key=lambda number: abs(number - problem.number), default=None)
