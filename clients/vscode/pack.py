"""Keeps the extension small: `pack.py loosen` before it is packaged, `pack.py weigh` afterwards.

A wheel compresses each of its files alone. Stored as they are, they are compressed together, by
`compress.ts`, which makes nearly half of the source go away.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

DIST = Path(__file__).resolve().parent / "dist"
VSIX = DIST / "firsthand.vsix"
LIMIT = 1_000_000
"""The most bytes that the package may have."""


def loosen(wheel: Path) -> None:
    """Write a wheel anew, without compression; its files and their dates stay."""
    loose = wheel.with_suffix(".loose")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(loose, "w") as new:
        for each in old.infolist():
            content = old.read(each)
            each.compress_type = zipfile.ZIP_STORED
            new.writestr(each, content)
    loose.replace(wheel)


def weigh(package: Path) -> str:
    """What is wrong with a package's size; empty for nothing."""
    size = package.stat().st_size
    if size <= LIMIT:
        return ""
    return f"{package} has {size:,} bytes, more than the {LIMIT:,} it may have: leave something out"


if __name__ == "__main__":
    if sys.argv[1:] == ["loosen"]:
        for built in DIST.glob("*.whl"):
            loosen(built)
    else:
        sys.exit(weigh(VSIX) or 0)
