"""What may be read: against git itself as the judge, and against hostile rules."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.index.trees import GIT, NO_MORE_THAN_A_NAME, git, plant, repository

from firsthand.index.files import list_files
from firsthand.index.git import Git
from firsthand.index.ignore import GIT_FILES, Rules, may_read, sensitive


def check(root: Path, path: str, expect: bool) -> None:
    """With git and without, the verdict is the same."""
    assert may_read(root, root / path, ["given/**"], GIT) is expect
    assert may_read(root, root / path, ["given/**"], None) is expect


@pytest.mark.parametrize(
    ("path", "expect"),
    [
        (".env", True),
        ("a/.env.production", True),
        ("prod.env", True),
        ("ID_RSA", True),
        ("id_ed25519.pub", True),
        ("id_deploy", True),
        ("id_map.py", False),
        ("server.PEM", True),
        ("vault.kdbx", True),
        ("credentials", True),
        ("credentials.yaml", True),
        ("credentials.go", False),
        ("secrets.toml", True),
        ("password_reset.py", False),
        ("/home/ada/.aws/config", True),
        ("/home/ada/.ssh/config", True),
        ("/home/ada/.config/gcloud/x.json", True),
        ("terraform.tfstate", True),
        ("terraform.tfstate.backup", True),
        (".git/config", True),
        (".github/workflows/a.yml", False),
        ("environment.py", False),
        ("src/keys.ts", False),
        ("README.md", False),
    ],
)
def test_names_say_what_is_sensitive(path: str, expect: bool) -> None:
    assert sensitive(path) is expect


def test_an_opened_file_is_judged_like_a_listed_one(tmp_path: Path) -> None:
    repository(
        tmp_path,
        {
            "tracked.log": "a",
            "sub/b.py": "b",
            "own/.firsthandignore": "*.py\n",
            "own/c.py": "c",
            "given/d.py": "d",
            ".env": "e",
        },
    )
    plant(tmp_path, {".gitignore": "*.py[co]\nbuild/\n", "build/f.py": "f"})
    check(tmp_path, "sub/b.py", True)
    check(tmp_path, "sub/new-file.py", True)
    check(tmp_path, "own/c.py", False)
    check(tmp_path, "given/d.py", False)
    check(tmp_path, "build/f.py", False)
    check(tmp_path, "x.pyc", False)
    check(tmp_path, ".env", False)


def test_git_knows_what_is_tracked(tmp_path: Path) -> None:
    plant(tmp_path, {"a.log": "a", ".gitignore": "*.log\n"})
    # Without git nothing says that it is tracked, and the rule refuses.
    assert not may_read(tmp_path, tmp_path / "a.log")
    repository(tmp_path, {})
    assert may_read(tmp_path, tmp_path / "a.log", git=GIT)


def test_a_git_that_fails_leaves_the_rules(tmp_path: Path) -> None:
    plant(tmp_path, {**NO_MORE_THAN_A_NAME, "a.py": "a", ".gitignore": "b.py\n"})
    broken = Git(str(tmp_path / "no-such-git"))
    assert may_read(tmp_path, tmp_path / "a.py", git=broken)
    assert not may_read(tmp_path, tmp_path / "b.py", git=broken)


def test_a_file_outside_the_root_is_judged_by_its_own_repository(tmp_path: Path) -> None:
    plant(tmp_path / "root", {"a.py": "a"})
    files = {".gitignore": "b.py\n", "c.py": "c"}
    other = plant(tmp_path / "other", {**NO_MORE_THAN_A_NAME, **files})
    for using in (None, GIT):
        if using:
            git(other, "init", "-q")
        assert may_read(tmp_path / "root", other / "c.py", git=using)
        assert not may_read(tmp_path / "root", other / "b.py", git=using)


@pytest.mark.skipif(os.name != "posix", reason="making links takes a privilege on Windows")
def test_a_link_to_a_secret_is_a_secret(tmp_path: Path) -> None:
    plant(tmp_path, {"root/.env": "a", "elsewhere/id_rsa": "b"})
    (tmp_path / "root" / "notes.md").symlink_to(".env")
    (tmp_path / "root" / "notes.txt").symlink_to(tmp_path / "elsewhere" / "id_rsa")
    assert not may_read(tmp_path / "root", tmp_path / "root" / "notes.md")
    assert not may_read(tmp_path / "root", tmp_path / "root" / "notes.txt")


_SEGMENT = st.sampled_from(
    ["a", "b", "ab", "a*", "*b", "?", "[ab]", "[!a-b]", "[[:alpha:]]", "*", "**", "\\a", "a.b"]
)
_PATTERN = st.builds(
    lambda negated, rooted, segments, folder: negated + rooted + "/".join(segments) + folder,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(_SEGMENT, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
)
_LINES = st.lists(_PATTERN, max_size=4).map("\n".join)


@settings(max_examples=40)
@given(_LINES, _LINES)
def test_without_git_the_verdicts_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, outer: str, inner: str
) -> None:
    root = tmp_path_factory.mktemp("rules")
    files = {"a/b.py": "x", "a/a/ab.py": "x", "b/ab/a.py": "x", "ab.py": "x", "a.b/b/b.py": "x"}
    plant(root, {**files, ".gitignore": outer, "a/.gitignore": inner})
    walked = {file.path for file in list_files(root).files}
    git(root, "init", "-q")
    assert walked == {file.path for file in list_files(root, git=GIT).files}
    for path in files:
        assert may_read(root, root / path, git=GIT) is (path in walked)


@pytest.mark.parametrize(
    "line",
    ["**/a/**/a/**/a/**/b", "*a*a*a*a*a*b", "a*" * 50, "[[:alpha:]]*" * 20, "**/*a*a*b/**/*a*a*c"],
)
def test_a_hostile_rule_costs_little(tmp_path: Path, line: str) -> None:
    plant(tmp_path, {".gitignore": line})
    rules = Rules(tmp_path, GIT_FILES)
    start = time.thread_time()
    rules.refuses("a" * 200)
    rules.refuses("a/" * 100 + "a" * 200)
    assert time.thread_time() - start < 2


@pytest.mark.parametrize(
    "line", ["!", "\\", "a\\", "[z-a]", "[[:alpha:]", "\udcff", "[", "\0", "[]"]
)
def test_a_line_that_makes_no_sense_is_no_fault(tmp_path: Path, line: str) -> None:
    plant(tmp_path, {".gitignore": os.fsencode(f"{line}\nb.py\n")})
    rules = Rules(tmp_path, GIT_FILES)
    assert not rules.refuses("src/main.py")
    assert rules.refuses("b.py")


def test_rules_that_cannot_be_read_refuse_everything(tmp_path: Path) -> None:
    plant(tmp_path, {".gitignore": b"#" * 300_000, "a.py": "a"})
    assert Rules(tmp_path, GIT_FILES).refuses("a.py")


def test_an_endless_path_is_refused(tmp_path: Path) -> None:
    assert Rules(tmp_path, GIT_FILES).refuses("a/" * 5000 + "a.py")
