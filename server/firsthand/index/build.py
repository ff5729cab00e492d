"""Learning a workspace: its files, without their secrets, become its project tier.

Runs in a process of its own (`__main__`), since it takes seconds of CPU the first time. Later on
only what changed is read: a file of the same size and time is taken as it was, and one with the
same text is not learned again.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from firsthand.core.redact import without_secrets
from firsthand.embedded import (
    CorruptTier,
    ProjectTier,
    TierStats,
    build_tier,
    stats_of,
    update_tier,
)
from firsthand.embedded.rehearsal import rehearse
from firsthand.embedded.tier import CURRENT
from firsthand.index.copies import Originals, digest, sketch
from firsthand.index.files import SourceFile, list_files, read_file
from firsthand.index.git import Git
from firsthand.index.imports import imported
from firsthand.index.languages import PROSE_AND_DATA
from firsthand.index.lock import held
from firsthand.index.manifest import Entry, Manifest, read_manifest, write_manifest
from firsthand.index.state import Result, Status, recall, remember
from firsthand.paths import StateError, make_folder, workspace_folder

_AT_ONCE = 40_000_000  # bytes of changed files; for more than that all are learned anew
_REHEARSED = 20  # files
_FAR_CHANGED = 0.1  # share of those far off whose changes are let pass

File = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Learner:
    """What makes a tier and judges one.

    Attributes:
        learn: builds a tier of (path, language, text) of each file in a folder, and of further
            files in short orders, in one step; raises OSError when the disk refuses.
        update: does so for files that changed and paths that are gone, of which nothing may stay if
            the last argument is true; None if all has to be learned anew.
        fault: why the tier in a folder can't be used; empty when it can.
    """

    learn: Callable[[Iterable[File], Path, Iterable[File]], TierStats]
    update: Callable[[Iterable[File], Collection[str], Path, bool], TierStats | None]
    fault: Callable[[Path], str]


def build(
    root: Path,
    ignore: Sequence[str] = (),
    *,
    git: Git | None = None,
    learner: Learner | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_wait: Callable[[], None] = lambda: time.sleep(0.1),
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """Bring a workspace's tier up to date, or build it if there is none that can be used.

    Args:
        root: the folder of the workspace.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        git: how to run git; None walks the folders.
        learner: the embedded model's, but for tests.
        on_progress: told the numbers of files read and of all that are to be read.
        on_wait: called while another process builds the same tier; pauses a while.
        environ: says where state lives.

    Raises:
        StateError: the disk refuses.
    """
    learner = learner or EMBEDDED
    root = Path(os.path.realpath(root))
    folder = make_folder(workspace_folder(root, environ))
    with held(folder / "lock", on_wait):
        began = time.time_ns()
        listing = list_files(root, ignore, git)
        status = recall(folder)
        fault = learner.fault(folder / "tier") if status else ""
        manifest = read_manifest(folder, _named(folder)) if status and not fault else None
        look = _Look(root, began, on_progress, manifest.entries if manifest else None)
        try:
            stats = look.learn(learner, listing.files, folder / "tier")
        except OSError as error:
            raise StateError(folder, error) from error
        note = f"{fault} {listing.note}".strip()
        if stats is not None:
            status = Status(str(root), stats.files, stats.tokens, stats.size, time.time())
            remember(folder, status)
        if look.entries != look.known or stats is not None:
            write_manifest(folder, Manifest(_named(folder), look.entries))
        return Result("built" if stats else "unchanged", status, note, look.withdrawn)


@dataclass(slots=True)
class _Look:
    """One look at a workspace's files.

    Attributes:
        root: its folder.
        began_ns: when it began.
        on_progress: as for `build`.
        known: the files as they were looked at before; None if all are to be learned.
        entries: the files as they are now.
        withdrawn: those of before that are there and may not be read any more.
    """

    root: Path
    began_ns: int
    on_progress: Callable[[int, int], None]
    known: dict[str, Entry] | None
    entries: dict[str, Entry] = field(default_factory=dict)
    read: int = 0  # of the files that have to be
    total: int = 0
    originals: Originals = field(default_factory=Originals)
    withdrawn: tuple[str, ...] = ()

    def learn(self, learner: Learner, files: Sequence[SourceFile], tier: Path) -> TierStats | None:
        """Learn what changed, or everything; None if the tier is as it should be."""
        if self.known is not None:
            gone = self.known.keys() - {file.path for file in files}
            self.withdrawn = tuple(
                path for path in sorted(gone) if os.path.lexists(self.root / path)
            )
            stale = self._stale(files, self.known)
            if sum(file.size for file in stale) <= _AT_ONCE:
                self.total = len(stale)
                changed = list(self._texts(stale))
                self.on_progress(self.total, self.total)
                lost = self._lost({file.path for file in files}, self.known)
                if not changed and not lost:
                    return None
                stats = self._update(learner, changed, lost, tier)
                if stats is not None:
                    return self._settled(stats)
        return self._all(learner, files, tier)

    def _all(self, learner: Learner, files: Sequence[SourceFile], tier: Path) -> TierStats:
        self.known, self.entries, self.originals = None, {}, Originals()
        self.read, self.total = 0, len(files)
        # Should there be too many, what was written lately is nearest to the work.
        nearest = sorted(files, key=lambda file: (file.language in PROSE_AND_DATA, -file.mtime_ns))
        near = (file for file in nearest if not file.vendored)
        far = (file for file in nearest if file.vendored)
        stats = learner.learn(self._texts(near), tier, self._texts(far))
        self.on_progress(self.total, self.total)
        return self._settled(stats)

    def _update(
        self, learner: Learner, changed: Sequence[File], lost: Collection[str], tier: Path
    ) -> TierStats | None:
        purge = any(os.path.lexists(self.root / path) for path in lost)
        far = {path for path, entry in (self.known or {}).items() if entry.far}
        stale = far.intersection([*lost, *(path for path, _, _ in changed)])
        if stale and (purge or len(stale) > _FAR_CHANGED * len(far)):
            return None
        return learner.update(changed, lost, tier, purge)

    def _lost(self, here: Collection[str], known: Mapping[str, Entry]) -> set[str]:
        """The files that were learned and are not to be any more."""
        return {
            path
            for path, entry in known.items()
            if not entry.skipped and (path not in here or self.entries[path].skipped)
        }

    def _stale(self, files: Sequence[SourceFile], known: Mapping[str, Entry]) -> list[SourceFile]:
        """The files that have to be read; the others are taken as they were."""
        stale, copies = [], []
        same = {file.path for file in files if _shown(file, known)}
        for file in files:
            entry = known.get(file.path)
            if entry is None or file.path not in same:
                stale.append(file)
            elif entry.skipped in known and entry.skipped not in same:
                copies.append(file)  # of what is gone, or may be another by now
            else:
                self.entries[file.path] = entry
                if not entry.skipped:
                    self.originals.add(file.path, entry.digest, entry.sketch)
        return stale + copies

    def _texts(self, files: Iterable[SourceFile]) -> Iterator[File]:
        """Read files and give those that are to be learned, without their secrets."""
        for file in files:
            self.on_progress(self.read, self.total)
            self.read += 1
            found = read_file(self.root, file.path)
            entry = Entry.of(file, self.began_ns)
            if not isinstance(found, str):
                self.entries[file.path] = replace(entry, skipped=found.value)
                continue
            entry = replace(entry, digest=digest(found), sketch=sketch(found))
            known = self.known.get(file.path) if self.known else None
            if known and not known.skipped and known.digest == entry.digest:
                self.entries[file.path] = replace(
                    known, language=entry.language, size=entry.size, mtime_ns=entry.mtime_ns
                )
                self.originals.add(file.path, entry.digest, entry.sketch)
                continue
            original = self.originals.of(file.path, entry.digest, entry.sketch)
            if original:
                self.entries[file.path] = replace(entry, skipped=original)
                continue
            self.originals.add(file.path, entry.digest, entry.sketch)
            self.entries[file.path] = replace(entry, imports=imported(file.language, found))
            yield file.path, file.language, without_secrets(found)

    def _settled(self, stats: TierStats) -> TierStats:
        for path, entry in self.entries.items():
            if not entry.skipped:
                self.entries[path] = replace(entry, far=path not in stats.whole)
        return stats


def _shown(file: SourceFile, known: Mapping[str, Entry]) -> bool:
    entry = known.get(file.path)
    return entry is not None and entry.shows(file)


def _named(folder: Path) -> bytes:
    """What the tier in a state folder is made of; empty when there is none."""
    try:
        return (folder / "tier" / CURRENT).read_bytes()
    except OSError:
        return b""


def _update(
    changed: Iterable[File], gone: Collection[str], folder: Path, purge: bool
) -> TierStats | None:
    return update_tier(changed, gone, folder, purge=purge)


def _fault(folder: Path) -> str:
    try:
        stats_of(folder)
    except CorruptTier as fault:
        return str(fault)
    except (OSError, ValueError) as error:
        return f"The index {folder} can't be used ({error}); it was built again."
    return ""


def _learn(files: Iterable[File], folder: Path, far: Iterable[File]) -> TierStats:
    """Build a tier, and find out beside it how sure texts are in such a project."""
    chance = random.Random(0)  # noqa: S311 (no secret)
    kept: list[File] = []

    def passing() -> Iterator[File]:
        for number, file in enumerate(files):
            if len(kept) < _REHEARSED:
                kept.append(file)
            elif (place := chance.randrange(number + 1)) < _REHEARSED:
                kept[place] = file
            yield file

    stats = build_tier(passing(), folder, far)
    rehearse(ProjectTier.load(folder), kept).write(folder)
    return stats


EMBEDDED = Learner(_learn, _update, _fault)
