"""Places in real files, and what the next lines there need."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firsthand.core.codeview import CodeView
from firsthand.core.keywords import KEYWORDS
from firsthand.core.sources.place import NAME
from firsthand.core.text import Text
from firsthand.index.files import Skipped, read_file
from firsthand.index.languages import language_of
from firsthand.syntax import outline

LINES = 8
"""Lines of truth, blank ones not counted: as many as are shown at once."""

_LONGEST = 400  # characters of a line; longer ones are data


@dataclass(frozen=True, slots=True)
class File:
    """A file: its lines, and the names in the code of each, comments and strings left out."""

    path: str
    language: str
    lines: tuple[str, ...]
    names: tuple[frozenset[str], ...]
    words: tuple[frozenset[str], ...]  # the names in each line, comments and strings included

    @property
    def code_lines(self) -> list[int]:
        """The lines that hold a name, after the first few."""
        return [
            line
            for line, names in enumerate(self.names)
            if line > 3 and names and len(self.lines[line]) <= _LONGEST
        ]

    def without(self, line: int, end: int) -> Text:
        """The file with an empty line in place of those from `line` to the one before `end`."""
        return Text.of("\n".join((*self.lines[:line], "", *self.lines[end:])))


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a file from which lines were taken out.

    Attributes:
        file: the file.
        line: the first line that was taken out.
        end: the first line behind them.
        needed: the names in the code of these lines that stand nowhere in what is left of the
            file, and in the code of another file of the project.
    """

    file: File
    line: int
    end: int
    needed: frozenset[str]

    @property
    def text(self) -> Text:
        """What is left of the file, with an empty line in place of what was taken out."""
        return self.file.without(self.line, self.end)


def files_of(root: Path, paths: Sequence[str]) -> Iterator[File]:
    """The files of a project, as far as they can be read."""
    for path in sorted(paths):
        text = read_file(root, path)
        language = language_of(path)
        if isinstance(text, Skipped) or language not in KEYWORDS:
            continue
        code = outline(language, text).code.split("\n")
        lines = text.split("\n")
        yield File(
            path,
            language,
            tuple(lines),
            tuple(frozenset(NAME.findall(each)) - KEYWORDS[language] for each in code),
            tuple(frozenset(NAME.findall(each)) for each in lines),
        )


def holes(
    files: Sequence[File], view: CodeView, count: int, seed: int, lines: int = LINES
) -> list[Hole]:
    """So many places drawn from all lines of code, whether anything is needed there or not."""
    everywhere = [(file, line) for file in files for line in file.code_lines]
    drawn = random.Random(seed).sample(everywhere, min(count, len(everywhere)))
    return [hole(view, file, line, lines) for file, line in drawn]


def hole(view: CodeView, file: File, line: int, lines: int) -> Hole:
    """A place with the next lines taken out."""
    end = line
    left = lines
    while end < len(file.lines) and left:
        left -= bool(file.lines[end].strip())
        end += 1
    return Hole(file, line, end, needed(view, file, line, end, end))


def needed(view: CodeView, file: File, line: int, until: int, end: int) -> frozenset[str]:
    """What the code of the lines from `line` to `until` needs from outside of the file.

    Args:
        view: the codebase, which holds the file itself too.
        file: the file, of which the lines from `line` to `end` are not written yet.
        line: the first line asked about.
        until: the one behind the last.
        end: the first line that is there again.
    """
    wanted = frozenset().union(*file.names[line:until])
    absent = wanted.difference(*file.words[:line], *file.words[end:])
    own = view.names(file.path)
    return frozenset(each for each, count in view.rarity(absent).items() if count > (each in own))
