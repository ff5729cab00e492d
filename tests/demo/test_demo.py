"""The whole demo over a server process: what is printed, left behind and exited with."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from firsthand.demo import FailedError, demonstrate
from firsthand.demo.play import Tally
from firsthand.demo.workspace import read

SERVER = Path(__file__).with_name("oracle_server.py")
BODY = "".join(f"    total = total + first.value({n}) + second\n" for n in range(15))
SOURCE = "import os\n\n\ndef go(a):\n" + "".join(f"    step_{n}(a)\n" for n in range(20))


def prepared(folder: Path, *options: str) -> tuple[Path, list[str]]:
    """A file to type, and the oracle server that knows it and notes its state folder."""
    file = folder / "a.py"
    file.write_text(SOURCE, encoding="utf-8", newline="")
    note = folder / "note.txt"
    return file, [sys.executable, str(SERVER), str(file), "--note", str(note), *options]


def demo(
    folder: Path, *options: str, plain: bool = False, terminal: bool = False, seconds: float = 30
) -> tuple[Tally, str]:
    """Run the demo over the oracle server; returns the counts and what was printed."""
    file, command = prepared(folder, *options)
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=90, height=24, highlight=False, _environ={}
    )
    tally = asyncio.run(demonstrate(read(file), console, plain, command=command, seconds=seconds))
    return tally, out.getvalue()


def state_folder(folder: Path) -> Path:
    """The state folder that the server was given."""
    return Path((folder / "note.txt").read_text(encoding="utf-8").split("\n")[1])


def run(folder: Path, file: Path, command: list[str], *options: str) -> subprocess.Popen[str]:
    """The demo as a process of its own, as the command line starts it."""
    code = (
        "import sys; from pathlib import Path; from firsthand.demo import run;"
        f"sys.exit(run(Path({str(file)!r}), '--plain' in sys.argv, command={command!r}))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=folder,
    )


def test_without_a_terminal_the_table_alone_is_printed(tmp_path: Path) -> None:
    tally, printed = demo(tmp_path)
    assert (tally.typed, tally.accepted) == (20, 21)
    assert printed.startswith("def go(a) (a.py:4)")
    assert "21 shown, 21 right" in printed
    assert "step_3" not in printed


def test_plain_prints_a_line_for_each_accepted_suggestion(tmp_path: Path) -> None:
    _, printed = demo(tmp_path, plain=True)
    assert printed.startswith("Suggestions accepted with Tab are in [brackets].\n")
    assert "    4  [def go(a):]\n" in printed
    assert "    9      [step_4(a)]\n" in printed
    assert "21 shown, 21 right" in printed
    assert "\x1b" not in printed


def test_a_terminal_shows_the_editor_and_then_the_table(tmp_path: Path) -> None:
    _, printed = demo(tmp_path, terminal=True, seconds=2)
    assert "Tab" in printed
    assert "stopped early" in printed


def test_the_server_s_state_is_of_its_own_and_gone_afterwards(tmp_path: Path) -> None:
    demo(tmp_path)
    home = state_folder(tmp_path)
    assert home.is_absolute()
    assert not home.parent.exists()


def test_the_real_server_types_the_function_back(tmp_path: Path) -> None:
    source = "".join(f"def go_{n}(first, second):\n{BODY}\n\n" for n in range(5))
    file = tmp_path / "a.py"
    file.write_text(source, encoding="utf-8", newline="")
    out = io.StringIO()
    tally = asyncio.run(demonstrate(read(file), Console(file=out, width=90), False))
    assert not tally.cut_short
    assert tally.by_hand == tally.total
    assert 0 < tally.accepted <= tally.shown
    assert tally.saved > 0
    assert set(tally.tiers) <= {"embedded", "typed-through"}


def test_a_server_that_ends_is_one_sentence_and_leaves_its_log(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"ended while .* \(exit status 7\); its log: ") as raised:
        demo(tmp_path, "--die", "3")
    log = Path(str(raised.value).partition("its log: ")[2])
    assert log.read_text(encoding="utf-8") == "the last words\n"
    log.unlink()
    assert not state_folder(tmp_path).parent.exists()


def test_a_file_that_cannot_be_typed_exits_2(tmp_path: Path) -> None:
    file, command = prepared(tmp_path)
    file.write_text("x = 1\n", encoding="utf-8")
    process = run(tmp_path, file, command)
    out, errors = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert errors.count("\n") == 1
    assert "no function of 15 to 60 lines" in errors


def test_a_failing_server_exits_1(tmp_path: Path) -> None:
    file, command = prepared(tmp_path, "--die", "1")
    process = run(tmp_path, file, command)
    out, errors = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert errors.count("\n") == 1
    Path(errors.strip().partition("its log: ")[2]).unlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows can't send a signal to one process alone")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupt_exits_130_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    file, command = prepared(tmp_path, "--silent", "3")
    process = run(tmp_path, file, command, "--plain")
    assert process.stdout is not None
    assert process.stdout.readline()  # the first accepted line: it is typing now
    process.send_signal(getattr(signal, name))
    _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "")
    assert not state_folder(tmp_path).parent.exists()
    pid = int((tmp_path / "note.txt").read_text(encoding="utf-8").split("\n")[0])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
