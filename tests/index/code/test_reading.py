"""Reading many files by processes."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.index.code.shop import SHOP, known, writing
from tests.index.trees import plant
from tests.processes import children, left_running

from firsthand.index.code.content import NOTHING, read
from firsthand.index.code.reading import Found, read_files
from firsthand.index.files import Skipped, SourceFile

MANY: dict[str, str | bytes] = {
    **{
        f"f{n}.py": f'"""Doc {n}."""\nimport os.path\ndef é{n}(a):\n    return {n}\n'
        for n in range(80)
    },
    "bin.py": b"\0\0",
    "caf\udce9.py" if os.name == "posix" else "cafe.py": "def odd(): pass\n",
}


def listed(root: Path) -> list[SourceFile]:
    return [SourceFile(name, "python", 1, 1) for name in sorted(MANY)]


def alone(root: Path, digests: dict[str, bytes]) -> list[Found]:
    return [read(root, it.path, it.language, digests.get(it.path, b"")) for it in listed(root)]


def test_processes_read_what_one_reads_alone(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", MANY)
    assert [found for _, found in read_files(root, listed(root), {})] == alone(root, {})
    assert not children()


def test_what_did_not_change_has_no_content(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", MANY)
    found = dict(read_files(root, listed(root), {}))
    digests = {file.path: each[0] for file, each in found.items() if not isinstance(each, Skipped)}
    again = [each for _, each in read_files(root, listed(root), digests)]
    assert all(isinstance(each, Skipped) or each[1] is NOTHING for each in again)


@pytest.mark.parametrize(
    "script",
    [
        "sys.exit(1)",
        "print('no answer')",
        "print(sys.stdin.readline().upper(), flush=True)",
        "print('[\"gone\"]', flush=True); sys.stdin.readline(); sys.exit(1)",
    ],
)
def test_a_process_that_fails_costs_nothing_but_time(tmp_path: Path, script: str) -> None:
    root = plant(tmp_path / "root", MANY)
    command = (sys.executable, "-c", f"import sys\n{script}")
    found = dict(read_files(root, listed(root), {}, command))
    assert [file.path for file in found] == sorted(MANY)
    assert list(found.values())[40:] == alone(root, {})[40:]


def test_processes_that_can_not_be_started(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", MANY)
    found = [each for _, each in read_files(root, listed(root), {}, ("/no/such/python",))]
    assert found == alone(root, {})


def test_processes_end_when_nobody_asks_on(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", MANY)
    reading = read_files(root, listed(root), {})
    next(reading)
    assert children()
    reading.close()  # type: ignore[attr-defined]
    assert not children()


def test_processes_end_with_whoever_asked_though_it_is_killed(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", MANY)
    script = (
        "import pathlib, sys, time\n"
        "from firsthand.index.code.reading import read_files\n"
        "from firsthand.index.files import SourceFile\n"
        "files = [SourceFile('bin.py', 'python', 1, 1)] * 500\n"
        "reading = read_files(pathlib.Path(sys.argv[1]), files, {})\n"
        "next(reading)\nprint(flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, root], stdout=subprocess.PIPE) as asking:
        assert asking.stdout
        assert asking.stdout.readline()
        processes = psutil.Process(asking.pid).children()
        asking.kill()
    assert processes
    assert left_running(processes, 2) == []


def test_a_workspace_of_many_files_is_indexed(tmp_path: Path) -> None:
    plant(tmp_path / "root", {**SHOP, **MANY})
    with writing(tmp_path) as index:
        assert index.scan().changed == len(MANY) + 4
    assert known(tmp_path, "é41", "Cart") == {"é41": ["f41.py"], "Cart": ["shop/cart.py"]}
