"""Running git on a folder nobody vouches for.

A repository's own configuration can name commands for git to run (a file system monitor, hooks, a
remote to fetch missing objects from) and the environment of a hook can point git elsewhere. Each
call here closes those ways. (Source: git-config(1), git(1) "Environment Variables".)
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What ties git to a repository other than the folder's own (git rev-parse --local-env-vars).
_ELSEWHERE = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_REGULAR = ("100644", "100755")  # modes of files, as opposed to links and other repositories
_EXCLUDE = "info/exclude"  # a repository's own rules that are not in its tree
_OUTPUT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Git:
    """A git executable, and the seconds one call of it may take."""

    executable: str
    timeout: float = 10.0

    @classmethod
    def found(cls, environ: Mapping[str, str] = os.environ) -> Git | None:
        """The git of the PATH; None when there is none.

        Folders that are relative are passed over: the workspace could bring its own git.
        """
        name = "git.exe" if os.name == "nt" else "git"
        for folder in environ.get("PATH", "").split(os.pathsep):
            git = os.path.join(folder, name)
            if os.path.isabs(folder) and os.path.isfile(git) and os.access(git, os.X_OK):
                return cls(git)
        return None

    def tracked(self, folder: Path) -> list[str] | None:
        """The files that git tracks in a folder, as relative paths; None when git fails."""
        return self._list(folder, "-c")

    def untracked(self, folder: Path) -> list[str] | None:
        """The files that git neither tracks nor ignores in a folder; None when git fails.

        A repository inside the folder is one path that ends in "/".
        """
        return self._list(folder, "-o", "--exclude-standard")

    def ignores(self, path: Path) -> bool | None:
        """Whether git ignores a file (a tracked one never); None when git fails."""
        code, _ = self._run(path.parent, "check-ignore", "-q", "--", path.name)
        return {0: True, 1: False}.get(code)

    def rule_files(self, folder: Path) -> list[str]:
        """Files outside a folder's tree that git's rules for it come from: settings and excludes.

        Empty where git fails.
        """
        found = []
        code, output = self._run(folder, "config", "--list", "--show-origin", "--name-only", "-z")
        for origin in dict.fromkeys(output.split(b"\0")[:-1:2]) if code == 0 else ():
            kind, _, name = os.fsdecode(origin).partition(":")
            found += [os.path.join(folder, name)] if kind == "file" else []
        asked = (("config", "--path", "core.excludesFile"), ("rev-parse", "--git-path", _EXCLUDE))
        for arguments in asked:
            code, output = self._run(folder, *arguments)
            name = os.fsdecode(output.rstrip(b"\r\n"))
            found += [os.path.join(folder, name)] if code == 0 and name else []
        return found

    def commits(self, folder: Path, most: int) -> list[str] | None:
        """The newest commits that changed a folder, merges left out; None when git fails.

        Only plumbing is run: `git log` can be configured to run programs.
        """
        order = ("--no-merges", "--topo-order", f"--max-count={most}", "HEAD")
        code, output = self._run(folder, "rev-list", *order, "--", ".")
        return output.decode("ascii", "replace").split() if code == 0 else None

    def changed(self, folder: Path, commit: str) -> list[tuple[str, str, str]] | None:
        """What a commit changed: each file's path in the folder, and its blobs before and after.

        A blob is empty where there was or is no regular file; None when git fails. Of a commit
        without a parent nothing is told.
        """
        options = ("-r", "-z", "--raw", "--no-renames", "--no-commit-id", "--relative")
        code, output = self._run(folder, "diff-tree", *options, commit, "--", ".")
        if code != 0:
            return None
        pieces = output.split(b"\0")
        found = []
        for head, path in zip(pieces[::2], pieces[1::2], strict=False):
            before, after, old, new, _ = head.decode("ascii", "replace").lstrip(":").split(" ")
            blobs = (old if before in _REGULAR else "", new if after in _REGULAR else "")
            found.append((os.fsdecode(path), *blobs))
        return found

    def files(self, folder: Path, commit: str) -> list[tuple[str, str, int]] | None:
        """The regular files of a folder at a commit: path, blob, bytes; None when git fails."""
        code, output = self._run(folder, "ls-tree", "-r", "-z", "--long", commit)
        if code != 0:
            return None
        found = []
        for line in output.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, _, blob, size = head.decode("ascii", "replace").split()
            if mode in _REGULAR:
                found.append((os.fsdecode(path), blob, int(size)))
        return found

    def contents(self, folder: Path, blobs: Sequence[str]) -> dict[str, bytes]:
        """The contents of blobs, as they are stored; those that can't be had are missing.

        All of them together may have 64 MB.
        """
        given = "".join(f"{blob}\n" for blob in dict.fromkeys(blobs)).encode("ascii")
        code, output = self._run(folder, "cat-file", "--batch", given=given)
        found: dict[str, bytes] = {}
        at = 0
        while code == 0 and (end := output.find(b"\n", at)) >= 0:
            head = output[at:end].split()
            at = end + 1
            if len(head) == 3:
                size = int(head[2])
                found[head[0].decode("ascii")] = output[at : at + size]
                at += size + 1
        return found

    def head(self, folder: Path) -> str:
        """The commit that a folder's repository is at; empty when git fails, or there is none."""
        code, output = self._run(folder, "rev-parse", "--verify", "-q", "HEAD")
        return output.decode("ascii", "replace").strip() if code == 0 else ""

    def committed(self, folder: Path, path: str) -> bytes | None:
        """What the last commit holds of a file in a folder; None when it has none."""
        code, output = self._run(folder, "cat-file", "blob", f"HEAD:./{path}")
        return output if code == 0 else None

    def _list(self, folder: Path, *options: str) -> list[str] | None:
        code, output = self._run(folder, "ls-files", "-z", *options)
        if code != 0:
            return None
        # Stages of a conflict repeat a path. The last piece is empty, or cut at the bound.
        return list(dict.fromkeys(map(os.fsdecode, output.split(b"\0")[:-1])))

    def _run(self, folder: Path, *arguments: str, given: bytes = b"") -> tuple[int, bytes]:
        """Exit code and output of git, which reads what is given.

        The code is -1 when git did not run or did not end in time.
        """
        # Loaded where git runs, away from the event loop: it brings much that nothing else uses.
        import tempfile

        environ = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
        # A partial clone would fetch from, and so run, what its configuration says.
        environ |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
        command = [
            self.executable,
            "--no-optional-locks",
            *("-c", "core.fsmonitor=false"),
            *("-c", f"core.hooksPath={os.devnull}"),
            *arguments,
        ]
        try:
            # A file, not a pipe: what a hanging git leaves behind could hold a pipe open for ever.
            with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as inputs:
                inputs.write(given)
                inputs.seek(0)
                done = subprocess.run(  # noqa: S603 (no shell; the executable is the PATH's)
                    command,
                    cwd=folder,
                    env=environ,
                    stdin=inputs,
                    stdout=output,
                    stderr=subprocess.DEVNULL,
                    timeout=self.timeout,
                    check=False,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
                output.seek(0)
                return done.returncode, output.read(_OUTPUT_BYTES)
        except (OSError, subprocess.TimeoutExpired):
            return -1, b""


def mark(root: Path) -> tuple[tuple[int, int], ...]:
    """What changes whenever a folder's repository does; empty for a folder without one.

    Cheap, and without running git: when its HEAD and its index were written, and their sizes.
    """
    folder = next((each for each in (root, *root.parents) if os.path.lexists(each / ".git")), None)
    if folder is None:
        return ()
    repository = folder / ".git"
    found = []
    for name in ("HEAD", "index"):
        try:
            if repository.is_file():  # of a further worktree
                told = repository.read_text(encoding="utf-8", errors="replace")[:4096]
                repository = folder / told.removeprefix("gitdir:").strip()
            stat = os.stat(repository / name)
            found.append((stat.st_mtime_ns, stat.st_size))
        except (OSError, ValueError):
            found.append((0, 0))
    return tuple(found)
