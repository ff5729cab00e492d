"""What was read of a workspace's database and holds until somebody writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from firsthand.core.codeview import Chunk

_MOST_KEPT = 2_048  # chunks, and as many names' chunks, that are kept: some megabytes
_MOST_TEXTS = 256  # files whose names are kept: as much again
_MOST_NAMES = 65_536


@dataclass(slots=True)
class Kept:
    """What was read of one state of a database.

    Attributes:
        version: what SQLite calls the state that it was read in.
        count: the greatest number of a file.
        names: the number and the files of a name; None for one that no file holds.
        holding: by the number of a name, the chunks that hold it, as many as are looked at.
        chunks: by its number a chunk, its language, and its names' numbers as words.
        held: by the number of a name, the files that hold it.
        files: by its number the path of a file, its language, and how many names it holds.
        texts: by its path the names in a file, and how often it holds each.
        common: the names that most files hold, and how many do, as many as were asked for.
    """

    version: int
    count: int
    names: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    holding: dict[int, list[int]] = field(default_factory=dict)
    chunks: dict[int, tuple[Chunk, str, frozenset[str]]] = field(default_factory=dict)
    held: dict[int, list[int]] = field(default_factory=dict)
    files: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    texts: dict[str, Mapping[str, int]] = field(default_factory=dict)
    common: Sequence[tuple[str, int]] = ()

    def full(self) -> bool:
        """Whether it is time to begin anew."""
        if len(self.texts) > _MOST_TEXTS or len(self.names) > _MOST_NAMES:
            return True
        return max(len(self.holding), len(self.chunks), len(self.files)) > _MOST_KEPT
