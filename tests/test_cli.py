"""The commands as processes: what they print, where, and how they end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result
from tests.index.trees import plant_environment
from tests.loaded import python
from tests.lsp.conftest import CODE
from tests.processes import left_running

from firsthand.cli import commands

COMMANDS = (
    ("serve",),
    ("demo",),
    ("drill",),
    ("complete",),
    ("escalate",),
    ("doctor",),
    ("models",),
    ("index",),
    ("eval",),
    ("dataset",),
    ("learned",),
    ("explain",),
    ("quiz",),
    ("costs",),
    ("sent",),
    ("grip",),
    ("report",),
    ("keys", "set"),
    ("keys", "list"),
    ("keys", "remove"),
    ("cache", "size"),
    ("cache", "clear"),
    ("data", "export"),
    ("data", "wipe"),
    ("config", "path"),
    ("config", "schema"),
    ("config", "show"),
)
GROUPS = sorted({each[:1] for each in COMMANDS if len(each) > 1})
MOVE = CODE + "    def move(self, amount):\n        if am\n"
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX alone has this")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.toml").write_text("[inline]\ndiscover = false\n", encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "account.py").write_text(CODE, encoding="utf-8")
    (folder / "bank.py").write_text(MOVE, "utf-8")
    return folder


def environ(home: Path) -> dict[str, str]:
    return os.environ | variables(home) | {"PYTHONUTF8": "1"}


def variables(home: Path) -> dict[str, str]:
    environment = plant_environment(home.parent / "environment")
    return {"FIRSTHAND_HOME": str(home), "VIRTUAL_ENV": str(environment)}


def run(home: Path, *arguments: str, status: int = 0) -> Result:
    """Run a command in this process."""
    result = CliRunner().invoke(commands, arguments, env=variables(home))
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def run_process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python(), "-m", "firsthand", *arguments],
        env=environ(home),
        timeout=120,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("command", [(), *GROUPS, *COMMANDS], ids=" ".join)
def test_every_command_says_how_to_use_it(command: Sequence[str]) -> None:
    result = CliRunner().invoke(commands, [*command, "--help"])
    assert result.exit_code == 0
    assert "Example: " in result.output


def test_all_commands_are_tested() -> None:
    assert set(commands.commands) == {each[0] for each in COMMANDS}


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("complete",),
        ("complete", "a.py"),
        ("complete", "a.py:1"),
        ("complete", "a.py:x:1"),
        ("complete", ":1:1"),
        ("complete", "a.py:1:1", "--nonsense"),
        ("complete", "a.py:1:" + "9" * 5000),
        ("escalate", "a.py"),
        ("escalate", "a.py:1-2"),
        ("escalate", "a.py:1", "--strategy", "vote"),
        ("index", "no-such-folder"),
        ("config", "show", "no-such-folder"),
        ("eval", "no-such-folder"),
        ("eval", ".", "--lines", "0"),
        ("eval", ".", "--html", "no-such-folder/page.html"),
        ("eval", ".", "--html", "."),
        ("eval", ".", "--html", ""),
        ("cache",),
    ],
    ids=str,
)
def test_wrong_usage_is_said_and_ends_with_2(home: Path, arguments: Sequence[str]) -> None:
    done = run(home, *arguments, status=2)
    assert done.stderr.strip()
    assert len(done.stderr) < 7000


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("@bank.py:0:1", ["bank.py has no place 0:1", "the file has 20 lines"]),
        ("@bank.py:99:1", ["bank.py has no place 99:1", "the file has 20 lines"]),
        ("@bank.py:19:0", ["no place 19:0", "line 19 has 14 columns"]),
        ("@bank.py:19:99", ["no place 19:99", "line 19 has 14 columns"]),
        ("@missing.py:1:1", ["missing.py can't be read (No such file", "name a file that can"]),
        ("C:\\a.py:3:7", ["C:\\a.py can't be read"]),
        ("@.:1:1", ["is not a file", "name one"]),
        ("@binary.py:1:1", ["binary.py is not a text file", "name one that is"]),
        pytest.param("/dev/zero:1:1", ["is not a file"], marks=POSIX),
        pytest.param("@pipe:1:1", ["is not a file"], marks=POSIX),
        pytest.param("@locked.py:1:1", ["can't be read"], marks=POSIX),
    ],
)
def test_a_place_that_is_none(home: Path, root: Path, place: str, parts: Sequence[str]) -> None:
    (root / "binary.py").write_bytes(b"\x7fELF\0\0\1")
    if os.name == "posix":
        os.mkfifo(root / "pipe")
        (root / "locked.py").symlink_to("locked.py")
    done = run(home, "complete", place.replace("@", f"{root}{os.sep}"), status=2)
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    for part in parts:
        assert part in done.stderr


def test_complete_prints_the_rest_and_says_where_it_comes_from(home: Path, root: Path) -> None:
    done = run_process(home, "complete", f"{root / 'bank.py'}:19:14")
    assert done.stdout == "ount <= 0:\n"
    assert done.stderr.startswith("[embedded, ")
    done = run_process(home, "complete", f"{root / 'bank.py'}:19:14", "--json")
    answer = json.loads(done.stdout)
    assert answer.pop("latency_ms") >= 0
    assert answer == {
        "schema": 1,
        "text": "ount <= 0:",
        "tier": "embedded",
        "model": "",
        "reason": "",
        "tokens": 0,
        "cost_usd": 0.0,
    }


def test_nothing_to_show_is_no_fault(home: Path, root: Path) -> None:
    (root / "odd.txt").write_text("zq\n", encoding="utf-8")
    done = run(home, "complete", f"{root / 'odd.txt'}:1:3", "--json")
    answer = json.loads(done.stdout)
    assert (answer["text"], answer["tier"]) == ("", "")
    assert answer["reason"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (CODE.encode() + b"    # caf\xe9\n    def move(self, amount):\n        if am", "20:14"),
        (b"\xef\xbb\xbf" + MOVE.encode(), "19:14"),
        (
            CODE.replace("\n", "\r\n").encode() + b"    def f(self, amount):\r\n        if am",
            "19:14",
        ),
    ],
    ids=["latin-1", "byte order mark", "crlf"],
)
def test_other_bytes_are_read_as_well(home: Path, root: Path, content: bytes, place: str) -> None:
    (root / "other.py").write_bytes(content)
    done = run(home, "complete", f"{root / 'other.py'}:{place}")
    assert done.stdout == "ount <= 0:\n"


def test_a_broken_configuration_is_said_and_completion_goes_on(home: Path, root: Path) -> None:
    (home / "config" / "config.toml").write_text("[inline\n", encoding="utf-8")
    done = run(home, "complete", f"{root / 'bank.py'}:19:14")
    assert done.stdout == "ount <= 0:\n"
    assert "config.toml is not valid TOML" in done.stderr
    done = run(home, "config", "show", str(root), status=1)
    assert "config.toml is not valid TOML" in done.stderr
    assert done.stdout


def test_a_model_that_cannot_be_reached_is_said_and_entered(home: Path, root: Path) -> None:
    config = """
[inline]
models = ["far"]
[models.far]
provider = "openai"
url = "https://0.0.0.0:1/v1"
model = "coder"
fim = "qwen"
price_in = 0
price_out = 0
"""
    (home / "config" / "config.toml").write_text(config, encoding="utf-8")
    done = run_process(home, "complete", f"{root / 'bank.py'}:19:14")
    assert done.stdout == "ount <= 0:\n"
    said, tier = done.stderr.splitlines()
    assert said == "far (0.0.0.0:1) cannot be reached: start it, or correct its url."
    assert tier.startswith("[embedded, ")
    sent = json.loads(run(home, "sent", "--json").stdout)["sent"]
    assert {each["outcome"] for each in sent} == {"failed"}


def test_models_says_what_is_wrong_with_the_configuration(home: Path) -> None:
    assert run(home, "models").stdout.startswith("note   ")
    (home / "config" / "config.toml").write_text("[inline]\nspeed = 9\n", encoding="utf-8")
    assert "inline.speed is not a known key" in run(home, "models", status=1).stdout
    answer = json.loads(run(home, "models", "--json", status=1).stdout)
    assert len(answer["faults"]) == 1


def test_config_path_and_schema(home: Path) -> None:
    done = run(home, "config", "path")
    assert done.stdout.strip() == str(home / "config" / "config.toml")
    schema = json.loads(run(home, "config", "schema").stdout)
    assert "inline" in schema["properties"]


def test_index_says_what_it_learned(home: Path, root: Path, tmp_path: Path) -> None:
    done = run(home, "index", str(root))
    assert done.stdout.startswith("Learned 2 files, ")
    assert run(home, "index", str(root)).stdout.startswith("Up to date: 2 files, ")
    answer = json.loads(run(home, "index", "--json", str(root)).stdout)
    assert (answer["schema"], answer["files"], answer["outcome"]) == (1, 2, "unchanged")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(home, "index", str(empty)).stdout.startswith("Learned 0 files, ")
    assert run(home, "cache", "size").stdout.startswith("Completions 0.0 MB, indexes ")
    size = json.loads(run(home, "cache", "size", "--json").stdout)
    assert size["schema"] == 1
    assert size["indexes"] > 0
    assert run(home, "cache", "clear").stdout.startswith("Forgot: ")
    assert json.loads(run(home, "cache", "size", "--json").stdout)["indexes"] == 0


def test_a_state_folder_that_is_a_file(tmp_path: Path, root: Path) -> None:
    state = tmp_path / "state"
    state.write_text("in the way", encoding="utf-8")
    for arguments in (("index", str(root)), ("cache", "clear")):
        done = run(state, *arguments, status=1)
        assert str(state) in done.stderr
        assert done.stderr.count("FIRSTHAND_HOME") == 1
    assert run(state, "cache", "size").stdout
    done = run(state, "complete", f"{root / 'bank.py'}:19:14")
    assert done.stdout == "ount <= 0:\n"
    for sentence in done.stderr.splitlines():
        assert sentence.count("FIRSTHAND_HOME") <= 1


def test_eval_prints_figures_and_writes_a_page(home: Path, root: Path, tmp_path: Path) -> None:
    html = tmp_path / "page.html"
    done = run(home, "eval", str(root), "--lines", "20", "--html", str(html))
    assert "typed 20 lines of 2 files; learned 2 files" in done.stdout
    assert "keys saved" in done.stdout
    assert html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    answer = json.loads(run(home, "eval", str(root), "--lines", "2", "--json").stdout)
    assert (answer["schema"], answer["complete"]) == (1, True)
    assert answer["models"]["embedded"]["lines"] == 2
    assert not (home / "cache").exists()


def test_eval_of_nothing_is_said(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(home, "eval", str(empty), status=2)
    assert done.stderr == f"{empty} holds no code to type: name a folder that does.\n"
    assert done.stdout == ""


@POSIX
def test_eval_interrupted_is_130_and_leaves_nothing_behind(
    home: Path, root: Path, tmp_path: Path
) -> None:
    (root / "more.py").write_text(CODE * 200, encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [python(), "-m", "firsthand", "eval", str(root)],
        env=environ(home) | {"TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not list(scratch.glob("*/cache/workspaces/*/index.json")):
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)  # it learned the folder and is typing
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.strip().startswith("Interrupted")
    assert "Traceback" not in said
    assert list(scratch.iterdir()) == []


@POSIX
@pytest.mark.parametrize(
    "arguments",
    [("config", "schema"), ("complete", "bank.py:19:14")],
    ids=" ".join,
)
def test_a_reader_that_left_is_no_fault(home: Path, root: Path, arguments: Sequence[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [python(), "-m", "firsthand", *arguments],
        env=environ(home),
        cwd=root,
        timeout=120,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert done.returncode in (0, 1, -signal.SIGPIPE, 128 + signal.SIGPIPE)


@POSIX
@pytest.mark.parametrize(
    "arguments",
    [("index", "."), ("demo", "--plain"), ("drill",), ("complete", "bank.py:19:14")],
    ids=" ".join,
)
def test_interrupted_is_130_and_leaves_nothing_behind(
    home: Path, root: Path, arguments: Sequence[str]
) -> None:
    for number in range(400):  # enough to be still at it
        (root / f"more_{number}.py").write_text(CODE * 30, encoding="utf-8")
    process = psutil.Popen(
        [sys.executable, "-m", "firsthand", *arguments],
        env=environ(home),
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not process.children(recursive=True) and process.is_running():
        assert time.monotonic() < end
        time.sleep(0.01)
    children = process.children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    assert process.returncode == 130
    assert left_running(children, 30) == []
