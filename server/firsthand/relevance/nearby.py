"""Names that a file is likely to need, by the files it is related to.

It is found out once for a document and holds while the document changes little: which files share
its rare names, which lie beside it, what its imports define, what its types have, and what
everybody uses.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from firsthand.core.codeview import CodeView, Definition
from firsthand.core.keywords import KEYWORDS

_RAREST = 120  # names that a file is compared by
_KIN = 20  # files that share most with it
_THIRD = 3  # a name in more than one of so many files tells of none
_BESIDE = 32
_IMPORTED = 24
_PASSED_ON = 60
_NEAREST = 4
_OPENED = 4
_COMMON = 2_000
_TYPES = 24
MEMBERS = 48
"""Of a type that are looked at."""
TYPE = re.compile(r"\b[A-Z]\w*[a-z]\w*\b")
"""A name that is written as those of types are."""


@dataclass(frozen=True, slots=True)
class Kin:
    """What a file's relatives say of the names that it may need.

    Attributes:
        ranked: for each source the names with a value each, the greater the likelier.
        rarity: in how many other files the names stand that the sources gave or the file holds;
            0 for those that it holds alone.
        known: the names in the file itself, and the keywords of its language.
        files: how many files there are, about.
        language: the LSP language id of the file.
    """

    ranked: Mapping[str, Mapping[str, float]]
    rarity: Mapping[str, int]
    known: frozenset[str]
    files: int
    language: str

    def rare(self, names: Iterable[str], most: int) -> list[tuple[int, str]]:
        """The rarest of some names, as many as are asked for, each behind the files that hold it.

        Those that too many files hold are left out, and those that none does.
        """
        return _rarest(self.rarity, names, self.files)[:most]


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
    names = tuple(names)
    known = frozenset(names) | KEYWORDS.get(language, frozenset())
    common = view.common(_COMMON)
    files = max((count for _, count in common), default=1)
    own = view.names(path)
    # That the file itself holds a name tells nothing of others.
    rarity = {name: count - (name in own) for name, count in view.rarity(known).items()}
    alike = _alike(view, path, rarity, known, files)
    nearest = {**dict(list(alike.items())[:_NEAREST]), **_fading(path, alike, opened)}
    ranked = {
        "alike": _held(view, alike, known),
        "nearest": _held(view, nearest, known, often=True),
        "beside": _held(view, dict.fromkeys(view.beside(path, _BESIDE), 1.0), known),
        "imported": _imported(view, path, known),
        "types": _of_types(view, path, names, known),
        "common": {name: float(count) for name, count in common if name not in known},
    }
    rarity.update((name, count) for name, count in common if name not in known)
    missing = dict.fromkeys(name for values in ranked.values() for name in values)
    rarity.update(view.rarity([each for each in missing if each not in rarity]))
    return Kin(ranked, rarity, known, files, language)


def _alike(
    view: CodeView, path: str, rarity: Mapping[str, int], known: frozenset[str], files: int
) -> dict[str, float]:
    """The files that share the rarest names with a file, most first, and by how much."""
    rarest = _rarest(rarity, known, files)[:_RAREST]
    terms = {name: math.log(1 + files / count) ** 2 for count, name in rarest}
    return dict(view.akin(terms, path, _KIN))


def _rarest(rarity: Mapping[str, int], names: Iterable[str], files: int) -> list[tuple[int, str]]:
    most = max(_THIRD, files // _THIRD)
    return sorted((rarity[name], name) for name in names if 1 <= rarity.get(name, 0) <= most)


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


def _of_types(
    view: CodeView, path: str, names: Iterable[str], known: frozenset[str]
) -> dict[str, float]:
    """The members of the types that a file names, by how many of these have them."""
    found: dict[str, float] = {}
    left = _TYPES
    for name in filter(TYPE.fullmatch, names):
        members = members_of(view, name, path)
        for member in members:
            if member not in known:
                found[member] = found.get(member, 0.0) + 1.0
        left -= bool(members)
        if not left:
            break
    return found


def members_of(view: CodeView, name: str, path: str) -> list[str]:
    """The members of a type; what the index knows of the file itself may be gone from its text."""
    return [it.name for it in view.members(name, None, MEMBERS) if it.path != path]


def _fading(path: str, alike: Mapping[str, float], opened: Iterable[str]) -> dict[str, float]:
    """The files looked at recently weigh as the one that is most alike does, and less and less."""
    others = [each for each in opened if each != path][:_OPENED]
    most = max(alike.values(), default=1.0)
    return {each: most / (1 + age) for age, each in enumerate(others)}
