import json
import marshal
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.loaded import KEPT, python
from tests.processes import left_running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere")

ROOT = Path(__file__).parents[2]
SERVE = ("-m", "firsthand", "serve")


def says(executable: str, *arguments: str, **options: Any) -> tuple[int, Any, str]:
    """The status of a process, what it says of itself, and what it says besides."""
    command = [executable, "-m", "tests.loaded.itself", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    return done.returncode, json.loads(done.stdout), done.stderr


def forked() -> set[psutil.Process]:
    """The processes that were forked and have not ended."""
    return {each for pid in KEPT for each in psutil.Process(pid).children()}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"input": "a line\nand another", "umask": 0o027},
        {"env": os.environ | {"ONE": "more\udcff", "PYTHONUNBUFFERED": "1"}},
        {"env": {name: value for name, value in os.environ.items() if name != "HOME"}},
        {"process_group": 0},
        {"preexec_fn": lambda: os.nice(3)},
        {"start_new_session": True},
        {"env": os.environ | {"PYTHONHASHSEED": "1"}},
        {"env": os.environ | {"PYTHONIOENCODING": "latin-1"}},
    ],
    ids=lambda options: " ".join(options),
)
def test_a_process_is_as_a_fresh_one(options: dict[str, Any]) -> None:
    fresh = says(sys.executable, "3", "a b", "", cwd=ROOT, **options)
    loaded = says(python(), "3", "a b", "", cwd=ROOT, **options)
    for each in (fresh, loaded):
        if options.get("process_group") == 0 or options.get("start_new_session"):
            assert each[1].pop("group") != os.getpgrp()
        if options.get("start_new_session"):
            assert each[1].pop("session") != os.getsid(0)
    assert loaded == fresh
    assert fresh[0] == 3
    assert fresh[2] == "besides\n"


@pytest.mark.parametrize(
    "arguments", [("--help",), ("nonsense",), ("config", "show"), ("costs", "--json")], ids=" ".join
)
def test_commands_say_the_same(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    first, second = (
        subprocess.run(
            [executable, "-m", "firsthand", *arguments],
            capture_output=True,
            env=os.environ | {"FIRSTHAND_HOME": str(tmp_path / "home")},
            timeout=120,
        )
        for executable in (sys.executable, python())
    )
    assert (second.returncode, second.stdout) == (first.returncode, first.stdout)
    assert second.stderr == first.stderr


def test_what_is_no_module_of_ours_is_run_by_the_interpreter() -> None:
    code = "import sys; print(sys.argv[1:], 'firsthand' in sys.modules)"
    done = subprocess.run([python(), "-c", code, "a"], capture_output=True, text=True, check=True)
    assert done.stdout == "['a'] False\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    before = forked()
    with subprocess.Popen(
        [python(), *SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        while not (started := forked() - before):
            assert process.poll() is None
        process.send_signal(number)
        assert process.wait(60) == -number
        assert left_running(started, 30) == []


def test_a_launcher_that_is_killed_unheard_takes_no_other_with_it() -> None:
    job = (["-m", *SERVE[1:]], dict(os.environb), os.getsid(0), os.getpgrp(), 0o022, os.nice(0))
    said = marshal.dumps(job)
    before = forked()
    with socket.socket(socket.AF_UNIX) as launcher, open(os.devnull, "rb") as null:
        launcher.connect(os.fspath(Path(python()).with_name("socket")))
        folder = os.open(".", os.O_RDONLY)
        streams = [null.fileno()] * 3
        socket.send_fds(launcher, [len(said).to_bytes(4, "little")], [*streams, folder])
        os.close(folder)
        launcher.sendall(said)
        assert launcher.recv(1, socket.MSG_PEEK) == b"y"
    assert left_running(forked() - before, 30) == []
    assert says(python(), "0", cwd=ROOT)[0] == 0


def test_it_sees_its_input_end() -> None:
    with subprocess.Popen(
        [python(), *SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, b"")


def test_none_is_left_by_whoever_started_it() -> None:
    """Where the tests' own process is killed, nothing else ends what it had started."""
    script = f"""
import os, signal, subprocess
from tests.loaded import KEPT, python
process = subprocess.Popen([python(), {", ".join(map(repr, SERVE))}], stdin=subprocess.PIPE)
print(*KEPT, process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    started = {int(pid) for pid in done.stdout.split()}
    assert len(started) == 2
    left = [each for each in psutil.process_iter() if each.pid in started]
    assert left_running(left, 60) == []
