"""One holder at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from firsthand.index.lock import held
from firsthand.paths import StateError


def test_a_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    waits: list[int] = []
    for _ in range(2):
        with held(tmp_path / "lock", lambda: waits.append(1)):
            pass
    assert waits == []


def test_a_second_holder_waits_until_the_first_is_killed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time\nfrom firsthand.index.lock import held\n"
        "with held(pathlib.Path(sys.argv[1]), lambda: None):\n"
        "    print('held', flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline().strip() == b"held"
        waits: list[int] = []

        def wait() -> None:
            waits.append(1)
            holder.kill()
            holder.wait()

        with held(tmp_path / "lock", wait):
            assert waits == [1]


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(StateError), held(tmp_path / "lock", lambda: None):
        pass
