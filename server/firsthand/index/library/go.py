"""Go: its own library and the modules that a project's go.mod requires, where they were fetched."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from firsthand.index.library.package import Package, found, is_own_folder

_REQUIRED = re.compile(r"^\s*(?:require\s+)?([\w.~-]+(?:/[\w.~-]+)*)\s+(v[\w.+-]+)", re.MULTILINE)
_PATH = re.compile(r"[\w.~-]+(?:/[\w.~-]+)*")
_ROOTS = ("/usr/local/go", "/usr/lib/go", "/opt/homebrew/opt/go/libexec", "C:/Program Files/Go")


def packages(root: Path, imports: Counter[str], environ: Mapping[str, str]) -> Iterator[Package]:
    """The packages that a project imports, the most used first."""
    modules = _modules(root, environ)
    library = _library(environ)
    for path, _ in sorted(imports.items(), key=lambda it: (-it[1], it[0])):
        if not _PATH.fullmatch(path) or ".." in path:
            continue
        folder = library / path if library and "." not in path.split("/")[0] else None
        for module in sorted(modules, key=len, reverse=True):
            if path == module or path.startswith(f"{module}/"):
                folder = modules[module] / path[len(module) + 1 :]
                break
        if folder is not None and folder.is_dir():
            here = (file for file in found(folder, _wanted) if "/" not in file)
            yield Package(folder, tuple(here))


def _wanted(name: str) -> bool:
    return name.endswith(".go") and not name.endswith("_test.go")


def _modules(root: Path, environ: Mapping[str, str]) -> dict[str, Path]:
    """The modules that are required and were fetched, by their paths."""
    try:
        text = (root / "go.mod").read_text(encoding="utf-8", errors="replace")
        home = Path.home()
    except (OSError, RuntimeError):
        return {}
    work = environ.get("GOPATH", "").split(os.pathsep)[0] or home / "go"
    cache = Path(environ.get("GOMODCACHE", "") or Path(work) / "pkg" / "mod")
    modules: dict[str, Path] = {}
    for module, version in _REQUIRED.findall(text):
        # Source: golang.org/x/mod/module, "Escaped Paths".
        escaped = re.sub(r"[A-Z]", lambda letter: f"!{letter[0].lower()}", f"{module}@{version}")
        if is_own_folder(cache / escaped, cache):
            modules[module] = cache / escaped
    return modules


def _library(environ: Mapping[str, str]) -> Path | None:
    for root in (environ.get("GOROOT", ""), *_ROOTS):
        if root and (Path(root) / "src" / "fmt" / "print.go").is_file():
            return Path(root) / "src"
    return None
