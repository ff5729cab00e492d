"""Files that are copies of others, or nearly so, told by a sketch of their lines.

A copy would make its original's habits count twice, and would give a file its own text back while
it is edited. The sketch is the smallest hashes of the lines, by which the share of lines that two
texts have in common can be told (Broder 1997, "On the resemblance and containment of documents").
"""

from __future__ import annotations

import hashlib
from collections import Counter
from zlib import crc32

Sketch = tuple[int, ...]

_SIZE = 16  # hashes of a sketch
_SAME = 13  # of them that a copy shares with its original
_SHORTEST = 10  # characters of a line that says something


def digest(text: str) -> str:
    """What tells a text from every other."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def sketch(text: str) -> Sketch:
    """The sketch of a text; shorter than others' where there are few lines."""
    lines = {line for each in text.split("\n") if len(line := each.strip()) >= _SHORTEST}
    return tuple(sorted(crc32(line.encode("utf-8", "surrogatepass")) for line in lines)[:_SIZE])


class Originals:
    """The files that are learned, as far as copies of them are to be known."""

    def __init__(self) -> None:
        self._by_text: dict[str, str] = {}
        self._by_line: dict[int, list[str]] = {}

    def add(self, path: str, digest: str, sketch: Sketch) -> None:
        """Take a file that is learned."""
        if not sketch:
            return
        self._by_text.setdefault(digest, path)
        if len(sketch) == _SIZE:
            for line in sketch:
                self._by_line.setdefault(line, []).append(path)

    def of(self, path: str, digest: str, sketch: Sketch) -> str:
        """The file of which another is a copy; empty when there is none."""
        if not sketch:
            return ""
        same = self._by_text.get(digest, path)
        if same != path:
            return same
        if len(sketch) < _SIZE:
            return ""
        # A line that stands in very many files tells nothing of any of them.
        files = (self._by_line.get(line, ()) for line in sketch)
        shared = Counter(each for found in files for each in found[:50] if each != path)
        if not shared:
            return ""
        best, times = min(shared.items(), key=lambda item: (-item[1], item[0]))
        return best if times >= _SAME else ""
