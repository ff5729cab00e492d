"""A codebase in memory, as the sources of context ask it: Python files as a dictionary of texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from firsthand.core.codeview import Chunk, Definition
from firsthand.core.sources.place import NAME

_DEFINED = re.compile(r"( *)(def|class) (\w+)(.*):$")
_LINES = 10


class Codebase:
    """Answers as `CodeView` says; a chunk is ten lines."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def definitions(self, name: str, limit: int = 8) -> Sequence[Definition]:
        found = [each for path in self.files for each in self.outline(path) if each.name == name]
        return found[:limit]

    def defined(self, names: Collection[str], outside: str) -> Mapping[str, Definition]:
        found = {}
        for path in reversed(tuple(self.files)):
            if path != outside:
                found.update({it.name: it for it in self.outline(path) if it.name in names})
        return found

    def members(
        self, container: str, path: str | None = None, limit: int = 64
    ) -> Sequence[Definition]:
        return [
            each
            for file in self.files
            for each in self.outline(file)
            if each.container == container and path in (None, file)
        ][:limit]

    def outline(self, path: str) -> Sequence[Definition]:
        found = []
        container = ""
        for number, line in enumerate(self.files.get(path, "").splitlines()):
            if (it := _DEFINED.match(line)) is None:
                continue
            indent, word, name, _ = it.groups()
            container = container if indent else ""
            kind = "class" if word == "class" else "method" if container else "function"
            signature = line.strip().rstrip(":")
            found.append(Definition(path, name, kind, container, signature, number, number + 1))
            container = name if word == "class" else container
        return found

    def module(self, importing: str, module: str) -> str | None:
        path = module.replace(".", "/") + ".py"
        return path if path in self.files else None

    def imports(self, path: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        found = re.findall(r"^from (\S+) import (.*)$", self.files.get(path, ""), re.MULTILINE)
        return [(module, tuple(NAME.findall(names))) for module, names in found]

    def similar(
        self, terms: Mapping[str, float], exclude: str, limit: int = 16
    ) -> Sequence[tuple[Chunk, float]]:
        whole = sum(terms.values())
        scored = []
        for path, text in self.files.items():
            lines = text.splitlines()
            for first in range(0, len(lines), _LINES):
                piece = "\n".join(lines[first : first + _LINES])
                share = sum(terms.get(name, 0.0) for name in set(NAME.findall(piece))) / whole
                if share and path != exclude:
                    scored.append((Chunk(path, first, first + _LINES - 1, piece), share))
        return sorted(scored, key=lambda it: -it[1])[:limit]

    def akin(
        self, terms: Mapping[str, float], exclude: str, limit: int = 16
    ) -> Sequence[tuple[str, float]]:
        found = []
        for path in self.files:
            names = self.names(path)
            share = sum(weight for name, weight in terms.items() if name in names)
            if share and path != exclude:
                found.append((path, share / len(names)))
        return sorted(found, key=lambda it: -it[1])[:limit]

    def names(self, path: str) -> Mapping[str, int]:
        return Counter(NAME.findall(self.files.get(path, "")))

    def common(self, limit: int = 500) -> Sequence[tuple[str, int]]:
        return Counter(name for path in self.files for name in self.names(path)).most_common(limit)

    def beside(self, path: str, limit: int = 64) -> Sequence[str]:
        folder = path.rpartition("/")[0]
        return [each for each in self.files if each.rpartition("/")[0] == folder and each != path][
            :limit
        ]

    def rarity(self, names: Collection[str]) -> Mapping[str, int]:
        return {name: count for name, count in self.common(10_000) if name in names}

    def references(self, name: str, limit: int = 32) -> Sequence[tuple[str, int]]:
        counts = ((path, self.names(path).get(name, 0)) for path in self.files)
        return sorted((it for it in counts if it[1]), key=lambda it: -it[1])[:limit]

    def edges(self) -> Iterable[tuple[str, str, float]]:
        for path in self.files:
            for module, names in self.imports(path):
                if (target := self.module(path, module)) is not None:
                    yield path, target, float(len(names))
