"""What the index of the codebase answers: the questions, without the database behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name is defined.

    Attributes:
        path: of the file, relative to the workspace's folder, "/" between names.
        name: what is defined.
        kind: "function", "method", "constructor", "class", "interface", "enum", "type", "module",
            "variable", "constant", "field" or "macro".
        container: what it is defined in, the outermost first, joined by "."; empty at the top of
            a file.
        signature: its first line or lines, without the body, on one line.
        first_line: where it begins; 0 is a file's first line.
        last_line: the line that it ends in.
    """

    path: str
    name: str
    kind: str
    container: str
    signature: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file, as they were when it was indexed.

    Attributes:
        path: as a definition's.
        first_line: the line that it begins with; 0 is a file's first line.
        last_line: the last line in it.
        text: the lines.
    """

    path: str
    first_line: int
    last_line: int
    text: str


class CodeView(Protocol):
    """The codebase of one workspace folder as it was at one moment.

    Paths are relative to the folder. What is not known is empty, None or left out; nothing here
    waits for whoever writes the index.
    """

    def definitions(self, name: str, limit: int = 8) -> Sequence[Definition]:
        """Where a name is defined, what most files refer to first."""

    def defined(self, names: Collection[str], outside: str) -> Mapping[str, Definition]:
        """The definition of each name that `definitions` puts first, but for those of one file.

        Args:
            names: the names; those that no other file defines are left out.
            outside: the path of the file.
        """

    def members(
        self, container: str, path: str | None = None, limit: int = 64
    ) -> Sequence[Definition]:
        """What is defined in a container, in the order of the file.

        Args:
            container: its name, or its name with those of the containers around it, joined by ".".
            path: the file that the container is in; None for any.
            limit: how many at most.
        """

    def outline(self, path: str) -> Sequence[Definition]:
        """All that a file defines, in its order."""

    def module(self, importing: str, module: str) -> str | None:
        """The file of this codebase that an import means.

        Args:
            importing: the path of the file with the import.
            module: the module as the import writes it, without quotes.
        """

    def imports(self, path: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        """What a file imports: each module, and the names that are taken from it."""

    def similar(
        self, terms: Mapping[str, float], exclude: str, limit: int = 16
    ) -> Sequence[tuple[Chunk, float]]:
        """The chunks that share the rarest of some names, best first, and how much they share.

        Args:
            terms: names and their weights.
            exclude: the path of a file to leave out, and with it, where it is known, those whose
                languages do not use its names: a page tells little of a program.
            limit: how many at most.
        """

    def akin(
        self, terms: Mapping[str, float], exclude: str, limit: int = 16
    ) -> Sequence[tuple[str, float]]:
        """The files that hold the most of some names for their length, best first, and how much.

        Args:
            terms: names and their weights; one that very many files hold tells nothing.
            exclude: as for `similar`.
            limit: how many at most.
        """

    def names(self, path: str) -> Mapping[str, int]:
        """The names in a file's code, and how often each stands there."""

    def common(self, limit: int = 500) -> Sequence[tuple[str, int]]:
        """The names that most files hold, and how many do, most first."""

    def beside(self, path: str, limit: int = 64) -> Sequence[str]:
        """The other files in the folder of a file."""

    def rarity(self, names: Collection[str]) -> Mapping[str, int]:
        """How many files hold each name; those that none holds are left out."""

    def references(self, name: str, limit: int = 32) -> Sequence[tuple[str, int]]:
        """The files that hold a name, and how often, most often first."""

    def edges(self) -> Iterable[tuple[str, str, float]]:
        """Which file refers to what which other file defines, and how strongly."""
