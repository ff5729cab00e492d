"""Folders that tests draw as a table of paths and contents."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from firsthand.index.git import Git

GIT = Git.found()
NO_MORE_THAN_A_NAME = {".git/info/exclude": ""}
"""What makes a folder a repository for everybody but git."""


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder; returns the folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def plant_environment(folder: Path) -> Path:
    """Make an environment of Python's whose library takes no time to learn; returns the folder.

    Where VIRTUAL_ENV does not name one, it is the library of the Python that runs the tests.
    """
    config = f"home = {folder / 'bin'}\nversion_info = 3.12.4.final.0\n"
    library = {f"lib/python3.12/{name}.py": "" for name in ("os", "site", "abc")}
    library["lib/python3.12/colorsys.py"] = "def lilac(): ...\n"
    return plant(folder, library | {"pyvenv.cfg": config})


def git(folder: Path, *arguments: str) -> None:
    """Run the real git for a test, without the settings of whoever runs it.

    A test that comes here where there is no git is skipped from here on; what it asserted before
    holds there too.
    """
    if GIT is None:
        pytest.skip("git is not on the path")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    command = [GIT.executable, *identity, "-c", "init.defaultBranch=main", *arguments]
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, timeout=60)


def repository(root: Path, tracked: Mapping[str, str | bytes]) -> Path:
    """A repository that tracks files; returns its folder."""
    plant(root, tracked)
    git(root, "init", "-q")
    git(root, "add", "-f", "--all")
    return root
