"""The real process under a date that jumps by hours, forward and back, while somebody types.

libfaketime gives the process another date whenever a file says so; its monotonic clock, which
nobody can set, stays true.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from tests.e2e import debian
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import answers, model_server, refuses
from tests.lsp.modelled import FRESH, PRICED, until_asked, until_it_failed
from tests.lsp.test_bad_state import completes, offered

from firsthand.ledger import Ledger
from firsthand.paths import data_folder

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

HOUR = 3600
JUMPS = (0, 5, -7, 30)  # hours from the true time


class Clock:
    """The date of a process that is started with `environ`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.jump(0)
        folder = debian.unpacked("faketime", ["libfaketime"], suite=debian.own_suite())
        (library,) = folder.rglob("libfaketimeMT.so.1")
        self.environ = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds until the file is read again
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, hours: float) -> None:
        """Set the date to so many hours from the true one."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{hours * HOUR:+.0f}", encoding="utf-8")
        new.replace(self.file)


async def typed(this: Editor, name: str) -> None:
    """Both tiers do their work in a new document."""
    this.open(f"{name}.py", FRESH.replace("zebra", f"zebra_{name}"))
    await offered(this, "open(name)")
    await completes(this, f"{name}_too.py")


async def test_typing_goes_on_while_the_date_jumps(tmp_path: Path) -> None:
    clock, home, root = Clock(tmp_path / "date"), tmp_path / "home", tmp_path / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    command = (sys.executable, "-m", "firsthand", "serve")
    began = time.time()
    async with (
        model_server(answers("open(name)")) as models,
        editor(
            *(home, root),
            config=PRICED.format(url=models.url),
            command=command,
            environ=clock.environ,
        ) as this,
    ):
        await this.ready()
        for number, hours in enumerate(JUMPS):
            clock.jump(hours)
            async with asyncio.timeout(PATIENCE):
                while hours not in dates(home, began):
                    await typed(this, f"jump{number}_{len(models.asked)}")
            await typed(this, f"after{number}")

        # A server that asks to wait is waited for by the clock that does not jump.
        models.script = refuses("429 Too Many Requests", more="Retry-After: 2")
        this.open("waits.py", FRESH.replace("zebra", "waits"))
        await until_asked(this, models, len(models.asked) + 1)
        await until_it_failed(this)
        refused, count = models.asked[-1], len(models.asked)
        models.script = answers("open(name)")
        clock.jump(-9)
        await offered(this, "open(name)")
        assert models.asked[count].at - refused.at >= 2
        # What its status shows is said to such an editor, that a busy machine is slow as well.
        assert all("asks to wait" in each or "too slow" in each for each in this.messages)
    with closing(ledger_of(home)) as ledger:
        outcomes = {each.outcome for each in ledger.sent(1000) or ()}
    assert outcomes <= {"done", "cancelled", "failed"}
    assert (home / "log" / "server.log").read_text(encoding="utf-8") == ""


def ledger_of(home: Path) -> Ledger:
    return Ledger(data_folder({"FIRSTHAND_HOME": str(home)}), tell=pytest.fail)


def dates(home: Path, began: float) -> set[int]:
    """Hours from the true time under which requests were entered."""
    with closing(ledger_of(home)) as ledger:
        rows = ledger.sent(1000) or ()
    return {round((datetime.fromisoformat(each.time).timestamp() - began) / HOUR) for each in rows}
