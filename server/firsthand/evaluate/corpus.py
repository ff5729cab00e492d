"""What is measured: a folder's files, the tier learned from them, and the lines to type."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firsthand.embedded import ProjectTier
from firsthand.embedded.calibration import Experience
from firsthand.evaluate.typist import Known
from firsthand.fault import CommandFault
from firsthand.index import library
from firsthand.index.build import build
from firsthand.index.files import Skipped, SourceFile, list_files, read_file
from firsthand.index.git import Git
from firsthand.index.languages import PROSE_AND_DATA
from firsthand.index.state import tier_folder

LONGEST = 300  # characters; longer lines are typed but not measured
PASSAGE = 40  # lines that are sampled together
_LARGEST = 300_000  # characters; a larger file is learned but not typed
# Why files that were listed are not typed, beside the reasons of `index.files.Skipped`.
PROSE, TABLE, EMPTY = "prose or data", "tables of data", "without lines"
VENDORED = "written by others"
UNLEARNED = "copies of other files, or more than is learned"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may be typed: its path in the folder, language, and lines without their ends."""

    path: str
    language: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """The lines of a file that are measured, as spans [first, until) in order."""

    source: Source
    spans: tuple[tuple[int, int], ...]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the lines that are measured."""
        return [number for span in self.spans for number in measured(self.source.lines, span)]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder, learned.

    Attributes:
        listed: how many files are worth learning.
        learned: how many were.
        passed: how many of the listed ones are not typed, by the reason.
        note: a sentence when the folder has more than is learned; or empty.
        known: what was learned of it and of its libraries.
        sources: what can be typed.
    """

    folder: Path
    listed: int
    learned: int
    passed: Mapping[str, int]
    note: str
    known: Known
    sources: tuple[Source, ...]


def learn(
    folder: Path,
    scratch: Path,
    ignore: Sequence[str] = (),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    library_bytes: int = library.MOST_BYTES,
    read: Callable[[Path, str], str | Skipped] = read_file,
) -> Corpus:
    """Read a folder and build its tier, as the editor's first visit would.

    Args:
        folder: to be measured; nothing in it or in Firsthand's own state changes.
        scratch: where the tier is built.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        on_progress: told the numbers of files read and of all files.
        library_bytes: how much of the libraries is learned.
        read: the text of a file that may be typed, by folder and path, or why it has none.

    Raises:
        CommandFault: there is nothing to type.
        StateError: the disk refuses.
    """
    folder = folder.resolve()
    git = Git.found()
    files, known = know(folder, scratch, ignore, on_progress, library_bytes)
    listing = list_files(folder, ignore, git)
    sources: list[Source] = []
    passed: Counter[str] = Counter()
    for file in listing.files:
        source = _passed(file) or _source(file, read(folder, file.path))
        if isinstance(source, Source) and file.path not in known.tier.files:
            # A copy would be told all of its text by the file that it is a copy of.
            source = UNLEARNED
        if isinstance(source, Source):
            sources.append(source)
        else:
            passed[source] += 1
    if not sources:
        found = f" ({reasons(passed)})" if passed else ""
        raise CommandFault(f"{folder} holds no code to type{found}: name a folder that does.", 2)
    return Corpus(
        folder,
        len(listing.files),
        files,
        dict(passed.most_common()),
        listing.note,
        known,
        tuple(sources),
    )


def know(
    folder: Path,
    scratch: Path,
    ignore: Sequence[str],
    on_progress: Callable[[int, int], None],
    library_bytes: int,
    libraries_of: Path | None = None,
) -> tuple[int, Known]:
    """How many files of a folder were learned, and what is known of it then.

    The libraries are those that another folder imports, if one is given. The other arguments and
    the error are those of `learn`.
    """
    state = {**os.environ, "FIRSTHAND_HOME": str(scratch)}
    built = build(folder, ignore, git=Git.found(), on_progress=on_progress, environ=state)
    library.build(libraries_of or folder, most_bytes=library_bytes, environ=state)
    tier = tier_folder(folder, state)
    base = library.base_folder(libraries_of or folder, state)
    known = Known(
        ProjectTier.load(tier), ProjectTier.load(base) if base else None, Experience.read(tier)
    )
    return built.status.files if built.status else 0, known


def sample(sources: Sequence[Source], lines: int, seed: int) -> list[Passage]:
    """Lines to measure, drawn from all files alike: passages of some 40 lines in random order.

    Args:
        sources: to draw from.
        lines: how many lines; all there are, if that is fewer.
        seed: another one draws others.
    """
    spans = [
        (source, (first, min(first + PASSAGE, len(source.lines))))
        for source in sources
        for first in range(0, len(source.lines), PASSAGE)
    ]
    random.Random(seed).shuffle(spans)  # noqa: S311 (no secret)
    drawn: dict[str, tuple[Source, list[tuple[int, int]]]] = {}
    for source, (first, until) in spans:
        numbers = measured(source.lines, (first, until))[:lines]
        if numbers:
            span = first, numbers[-1] + 1
            drawn.setdefault(source.path, (source, []))[1].append(span)
            lines -= len(numbers)
        if not lines:
            break
    return [Passage(source, tuple(sorted(found))) for source, found in drawn.values()]


def measured(lines: Sequence[str], span: tuple[int, int]) -> list[int]:
    """The numbers of a span's lines that are measured: neither blank nor very long."""
    return [
        number for number in range(*span) if lines[number].strip() and len(lines[number]) <= LONGEST
    ]


def is_table(text: str) -> bool:
    """Whether a file is a table of data rather than a text a person typed."""
    return sum(map(str.isalpha, text)) < 0.4 * (len(text) - sum(map(str.isspace, text)))


def reasons(passed: Mapping[str, int]) -> str:
    """Why files are not typed, in words, and how many."""
    return ", ".join(f"{reason} {count:,}" for reason, count in passed.items())


def _passed(file: SourceFile) -> str:
    """Why a file is not typed, whatever it holds; empty if it may be."""
    if file.vendored:
        return VENDORED
    return PROSE if file.language in PROSE_AND_DATA else ""


def _source(file: SourceFile, text: str | Skipped) -> Source | str:
    """A file as it may be typed, or why not."""
    if isinstance(text, Skipped):
        return text.value
    if len(text) > _LARGEST:
        return Skipped.TOO_LARGE.value
    if is_table(text):
        return TABLE
    lines = tuple(text.split("\n"))
    return Source(file.path, file.language, lines) if measured(lines, (0, len(lines))) else EMPTY
