"""The map of a repository: its most referred files and what they define, seen from one file.

For questions that a person asks about a place, not for keystrokes: it looks at every file.

Source: Page, Brin, Motwani and Winograd 1999, "The PageRank Citation Ranking", with the random
surfer starting again at the file in question and not anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from firsthand.core.codeview import CodeView
from firsthand.core.tokens import estimate

_GOES_ON = 0.85  # the surfer's chance to follow another reference
_ROUNDS = 30
_FILES = 40
_OF_A_FILE = 24
_SHOWN = frozenset(("class", "interface", "enum", "type", "function", "method", "constructor"))


def overview(view: CodeView, path: str, budget: float) -> str:
    """The files that matter most to a file, each with the signatures of what it defines.

    Args:
        view: the codebase.
        path: of the file that is asked about.
        budget: the most tokens.
    """
    ranked = ranked_files(view.edges(), path)
    parts: list[str] = []
    for other in ranked[:_FILES]:
        lines = [f"{other}:\n"]
        left = budget - estimate(lines[0])
        for each in [it for it in view.outline(other) if it.kind in _SHOWN][:_OF_A_FILE]:
            line = f"{'    ' * (bool(each.container) + 1)}{each.signature}\n"
            left -= estimate(line)
            if left < 0:
                break
            lines.append(line)
        if len(lines) > 1:
            parts.append("".join(lines))
            budget -= estimate(parts[-1])
        if left < 0:
            break
    return "".join(parts)


def ranked_files(edges: Iterable[tuple[str, str, float]], start: str) -> list[str]:
    """The files that a walk along references from a file comes by, most often first."""
    out: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for source, target, weight in edges:
        out[source].append((target, weight))
    total = {source: sum(weight for _, weight in targets) for source, targets in out.items()}
    rank = {start: 1.0}
    for _ in range(_ROUNDS):
        after: defaultdict[str, float] = defaultdict(float)
        after[start] = 1 - _GOES_ON
        for source, share in rank.items():
            if source not in out:
                after[start] += _GOES_ON * share
                continue
            for target, weight in out[source]:
                after[target] += _GOES_ON * share * weight / total[source]
        rank = after
    rank.pop(start, None)
    return sorted(rank, key=lambda path: (-rank[path], path))
