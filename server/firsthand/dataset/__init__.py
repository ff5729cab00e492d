"""`firsthand dataset`: the person's own code as examples to train a model with.

`examples` cuts holes, `licences` says whose a file is, `formats` writes what tools read. Files that
may not be read or sent are not read here either.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from firsthand import paths, settings
from firsthand.core.authorship import ACCEPTED, Mark
from firsthand.core.fim import TEMPLATES
from firsthand.dataset.examples import Example, Seen, cut, held_out, of_range
from firsthand.dataset.formats import FAMILIES, FORMATS, Format, line
from firsthand.dataset.licences import licence, same
from firsthand.evaluate.corpus import is_table
from firsthand.fault import CommandFault
from firsthand.index.copies import Originals, digest, sketch
from firsthand.index.files import Skipped, list_files, read_file
from firsthand.index.git import Git
from firsthand.index.languages import PROSE_AND_DATA
from firsthand.provenance.figures import standing
from firsthand.provenance.store import Store

__all__ = ["FAMILIES", "FORMATS", "Format", "Order", "Written", "export"]

TRAIN, HELD_OUT = "train.jsonl", "heldout.jsonl"
_LICENCES = ("LICENSE", "LICENCE", "COPYING")
_LARGEST = 300_000  # characters of a file
Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written.

    Attributes:
        folder: whose code.
        target: the folder that the two files are written to.
        form: the format.
        family: the template of the models that are trained, by its name.
        share: of the files, how many are kept from training.
        seed: another one cuts other holes.
        replace: earlier files may be written over.
    """

    folder: Path
    target: Path
    form: Format = "text"
    family: str = "qwen"
    share: float = 0.1
    seed: int = 1
    replace: bool = False


@dataclass(slots=True)
class Written:
    """What was written.

    Attributes:
        train, held_out: how many examples are in each file, and of how many files they are.
        accepted: how many of them were completions that the person took.
        repeated: how many were left out because they, or nearly they, were there already.
        passed: how many files were left out, by the reason.
        licence: that of the project; empty where it names none.
    """

    folder: str
    form: Format
    family: str
    train: int = 0
    train_files: int = 0
    held_out: int = 0
    held_out_files: int = 0
    accepted: int = 0
    repeated: int = 0
    licence: str = ""
    passed: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """The figures, for scripts."""
        return {"schema": 1, **asdict(self), "passed": dict(self.passed)}

    @property
    def sentence(self) -> str:
        """The same for the person."""
        said = (
            f"Wrote {self.train:,} examples of {self.train_files:,} files to train with, and "
            f"{self.held_out:,} of {self.held_out_files:,} to hold out; {self.accepted:,} are "
            f"completions that you took, {self.repeated:,} more were repetitions."
        )
        if self.passed:
            reasons = ", ".join(f"{why} {count:,}" for why, count in self.passed.most_common())
            said += f"\nFiles left out: {reasons}."
        return said


def export(order: Order, progress: Progress) -> Written:
    """Write the examples.

    Raises:
        CommandFault: there is nothing to write, or it can't be written; no file is half there.
    """
    folder = order.folder.resolve()
    if order.family not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise CommandFault(f"There is no template {order.family!r}; there are {known}.", 2)
    for name in (TRAIN, HELD_OUT):
        if (order.target / name).exists() and not order.replace:
            raise CommandFault(
                f"{order.target / name} is there already: name another folder, or say --force.", 2
            )
    written = Written(str(folder), order.form, order.family)
    with progress("Reading the code") as on_progress:
        lines = _lines(order, folder, written, on_progress)
    if not written.train:
        left = f" ({written.sentence.partition(': ')[2]})" if written.passed else ""
        raise CommandFault(f"{folder} holds no code to learn from{left}", 2)
    _write(order.target, lines)
    return written


def _lines(
    order: Order, folder: Path, written: Written, on_progress: Callable[[int, int], None]
) -> Mapping[str, list[str]]:
    """The lines of both files."""
    template, seen = TEMPLATES[order.family], Seen()
    found: dict[str, list[str]] = {TRAIN: [], HELD_OUT: []}
    files = _files(folder, written, on_progress)
    taken = _taken(folder)
    for path, text in files:
        name = HELD_OUT if held_out(path, order.share, order.seed) else TRAIN
        made = len(found[name])
        for example in (*_accepted(path, text, taken), *cut(path, text, order.seed)):
            if seen.again(example):
                written.repeated += 1
                continue
            written.accepted += example.accepted
            found[name].append(line(example, order.form, template))
        if len(found[name]) > made and name == TRAIN:
            written.train_files += 1
        elif len(found[name]) > made:
            written.held_out_files += 1
    written.train, written.held_out = len(found[TRAIN]), len(found[HELD_OUT])
    return found


def _files(
    folder: Path, written: Written, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[str, str]]:
    """The files that are learned from, and their texts."""
    loaded = settings.load(paths.config_file(), folder=folder, named=paths.config_named())
    listing = list_files(folder, loaded.settings.privacy.ignore, Git.found())
    written.licence, originals = _own_licence(folder), Originals()
    for done, file in enumerate(listing.files):
        on_progress(done, len(listing.files))
        if file.vendored or file.language in PROSE_AND_DATA:
            written.passed["written by others" if file.vendored else "prose or data"] += 1
            continue
        text = read_file(folder, file.path)
        reason = _unfit(text, written.licence)
        if isinstance(text, str) and not reason:
            lines = sketch(text)
            if originals.of(file.path, digest(text), lines):
                reason = "copies of others"
            else:
                originals.add(file.path, digest(text), lines)
                yield file.path, text
        if reason:
            written.passed[reason] += 1


def _unfit(text: str | Skipped, own: str) -> str:
    """Why a file is not learned from; empty if it is."""
    if isinstance(text, Skipped):
        return text.value
    if len(text) > _LARGEST:
        return Skipped.TOO_LARGE.value
    if is_table(text):
        return "tables of data"
    named = licence(text)
    return f"under another licence ({named})" if named and not (own and same(named, own)) else ""


def _own_licence(folder: Path) -> str:
    """The licence that the project names for itself."""
    for file in sorted(folder.iterdir()):
        if file.name.upper().startswith(_LICENCES) and file.is_file():
            text = read_file(folder, file.name)
            if isinstance(text, str) and (named := licence(text)):
                return named
    return ""


def _taken(folder: Path) -> dict[str, list[tuple[int, int]]]:
    """Where completions that were taken stand still, in each file."""
    found: dict[str, list[tuple[int, int]]] = {}
    store = Store(paths.data_folder(), lambda _sentence: None)
    try:
        for path, _, runs in standing(store, folder):
            at = 0
            for length, mark in runs:
                if Mark.of(mark).origin in ACCEPTED:
                    found.setdefault(path, []).append((at, at + length))
                at += length
    finally:
        store.close()
    return found


def _accepted(
    path: str, text: str, taken: Mapping[str, Iterable[tuple[int, int]]]
) -> Iterator[Example]:
    for start, end in taken.get(path, ()):
        example = of_range(path, text, start, end)
        if example is not None:
            yield example


def _write(target: Path, files: Mapping[str, Iterable[str]]) -> None:
    """Write both files, each in one step."""
    fresh = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, lines in files.items():
            file = target / f".{name}.{os.getpid()}.new"
            fresh.append(file)
            with file.open("w", encoding="utf-8", newline="\n") as made:
                made.writelines(f"{each}\n" for each in lines)
        for name, file in zip(files, fresh, strict=True):
            os.replace(file, target / name)
    except OSError as fault:
        for file in fresh:
            with suppress(OSError):
                file.unlink()
        reason = fault.strerror or type(fault).__name__
        raise CommandFault(f"{target} can't be written to ({reason}): name another one.") from fault
