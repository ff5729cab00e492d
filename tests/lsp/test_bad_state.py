"""Folders, stores, disks and grammars that are not as they should be: said once, typing goes on."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import Asked, answers, model_server, silence
from tests.lsp.modelled import FRESH, METHOD, close, until, until_asked
from tests.processes import children, left_running

from firsthand.generation import UNJOINED
from firsthand.index import state
from firsthand.index.state import tier_folder

pytestmark = pytest.mark.asyncio

SHOWN = "ount <= 0:"


async def completes(this: Editor, name: str = "bank.py") -> None:
    """The embedded model does its work."""
    this.open(name, METHOD)
    this.type("if am")
    await offered(this, SHOWN)
    close(this)


async def offered(this: Editor, text: str) -> None:
    """Ask until a text is among what is offered: a file is learned, and judged, while one types.

    Whether a guess or the model has something to show first depends on how busy the machine is, and
    what is on the screen stays there. It is not asked so often that a model which says nothing is
    waited for all the time: once it is let go, what the disk was too slow to tell is asked again.
    """
    async with asyncio.timeout(PATIENCE):
        while text not in [each.insert_text for each in await this.ask(explicit=True) or ()]:
            await asyncio.sleep(1.2 * UNJOINED)


async def said(this: Editor, *parts: str) -> str:
    """The one message that holds all of these parts, gone by or to come."""
    end = time.monotonic() + PATIENCE
    while True:
        found = [each for each in this.messages if all(part in each for part in parts)]
        if found or time.monotonic() > end:
            assert len(found) == 1, this.messages
            return found[0]
        await asyncio.sleep(0.01)


async def indexed(this: Editor, home: Path) -> None:
    """Return once the index of the workspace stands on disk, and is known to, and is not built."""
    async with asyncio.timeout(PATIENCE):
        while state.status(this.root, {"FIRSTHAND_HOME": str(home)}) is None:
            await asyncio.sleep(0.01)
    await until(this, lambda status: status["indexing"] is None)


async def kept(home: Path, middle: bytes) -> None:
    """Return once a completion is in the cache."""
    with closing(sqlite3.connect(home / "cache" / "completions" / "cache.db")) as cache:
        async with asyncio.timeout(PATIENCE):
            while not any(middle in value for (value,) in cache.execute("SELECT value FROM Cache")):
                await asyncio.sleep(0.01)


async def no_more_text(asked: Asked) -> None:
    """A script: says of itself what it said before, and writes nothing."""
    if asked.path == "/completion":
        await silence(asked)
    else:
        await answers("open(name)")(asked)


def damage(folder: Path, content: bytes, pattern: str = "*") -> int:
    """Write nonsense over every file below a folder; how many there were."""
    files = [each for each in folder.rglob(pattern) if each.is_file()]
    for file in files:
        file.write_bytes(content)
    return len(files)


async def test_damaged_stores_are_made_anew_and_said_once(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    (root / "latin.py").write_bytes(b"name = 'caf\xe9'\n" * 40)
    (root / "binary.py").write_bytes(bytes(range(256)) * 40)
    async with model_server(answers("open(name)")) as models:
        async with editor(home, root, config=models.config()) as this:
            await indexed(this, home)
            this.open("a.py", FRESH)
            await until_asked(this, models, 1)
            await offered(this, "open(name)")
            this.type("o")  # it was seen, so the ledger hears of it
            assert this.messages == []
            processes = children(recursive=True)
        assert not left_running(processes, 30)  # nothing is mended after them
        assert damage(home / "cache" / "completions", b"nonsense" * 999)
        assert damage(home / "data", b"nonsense" * 999, "*.sqlite3*")
        tier = tier_folder(root, {"FIRSTHAND_HOME": str(home)})
        assert damage(tier, b"\xff\x00nonsense" * 999)

        async with editor(home, root, config=models.config()) as this:
            await completes(this)
            this.open("b.py", FRESH)
            models.asked.clear()
            await until_asked(this, models, 1)
            await offered(this, "open(name)")
            this.type("o")
            await said(this, "cache of completions", "was damaged", "a new one was begun")
            await said(this, "ledger", "was damaged", "a new one was begun")
            await said(this, "index", "can't be used", "built again")
            await said(this, "who wrote what", "was damaged", "a new one is begun")
            assert len(this.messages) == 4

        async with editor(home, root, config=models.config()) as this:
            this.open("b.py", FRESH)
            await offered(this, "open(name)")
            await indexed(this, home)
            assert this.messages == []


async def test_a_state_folder_that_is_a_file(tmp_path: Path, root: Path) -> None:
    home, state = tmp_path / "home", tmp_path / "state"
    state.write_text("in the way", encoding="utf-8")
    async with (
        model_server(answers("open(name)")) as models,
        editor(home, root, config=models.config(), environ={"FIRSTHAND_HOME": str(state)}) as this,
    ):
        await completes(this)
        this.open("b.py", FRESH)
        await until_asked(this, models, 1)
        await offered(this, "open(name)")
        this.type("o")
        for store in ("completions", "ledger", "workspaces", "who wrote what"):
            message = await said(this, store)
            assert str(state) in message
            assert "FIRSTHAND_HOME" in message
        assert len(this.messages) == 4
    assert state.read_text(encoding="utf-8") == "in the way"


HOMELESS = ("env", "-u", "HOME", "unshare", "--user", "--map-user=54321")


def _no_accounts() -> bool:
    """Whether this system lets nobody have an account that it does not know."""
    try:
        made = subprocess.run((*HOMELESS, "true"), capture_output=True, timeout=PATIENCE)
    except OSError:
        return True
    return made.returncode != 0


@pytest.mark.skipif(_no_accounts(), reason="needs an account that the system does not know")
async def test_an_account_without_a_home_folder(tmp_path: Path, root: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    async with (
        model_server(answers("open(name)")) as models,
        editor(
            tmp_path / "home",
            root,
            config=models.config(),
            command=(*HOMELESS, sys.executable, "-m", "firsthand", "serve"),
            environ={"FIRSTHAND_HOME": "", "TMPDIR": str(scratch)},
        ) as this,
    ):
        await completes(this)
        this.open("b.py", FRESH)
        await until_asked(this, models, 1)
        await offered(this, "open(name)")
        await said(this, "no home folder", "FIRSTHAND_HOME")
        assert len(this.messages) == 1
        processes = children(recursive=True)
    assert not left_running(processes, 30)
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="sets a limit as POSIX shells do")
async def test_a_full_disk(tmp_path: Path, root: Path) -> None:
    # No file may grow beyond 8 KiB, for the server and for the index process.
    full = ("sh", "-c", f"ulimit -f 16; exec '{sys.executable}' -m firsthand serve")
    home = tmp_path / "home"
    # Python before 3.12 takes no notice of what it could not write of a compiled module.
    environ = {"PYTHONDONTWRITEBYTECODE": "1"}
    async with (
        model_server(answers("open(name)")) as models,
        editor(home, root, config=models.config(), command=full, environ=environ) as this,
    ):
        await completes(this)
        this.open("b.py", FRESH)
        await until_asked(this, models, 1)
        await offered(this, "open(name)")
        this.type("o")
        for store in ("completions", "ledger"):
            message = await said(this, store)
            assert "make room" in message
        assert not any("fault of its own" in each for each in this.messages)


@pytest.mark.parametrize("kind", ["missing", "a file"])
async def test_a_workspace_folder_that_is_none(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "project"
    if kind == "a file":
        root.write_text("no folder", encoding="utf-8")
    async with editor(tmp_path / "home", root) as this:
        await completes(this)
        await until(this, lambda status: status["indexing"] is None)
        assert not any("fault of its own" in each for each in this.messages)
        for message in this.messages:
            assert str(root) in message


# Ends the rights of the superuser to read everything, who the tests may run as, and goes on.
_UNPRIVILEGED = """
import ctypes, os, sys
if os.geteuid() == 0:
    libc, PR_CAPBSET_DROP = ctypes.CDLL(None), 24
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        assert libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "firsthand", "serve"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ends rights as Linux does")
@pytest.mark.parametrize("part", [".", "lib", "account.py"])
async def test_a_workspace_that_may_not_be_read(tmp_path: Path, part: str) -> None:
    root = tmp_path / "project"
    (root / "lib").mkdir(parents=True)
    (root / "account.py").write_text(CODE, encoding="utf-8")
    unreadable = root / part
    unreadable.chmod(0)
    try:
        command = (sys.executable, "-c", _UNPRIVILEGED)
        async with editor(tmp_path / "home", root, command=command) as this:
            if part == ".":  # it may have rules that can't be known, so nothing of it is learned
                await said(this, str(root / ".firsthand.toml"), "make it readable")
                this.open("bank.py", METHOD)
                this.type("if am")
                assert await this.shown() == ""
            else:
                await completes(this)
            await until(this, lambda status: status["indexing"] is None)
            assert len(this.messages) == (part == ".")
    finally:
        unreadable.chmod(0o700)


async def test_grammars_that_do_not_load(tmp_path: Path, root: Path) -> None:
    broken = tmp_path / "broken"
    for package in ("tree_sitter", "tree_sitter_python"):
        (broken / package).mkdir(parents=True)
        (broken / package / "__init__.py").write_text("raise OSError('bad')\n", encoding="utf-8")
    async with (
        model_server(answers("open(name)")) as models,
        editor(
            tmp_path / "home", root, config=models.config(), environ={"PYTHONPATH": str(broken)}
        ) as this,
    ):
        await completes(this)
        this.open("b.py", FRESH)
        await until_asked(this, models, 1)
        await offered(this, "open(name)")
        assert all("index could not be built" in each for each in this.messages)


async def test_two_servers_share_what_they_keep(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text("x = 1\n", encoding="utf-8")  # nothing that a prompt would carry
    async with (
        model_server(answers("open(name)")) as models,
        editor(home, root, config=models.config()) as one,
    ):
        one.open("same.py", FRESH)
        await offered(one, "open(name)")
        await kept(home, b"open(name)")
        models.script = no_more_text
        async with editor(home, root, config=models.config()) as two:
            two.open("same.py", FRESH)
            await offered(two, "open(name)")
            models.script = answers("")  # one that never says anything would be named
            await asyncio.gather(completes(one, "one.py"), completes(two, "two.py"))
            await asyncio.gather(indexed(one, home), indexed(two, home))
            # That a model is slow is said where it is, as on a busy machine.
            assert not [each for each in one.messages + two.messages if "too slow" not in each]


async def test_nothing_is_left_running(tmp_path: Path, root: Path) -> None:
    before = {each.pid for each in children(recursive=True)}
    async with editor(tmp_path / "home", root) as this:
        this.open("bank.py", METHOD)
    left = [each for each in children(recursive=True) if each.pid not in before]
    assert left_running(left, 30) == []
