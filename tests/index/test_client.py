"""The index process for real: its reports, its end, and the ends of those who wait for it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest
from tests.index.trees import plant
from tests.processes import children

from firsthand.embedded import ProjectTier
from firsthand.index.client import build, build_now
from firsthand.index.lock import held
from firsthand.index.state import Result, tier_folder
from firsthand.paths import make_folder, workspace_folder

POSIX = os.name == "posix"
FILES = {f"f{number}.py": f"def f{number}(x):\n    return x + {number}\n" for number in range(30)}


def home(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "FIRSTHAND_HOME": str(tmp_path / "home")}


def fake(script: str) -> Sequence[str]:
    """An index process that is a few lines of Python."""
    return (sys.executable, "-c", f"import sys, time\nsys.stdin.readline()\n{script}")


def check(tmp_path: Path, script: str) -> Result:
    """How a build ends whose process does this."""
    return asyncio.run(build(tmp_path, command=fake(script)))


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def gone(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_a_workspace_is_built_and_then_unchanged(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)
    seen: list[tuple[int, int]] = []
    first = build_now(root, lambda done, total: seen.append((done, total)), environ=home(tmp_path))
    assert first.outcome == "built", first.note
    assert first.status is not None
    assert first.status.files == len(FILES)
    assert seen[-1] == (len(FILES), len(FILES))
    assert ProjectTier.load(tier_folder(root, home(tmp_path))).files == FILES.keys()
    again = build_now(root, environ=home(tmp_path))
    assert (again.outcome, again.status) == ("unchanged", first.status)


def test_every_job_is_told_of_as_soon_as_it_has_ended(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    ends = [
        '{"job": "tier", "outcome": "built", "status": null, "note": "one"}',
        '{"job": null, "outcome": "failed", "status": null, "note": "two"}',
    ]
    script = "".join(f"print({end!r}, flush=True)\n" for end in ends)

    def on_result(job: str, result: Result) -> None:
        told.append((job, result.note))

    result = asyncio.run(build(tmp_path, on_result=on_result, command=fake(script)))
    assert told == [("tier", "one"), ("", "two")]
    assert result.note == "one"


def test_ignore_patterns_reach_the_process(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.py": "a = 1\n", "b.py": "b = 2\n"})
    result = build_now(root, ignore=["b.*"] + ["x" * 1000] * 300, environ=home(tmp_path))
    assert result.status is not None
    assert result.status.files == 1


@pytest.mark.skipif(not POSIX, reason="Windows has no modes")
def test_everything_it_writes_is_private(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)
    build_now(root, environ=home(tmp_path))
    for path in (tmp_path / "home").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    plant(tmp_path, {"home": "a file", "root/a.py": "a = 1\n"})
    result = build_now(tmp_path / "root", environ=home(tmp_path))
    assert result.outcome == "failed"
    assert "FIRSTHAND_HOME" in result.note


@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("sys.exit(3)", "ended early, with code 3"),
        ("print('{')\nprint('[]')\nprint('a word of a library')", "ended early, with code 0"),
        ("sys.stdout.write('x' * 1_000_000)", "without an end"),
        ("sys.stdout.write('x' * 1_000_000); sys.stdout.flush(); time.sleep(60)", "without an end"),
        ("print(1 / 0)", "ended early, with code 1"),
    ],
)
def test_a_process_that_fails_is_a_result(tmp_path: Path, script: str, note: str) -> None:
    result = check(tmp_path, script)
    assert (result.outcome, result.status) == ("failed", None)
    assert note in result.note


def test_a_process_that_cannot_start_is_a_result(tmp_path: Path) -> None:
    for command in ((str(tmp_path / "no-such-python"),), ("\0",)):
        result = asyncio.run(build(tmp_path, command=command))
        assert result.outcome == "failed"
        assert "could not be started" in result.note


def test_a_process_that_ends_before_it_reads_is_a_result(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import os; os.close(0)")
    result = asyncio.run(build(tmp_path, ignore=["x" * 100_000] * 10, command=command))
    assert result.outcome == "failed"


def test_a_fault_in_the_process_names_its_place_and_nothing_else(tmp_path: Path) -> None:
    script = (
        "from firsthand.index.__main__ import _report_fault\n"
        "sys.excepthook = _report_fault\n"
        "raise ValueError('secret source code')"
    )
    result = check(tmp_path, script)
    assert "ValueError in <string>, line" in result.note
    assert "secret" not in result.note


@pytest.mark.parametrize(
    "stubborn",
    [
        False,
        pytest.param(
            True, marks=pytest.mark.skipif(not POSIX, reason="TERM can't be ignored on Windows")
        ),
    ],
)
def test_cancelling_ends_the_process(tmp_path: Path, stubborn: bool) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else ""
    script = deaf + 'print(\'{"done": 1, "total": 2}\', flush=True)\ntime.sleep(60)'

    async def scenario() -> None:
        started = asyncio.Event()
        task = asyncio.create_task(
            build(tmp_path, lambda done, total: started.set(), command=fake(script))
        )
        await started.wait()
        (child,) = children()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gone(child)

    asyncio.run(scenario())


def test_a_second_build_waits_for_the_first(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)

    async def scenario() -> tuple[Result, Result]:
        return await asyncio.gather(
            build(root, environ=home(tmp_path)), build(root, environ=home(tmp_path))
        )

    one, other = asyncio.run(scenario())
    assert sorted((one.outcome, other.outcome)) == ["built", "unchanged"]
    assert one.status == other.status


def test_a_lock_of_a_dead_process_holds_nobody_up(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)
    folder = make_folder(workspace_folder(root, home(tmp_path)))
    (folder / "lock").write_bytes(b"999999999\n")
    assert build_now(root, environ=home(tmp_path)).outcome == "built"


def _waiting(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace whose index process will wait for as long as the test holds the lock."""
    root = plant(tmp_path / "root", FILES)
    return root, make_folder(workspace_folder(root, home(tmp_path))) / "lock"


def test_the_process_is_gone_within_two_seconds_of_its_killed_parent(tmp_path: Path) -> None:
    root, lock = _waiting(tmp_path)
    script = (
        "import pathlib, sys\nfrom firsthand.index.client import build_now\n"
        "build_now(pathlib.Path(sys.argv[1]))\n"
    )
    with held(lock, lambda: None):
        parent = subprocess.Popen([sys.executable, "-c", script, str(root)], env=home(tmp_path))
        try:
            assert until(lambda: bool(psutil.Process(parent.pid).children()), 30)
            (child,) = psutil.Process(parent.pid).children()
        finally:
            parent.kill()
            parent.wait()
        assert until(lambda: gone(child), 30)


@pytest.mark.skipif(not POSIX, reason="needs a shell that can be killed alone")
def test_the_process_ends_with_its_parent_though_its_input_stays_open(tmp_path: Path) -> None:
    root, lock = _waiting(tmp_path)
    script = f'exec 3<&0; "{sys.executable}" -P -m firsthand.index "$1" <&3 & wait'
    with held(lock, lambda: None):
        parent = subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=home(tmp_path),
        )
        with parent:
            assert parent.stdin
            assert parent.stdout
            parent.stdin.write(b'{"ignore": [], "jobs": ["tier"], "git": true}\n')
            parent.stdin.flush()
            assert json.loads(parent.stdout.readline()) == {"job": "tier", "waiting": True}
            (child,) = psutil.Process(parent.pid).children()
            os.kill(parent.pid, signal.SIGKILL)
            assert until(lambda: gone(child), 30)


@pytest.mark.skipif(not POSIX, reason="on Windows the priority is given at the start")
def test_the_process_lowers_its_priority(tmp_path: Path) -> None:
    root, lock = _waiting(tmp_path)

    async def scenario() -> None:
        task = asyncio.create_task(build(root, environ=home(tmp_path)))
        try:
            while not (found := children()):
                await asyncio.sleep(0.01)
            while found[0].nice() <= psutil.Process().nice():
                await asyncio.sleep(0.01)
        finally:
            task.cancel()
            await asyncio.wait([task])

    with held(lock, lambda: None):
        asyncio.run(asyncio.wait_for(scenario(), 60))
