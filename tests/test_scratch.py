"""The person's own check: a real command on a real copy, and what it is kept from."""

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest
from tests.index.trees import git
from tests.processes import left_running

from firsthand.scratch import Check, Checked, check_for, run

pytestmark = pytest.mark.asyncio
SHOP = "shop.py"


def repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / SHOP).write_text("total = 0\n", encoding="utf-8")
    (folder / ".gitignore").write_text("secret\n", encoding="utf-8")
    (folder / "secret").write_text("s3cr3t", encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    (folder / "new.py").write_text("", encoding="utf-8")
    if os.name == "posix":
        (folder / "out").symlink_to(folder.parent)
        git(folder, "add", "out")
    return folder


async def check(folder: Path, code: str, seconds: float = 60.0) -> Checked:
    """Run a program as the check of a repository whose file a model has changed."""
    command = Check(folder, (sys.executable, "-c", code))
    environ = {**os.environ, "OPENAI_API_KEY": "k", "LC_ALL": "C"}
    return await run(command, str(folder / SHOP), b"total = 1\n", seconds=seconds, environ=environ)


async def test_it_sees_the_change_on_a_copy_of_what_git_tracks(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop")
    seen = await check(
        folder,
        "import os; print(sorted(os.listdir()), open('shop.py').read(), 'OPENAI_API_KEY' in"
        " os.environ); open('shop.py', 'w').write('gone')",
    )
    assert seen == Checked(True, "['.gitignore', 'shop.py'] total = 1\n False")
    assert (folder / SHOP).read_text(encoding="utf-8") == "total = 0\n"


async def test_its_status_is_the_answer_and_its_last_words_are_kept(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop")
    failed = await check(folder, "print('x' * 9999); raise SystemExit('one failed')")
    assert failed.passed is False
    assert failed.said.endswith("one failed")
    assert len(failed.said) < 500
    missing = await run(Check(folder, ("no-such-command",)), str(folder / SHOP), b"")
    assert missing.passed is None
    assert "'no-such-command' can't be run" in missing.said


async def test_without_a_repository_it_is_not_run(tmp_path: Path) -> None:
    (tmp_path / SHOP).write_text("", encoding="utf-8")
    found = await check(tmp_path, "print('ran')")
    assert found.passed is None
    assert "is no git repository" in found.said


STARTS = (
    "import os, subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', "
    "'import time; time.sleep(600)']); open({out!r}, 'w').write(str(child.pid))\n"
    "while not os.path.exists({go!r}): time.sleep(0.01)"
)


@pytest.mark.parametrize("ends", [True, False])
async def test_what_it_started_ends_with_it(tmp_path: Path, ends: bool) -> None:
    folder, out, go = repository(tmp_path / "shop"), tmp_path / "pid", tmp_path / "go"
    checking = asyncio.ensure_future(check(folder, STARTS.format(out=str(out), go=str(go))))
    async with asyncio.timeout(60):
        while not (out.exists() and out.read_text()):
            await asyncio.sleep(0.01)
    child = psutil.Process(int(out.read_text()))
    if ends:
        go.touch()
        assert (await checking).passed
    else:
        checking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await checking
    assert not left_running([child], 60)


async def test_it_has_only_so_long(tmp_path: Path) -> None:
    found = await check(repository(tmp_path / "shop"), "import time; time.sleep(600)", 0.2)
    assert found == Checked(None, "The check took longer than 0 seconds.")


async def test_the_innermost_folder_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    checks = ((str(tmp_path), "one"), (str(inner), "two 'three four'"), (str(tmp_path / "c"), "x"))
    assert check_for(str(inner / SHOP), checks) == Check(inner, ("two", "three four"))
    assert check_for(str(tmp_path / SHOP), checks) == Check(tmp_path, ("one",))
    assert check_for(str(tmp_path.parent / SHOP), checks) is None
