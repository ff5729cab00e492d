"""Which file of a codebase an import means, decided by the paths alone.

An import names the end of a path: `from a.b import c` may mean `src/a/b.py`. So every file is found
by its stem, the last word an import would say for it; of those the one counts whose path ends in
all the words, and which lies nearest to the importing file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from posixpath import normpath

_SCRIPTS = ("javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "svelte")
_C = ("c", "cpp", "cuda-cpp", "objective-c", "objective-cpp")
_FAMILIES = {each: group for group in (_SCRIPTS, _C, ("java", "kotlin")) for each in group}
# Files that stand for their folder.
_FOLDERS = frozenset(("__init__", "index", "mod", "init", "lib", "main"))
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
_ODD = (*_DECLARATIONS, ".pyi", "_test.go", ".c", ".cc", ".cpp", ".cxx")
# What an import may write behind the name; "a.store" has no such ending.
_ENDING = re.compile(
    r"\.(?:[cm]?[jt]sx?|json|vue|svelte|rb|php|inc|lua|(?:ba|z)?sh|[hc](?:h|c|pp|xx|\+\+)?|inl|ipp)$"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an import may ask for.

    Attributes:
        words: the last folders' names and the stem.
        whole: they are the whole path, not only its end.
    """

    words: tuple[str, ...]
    whole: bool = False

    @property
    def stem(self) -> str:
        """The word that the file is found by."""
        return self.words[-1]


def stem(path: str, language: str) -> str:
    """The last word that an import would say for a file; one of Go is found by its folder."""
    return (_spoken(path, language) or ("",))[-1]


def wanted(importing: str, language: str, module: str) -> Iterator[Wanted]:
    """What an import may ask for, the likeliest first.

    Args:
        importing: the path of the importing file.
        language: of that file.
        module: as the import writes it, without quotes.
    """
    return (each for each in _asked(importing, language, module) if each.words)


def _asked(importing: str, language: str, module: str) -> Iterator[Wanted]:
    folder = importing.rpartition("/")[0]
    if language == "python":
        return _python(folder, module)
    if language == "rust":
        return _rust(importing, module)
    if language == "go":
        return _go(tuple(filter(None, module.split("/"))))
    if language in ("java", "kotlin", "csharp", "php") and not module.startswith("."):
        return _qualified(tuple(filter(None, module.replace("\\", ".").split("."))))
    if module.startswith("."):
        return _relative(folder, module, language)
    if language in _SCRIPTS:
        return _script(module)
    separator = "." if language == "lua" else "/"
    return iter([Wanted(_words(module.split(separator)))])


def best(
    importing: str,
    language: str,
    asked: Wanted,
    found: Iterable[tuple[str, str]],
    exists: Callable[[str], bool],
) -> str | None:
    """Of the files with the stem that is asked for, the one that an import means.

    Args:
        importing: the path of the importing file.
        language: of that file.
        asked: what it asks for.
        found: paths and languages.
        exists: whether there is a file of a path.
    """
    languages = family(language)
    fitting = []
    for path, its_language in found:
        if path == importing or its_language not in languages:
            continue
        parts, size = _spoken(path, its_language), len(asked.words)
        if parts[-size:] != asked.words or (asked.whole and len(parts) != size):
            continue
        above = "/".join(parts[:-size])
        # In Python what lies inside of a package has the package in its name.
        if language == "python" and above and not asked.whole and exists(f"{above}/__init__.py"):
            continue
        fitting.append(path)
    near = importing.split("/")
    return min(fitting, key=lambda path: _distance(near, path), default=None)


def family(language: str) -> tuple[str, ...]:
    """The languages whose files use one another's names as their own."""
    return _FAMILIES.get(language, (language,))


def _spoken(path: str, language: str) -> tuple[str, ...]:
    """A path as an import would say it, in words."""
    *folders, name = path.split("/")
    if language == "go":
        return tuple(folders)
    bare = next(
        (name[: -len(each)] for each in _DECLARATIONS if name.endswith(each)),
        name.rpartition(".")[0] or name,
    )
    return tuple(folders) if bare in _FOLDERS and folders else (*folders, bare)


def _distance(near: list[str], path: str) -> tuple[bool, int, int, str]:
    """How far a file is: whether it is likely to be meant at all, then the folders between."""
    parts = path.split("/")
    common = 0
    for one, other in zip(near, parts, strict=False):
        if one != other:
            break
        common += 1
    return path.endswith(_ODD), len(parts) + len(near) - 2 * common, len(parts), path


def _python(folder: str, module: str) -> Iterator[Wanted]:
    rest = module.lstrip(".")
    words = tuple(filter(None, rest.split(".")))
    level = len(module) - len(rest)
    above = tuple(folder.split("/")) if folder else ()
    if level and level - 1 <= len(above):
        words = (*above[: len(above) - level + 1], *words)
    elif level:
        return
    yield Wanted(words, whole=bool(level))


def _rust(importing: str, module: str) -> Iterator[Wanted]:
    words = module.split("::")
    folder, _, name = importing.rpartition("/")
    if words[0] in ("self", "super"):
        # A module's own modules lie in the folder of its name.
        base = _spoken(importing, "rust")
        if name in ("lib.rs", "main.rs"):
            base = tuple(folder.split("/")) if folder else ()
        while words and words[0] in ("self", "super"):
            if words.pop(0) == "super":
                base = base[:-1]
        paths, whole = (*base, *words), True
    elif words[0] == "crate":
        paths, whole = ("src", *words[1:]), False
    else:
        paths, whole = (words[0].replace("_", "-"), "src", *words[1:]), False
    # The last word may be a type in the file of the word before.
    for path in (paths, paths[:-1]):
        if path and path[-1] != "src":
            yield Wanted(path, whole)
    if not whole and words[0] != "crate" and words[0] != paths[0]:
        yield Wanted((words[0], *paths[1:]))


def _go(words: tuple[str, ...]) -> Iterator[Wanted]:
    yield Wanted(words)
    # A module's own path, of a host, an owner and a name or of one word, is in no path of a file.
    yield Wanted(words[3:], whole=True)
    yield Wanted(words[1:], whole=True)
    if words and "." in words[0]:
        yield Wanted(words[2:])


def _qualified(words: tuple[str, ...]) -> Iterator[Wanted]:
    """Names of types: roots are mapped to folders, so that fewer and fewer words have to agree."""
    fewest = min(2, len(words))
    for start in range(len(words) - fewest + 1):
        yield Wanted(words[start:])
    if len(words) > 2:  # a member, or a type in a type
        yield Wanted(words[-3:-1])


def _relative(folder: str, module: str, language: str) -> Iterator[Wanted]:
    path = normpath(f"{folder}/{module}" if folder else module)
    if not path.startswith(("..", "/")):
        yield Wanted(_words(path.split("/")), whole=True)
    if language in _C:
        # What is included in quotes may lie in any folder for headers.
        yield Wanted(_words(module.split("/")))


def _script(module: str) -> Iterator[Wanted]:
    first, _, rest = module.partition("/")
    if first in ("@", "~", "#", "~~", "@@"):  # a usual alias for the folder of the sources
        yield Wanted(_words(rest.split("/")))
        return
    words = _words(module.split("/"))
    if len(words) > 1:  # a single word is a package
        yield Wanted(words[1:] if first.startswith("@") and len(words) > 2 else words)


def _words(parts: Iterable[str]) -> tuple[str, ...]:
    words = [each for each in parts if each not in ("", ".", "..")]
    if words:
        words[-1] = _ENDING.sub("", words[-1]) or words[-1]
        if words[-1] in _FOLDERS and len(words) > 1:
            words.pop()
    return tuple(words)
