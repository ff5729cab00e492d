"""How much of a folder's code was written first hand, and what of the rest nobody touched since."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Any

from firsthand import paths
from firsthand.core.authorship import ACCEPTED, Mark, Origin, Run
from firsthand.core.text import Text
from firsthand.ledger import Ledger, Survived
from firsthand.provenance.record import Record
from firsthand.provenance.store import Store

# An accepted block of so many lines, or so many characters, is worth a look of its own.
_LARGE_LINES, _LARGE = 5, 300
_LARGEST_FILE = 4_000_000
_MOST_READING = 50


@dataclass(frozen=True, slots=True)
class Share:
    """How many characters have which origin."""

    typed: int = 0
    changed: int = 0
    pasted: int = 0
    embedded: int = 0
    inline: int = 0
    frontier: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, counts: Mapping[Origin, int]) -> Share:
        """The share by counts of each origin."""
        return cls(**{each.name.lower(): counts.get(each, 0) for each in Origin})

    @property
    def known(self) -> int:
        """Characters whose origin is known."""
        accepted = self.embedded + self.inline + self.frontier
        return self.typed + self.changed + self.pasted + accepted

    @property
    def first_hand(self) -> float | None:
        """The part of the known characters that the person typed, 0 to 1."""
        return (self.typed + self.changed) / self.known if self.known else None

    def to_json(self) -> dict[str, Any]:
        """The same for scripts and editors."""
        part = self.first_hand
        return {**asdict(self), "first_hand": None if part is None else round(part, 4)}


@dataclass(frozen=True, slots=True)
class Block:
    """Accepted text that stands as it was accepted.

    Attributes:
        path: the file.
        line: its first line, from 1.
        lines: how many it has.
        characters: how long it is.
        tier: what wrote it.
        day: when it was accepted, as 2026-11-26.
    """

    path: str
    line: int
    lines: int
    characters: int
    tier: str
    day: str


@dataclass(frozen=True, slots=True)
class Grip:
    """What stands in the files below a path.

    Attributes:
        path: the folder or file.
        total: of all files together.
        files: by path, those with most known characters first.
        folders: by path, likewise; what is in folders below counts as well.
        weeks: what stands now by the week it was written in, as 2026-W48, the newest first.
        reading: large accepted blocks that nobody touched since, the largest first.
        survived: what accepted text there was, in all of this machine's folders, and what stood.
    """

    path: str
    total: Share
    files: tuple[tuple[str, Share], ...] = ()
    folders: tuple[tuple[str, Share], ...] = ()
    weeks: tuple[tuple[str, Share], ...] = ()
    reading: tuple[Block, ...] = ()
    survived: tuple[Survived, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same for scripts and editors."""
        return {
            "schema": 1,
            "path": self.path,
            "share": self.total.to_json(),
            "files": [{"path": path, "share": share.to_json()} for path, share in self.files],
            "folders": [{"path": path, "share": share.to_json()} for path, share in self.folders],
            "weeks": [{"week": week, "share": share.to_json()} for week, share in self.weeks],
            "survived": [asdict(each) for each in self.survived],
            "reading": [asdict(each) for each in self.reading],
        }


def of(path: Path, tell: Callable[[str], None]) -> Grip:
    """What is known of the files below a path, read from the data folder."""
    store, ledger = Store(paths.data_folder(), tell), Ledger(paths.data_folder(), tell=tell)
    try:
        return measure(store, path, ledger.survived() or ())
    finally:
        store.close()
        ledger.close()


def measure(store: Store, path: Path, survived: tuple[Survived, ...] = ()) -> Grip:
    """What is known of the files below a path, as they are on the disk now."""
    root = path.resolve()
    files: list[tuple[str, Share]] = []
    folders: dict[str, Counter[Origin]] = defaultdict(Counter)
    weeks: dict[str, Counter[Origin]] = defaultdict(Counter)
    total: Counter[Origin] = Counter()
    reading: list[Block] = []
    for name, text, runs in standing(store, root):
        counts: Counter[Origin] = Counter()
        for length, packed in runs:
            mark = Mark.of(packed)
            counts[mark.origin] += length
            if mark.at:
                weeks[_week(mark.at)][mark.origin] += length
        files.append((name, Share.of(counts)))
        total += counts
        for parent in PurePosixPath(name).parents:
            folders[str(parent)] += counts
        reading += untouched(name, text, runs)
    return Grip(
        str(path),
        Share.of(total),
        _largest(files),
        _largest((name, Share.of(counts)) for name, counts in folders.items()),
        tuple((week, Share.of(weeks[week])) for week in sorted(weeks, reverse=True)),
        tuple(sorted(reading, key=lambda each: -each.characters)[:_MOST_READING]),
        survived,
    )


def untouched(path: str, text: Text, runs: Iterable[Run]) -> Iterator[Block]:
    """The large blocks of accepted text inside which nothing was changed, nor said to be read."""
    pieces = list(runs)
    starts = list(accumulate((length for length, _ in pieces), initial=0))
    spans: dict[tuple[Origin, int], list[int]] = defaultdict(list)
    for number, (_, packed) in enumerate(pieces):
        mark = Mark.of(packed)
        if mark.origin in ACCEPTED and not mark.read:
            spans[mark.origin, mark.at].append(number)
    lines: list[int] = []
    for (origin, at), numbers in spans.items():
        first, last = numbers[0], numbers[-1]
        size = sum(pieces[number][0] for number in numbers)
        lines = lines or list(accumulate(map(len, text.lines)))
        one, other = _line(lines, starts[first]), _line(lines, starts[last + 1] - 1)
        if other - one + 1 >= _LARGE_LINES or size >= _LARGE:
            day = datetime.fromtimestamp(at / 1000).astimezone().date().isoformat()
            yield Block(path, one + 1, other - one + 1, size, origin.name.lower(), day)


def standing(store: Store, root: Path) -> Iterator[tuple[str, Text, list[Run]]]:
    """The files below a path of which something is known, with their texts and runs."""
    for workspace in store.workspaces():
        for within, record in store.all(workspace):
            file = Path(workspace, within)
            if file != root and root not in file.parents:
                continue
            text = _read(file)
            if text is not None:
                name = file.name if file == root else file.relative_to(root).as_posix()
                yield name, text, _runs(record, text)


def _runs(record: Record, text: Text) -> list[Run]:
    return record.matched(text)[0].runs()


def _read(file: Path) -> Text | None:
    """A file's text; None where it is gone, or no text."""
    try:
        if file.stat().st_size > _LARGEST_FILE:
            return None
        return Text.of(file.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _largest(shares: Iterable[tuple[str, Share]]) -> tuple[tuple[str, Share], ...]:
    return tuple(sorted(shares, key=lambda each: (-each[1].known, each[0])))


def _week(at: int) -> str:
    year, week, _ = datetime.fromtimestamp(at / 1000).astimezone().isocalendar()
    return f"{year}-W{week:02}"


def _line(ends: list[int], offset: int) -> int:
    return min(bisect_right(ends, offset), len(ends) - 1)
