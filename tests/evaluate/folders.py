"""Folders to measure."""

from collections.abc import Mapping
from pathlib import Path

# Four lines and, counted by hand, 25 + 22 + 25 + 28 keys.
SHAPES = """\
def area(width, height):
    return width * height


def edge(width, height):
    return 2 * (width + height)
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
