"""What people really typed in a repository: the lines that its commits added, one after another.

The folder is laid out anew, in a temporary place, as it stood before the first of these commits;
that is what is known when their lines are typed. Git is asked for stored contents alone, so nothing
of the repository's configuration (filters, external diffs) is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

from firsthand.evaluate.corpus import PASSAGE, is_table
from firsthand.evaluate.tiers.stint import Stint
from firsthand.fault import CommandFault
from firsthand.index.files import Skipped, read_file
from firsthand.index.git import Git
from firsthand.index.ignore import sensitive
from firsthand.index.languages import PROSE_AND_DATA, language_of

_LONGEST = 5_000  # lines; a longer file is not compared
_MOST_FILES = 100  # that a commit of a person's changes
_LARGEST = 1_000_000  # bytes
_BATCH = 32 * 1024 * 1024  # bytes that git is asked for at once
_CONFLICT = ("<<<<<<< ", "=======", ">>>>>>> ")
_SECONDS = 60.0  # that a call of git may take


@dataclass(frozen=True, slots=True)
class History:
    """The edits of some commits.

    Attributes:
        commits: how many of them typed something.
        before: the commit that all of them come after, of which the folder is laid out.
        stints: what they typed, the oldest first.
    """

    commits: int
    before: str
    stints: tuple[Stint, ...]


def edits(
    folder: Path, most: int, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> History:
    """What the newest commits of a folder typed.

    Merges are left out, and commits that changed so many files that a program did it, files that a
    program writes, and changes of white space alone.

    Raises:
        CommandFault: there is no history, or nothing was typed in it.
    """
    git = _git()
    newest = git.commits(folder, most)
    if newest is None:
        raise CommandFault(
            f"{folder} has no history that git can tell: name a folder of a git repository with "
            "commits, or leave out --history.",
            2,
        )
    stints: list[Stint] = []
    first, commits = "", 0
    for done, commit in enumerate(reversed(newest)):
        on_progress(done, len(newest))
        typed = list(_typed(git, folder, commit))
        if typed:
            first, commits = first or commit, commits + 1
            stints += typed
    if not first:
        raise CommandFault(
            f"In the last {len(newest)} commits of {folder} nobody typed code into files that were "
            "there before: ask for more with --history, or leave it out.",
            2,
        )
    return History(commits, f"{first}^", tuple(stints))


def lay_out(folder: Path, commit: str, target: Path) -> None:
    """Write a folder's files as they stood at a commit; links and large files are left out.

    Raises:
        CommandFault: git or the disk refuses.
    """
    git = _git()
    found = git.files(folder, commit)
    if found is None:
        raise CommandFault(f"{folder} can't be read at {commit[:12]}: the history lacks it.")
    batch: dict[str, list[str]] = {}
    size = 0
    for path, blob, length in (*found, ("", "", _BATCH)):
        if size + length > _BATCH:
            _write(target, git.contents(folder, list(batch)), batch)
            batch, size = {}, 0
        if path and length <= _LARGEST and not sensitive(PurePosixPath(path)):
            batch.setdefault(blob, []).append(path)
            size += length


def _git() -> Git:
    git = Git.found()
    if git is None:
        raise CommandFault("There is no git in the PATH: install it, or leave out --history.")
    return replace(git, timeout=_SECONDS)


def _write(target: Path, contents: dict[str, bytes], paths: dict[str, list[str]]) -> None:
    for blob, content in contents.items():
        for path in paths.get(blob, ()):
            file = target.joinpath(*PurePosixPath(path).parts)
            if not file.resolve().is_relative_to(target.resolve()):
                continue  # a tree that git would not check out
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            except (OSError, ValueError):
                continue  # a name that this system does not take


def _typed(git: Git, folder: Path, commit: str) -> Iterator[Stint]:
    changed = git.changed(folder, commit)
    if not changed or len(changed) > _MOST_FILES:
        return
    wanted = [each for each in changed if each[2] and _may_be_typed(each[0])]
    contents = git.contents(folder, [blob for _, *both in wanted for blob in both if blob])
    for path, old, new in wanted:
        before = _lines(path, contents.get(old, b""))
        after = _lines(path, contents.get(new))
        if before is not None and after is not None:
            yield from _hunks(commit, path, before, after)


def _may_be_typed(path: str) -> bool:
    return language_of(path) not in PROSE_AND_DATA and not sensitive(PurePosixPath(path))


def _lines(path: str, content: bytes | None) -> tuple[str, ...] | None:
    """A file's lines; None for what no person types."""
    if content is None or not path.isprintable():
        return None
    text = read_file(Path(), path, read=lambda _path, most: content[:most])
    if isinstance(text, Skipped) or (text and is_table(text)):
        return None
    lines = tuple(text.split("\n"))
    return lines if len(lines) <= _LONGEST else None


def _hunks(
    commit: str, path: str, before: tuple[str, ...], after: tuple[str, ...]
) -> Iterator[Stint]:
    """What was typed into one file; of a long passage the first lines."""
    if any(line.startswith(_CONFLICT[0]) for line in after):
        return
    language = language_of(path)
    for tag, first, last, start, end in SequenceMatcher(None, before, after).get_opcodes():
        if tag not in ("insert", "replace"):
            continue
        old, new = before[first:last], after[start:end]
        if "".join("".join(old).split()) == "".join("".join(new).split()):
            continue  # a formatter did it
        stint = Stint(commit, path, language, after[:start], new[:PASSAGE], before[last:])
        if stint.counted:
            yield stint
