"""What the index process does for a workspace: one job after another, in the order of their worth.

A job leaves what it made in the workspace's state folder; whoever follows the process takes it up
as soon as that job has ended, while the next one runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firsthand.index.git import Git
    from firsthand.index.state import Result

TIER, LIBRARY, CODE, WATCH = "tier", "library", "code", "watch"


@dataclass(frozen=True, slots=True)
class Work:
    """What every job is given.

    Attributes:
        root: the folder of the workspace.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        git: how to run git; None walks the folders.
        on_progress: told the numbers of files read and of all files.
        on_wait: called while another process does the same; pauses a while.
    """

    root: Path
    ignore: Sequence[str]
    git: Git | None
    on_progress: Callable[[int, int], None]
    on_wait: Callable[[], None]


def _tier(work: Work) -> Result:
    from firsthand.index.build import build

    return build(
        work.root,
        work.ignore,
        git=work.git,
        on_progress=work.on_progress,
        on_wait=work.on_wait,
    )


def _library(work: Work) -> Result:
    from firsthand.index.library import build

    return build(work.root, on_progress=work.on_progress, on_wait=work.on_wait)


def _code(work: Work) -> Result:
    from firsthand.index.code.job import build

    return build(
        work.root,
        work.ignore,
        git=work.git,
        on_progress=work.on_progress,
        on_wait=work.on_wait,
    )


def _watch(work: Work) -> Result:
    """Keep the code up to date until the process is ended."""
    from firsthand.index.code.job import watch
    from firsthand.index.state import Result

    watch(
        work.root,
        work.ignore,
        git=work.git,
        on_progress=work.on_progress,
        on_wait=work.on_wait,
    )
    return Result("unchanged", None)


# What a job needs is imported when it runs: the first one is not to wait for the others'.
JOBS: dict[str, Callable[[Work], Result]] = {
    TIER: _tier,
    LIBRARY: _library,
    CODE: _code,
    WATCH: _watch,
}

ONCE = (TIER, LIBRARY, CODE)
"""Those that end by themselves."""
