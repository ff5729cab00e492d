"""Listing and reading a workspace, also a hostile one."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.index.trees import GIT, NO_MORE_THAN_A_NAME, git, plant, repository

from firsthand.index.files import Limits, Skipped, list_files, read_file
from firsthand.index.git import Git

POSIX = os.name == "posix"


def listed(
    root: Path, ignore: Sequence[str] = (), git: Git | None = None, limits: Limits | None = None
) -> list[str]:
    return [file.path for file in list_files(root, ignore, git, limits).files]


def check(root: Path, files: Mapping[str, str | bytes], expect: Sequence[str]) -> None:
    """Both ways of listing must find the same files."""
    plant(root / "walked", files)
    assert sorted(listed(root / "walked")) == sorted(expect)
    plant(root / "by-git", files)
    git(root / "by-git", "init", "-q")
    assert sorted(listed(root / "by-git", git=GIT)) == sorted(expect)


def test_code_is_listed_before_prose(tmp_path: Path) -> None:
    plant(tmp_path, {"a.md": "a", "b.py": "b", "deep/er/c.rs": "c", "d.json": "{}"})
    found = list_files(tmp_path)
    assert [file.path for file in found.files] == ["b.py", "deep/er/c.rs", "a.md", "d.json"]
    assert [file.language for file in found.files] == ["python", "rust", "markdown", "json"]
    assert found.note == ""


def test_tracked_files_come_before_others(tmp_path: Path) -> None:
    repository(tmp_path, {"z.py": "z", "y.py": "y"})
    plant(tmp_path, {"a.py": "a"})
    assert listed(tmp_path, git=GIT) == ["y.py", "z.py", "a.py"]


def test_nested_rules_of_git_are_honoured(tmp_path: Path) -> None:
    check(
        tmp_path,
        {
            ".gitignore": "*.gen.py\n/top.py\nlogs/\n",
            "a.py": "a",
            "b.gen.py": "b",
            "top.py": "t",
            "sub/top.py": "t",
            "logs/c.py": "c",
            "sub/.gitignore": "!b.gen.py\nprivate*\n",
            "sub/b.gen.py": "b",
            "sub/private.py": "p",
            "private.py": "p",
        },
        ["a.py", "sub/top.py", "sub/b.gen.py", "private.py"],
    )


def test_own_rules_hold_for_tracked_files_too(tmp_path: Path) -> None:
    repository(
        tmp_path,
        {
            ".firsthandignore": "vault/\n",
            "vault/a.py": "a",
            "b.py": "b",
            "secrets/c.py": "c",
            "sub/.firsthandignore": "d.py\n",
            "sub/d.py": "d",
            "sub/e.py": "e",
        },
    )
    assert listed(tmp_path, ["secrets/**"], GIT) == ["b.py", "sub/e.py"]
    assert listed(tmp_path, ["secrets/**"], None) == ["b.py", "sub/e.py"]


def test_rules_above_the_root_hold_in_a_part_of_a_repository(tmp_path: Path) -> None:
    repository(tmp_path, {".firsthandignore": "a.py\n", "part/a.py": "a", "part/b.py": "b"})
    plant(tmp_path, {".gitignore": "part/c.py\n", "part/c.py": "c"})
    assert listed(tmp_path / "part", git=GIT) == ["b.py"]
    assert listed(tmp_path / "part", git=None) == ["b.py"]


def test_sensitive_files_are_never_listed(tmp_path: Path) -> None:
    repository(
        tmp_path,
        {
            ".env.toml": "a",
            "credentials.json": "{}",
            "credentials.py": "class Credentials: ...",
            "infra/terraform.tfvars.json": "{}",
            ".aws/config.ini": "a",
            "google-services.json": "{}",
        },
    )
    assert listed(tmp_path, git=GIT) == ["credentials.py"]
    assert listed(tmp_path) == ["credentials.py"]


def test_what_nobody_wrote_is_not_listed(tmp_path: Path) -> None:
    check(
        tmp_path,
        {
            "node_modules/left/pad.js": "a",
            "lib/site-packages/p.py": "a",
            "target/x.rs": "a",
            "jquery.min.js": "a",
            "package-lock.json": "{}",
            "empty.py": "",
            "no-language": "a",
            "data.csv": "a",
            "big.py": "#" * 1_000_001,
            "kept.py": "a",
        },
        ["kept.py"],
    )


def test_a_repository_in_a_repository_is_listed_by_its_own_rules(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": "a"})
    repository(tmp_path / "inner", {"b.py": "b"})
    plant(tmp_path, {"inner/.gitignore": "c.py\n", "inner/c.py": "c"})
    assert listed(tmp_path, git=GIT) == ["a.py", "inner/b.py"]


def test_a_folder_of_repositories(tmp_path: Path) -> None:
    plant(tmp_path, {"one/a.py": "a", "two/b.py": "b"})
    plant(tmp_path, {"one/.git/info/exclude": "c.py\n", "one/c.py": "c", "loose.py": "d"})
    assert sorted(listed(tmp_path, git=None)) == ["loose.py", "one/a.py", "two/b.py"]
    for root in (tmp_path / "one", tmp_path / "two"):
        git(root, "init", "-q")
        plant(root, {".git/info/exclude": "c.py\n"})
        git(root, "add", "--all")
    assert sorted(listed(tmp_path, git=GIT)) == ["loose.py", "one/a.py", "two/b.py"]


@pytest.mark.skipif(not POSIX, reason="making links takes a privilege on Windows")
def test_links_are_not_followed(tmp_path: Path) -> None:
    plant(tmp_path / "outside", {"a.py": "a", "deep/b.py": "b"})
    root = plant(tmp_path / "root", {"c.py": "c", "deep/d.py": "d"})
    (root / "file.py").symlink_to(tmp_path / "outside" / "a.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(root)
    (root / "self.py").symlink_to("self.py")
    (root / "deep" / "up").symlink_to("..")
    assert listed(root) == ["c.py", "deep/d.py"]
    git(root, "init", "-q")
    git(root, "add", "--all")
    assert listed(root, git=GIT) == ["c.py", "deep/d.py"]
    # A folder that git tracks is replaced by a link that leads out.
    (root / "deep" / "d.py").unlink()
    (root / "deep" / "up").unlink()
    (root / "deep").rmdir()
    (root / "deep").symlink_to(tmp_path / "outside" / "deep")
    plant(tmp_path / "outside", {"deep/d.py": "not ours"})
    assert listed(root, git=GIT) == ["c.py"]


@pytest.mark.skipif(not POSIX, reason="making links takes a privilege on Windows")
def test_a_root_that_is_a_link_is_its_target(tmp_path: Path) -> None:
    plant(tmp_path / "real", {"a.py": "a"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert listed(tmp_path / "link") == ["a.py"]


@pytest.mark.skipif(not POSIX, reason="there are no pipes with names on Windows")
def test_a_pipe_is_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert listed(tmp_path) == []
    assert read_file(tmp_path, "pipe.py") is Skipped.UNREADABLE


def test_no_git_is_no_fault(tmp_path: Path) -> None:
    plant(tmp_path, {**NO_MORE_THAN_A_NAME, "a.py": "a"})
    assert listed(tmp_path, git=None) == ["a.py"]
    assert listed(tmp_path, git=Git(str(tmp_path / "no-such-git"))) == ["a.py"]


@pytest.mark.skipif(not POSIX, reason="the fake git is a shell script")
@pytest.mark.parametrize("script", ["exit 128", "sleep 5", "kill -9 $$", "sleep 5 & sleep 5"])
def test_a_git_that_fails_or_hangs_is_replaced_by_a_walk(tmp_path: Path, script: str) -> None:
    files = {".gitignore": "b.py\n", "a.py": "a", "b.py": "b"}
    plant(tmp_path / "root", {**NO_MORE_THAN_A_NAME, **files})
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    fake.chmod(0o755)
    assert listed(tmp_path / "root", git=Git(str(fake), timeout=0.2)) == ["a.py"]


def test_an_empty_or_missing_root_lists_nothing(tmp_path: Path) -> None:
    assert list_files(tmp_path).files == ()
    missing = list_files(tmp_path / "missing")
    assert missing.files == ()
    assert "not a folder" in missing.note
    assert list_files(plant(tmp_path, {"a.py": "a"}) / "a.py").files == ()


def test_too_much_is_cut_to_the_newest_and_said(tmp_path: Path) -> None:
    plant(tmp_path, {f"f{number}.py": "x" * 10 for number in range(10)})
    for number in range(10):
        os.utime(tmp_path / f"f{number}.py", (number, number))
    by_count = list_files(tmp_path, limits=Limits(files=2))
    assert [file.path for file in by_count.files] == ["f8.py", "f9.py"]
    assert "only 2 were" in by_count.note
    assert listed(tmp_path, limits=Limits(total_bytes=35)) == ["f7.py", "f8.py", "f9.py"]
    by_names = list_files(tmp_path, limits=Limits(names=3))
    assert len(by_names.files) == 3
    assert "more than 3" in by_names.note


@pytest.mark.skipif(not POSIX, reason="names are bytes on POSIX only")
def test_a_name_of_any_bytes(tmp_path: Path) -> None:
    names = [b"caf\xe9.py", "naïve🙂.py".encode(), b"new\nline.py", b"  .py", b"-rf.py"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text(os.fsdecode(name), "utf-8", "surrogateescape")
    expect = sorted(map(os.fsdecode, names))
    assert sorted(listed(tmp_path)) == expect
    repository(tmp_path, {})
    assert sorted(listed(tmp_path, git=GIT)) == expect
    for path in expect:
        assert isinstance(read_file(tmp_path, path), str)


@pytest.mark.parametrize(
    ("content", "expect"),
    [
        (b"a = 1\n", "a = 1\n"),
        (b"a\r\nb\rc", "a\nb\nc"),
        (b"\xef\xbb\xbfa", "a"),
        ("ä".encode("utf-16"), "ä"),
        (b"\xfe\xff\x00a", "a"),
        ("naïve 🙂".encode(), "naïve 🙂"),
        (b"# caf\xe9\n" * 9, "# café\n" * 9),
        (b"\x7fELF\x02\x00", Skipped.BINARY),
        (b"\x01\x02\x03\xff" * 9, Skipped.BINARY),
        (b"\xff\xfe\x00\x00", ""),
        (b"\xff\xfea", "\N{REPLACEMENT CHARACTER}"),
        (b"x" * 1_000_001, Skipped.TOO_LARGE),
        (b"x=1;" * 1000, Skipped.GENERATED),
        (b"a\n" * 1000 + b"x" * 20_001, Skipped.GENERATED),
        (b"// Code generated by protoc. DO NOT EDIT.\npackage x\n", Skipped.GENERATED),
        (b"", ""),
    ],
)
def test_bytes_become_text(tmp_path: Path, content: bytes, expect: str | Skipped) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert read_file(tmp_path, "a.py") == expect


@given(st.binary(max_size=200))
def test_no_bytes_crash(content: bytes) -> None:
    text = read_file(Path(), "a.py", read=lambda path, most: content[:most])
    if isinstance(text, str):
        assert "\0" not in text
        assert "\r" not in text
        text.encode()


@pytest.mark.parametrize(
    ("error", "expect"),
    [
        (FileNotFoundError(), Skipped.GONE),
        (NotADirectoryError(), Skipped.GONE),
        (PermissionError(), Skipped.UNREADABLE),
        (OSError(5, "Input/output error"), Skipped.UNREADABLE),
    ],
)
def test_a_disk_that_refuses(error: OSError, expect: Skipped) -> None:
    def read(path: Path, most: int) -> bytes:
        raise error

    assert read_file(Path(), "a.py", read=read) is expect


def test_a_file_that_vanishes_after_it_was_listed(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "a", "b/c.py": "c"})
    files = list_files(tmp_path).files
    (tmp_path / "a.py").unlink()
    (tmp_path / "b" / "c.py").unlink()
    (tmp_path / "b").rmdir()
    plant(tmp_path, {"b": "a file where a folder was"})
    assert [read_file(tmp_path, file.path) for file in files] == [Skipped.GONE, Skipped.GONE]
