"""The watchdog of the tests, on tests that hang."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HANGS = "    __import__('threading').Event().wait()\n"
FIXTURE = "@pytest.fixture\ndef f():\n"
HANGING = f"def test_it():\n{HANGS}"
PHASES = {
    "setup": f"{FIXTURE}{HANGS}\ndef test_it(f): pass\n",
    "end of a failure": f"{FIXTURE}    yield\n{HANGS}\ndef test_it(f): assert 0\n",
    "e2e": f"@pytest.mark.e2e\n{HANGING}",
}


def ran(tmp_path: Path, test: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest with the plugin, as our own."""
    file = tmp_path / "test_hanging.py"
    file.write_text(f"import pytest\n{test}", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers = e2e\nasyncio_default_fixture_loop_scope = function\n",
        encoding="utf-8",
    )
    limits = ("-o", "hangs_after=1", "-o", "hangs_after_e2e=1.5")
    command = [sys.executable, "-m", "pytest", "-p", "tests.watchdog", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *limits, *arguments, str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("phase", PHASES)
def test_a_test_that_hangs_is_ended_and_says_where(tmp_path: Path, phase: str) -> None:
    done = ran(tmp_path, PHASES[phase])
    assert done.returncode == 1
    assert "Timeout" in done.stderr
    assert f'{tmp_path / "test_hanging.py"}", line' in done.stderr


def test_the_others_go_on(tmp_path: Path) -> None:
    test = f"{HANGING}\ndef test_other(): pass\n\ndef test_third(): pass\n"
    done = ran(tmp_path, test, "-n", "1")
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout
    assert "crashed while running 'test_hanging.py::test_it'" in done.stdout


def test_one_that_ends_in_time_hears_nothing(tmp_path: Path) -> None:
    done = ran(tmp_path, "def test_it(): pass\n")
    assert (done.returncode, done.stderr) == (0, "")
