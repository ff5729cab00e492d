"""Git on folders that nobody vouches for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.index.trees import GIT, git, plant, repository

from firsthand.index.files import list_files
from firsthand.index.git import Git
from firsthand.index.ignore import may_read

POSIX = os.name == "posix"


@pytest.mark.skipif(not POSIX, reason="the traps are shell scripts")
def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    root = repository(tmp_path / "root", {"a.py": "a", "b.py": "b"})
    trap = plant(tmp_path, {"trap": f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n"}) / "trap"
    trap.chmod(0o755)
    hooks = plant(tmp_path / "hooks", {"post-index-change": trap.read_bytes()})
    (hooks / "post-index-change").chmod(0o755)
    for key, value in {
        "core.fsmonitor": trap,
        "core.hooksPath": hooks,
        "core.pager": trap,
        "core.sshCommand": trap,
        "alias.ls-files": f"!{trap}",
    }.items():
        git(root, "config", key, str(value))
    plant(root, {"a.py": "changed", "c.py": "c", ".gitignore": "d.py\n"})
    assert [file.path for file in list_files(root, git=GIT).files] == ["a.py", "b.py", "c.py"]
    assert not may_read(root, root / "d.py", git=GIT)
    assert not (tmp_path / "sprung").exists()
    # The trap works where nothing guards against it.
    git(root, "status")
    assert (tmp_path / "sprung").exists()


def test_the_environment_of_a_hook_points_nowhere_else(tmp_path: Path) -> None:
    other = repository(tmp_path / "other", {"secret.py": "s"})
    root = repository(tmp_path / "root", {"a.py": "a"})
    script = (
        "import sys, pathlib\nfrom firsthand.index.git import Git\n"
        "print(Git(sys.argv[1]).tracked(pathlib.Path(sys.argv[2])))\n"
    )
    assert GIT is not None  # `repository` needed it
    done = subprocess.run(
        [sys.executable, "-c", script, GIT.executable, str(root)],
        env={**os.environ, "GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['a.py']"


def test_the_git_of_the_workspace_is_not_taken(tmp_path: Path) -> None:
    name = "git.exe" if os.name == "nt" else "git"
    fake = plant(tmp_path / "bin", {name: "#!/bin/sh\n"}) / name
    fake.chmod(0o755)
    relative = os.path.relpath(tmp_path / "bin")
    assert Git.found({"PATH": os.pathsep.join(("", ".", relative))}) is None
    assert Git.found({"PATH": str(tmp_path / "bin")}) == Git(str(fake))
    assert Git.found({}) is None


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    if GIT is None:
        pytest.skip("git is not on the path")
    assert GIT.tracked(tmp_path / "missing") is None
    assert GIT.ignores(tmp_path / "missing" / "a.py") is None
    if not any((each / ".git").exists() for each in tmp_path.parents):
        assert GIT.tracked(tmp_path) is None


def test_a_damaged_repository_is_walked(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "a"})
    (root / ".git" / "HEAD").write_bytes(b"garbage")
    (root / ".git" / "index").write_bytes(b"garbage")
    assert [file.path for file in list_files(root, git=GIT).files] == ["a.py"]
    plant(tmp_path / "other", {".git": "gitdir: /no/such/place\n", "b.py": "b"})
    assert [file.path for file in list_files(tmp_path / "other", git=GIT).files] == ["b.py"]
