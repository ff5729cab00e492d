"""Python: the library of the interpreter that a project uses, and what is installed beside it."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from firsthand.index.library.package import Package, found, is_own_folder

# What most programs use; learned after what the project itself imports.
_COMMON = (
    "collections", "pathlib", "dataclasses", "typing", "functools", "contextlib", "subprocess",
    "argparse", "json", "logging", "asyncio", "unittest", "urllib", "http", "csv", "datetime",
    "tempfile", "shutil", "random", "threading", "queue", "enum", "inspect", "textwrap", "socket",
)  # fmt: skip
_NAMES = (".venv", "venv", "env")


def packages(root: Path, imports: Counter[str], environ: Mapping[str, str]) -> Iterator[Package]:
    """The packages that a project imports and the library's modules, in turn by their use."""
    site, library = _installed(root, environ)
    names = [name for name, _ in sorted(imports.items(), key=lambda it: (-it[1], it[0]))]
    for name in dict.fromkeys((*names, *_COMMON)):
        # The names of the library are this interpreter's: a project can't name anything else.
        if name in sys.stdlib_module_names:
            folder = library
        elif site is not None and name in imports:
            folder = site
        else:
            continue
        package = _package(folder, name)
        if package is not None:
            yield package


def _package(folder: Path, name: str) -> Package | None:
    if is_own_folder(folder / name, folder):
        sources = found(folder / name, lambda file: file.endswith((".py", ".pyi")))
        return Package(folder / name, tuple(sources))
    if (folder / f"{name}.py").is_file():
        return Package(folder, (f"{name}.py",))
    return None


def _installed(root: Path, environ: Mapping[str, str]) -> tuple[Path | None, Path]:
    """The folder of installed packages, if there is one, and that of the library."""
    named = environ.get("VIRTUAL_ENV")
    inside = [root / name for name in _NAMES if is_own_folder(root / name, root)]
    for folder in [*inside, *([Path(named)] if named else [])]:
        try:
            config = (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        version = _value(config, "version") or _value(config, "version_info")
        library = _library(_value(config, "home"), version)
        return _site(folder, version), library or _running()
    return None, _running()


def _site(folder: Path, version: str) -> Path | None:
    short = ".".join(version.split(".")[:2])
    for site in (folder / "lib" / f"python{short}" / "site-packages", folder / "Lib/site-packages"):
        if is_own_folder(site, folder):
            return site
    return None


def _library(home: str, version: str) -> Path | None:
    """The library of the interpreter in a folder, by the usual layouts."""
    short = ".".join(version.split(".")[:2])
    if not home or not os.path.isabs(home) or not re.fullmatch(r"3\.\d+", short):
        return None
    for folder in (Path(home).parent / "lib" / f"python{short}", Path(home) / "Lib"):
        if all((folder / name).is_file() for name in ("os.py", "site.py", "abc.py")):
            return folder
    return None


def _running() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _value(config: str, name: str) -> str:
    match = re.search(rf"^\s*{name}\s*=\s*(.*?)\s*$", config, re.MULTILINE)
    return match[1] if match else ""
