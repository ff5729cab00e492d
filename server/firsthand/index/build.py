"""Learning a workspace: its files, without their secrets, become its project tier.

Runs in a process of its own (`__main__`), since it takes seconds of CPU.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firsthand.core.redact import PLACEHOLDER, redact
from firsthand.embedded import CorruptTier, ProjectTier, TierStats, build_tier
from firsthand.index.files import Listing, list_files, read_file
from firsthand.index.git import Git
from firsthand.index.lock import held
from firsthand.index.state import Result, Status, fingerprint, recall, remember
from firsthand.paths import StateError, make_folder, workspace_folder


@dataclass(frozen=True, slots=True)
class Learner:
    """What makes a tier and judges one.

    Attributes:
        learn: builds a tier from (path, language, text) of each file in a folder, in one step;
            raises OSError when the disk refuses.
        fault: why the tier in a folder can't be used; empty when it can.
    """

    learn: Callable[[Iterable[tuple[str, str, str]], Path], TierStats]
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
    """Build a workspace's tier if its files changed since the last time, or it can't be used.

    Args:
        root: the folder of the workspace.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        git: how to run git; None walks the folders.
        learner: the embedded model's, but for tests.
        on_progress: told the numbers of files read and of all files.
        on_wait: called while another process builds the same tier; pauses a while.
        environ: says where state lives.

    Raises:
        StateError: the disk refuses.
    """
    learner = learner or EMBEDDED
    root = Path(os.path.realpath(root))
    folder = make_folder(workspace_folder(root, environ))
    with held(folder / "lock", on_wait):
        listing = list_files(root, ignore, git)
        mark = fingerprint(listing.files)
        known = recall(folder)
        fault = learner.fault(folder / "tier") if known else ""
        if known and not fault and known[1] == mark:
            return Result("unchanged", known[0], listing.note)
        try:
            stats = learner.learn(_texts(root, listing, on_progress), folder / "tier")
        except OSError as error:
            raise StateError(folder, error) from error
        status = Status(str(root), stats.files, stats.tokens, stats.size, time.time())
        remember(folder, status, mark)
        return Result("built", status, f"{fault} {listing.note}".strip())


def _texts(
    root: Path, listing: Listing, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[str, str, str]]:
    total = len(listing.files)
    for done, file in enumerate(listing.files):
        on_progress(done, total)
        text = read_file(root, file.path)
        if isinstance(text, str):
            yield file.path, file.language, _without_secrets(text)
    on_progress(total, total)


def _without_secrets(text: str) -> str:
    redacted = redact(text)
    if not redacted.found:
        return text
    # The line of a secret is left out, so that a placeholder is never suggested.
    return "\n".join(line for line in redacted.text.split("\n") if not PLACEHOLDER.search(line))


def _fault(folder: Path) -> str:
    try:
        ProjectTier.load(folder)
    except CorruptTier as fault:
        return str(fault)
    except (OSError, ValueError) as error:
        return f"The index {folder} can't be used ({error}); it was built again."
    return ""


EMBEDDED = Learner(build_tier, _fault)
