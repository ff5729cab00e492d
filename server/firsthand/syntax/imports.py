"""What an import names, as each language writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_QUOTED = re.compile(r"""["'<]([^"'<>\n]+)["'>]""")
_DOTTED = frozenset(("java", "kotlin"))


@dataclass(frozen=True, slots=True)
class Imported:
    """A module that a text imports.

    Attributes:
        module: as it is written, without quotes. What is looked for beside the importing file
            begins with "." where the language has a way to say so.
        names: what is taken from it, by their own names; "*" for all.
    """

    module: str
    names: tuple[str, ...]


def imported(
    language: str, written: str, items: Sequence[str], whole: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each module that an import names, and what is taken from it.

    Args:
        language: the LSP language id.
        written: the module, or what the import's words are.
        items: names that the tree told apart already.
        whole: what is written holds the names as well.
    """
    if language == "rust":
        yield from _used(written) if whole else [(f"self::{written}", ())]
    elif language in _DOTTED:
        if written.endswith(".*"):
            yield written[:-2], ("*",)
        elif whole:
            yield written, (written.rpartition(".")[2],)
        else:
            yield written, tuple(items)
    elif language == "php":
        yield from _php(written, items, whole)
    elif language == "ruby" and whole:
        yield (written if written.startswith(".") else f"./{written}"), ()
    elif language == "shellscript":
        # What stands before the path is mostly a variable that holds the script's own folder.
        path = re.sub(r"^\$\{?\w+\}?/|^\$\([^)]*\)/", "./", written.strip("\"'"))
        if path and "$" not in path:
            yield path, ()
    elif language in ("c", "cpp"):
        if match := _QUOTED.search(written):
            yield (f"./{match[1]}" if written.startswith('"') else match[1]), ()
    else:
        yield written.strip("\"'`"), tuple(items)


def _php(written: str, items: Sequence[str], whole: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    if whole:
        yield written.lstrip("\\"), (written.rpartition("\\")[2],)
    elif items:
        for item in items:
            yield f"{written}\\{item}".lstrip("\\"), (item.rpartition("\\")[2],)
    elif match := _QUOTED.search(written):
        yield f"./{match[1].lstrip('/')}", ()


def _used(written: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Take a Rust "use" apart: `a::{b, c::d as e}` are b of a and d of a::c."""
    taken: dict[str, list[str]] = {}
    for path in _paths(re.sub(r"\s+", " ", written)):
        module, _, name = path.rpartition("::")
        if name == "self":
            module, _, name = module.rpartition("::")
        taken.setdefault(module or name, []).extend([name] if module else [])
    for module, names in taken.items():
        yield module, tuple(names)


def _paths(written: str) -> Iterator[str]:
    """Every path of a "use", its braces multiplied out and its aliases left out."""
    prefixes, word = [""], ""
    for character in f"{written},":
        if character == "{":
            prefixes.append(prefixes[-1] + word.strip())
            word = ""
        elif character in ",}":
            if path := word.partition(" as ")[0].strip():
                yield prefixes[-1] + path
            word = ""
            if character == "}" and len(prefixes) > 1:
                prefixes.pop()
        else:
            word += character
