"""Keeping the database up to date while files change."""

from __future__ import annotations

import math
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath

from firsthand.index.code.update import CodeIndex
from firsthand.index.files import may_matter
from firsthand.index.git import Git
from firsthand.index.ignore import GIT_FILES, OWN_FILES
from firsthand.index.languages import PROSE_AND_DATA, UNKNOWN, language_of
from firsthand.index.rulefiles import RuleFiles

# Changes that come within this of each other are taken in together.
_DEBOUNCE_MS = 300
_QUIET_MS = 50
# Nothing is told for so long at most, so that what waits for its time gets it.
_TICK_MS = 1_000
# Looking at everything takes no more of the time than this share.
_SCAN_SHARE = 0.1
# Seconds between two looks at everything, in case a change was not told, and where none is told.
_UNTOLD = 600.0
_UNWATCHED = 60.0
_MOST_FOLDERS = 20_000
_MOST_FRESH = 256
_RULES = frozenset((*GIT_FILES, *OWN_FILES))


def keep_up(
    index: CodeIndex,
    root: Path,
    changes: Callable[[Path, frozenset[str]], Iterator[set[str]]] | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    clock: Callable[[], float] = time.monotonic,
    git: Git | None = None,
) -> None:
    """Take in changes for as long as any are told; returns only when they end.

    Args:
        index: of the workspace.
        root: the real path of its folder.
        changes: tells of changes in some folders below it; an empty set passes the time. It is
            asked anew when there are other folders.
        on_progress: told the numbers of files read and of all files to read.
        clock: seconds.
        git: how to find the rules that git has outside of the root; None for none.
    """
    look = partial(RuleFiles.around, root, root / "any", git)
    rules = look()
    changes = changes or told
    due, waiting = -math.inf, set[str]()  # what changed before it was watched is found at once
    refused: set[str] = set()  # what looking at everything has passed over
    fresh: set[str] = set()  # folders that came, without code as yet
    while True:
        folders = frozenset(index.folders() | fresh)
        for paths in changes(root, folders):
            if not rules.hold():
                rules = look()
                due = -math.inf
                refused.clear()
            if any(_is_rule(path) for path in paths):
                refused.clear()
            waiting |= paths - refused
            if waiting and not _needs_scan(index, root, waiting, folders):
                index.refresh(waiting)
                waiting.clear()
            now = clock()
            if now < due:
                continue
            if waiting or now >= due + _untold(folders):
                index.scan(on_progress)
                refused.update(each for each in waiting if _is_refused(index, root, each))
                fresh |= _fresh(root, waiting)
                waiting.clear()
                ended = clock()
                due = ended + (ended - now) / _SCAN_SHARE
                if index.folders() | fresh != folders:
                    break
        else:
            return


def told(root: Path, folders: frozenset[str]) -> Iterator[set[str]]:
    """Paths below a root that changed, as the system tells it, and an empty set now and then.

    Linux watches each folder by itself: only those with code are, and not what is built or
    installed beside it. Elsewhere a whole tree is watched at once.
    """
    from watchfiles import watch

    each = sys.platform == "linux"
    watched = [root / folder for folder in sorted(folders)] if each else [root]
    if len(watched) > _MOST_FOLDERS:
        yield from _nothing()
    try:
        for events in watch(
            *filter(os.path.isdir, watched),
            watch_filter=lambda _, path: _may_matter(path),
            debounce=_DEBOUNCE_MS,
            step=_QUIET_MS,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            recursive=not each,
            ignore_permission_denied=True,
        ):
            yield {path for _, event in events if (path := _below(root, event))}
    except (OSError, RuntimeError):
        # The system watches no more folders, or the root is gone.
        yield from _nothing()


def _nothing() -> Iterator[set[str]]:
    while True:
        time.sleep(_TICK_MS / 1_000)
        yield set()


def _untold(folders: frozenset[str]) -> float:
    return _UNWATCHED if len(folders) > _MOST_FOLDERS else _UNTOLD


def _needs_scan(
    index: CodeIndex, root: Path, paths: Iterable[str], folders: frozenset[str]
) -> bool:
    """Whether a change is more than new content of known files: new ones, folders, rules."""
    for path in paths:
        if index.knows(path):
            continue
        if _is_rule(path) or path in folders or os.path.lexists(root / path):
            return True
    return False


def _is_refused(index: CodeIndex, root: Path, path: str) -> bool:
    """Whether a path was passed over for what it is, not for being empty or gone by then."""
    try:
        found = os.lstat(root / path)
    except (OSError, ValueError):
        return False
    if stat.S_ISDIR(found.st_mode):
        return not may_matter(PurePath(path, "any.py"))
    return found.st_size > 0 and not index.knows(path)


def _fresh(root: Path, paths: Iterable[str]) -> set[str]:
    """The folders among some paths, and those in them: they may be given code later."""
    found: set[str] = set()
    for path in paths:
        for folder, below, _ in os.walk(root / path):
            relative = _below(root, folder)
            if len(found) < _MOST_FRESH and may_matter(PurePath(relative, "any.py")):
                found.add(relative)
            else:
                below.clear()
    return found


def _is_rule(path: str) -> bool:
    return path.rpartition("/")[2] in _RULES


def _may_matter(path: str) -> bool:
    """Whether a change of a path may change the index: it is code, a rule file, or a folder."""
    name = os.path.basename(path)
    language = language_of(name)
    if name in _RULES or (language != UNKNOWN and language not in PROSE_AND_DATA):
        return True
    # A folder that is gone looks like a file without an ending.
    return os.path.isdir(path) or ("." not in name and not os.path.lexists(path))


def _below(root: Path, path: str) -> str:
    """A path from the root, "/" between names; empty for the root and for what is outside."""
    try:
        relative = Path(path).relative_to(root).as_posix()
    except ValueError:
        return ""
    return "" if relative == "." else relative
