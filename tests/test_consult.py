"""`firsthand escalate` as a process, against a frontier model that answers over real HTTP."""

import asyncio
import json
import os
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.loaded import python
from tests.lsp.model_server import ModelServer, Script, model_server, refuses, silence
from tests.lsp.talking import ALONE, says

from firsthand.consult.aim import aim
from firsthand.consult.page import visible
from firsthand.core.text import Position, Range
from firsthand.fault import CommandFault
from firsthand.paths import data_folder

pytestmark = pytest.mark.asyncio

SHOP = """\
class Shop:
    def total(self, prices):
        return 0

    def close(self):
        pass
"""
BETTER = """\
<<<<<<< SEARCH
        return 0
=======
        return sum(prices)
>>>>>>> REPLACE
<<<<<<< SEARCH
        pass
=======
        self.open = False
>>>>>>> REPLACE

The prices are added up.
CHECK `sum(prices)`: an empty list gives 0
"""


class Shell:
    """A folder with a file, and what configures a model for it."""

    def __init__(self, folder: Path, models: ModelServer, config: str = "") -> None:
        self.home, self.file = folder / "home", folder / "project" / "shop.py"
        self.home.mkdir(parents=True)
        (self.file.parent / ".git").mkdir(parents=True)
        self.file.write_bytes(SHOP.encode())
        (self.home / "config.toml").write_text(
            f"{ALONE}{models.asked_to_change()}{config}", encoding="utf-8"
        )

    async def start(self, *options: str, place: str = "1-6") -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(python(), "-m", "firsthand", "escalate", f"{self.file}:{place}", *options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ
            | {
                "FIRSTHAND_HOME": str(self.home),
                "FIRSTHAND_CONFIG": str(self.home / "config.toml"),
                "PYTHONUTF8": "1",
            },
        )

    async def run(
        self, *options: str, answers: str = "", status: int = 0, place: str = "1-6"
    ) -> tuple[str, str]:
        """What the command prints on its two streams."""
        process = await self.start(*options, place=place)
        out, err = await process.communicate(answers.encode())
        assert process.returncode == status, err.decode()
        return out.decode(), err.decode()

    async def first_hand(self) -> dict[str, int]:
        """How many characters of the file have which origin, as `firsthand grip` says."""
        process = await asyncio.create_subprocess_exec(
            *(python(), "-m", "firsthand", "grip", str(self.file), "--json"),
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"FIRSTHAND_HOME": str(self.home), "PYTHONUTF8": "1"},
        )
        out, _ = await process.communicate()
        return dict(json.loads(out)["share"])

    def events(self) -> list[str]:
        """What the ledger says of proposals."""
        file = data_folder({"FIRSTHAND_HOME": str(self.home)}) / "ledger.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            return [kind for (kind,) in database.execute("SELECT kind FROM event")]


@pytest.mark.parametrize(
    ("answers", "applied"),
    [("y\nn\n", (True, False)), ("n\na\n", (False, True)), ("a\n", (True, True)), ("q\n", ())],
)
async def test_hunks_are_applied_that_the_person_says_yes_to(
    tmp_path: Path, answers: str, applied: tuple[bool, ...]
) -> None:
    async with model_server(says(BETTER)) as models:
        shell = Shell(tmp_path, models)
        shell.file.write_bytes(SHOP.replace("\n", "\r\n").encode())
        shell.file.chmod(0o640)
        out, err = await shell.run("add them up", answers=answers)
    expected = SHOP
    for took, old, new in zip(
        applied,
        ("return 0", "pass"),
        ("return sum(prices)", "self.open = False"),
        strict=False,
    ):
        expected = expected.replace(old, new) if took else expected
    assert shell.file.read_bytes() == expected.replace("\n", "\r\n").encode()
    if os.name == "posix":
        assert stat.S_IMODE(shell.file.stat().st_mode) == 0o640
    assert "The prices are added up." in out
    assert "+        return sum(prices)" in out
    assert "Check line 3: sum(prices): an empty list gives 0" in out
    assert "By large, 0.0000 USD." in out
    assert ("Nothing was changed." in err) is not any(applied)
    assert "add them up" in models.asked[0].body["messages"][-1]["content"]
    wrote = await shell.first_hand()
    assert (wrote["frontier"] > 0) is any(applied)
    assert wrote["typed"] == 0
    events, count = shell.events(), applied.count(True)
    assert events[0] == "proposed"
    assert (events.count("applied"), events.count("discarded")) == (count, 2 - count)


async def test_what_would_be_sent_is_shown_before_it_is(tmp_path: Path) -> None:
    async with model_server(says(BETTER)) as models:
        shell = Shell(tmp_path, models)
        out, _ = await shell.run("add", "--dry-run")
        assert '"model": "large"' in out
        assert f"To large at {models.url}, on this machine: at most 0.0000 USD." in out
        out, _ = await shell.run("add", "--dry-run", "--json")
        (request,) = json.loads(out)["preview"]
        assert json.loads(request["body"])["model"] == "large"
        assert not request["remote"]
        out, _ = await shell.run("add", "--show", answers="n\n")
        assert '"model": "large"' in out
        assert not models.asked
        await shell.run("add", "--show", answers="y\na\n")
        assert len(models.asked) == 1
    assert "sum(prices)" in shell.file.read_text(encoding="utf-8")


async def test_json_is_for_scripts_and_changes_nothing(tmp_path: Path) -> None:
    async with model_server(says(BETTER)) as models:
        shell = Shell(tmp_path, models)
        out, _ = await shell.run("add", "--json")
    found: dict[str, Any] = json.loads(out)
    assert [each["range"]["start"] for each in found["hunks"]] == [
        {"line": 3, "column": 1},
        {"line": 6, "column": 1},
    ]
    assert (found["schema"], found["model"], found["cost_usd"]) == (1, "large", 0.0)
    assert shell.file.read_bytes() == SHOP.encode()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (says("Sure!"), "large gave no usable answer: The reply holds no edit."),
        (refuses("401 Unauthorized"), "did not accept the key"),
    ],
)
async def test_a_fault_is_said_and_changes_nothing(
    tmp_path: Path, script: Script, reason: str
) -> None:
    async with model_server(script) as models:
        shell = Shell(tmp_path, models)
        _, err = await shell.run("add", status=1)
    assert reason in err
    assert shell.file.read_bytes() == SHOP.encode()


async def test_what_privacy_or_a_budget_forbids_ends_with_3(tmp_path: Path) -> None:
    async with model_server(silence) as models:
        private = Shell(tmp_path / "a", models, '[privacy]\nignore = ["shop.py"]\n')
        _, err = await private.run("add", status=3)
        assert "This file is private" in err
        remote = '[escalation]\nmodels = ["far"]\n[budget]\nday_usd = 0.0001\n[models.far]\n'
        dear = Shell(tmp_path / "b", models)
        (dear.home / "config.toml").write_text(
            f'[inline]\nmodels = []\ndiscover = false\n{remote}provider = "openai"\n'
            'model = "m"\nurl = "https://127.0.0.2.example.com"\napi_key_env = "PATH"\n'
            "price_in = 10.0\nprice_out = 10.0\n",
            encoding="utf-8",
        )
        _, err = await dear.run("add", status=3)
        assert "would pass the day's cap" in err
        assert not models.asked


async def test_a_file_that_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    async with model_server(says(BETTER)) as models:
        shell = Shell(tmp_path, models)
        process = await shell.start("add")
        assert process.stdout is not None
        await process.stdout.readuntil(b"Hunk 1 of 2")
        shell.file.write_text("changed\n", encoding="utf-8")
        _, err = await process.communicate(b"a\n")
    assert process.returncode == 1
    assert b"was changed meanwhile" in err
    assert shell.file.read_text(encoding="utf-8") == "changed\n"


@pytest.mark.skipif(os.name != "posix", reason="POSIX alone has this")
async def test_an_interrupt_closes_the_connection(tmp_path: Path) -> None:
    async with model_server(silence) as models:
        shell = Shell(tmp_path, models)
        process = await shell.start("add")
        asked = await models.next(1)
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(asked.closed.wait(), 60)
        _, err = await process.communicate()
    assert process.returncode == 130
    assert b"Interrupted." in err
    assert shell.file.read_bytes() == SHOP.encode()


async def test_nobody_to_say_yes_is_a_no(tmp_path: Path) -> None:
    async with model_server(says(BETTER)) as models:
        shell = Shell(tmp_path, models)
        await shell.run("add", answers="y\n", status=130)
    assert shell.file.read_bytes() == SHOP.encode()


@pytest.mark.parametrize(
    ("place", "range_"),
    [
        ("2-3", Range(Position(1, 0), Position(3, 0))),
        ("2", Range(Position(1, 0), Position(2, 0))),
        ("6", Range(Position(5, 0), Position(6, 0))),
        ("3:9", Range(Position(2, 8), Position(2, 8))),
        ("2:5-3:17", Range(Position(1, 4), Position(2, 16))),
        ("2:5-3", Range(Position(1, 4), Position(2, 16))),
    ],
)
async def test_places(tmp_path: Path, place: str, range_: Range) -> None:
    file = tmp_path / "a:1.py"
    if os.name == "nt":
        file = tmp_path / "a.py"
    file.write_text(SHOP, encoding="utf-8")
    found = aim(f"{file}:{place}")
    assert (found.file, found.range) == (Path(os.path.realpath(file)), range_)


@pytest.mark.parametrize("place", ["0", "9", "3-2", "2:99", "2:5-2:1", "x", "", "1-99", "1:1-2:99"])
async def test_no_place(tmp_path: Path, place: str) -> None:
    file = tmp_path / "a.py"
    file.write_text(SHOP, encoding="utf-8")
    with pytest.raises(CommandFault) as caught:
        aim(f"{file}:{place}")
    assert caught.value.status == 2


async def test_what_would_steer_a_terminal_is_spelled_out() -> None:
    assert visible("a\x1b[2Jb\u202e\tc\r\nd") == "a<U+001B>[2Jb<U+202E>\tc\nd"
