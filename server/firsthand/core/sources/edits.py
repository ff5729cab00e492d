"""What was changed a moment ago, as small diffs."""

from __future__ import annotations

from firsthand.core.text import Text

_LINES = 12  # of a side of a diff; a larger change says little of what comes next
_LONGEST = 200


def diff(before: Text, after: Text) -> tuple[int, str]:
    """The one stretch of lines in which two texts differ: its first line, and "-" and "+" lines.

    The text is empty where they are equal, or where more lines changed than tell anything.
    """
    old, new = before.lines, after.lines
    most = min(len(old), len(new))
    first = 0
    while first < most and old[first] == new[first]:
        first += 1
    tail = 0
    while tail < most - first and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    gone = old[first : len(old) - tail]
    came = new[first : len(new) - tail]
    if max(len(gone), len(came)) > _LINES:
        return first, ""
    return first, _signed("-", gone) + _signed("+", came)


def _signed(sign: str, lines: tuple[str, ...]) -> str:
    shown = (each.rstrip("\r\n")[:_LONGEST] for each in lines)
    return "".join(f"{sign}{each}\n" for each in shown if each.strip())
