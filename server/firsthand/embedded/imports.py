"""What the imports of a file name: which module a line takes names from, what stands for one.

Read from the tokens alone, as `scope` does. It knows Python's `import` and `from`, Rust's `use`,
and the paths in the strings of Go's and JavaScript's imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from firsthand.embedded.lexer import CLOSE, END, OPEN, is_word
from firsthand.embedded.scope import marks_of

Path = tuple[str, ...]
_PACKAGED = frozenset({"from", "import", ",", ".", "...", ".."})
_LISTING = frozenset({"import", ",", "(", "::", "{"})  # what stands before a name of a module
_IMPORTING = frozenset({"import", "from", "use", "pub"})
_OPENERS, _CLOSERS = frozenset("({"), frozenset(")}")
_AFTER_NAME = frozenset({",", ")", "}"})
_BETWEEN = frozenset({".", "::"})
_WITHIN = frozenset({"crate", "self", "super"})  # Rust's words for where a path begins
_PACKAGES = frozenset({"__init__", "mod", "index"})  # files that stand for their folder


@dataclass(frozen=True, slots=True)
class Module:
    """A module as an import names it.

    Attributes:
        parts: the names on the way to it.
        up: 0 where they may begin anywhere; 1 in the folder of the file that imports it, 2 in the
            one above, and so on.
    """

    parts: tuple[str, ...]
    up: int = 0


def asked_of(keys: Sequence[str]) -> Module | None:
    """The module whose names come next after some tokens; None if no module's do."""
    if keys[-1].lstrip(" ") not in _LISTING and keys[-1][0] != END:
        return None
    bare: list[str] = []
    for key in reversed(keys):
        mark = key.lstrip(" ")
        if mark in {")", "}", ";", ":", "="}:
            return None
        if mark[0] != END:
            bare.append(mark)
        if mark in {"from", "use"}:
            break
    bare.reverse()
    if not bare or bare[-1] not in _LISTING:
        return None
    if bare[0] == "from" and "import" in bare:
        return _module(bare[1 : bare.index("import")])
    if bare[0] == "use":
        end = bare.index("{") if "{" in bare else len(bare)
        path = tuple(key for key in bare[1:end] if is_word(key) and key not in _WITHIN)
        return Module(path) if path else None
    return None


def package_of(keys: Sequence[str]) -> Module | None:
    """The package of which a module is named next; one without parts is where all begin."""
    if keys[-1].lstrip(" ") not in _PACKAGED:
        return None
    bare: list[str] = []
    for key in reversed(keys):
        if key[0] == END:
            break
        bare.append(key.lstrip(" "))
    bare.reverse()
    if bare[:1] not in (["from"], ["import"]) or not {"import", "{"}.isdisjoint(bare[1:]):
        return None
    path = bare[len(bare) - bare[::-1].index(",") :] if "," in bare else bare[1:]
    return _module(path)


def bound(line: Sequence[str]) -> Iterator[tuple[str, Module]]:
    """The names that a line of imports binds, and the modules that they may stand for."""
    bare = [key.lstrip(" ") for key in line if key[0] != END]
    quoted = _quoted(bare)
    if quoted is not None:
        name, module = quoted
        yield name, module
    elif bare[:1] == ["import"] and "{" not in bare:
        for each in _split(bare[1:]):
            path = each[: each.index("as")] if "as" in each else each
            module = _module(path)
            if module.parts:
                yield (each[-1], module) if "as" in each else (path[0], Module(module.parts[:1]))
    elif bare[:1] == ["from"] and "import" in bare:
        outer = _module(bare[1 : bare.index("import")])
        for each in _split(bare[bare.index("import") + 1 :]):
            yield each[-1], Module((*outer.parts, each[0]), outer.up)
    elif "use" in bare[:2] and "{" not in bare:
        path = [key for key in bare[bare.index("use") + 1 :] if is_word(key)]
        parts = tuple(key for key in path if key not in {*_WITHIN, "as"})
        if parts:
            yield parts[-1], Module(parts[:-1] if "as" in path else parts)


def imported(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """The names that the imports among some lines bind, those in brackets of several lines too."""
    depth = 0
    for line in lines:
        head = line[1] if line[0][0] == END and len(line) > 1 else line[0]
        if not depth and head not in _IMPORTING:
            continue
        bare = [key.lstrip(" ") for key in line if key[0] != END]
        if not depth and head == "pub" and bare[1:2] != ["use"]:
            continue
        for name, _ in bound(line):
            yield name
        for key, following in zip(bare, [*bare[1:], ","], strict=True):
            if key in _OPENERS or key in _CLOSERS:
                depth = max(0, depth + (1 if key in _OPENERS else -1))
            elif depth and is_word(key) and following in _AFTER_NAME:
                yield key


def offered(line: Sequence[str]) -> Iterator[str]:
    """The names that a line without indentation gives to whoever imports its file."""
    if line[0] == "from":
        names = [name for name, _ in bound(line)]
    else:
        marks = marks_of(tuple(line))
        names = [marks.defines, *marks.binds] if marks.defines else list(marks.binds)
    yield from (name for name in names if name[0] != "_")


def files_of(module: Module, path: str, known: dict[str, list[str]]) -> list[str]:
    """The files that a module may be, of `by_name`; `path` is that of the file that imports it."""
    folder = PurePosixPath(path).parent.parts
    if module.up > len(folder) + 1:
        return []
    parts = module.parts
    if module.up:
        parts = (*folder[: len(folder) - module.up + 1], *parts)
    found = known.get(parts[-1], []) if parts else []
    return [
        each
        for each in found
        if (named := _named(each))[-len(parts) :] == parts and (not module.up or named == parts)
    ]


def submodules(module: Module, path: str, known: dict[Path, list[str]]) -> list[str]:
    """The modules of a package, of `by_package`; `path` is that of the file that imports it."""
    folder = PurePosixPath(path).parent.parts
    if module.up > len(folder) + 1:
        return []
    if module.up or not module.parts:
        upper = folder[: len(folder) - module.up + 1] if module.up else ()
        return known.get((*upper, *module.parts), [])
    length = len(module.parts)
    found = (names for at, names in known.items() if at[-length:] == module.parts)
    return [name for names in found for name in names]


def by_package(paths: Iterable[str]) -> dict[Path, list[str]]:
    """The names of the modules in each folder, by the names on the way to it."""
    found: dict[Path, dict[str, None]] = {}
    for path in paths:
        parts = _named(path)
        for length, part in enumerate(parts):
            found.setdefault(parts[:length], {})[part] = None
    return {at: list(names) for at, names in found.items()}


def by_name(paths: Sequence[str]) -> dict[str, list[str]]:
    """Files by the last name of the module that each is."""
    found: dict[str, list[str]] = {}
    for path in paths:
        named = _named(path)
        if named:
            found.setdefault(named[-1], []).append(path)
    return found


def _named(path: str) -> tuple[str, ...]:
    """The names on the way to the module that a file is."""
    *folders, name = path.split("/")
    stem, _, ending = name.partition(".")
    return tuple(folders) if stem in _PACKAGES or ending == "go" else (*folders, stem)


def _module(path: Sequence[str]) -> Module:
    up = 0
    for key in path:
        if key.strip("."):
            break
        up += len(key)
    return Module(tuple(filter(is_word, path)), up)


def _split(keys: Sequence[str]) -> Iterator[list[str]]:
    """What stands between commas, brackets left out; empty parts too."""
    part: list[str] = []
    for key in (*keys, ","):
        if key == ",":
            if part and is_word(part[0]):
                yield part
            part = []
        elif is_word(key) or key in _BETWEEN:
            part.append(key)


def _quoted(bare: Sequence[str]) -> tuple[str, Module] | None:
    """What a line binds that names its module in a string: Go's and JavaScript's imports."""
    at = next((at for at, key in enumerate(bare) if key[0] == OPEN), -1)
    end = next((at for at, key in enumerate(bare) if key[0] == CLOSE), -1)
    if at < 0 or end < at or end + 2 < len(bare):
        return None
    before = [key for key in bare[:at] if key not in {"import", "*", "as", "from"}]
    parts = tuple(filter(is_word, bare[at + 1 : end]))
    if not parts or len(before) > 1 or not all(map(is_word, before)):
        return None
    if at and not before and bare[0] != "import":
        return None
    return (before[0] if before else parts[-1]), Module(parts)
