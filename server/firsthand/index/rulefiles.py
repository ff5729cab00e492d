"""The files that say what is ignored, inside a workspace and outside, and whether they changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from firsthand.index.git import Git
from firsthand.index.ignore import OWN_FILES, repository_of

_NAMES = (*OWN_FILES, ".gitignore")


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """Rule files, and how they stood: when each was written and its size, None for one to come.

    To look whether they still stand so costs a call of the system for each, and no git.
    """

    stood: Mapping[str, tuple[int, int] | None]

    @classmethod
    def around(cls, root: Path, path: Path, git: Git | None = None) -> RuleFiles:
        """Those that judge a file: from its folder up to the repository, and what git has outside.

        Args:
            root: the folder of the workspace.
            path: the file's absolute path.
            git: how to run git; without one only the files inside count.
        """
        folder = Path(os.path.realpath(path.parent))
        above = Path(os.path.realpath(root))
        repository = repository_of(folder)
        top = repository or (above if folder.is_relative_to(above) else folder)
        inside = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
        files = [str(each / name) for each in inside for name in _NAMES]
        return cls(_stand([*files, *(_outside(folder, git) if git and repository else ())]))

    def hold(self) -> bool:
        """Whether all of them stand as they did."""
        return _stand(self.stood) == self.stood


def _stand(files: Iterable[str]) -> dict[str, tuple[int, int] | None]:
    found: dict[str, tuple[int, int] | None] = {}
    for each in files:
        try:
            stat = os.stat(each)
            found[each] = stat.st_mtime_ns, stat.st_size
        except (OSError, ValueError):
            found[each] = None
    return found


def _outside(folder: Path, git: Git) -> list[str]:
    """What git reads of ignored files beside a repository's tree, those included that may come.

    Source: gitignore(5) and git-config(1), "FILES" and `core.excludesFile`.
    """
    home = os.path.expanduser("~")
    usual = os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "git")
    named = os.environ.get("GIT_CONFIG_GLOBAL") or os.path.join(home, ".gitconfig")
    configured = [named, os.path.join(usual, "config")]
    return [*configured, os.path.join(usual, "ignore"), *git.rule_files(folder)]
