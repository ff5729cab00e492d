"""JavaScript and TypeScript: the packages in node_modules that a project imports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from firsthand.index.library.package import Package, found, is_own_folder

_MEMBERS = 40  # folders of a workspace of several packages that are looked into
_SOURCES = (".js", ".mjs", ".cjs")


def packages(root: Path, imports: Counter[str], environ: Mapping[str, str]) -> Iterator[Package]:
    """The packages that a project imports, the most used first, types before sources."""
    folders = list(_module_folders(root))
    for name, _ in sorted(imports.items(), key=lambda it: (-it[1], it[0])):
        scope, _, bare = name.rpartition("/")
        typed = f"@types/{scope[1:]}__{bare}" if scope else f"@types/{bare}"
        for each in (name, typed):
            package = next(filter(None, (_package(folder, each) for folder in folders)), None)
            if package is not None:
                yield package


def _module_folders(root: Path) -> Iterator[Path]:
    members = [root]
    for group in ("packages", "apps", "libs"):
        if is_own_folder(root / group, root):
            members += sorted((root / group).iterdir())[:_MEMBERS]
    for member in members:
        if is_own_folder(member / "node_modules", root):
            yield member / "node_modules"


def _package(modules: Path, name: str) -> Package | None:
    folder = modules / name
    # Package managers link packages within the folder; a link out of it is another's code.
    if not is_own_folder(folder, modules) or not (folder / "package.json").is_file():
        return None
    types = found(folder, lambda file: file.endswith((".d.ts", ".d.mts", ".d.cts")))
    sources = found(folder, lambda file: file.endswith(_SOURCES) and ".min." not in file)
    return Package(folder, (*types, *sources))
