"""Rust: the crates of a project's Cargo.lock, where cargo keeps the sources it fetched."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from firsthand.index.library.package import Package, found, is_own_folder

_NAME = re.compile(r"[\w-]+")
_VERSION = re.compile(r"\d[\w.+-]*")


def packages(root: Path, imports: Counter[str], environ: Mapping[str, str]) -> Iterator[Package]:
    """The crates that a project uses and that came from a registry, the most used first."""
    locked = _locked(root)
    sources = _sources(environ)
    for name, _ in sorted(imports.items(), key=lambda it: (-it[1], it[0])):
        for crate in locked.get(name, ()):
            places = (each / crate for each in sources if is_own_folder(each / crate, each))
            folder = next(places, None)
            if folder is not None:
                files = found(folder, lambda file: file.endswith(".rs"), "src")
                yield Package(folder, tuple(files))
                break


def _locked(root: Path) -> dict[str, list[str]]:
    """The folders of the crates that are locked, by the names that code uses for them."""
    try:
        stored = tomllib.loads((root / "Cargo.lock").read_text(encoding="utf-8"))
        crates = list(stored["package"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    locked: dict[str, list[str]] = {}
    for crate in filter(lambda each: isinstance(each, dict), crates):
        name, version = str(crate.get("name", "")), str(crate.get("version", ""))
        fetched = str(crate.get("source", "")).startswith("registry+")
        if fetched and _NAME.fullmatch(name) and _VERSION.fullmatch(version):
            locked.setdefault(name.replace("-", "_"), []).insert(0, f"{name}-{version}")
    return locked


def _sources(environ: Mapping[str, str]) -> list[Path]:
    try:
        cargo = Path(environ.get("CARGO_HOME", "") or Path.home() / ".cargo")
        return sorted((cargo / "registry" / "src").iterdir())
    except (OSError, RuntimeError):
        return []
