"""Files as they come from disks: missing, not files, not text, not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firsthand.settings import Fault, Loaded, is_loopback, load


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml", folder=tmp_path) == Loaded()


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    loaded = load(tmp_path / "config.toml", named=True)
    assert [fault.message for fault in loaded.faults] == ["does not exist"]
    assert not loaded.remote_allowed


def test_the_three_sources_are_joined(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[inline]\nmax_lines = 6\naggression = 0.7\nenabled = true", encoding="utf-8")
    (tmp_path / ".firsthand.toml").write_text("[inline]\nmax_lines = 2", encoding="utf-8")
    loaded = load(file, {"aggression": 0.2, "max_lines": 9}, tmp_path)
    assert loaded.faults == ()
    assert (loaded.settings.tuning.max_lines, loaded.settings.tuning.aggression) == (2, 0.2)
    assert loaded.origins == {
        "inline.max_lines": "workspace",
        "inline.aggression": "editor",
        "inline.enabled": "file",
    }


def test_a_byte_order_mark_and_crlf_are_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[inline]\r\nmax_lines = 6\r\n")
    loaded = load(file)
    assert loaded.faults == ()
    assert loaded.settings.tuning.max_lines == 6


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[inline]\nx = '\xff'", "is not UTF-8 text"),
        ("[inline]\n".encode("utf-16"), "is not UTF-8 text"),
        (b"#" * 70_000, "is larger than 64 KiB"),
        (b"a = 1\0", "is not valid TOML: Expected newline or end of document after a statement"),
    ],
)
@pytest.mark.parametrize("name", ["config.toml", ".firsthand.toml"])
def test_a_broken_file_fails_closed(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    loaded = load(tmp_path / "config.toml", folder=tmp_path)
    (fault,) = loaded.faults
    assert fault.source == str(tmp_path / name)
    assert fault.message.startswith(message)
    assert not loaded.remote_allowed
    assert loaded.settings == Loaded().settings


@pytest.mark.parametrize("name", ["config.toml", ".firsthand.toml"])
def test_a_folder_in_place_of_the_file_fails_closed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    loaded = load(tmp_path / "config.toml", folder=tmp_path)
    assert [fault.message for fault in loaded.faults] == ["is not a file"]
    assert not loaded.remote_allowed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no pipes with names")
def test_a_pipe_in_place_of_the_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".firsthand.toml")
    loaded = load(tmp_path / "config.toml", folder=tmp_path)
    assert [fault.message for fault in loaded.faults] == ["is not a file"]


def test_a_path_no_file_can_have_fails_closed() -> None:
    loaded = load(Path("a\0b"))
    assert not loaded.remote_allowed
    assert str(loaded.faults[0]).isprintable()


def test_a_sentence_cannot_steer_a_terminal() -> None:
    fault = Fault("/w\x1b[2J/.firsthand.toml", "k", "is\u202e wrong", "mend it\r\n")
    assert str(fault) == "/w?[2J/.firsthand.toml: k is? wrong; mend it??."


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8012", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:80/v1", True),
        ("http://LOCALHOST:1", True),
        ("http://0.0.0.0:80", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("http://2130706433", False),
        ("http://192.168.0.1", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_what_is_on_this_machine(url: str, local: bool) -> None:
    assert is_loopback(url) is local


def test_importing_the_settings_stays_cheap() -> None:
    code = "import sys, firsthand.settings; print({'pydantic', 'tomllib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
