"""What the file itself defines where the model does not see it: outside of the window."""

from __future__ import annotations

from collections.abc import Container, Iterable

from firsthand.core.codeview import Definition
from firsthand.core.tokens import estimate

_INSIDE = frozenset(("class", "interface", "enum", "module", "type"))


def outside(
    defined: Iterable[Definition], known: Container[str], first: int, last: int, budget: float
) -> str:
    """The signatures of definitions before and after some lines, in the order of the file.

    Args:
        defined: what the file defines, perhaps as it was some edits ago.
        known: the names that stand in the file now; a definition that is gone is left out.
        first: the first line that the model sees.
        last: the last one.
        budget: the most tokens; what is nearer to these lines goes first.
    """
    found = [
        each
        for each in defined
        if (each.last_line < first or each.first_line > last)
        and each.name in known
        and each.kind not in ("field", "variable")
    ]
    found.sort(key=lambda each: (_away(each, first, last), each.first_line))
    chosen = []
    for each in found:
        line = _line(each)
        budget -= estimate(line)
        if budget < 0:
            break
        chosen.append((each.first_line, line))
    return "".join(line for _, line in sorted(chosen))


def _away(definition: Definition, first: int, last: int) -> int:
    return max(first - definition.last_line, definition.first_line - last)


def _line(definition: Definition) -> str:
    depth = definition.container.count(".") + 1 if definition.container else 0
    return f"{'    ' * depth}{definition.signature.strip()}\n"
