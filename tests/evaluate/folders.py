"""Folders to measure."""

from collections.abc import Mapping
from pathlib import Path

# Four lines and, counted by hand, 14 + 34 + 28 + 18 keys. No name follows `def`: there each is
# taken for a new one.
SHAPES = """\
import shapes

area = shapes.area(width, height)
edge = 2 * (width + height)
print(area, edge)
"""
# The same but for a blank line: of two copies, one would not be learned.
TWINS = {"first.py": SHAPES, "second.py": f"{SHAPES}\n"}
# Every word is new: nothing can be known.
STRANGERS = {"one.py": "alpha beta\ngamma delta\n", "two.py": "uno dos\ntres cuatro\n"}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
