"""The map of a repository: its most referred files and what they define, seen from one file.

For questions that a person asks about a place, not for keystrokes: it looks at every file.

Source: Page, Brin, Motwani and Winograd 1999, "The PageRank Citation Ranking", with the random
surfer starting again at the file in question and not anywhere; computed by pushing what is left to
the next files, as in Andersen, Chung and Lang 2006, "Local Graph Partitioning using PageRank
Vectors", so that the work goes by what is near and not by the size of the codebase.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from firsthand.core.codeview import CodeView
from firsthand.core.tokens import estimate

_GOES_ON = 0.85  # the surfer's chance to follow another reference
_LEAST = 1e-5  # of the surfer's time; less is not followed any further
_STEPS = 50_000  # references that are followed
_FILES = 40
_OF_A_FILE = 24
_SHOWN = frozenset(("class", "interface", "enum", "type", "function", "method", "constructor"))


def overview(view: CodeView, path: str, budget: float, may: Callable[[str], bool]) -> str:
    """The files that matter most to a file, each with the signatures of what it defines.

    Args:
        view: the codebase.
        path: of the file that is asked about.
        budget: the most tokens.
        may: whether a file may be shown, by its path.
    """
    ranked = [other for other in ranked_files(view.edges(), path)[: 2 * _FILES] if may(other)]
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
    rank: defaultdict[str, float] = defaultdict(float)
    left = {start: 1.0}
    queue, steps = deque((start,)), 0
    while queue and steps < _STEPS:
        source = queue.popleft()
        share = left.pop(source)
        rank[source] += (1 - _GOES_ON) * share
        # Where nothing leads on, the surfer starts again.
        targets = out.get(source) or [(start, 1.0)]
        whole = total.get(source, 1.0)
        steps += len(targets)
        for target, weight in targets:
            before = left.get(target, 0.0)
            left[target] = now = before + _GOES_ON * share * weight / whole
            if before < _LEAST <= now:
                queue.append(target)
    rank.pop(start, None)
    return sorted(rank, key=lambda path: (-rank[path], path))
