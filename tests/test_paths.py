"""State folders and file URIs."""

import os
import stat
import subprocess
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand import paths

POSIX = os.name == "posix"


def check(uri: str, flavour: type[PurePath], expect: str | None) -> None:
    found = paths.uri_to_flavour(uri, flavour)
    assert found == (None if expect is None else flavour(expect))


@pytest.mark.parametrize(
    ("uri", "expect"),
    [
        ("file:///home/ada/a.py", "/home/ada/a.py"),
        ("FILE:///home/ada/a.py", "/home/ada/a.py"),
        ("file:/home/ada/a.py", "/home/ada/a.py"),
        ("file://localhost/home/a.py", "/home/a.py"),
        ("file:///a%20b%23c.py", "/a b#c.py"),
        ("file:///a#b?c.py", "/a#b?c.py"),
        ("file:///caf%C3%A9", "/café"),
        ("file:///café", "/café"),
        ("file:///%FF.py", "/\udcff.py"),
        ("file:///c%3A/x", "/c:/x"),
        ("file://server/share/x", None),
        ("file:///a%00b", None),
        ("file:a.py", None),
        ("file:", None),
        ("", None),
        ("untitled:Untitled-1", None),
        ("vscode-notebook-cell:/a.ipynb#x", None),
        ("https://example.com/file:///a", None),
    ],
)
def test_uri_names_a_posix_path(uri: str, expect: str | None) -> None:
    check(uri, PurePosixPath, expect)


@pytest.mark.skipif(os.name == "nt", reason="the paths are written as POSIX writes them")
@pytest.mark.parametrize(
    ("uri", "expect", "nowhere"),
    [
        ("file:///a/b.py", "/a/b.py", False),
        ("file:///a#b?c.py", "/a#b?c.py", False),
        ("untitled:Untitled-1", None, True),
        ("untitled:/a/new%20one.py", "/a/new one.py", False),
        ("vscode-notebook-cell:/a/b%23.ipynb#W0sZmlsZQ%3D%3D", "/a/b#.ipynb", False),
        ("vscode-notebook-cell:Untitled-1.ipynb?jupyter-notebook#W0sdW50a", None, True),
        ("vscode-notebook-cell://elsewhere/a/b.ipynb#W0s", None, False),
        ("git:/a/b.py?x", None, False),
        ("untitled:", None, True),
        ("", None, False),
    ],
)
def test_documents_belong_to_files(uri: str, expect: str | None, nowhere: bool) -> None:
    assert paths.document_path(uri) == (Path(expect) if expect else None)
    assert paths.unsaved(uri) == nowhere


@pytest.mark.parametrize(
    ("uri", "expect"),
    [
        ("file:///c%3A/x/y.py", "c:\\x\\y.py"),
        ("file:///C:/x/y.py", "C:\\x\\y.py"),
        ("file:///c%3A", "c:\\"),
        ("file://server/share/x.py", "\\\\server\\share\\x.py"),
        ("file://localhost/c:/x", "c:\\x"),
        ("file:///c:/caf%C3%A9", "c:\\café"),
        ("file:///c:/%FF", None),
        ("file:///c:/a%00", None),
    ],
)
def test_uri_names_a_windows_path(uri: str, expect: str | None) -> None:
    check(uri, PureWindowsPath, expect)


@pytest.mark.parametrize(
    ("path", "expect"),
    [
        (PurePosixPath("/home/a b#c?.py"), "file:///home/a%20b%23c%3F.py"),
        (PurePosixPath("/\udcff"), "file:///%FF"),
        (PurePosixPath("/"), "file:///"),
        (PureWindowsPath("C:\\x\\é.py"), "file:///C:/x/%C3%A9.py"),
        (PureWindowsPath("\\\\server\\share\\x.py"), "file://server/share/x.py"),
    ],
)
def test_path_has_a_uri(path: PurePath, expect: str) -> None:
    assert paths.path_to_uri(path) == expect
    assert paths.uri_to_flavour(expect, type(path)) == path


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_any_posix_name_survives_its_uri(name: bytes) -> None:
    path = PurePosixPath("/r") / os.fsdecode(name.replace(b"/", b"_"))
    assert paths.uri_to_flavour(paths.path_to_uri(path), PurePosixPath) == path


@given(
    st.text(st.characters(), min_size=1).filter(lambda name: not set(name) & set('\0/\\:*?"<>|'))
)
def test_any_windows_name_survives_its_uri(name: str) -> None:
    path = PureWindowsPath("c:\\r") / name
    assert paths.uri_to_flavour(paths.path_to_uri(path), PureWindowsPath) == path


@given(st.text(st.characters()))
def test_no_uri_crashes(uri: str) -> None:
    for flavour in (PurePosixPath, PureWindowsPath):
        paths.uri_to_flavour("file:///" + uri, flavour)
        paths.uri_to_flavour("file://" + uri, flavour)
        paths.uri_to_flavour(uri, flavour)


def test_a_relative_path_has_no_uri() -> None:
    with pytest.raises(ValueError, match="absolute"):
        paths.path_to_uri(PurePosixPath("a.py"))


def test_home_moves_everything(tmp_path: Path) -> None:
    environ = {"FIRSTHAND_HOME": str(tmp_path)}
    found = [
        paths.config_file(environ),
        paths.cache_folder(environ),
        paths.data_folder(environ),
        paths.log_folder(environ),
        paths.workspace_folder(tmp_path, environ),
    ]
    assert all(tmp_path in each.parents for each in found)
    assert len(set(found)) == len(found)


def test_config_is_named_by_the_environment(tmp_path: Path) -> None:
    environ = {"FIRSTHAND_HOME": "/elsewhere", "FIRSTHAND_CONFIG": str(tmp_path / "mine.toml")}
    assert paths.config_file(environ) == tmp_path / "mine.toml"


def test_empty_names_are_no_names() -> None:
    environ = {"FIRSTHAND_HOME": "", "FIRSTHAND_CONFIG": ""}
    assert paths.config_file(environ) == paths.config_file({})
    assert paths.config_file({}).name == "config.toml"
    assert paths.config_file({}).parent.name == "firsthand"


def test_a_workspace_has_one_folder_by_any_name(tmp_path: Path) -> None:
    real = tmp_path / "My Project"
    real.mkdir()
    folder = paths.workspace_folder(real, {"FIRSTHAND_HOME": str(tmp_path)})
    assert folder.name.startswith("my-project-")
    roundabout = real / ".." / "My Project"
    assert paths.workspace_folder(roundabout, {"FIRSTHAND_HOME": str(tmp_path)}) == folder
    if POSIX:
        link = tmp_path / "link"
        link.symlink_to(real)
        assert paths.workspace_folder(link, {"FIRSTHAND_HOME": str(tmp_path)}) == folder


def test_workspaces_differ_by_case_but_not_on_windows() -> None:
    assert paths.workspace_key(PurePosixPath("/A/b")) != paths.workspace_key(PurePosixPath("/a/b"))
    one, other = PureWindowsPath("C:\\A\\b"), PureWindowsPath("c:/a/B")
    assert paths.workspace_key(one) == paths.workspace_key(other)


def test_a_root_of_any_bytes_has_a_key() -> None:
    assert paths.workspace_key(PurePosixPath("/\udcff"))
    assert paths.workspace_key(PurePosixPath("/"))


def test_state_is_private(tmp_path: Path) -> None:
    file = tmp_path / "one" / "two" / "state.json"
    paths.write_file(file, b"old")
    paths.write_file(file, b"new")
    assert file.read_bytes() == b"new"
    assert [each.name for each in file.parent.iterdir()] == ["state.json"]
    if POSIX:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.parent.parent.stat().st_mode) == 0o700


def test_a_file_where_a_folder_should_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    for folder in (tmp_path / "cache", tmp_path / "cache" / "deeper"):
        with pytest.raises(paths.StateError, match="FIRSTHAND_HOME") as caught:
            paths.make_folder(folder)
        assert str(folder) in str(caught.value)


def test_a_name_the_disk_refuses_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(paths.StateError, match="too long"):
        paths.write_file(tmp_path / ("x" * 300), b"")
    (tmp_path / "taken").mkdir()
    with pytest.raises(paths.StateError):
        paths.write_file(tmp_path / "taken", b"")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


@pytest.mark.skipif(not POSIX, reason="Windows has no limits on the size of files")
def test_a_full_disk_is_one_clear_error_and_leaves_what_was_there(tmp_path: Path) -> None:
    script = (
        "import pathlib, resource, signal, sys\n"
        "from firsthand.paths import StateError, write_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    write_file(pathlib.Path(sys.argv[1]), b'new' * 10_000)\n"
        "except StateError as error:\n"
        "    print(error)\n"
    )
    state = tmp_path / "state"
    paths.write_file(state, b"old")
    done = subprocess.run(
        [sys.executable, "-c", script, str(state)], capture_output=True, text=True, check=True
    )
    assert "make room" in done.stdout
    assert state.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["state"]


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0,
    reason="only root can become an account without a home",
)
def test_an_account_without_a_home_is_one_clear_error() -> None:
    script = (
        "import os, platformdirs\nfrom firsthand import paths\n"
        "os.environ.pop('HOME', None)\nos.setuid(54321)\n"
        "try:\n"
        "    print(paths.cache_folder())\n"
        "except paths.StateError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "no home folder" in done.stdout, done.stderr
