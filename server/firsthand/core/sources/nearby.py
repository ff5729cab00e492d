"""Names that a file is likely to need, by the files it is related to.

It is found out once for a document and holds while the document changes little: which files share
its rare names, which lie beside it, what its imports define, and what everybody uses.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from firsthand.core.codeview import CodeView, Definition
from firsthand.core.keywords import KEYWORDS

_RAREST = 120  # names that a file is compared by
_KIN = 20  # files that share most with it
_SHARED_BY = 200  # a name in more files than that tells nothing
_BESIDE = 32
_IMPORTED = 24
_PASSED_ON = 60
_NEAREST = 4
_COMMON = 600
# A long file shares names by chance.
_USUAL_NAMES = 20


@dataclass(frozen=True, slots=True)
class Relative:
    """A file that was compared with the file in question.

    Attributes:
        path: of the file.
        shared: the names that both hold.
        others: its other names.
        size: what the file's length counts against it.
    """

    path: str
    shared: frozenset[str]
    others: tuple[str, ...]
    size: float


@dataclass(frozen=True, slots=True)
class Kin:
    """What a file's relatives say of the names that it may need.

    Attributes:
        ranked: for each source the names with a value each, the greater the likelier.
        rarity: in how many files the names stand that the sources gave or the file itself holds.
        known: the names in the file itself, and the keywords of its language.
        files: how many files there are, about.
        relatives: the files that were compared with it.
    """

    ranked: Mapping[str, Mapping[str, float]]
    rarity: Mapping[str, int]
    known: frozenset[str]
    files: int
    relatives: Sequence[Relative] = ()


def kin(
    view: CodeView, path: str, language: str, names: Iterable[str], opened: Iterable[str] = ()
) -> Kin:
    """Ask a file's relatives.

    Args:
        view: the codebase.
        path: of the file; what the index knows of it may be older than its text.
        language: its LSP language id.
        names: all that stand in its text now.
        opened: the paths of files looked at recently, the last one first.
    """
    known = frozenset(names) | KEYWORDS.get(language, frozenset())
    common = view.common(_COMMON)
    files = max((count for _, count in common), default=1)
    rarity = dict(view.rarity(known))
    rarity.update(common)
    beside = view.beside(path, _BESIDE)
    alike, relatives = _alike(view, path, rarity, known, files, beside)
    nearest = dict(list(alike.items())[:_NEAREST])
    ranked = {
        "alike": _held(view, alike, known),
        "nearest": _held(view, nearest, known, often=True),
        "beside": _held(view, dict.fromkeys(beside, 1.0), known),
        "imported": _imported(view, path, known),
        "opened": _held(view, _fading(path, opened), known),
        "common": {name: float(count) for name, count in common if name not in known},
    }
    missing = dict.fromkeys(name for values in ranked.values() for name in values)
    rarity.update(view.rarity([each for each in missing if each not in rarity]))
    return Kin(ranked, rarity, known, files, relatives)


def _alike(
    view: CodeView,
    path: str,
    rarity: Mapping[str, int],
    known: frozenset[str],
    files: int,
    beside: Sequence[str],
) -> tuple[dict[str, float], list[Relative]]:
    """The files that share the rarest names with a file, by how much, and all those compared."""
    most = min(_SHARED_BY, max(3, files // 3))
    telling = sorted((rarity[each], each) for each in known if 2 <= rarity.get(each, 0) <= most)
    shared: defaultdict[str, float] = defaultdict(float)
    for count, name in telling[:_RAREST]:
        weight = math.log(1 + files / count) ** 2
        for other, _ in view.references(name, most):
            shared[other] += weight
    shared.pop(path, None)
    best = sorted(shared, key=lambda other: (-shared[other], other))[: 2 * _KIN]
    # Of those every name counts that not everybody uses.
    worth = {
        name: math.log(1 + files / count) ** 2
        for name, count in rarity.items()
        if name in known and count <= max(3, files // 3)
    }
    relatives = [_relative(view, other, known) for other in dict.fromkeys((*best, *beside))]
    fair = {
        each.path: math.fsum(worth[name] for name in each.shared if name in worth) / each.size
        for each in relatives
    }
    return dict(sorted(fair.items(), key=lambda it: (-it[1], it[0]))[:_KIN]), relatives


def _relative(view: CodeView, path: str, known: frozenset[str]) -> Relative:
    names = view.names(path)
    others = tuple(name for name in names if name not in known)
    return Relative(path, known & names.keys(), others, math.sqrt(len(names) + _USUAL_NAMES))


def _held(
    view: CodeView, files: Mapping[str, float], known: frozenset[str], *, often: bool = False
) -> dict[str, float]:
    """The names that files hold, by the weights of the files, and by how often if that is asked."""
    values: defaultdict[str, float] = defaultdict(float)
    for path, weight in files.items():
        if often:
            for name, count in view.names(path).items():
                values[name] += weight * math.log(1 + count)
        else:
            for name in view.names(path):
                values[name] += weight
    return {name: value for name, value in values.items() if name not in known}


def _imported(view: CodeView, path: str, known: frozenset[str]) -> dict[str, float]:
    """What the files define that a file imports, by how many files use it."""
    found: dict[str, float] = {}
    for module, _ in view.imports(path)[:_IMPORTED]:
        # The index may know an import that is gone from the text.
        stands = not module.strip("./") or module.replace("/", ".").split(".")[-1] in known
        other = view.module(path, module) if stands else None
        if other is not None and other != path:
            defined = {each.name for each in _defined(view, other)} - known
            for name, count in view.rarity(sorted(defined)).items():
                found[name] = found.get(name, 0.0) + math.log(1 + count)
    return found


def _defined(view: CodeView, path: str) -> list[Definition]:
    """What a file defines; one that only passes on what others define stands for those."""
    own = list(view.outline(path))
    if own:
        return own
    others = [view.module(path, module) for module, _ in view.imports(path)[:_PASSED_ON]]
    return [each for other in others if other is not None for each in view.outline(other)]


def _fading(path: str, opened: Iterable[str]) -> dict[str, float]:
    others = [each for each in opened if each != path]
    return {each: 1 / (1 + age) for age, each in enumerate(others[:4])}
