"""Typing is replayed against a real model server on this machine."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.evaluate.tiers.oracle import BANK, compared, killed, knows, table
from tests.lsp.model_server import model_server, refuses

from firsthand.cli import commands
from firsthand.evaluate.tiers import Plan, sheet
from firsthand.evaluate.tiers.counts import correct, saved
from firsthand.fault import CommandFault

pytestmark = pytest.mark.asyncio
QWEN = 'model = "qwen2.5-coder-1.5b"'
# A model that its server runs elsewhere: what is sent there leaves the machine.
CLOUD = 'model = "qwen2.5-coder-cloud"\nprice_in = 1.0\nprice_out = 2.0'


def plan(*models: str, lines: int = 4) -> Plan:
    return Plan(models, lines, library_bytes=0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FIRSTHAND_CONFIG", str(tmp_path / "home" / "config.toml"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "project"
    found.mkdir()
    (found / "bank.py").write_text(BANK, encoding="utf-8")
    return found


async def test_a_model_that_is_right_saves_more_than_the_embedded_one(
    home: Path, folder: Path
) -> None:
    async with model_server(knows(BANK)) as models:
        config = table(models.url, "good", QWEN)
        found, status, prices = await compared(
            home, config, folder, plan("good", "embedded", lines=8)
        )
        asked = len(models.asked)
    assert (status, prices, found.complete) == (0, [], True)
    good, embedded = found.counts["good"], found.counts["embedded"]
    assert good.lines == embedded.lines == 8
    assert good.keys == embedded.keys
    assert (saved(good) or 0) > max(0.5, saved(embedded) or 0)
    assert (correct(good) or 0) > 0.8
    assert good.by_model > 0
    assert good.requests >= asked > 0  # one may be given up while it is sent
    # The script's server counts 10 tokens of each prompt and 5 of each answer that was heard out.
    assert good.requests > good.estimated
    assert 5 <= good.completion <= 5 * good.requests
    assert good.usd == embedded.usd == embedded.requests == 0
    assert len(good.waited) == good.shown
    assert "What each model saves" in sheet.page(found)
    # A replay is no part of what the person's ledger says of them, and nothing is left of it.
    assert not list(home.rglob("*.sqlite*"))
    assert not list(home.rglob("eval/*.jsonl"))


async def test_what_was_killed_goes_on(home: Path, folder: Path) -> None:
    for name in ("till", "safe", "coin", "note"):
        (folder / f"{name}.py").write_text(BANK.replace("balance", name), encoding="utf-8")
    whole, _, _ = await compared(home, "", folder, plan("embedded", lines=40))
    await killed(home, folder, 40, 1)
    (kept,) = home.rglob("eval/*.jsonl")
    with kept.open("a", encoding="utf-8") as file:
        file.write('["embedded", "till.py:1", {"li')  # as if killed while it wrote
    found, status, _ = await compared(home, "", folder, plan("embedded", lines=40))
    assert (status, found.again >= 1) == (0, True)
    assert found.done == whole.done > 1
    first, again = (each.counts["embedded"] for each in (whole, found))
    first.waited, again.waited = [], []
    assert again == first
    assert not kept.exists()


async def test_money_is_agreed_to_before_and_entered(home: Path, folder: Path) -> None:
    async with model_server(knows(BANK)) as models:
        config = table(models.url, "paid", CLOUD)
        with pytest.raises(CommandFault, match="Nothing was asked") as refused:
            await compared(home, config, folder, plan("paid"), agrees=False)
        assert (refused.value.status, models.asked) == (3, [])
        found, status, (price,) = await compared(home, config, folder, plan("paid"))
        assert status == 0
        assert "that costs about 0." in price
        paid = found.counts["paid"]
        assert paid.requests >= len(models.asked) > 0
        assert 0 < paid.usd < 0.1
    (ledger,) = home.rglob("ledger.sqlite3")
    database = sqlite3.connect(ledger)
    rows = database.execute("SELECT feature, COUNT(*) FROM sent GROUP BY feature").fetchall()
    database.close()
    ((feature, entered),) = rows
    assert feature == "eval"
    assert entered >= paid.requests  # one may have been given up before it was sent


async def test_a_cap_holds(home: Path, folder: Path) -> None:
    async with model_server(knows(BANK)) as models:
        config = table(models.url, "paid", CLOUD) + "[budget]\nday_usd = 0.0001\n"
        found, status, _ = await compared(home, config, folder, plan("paid"))
        assert (status, models.asked, found.complete) == (3, [], False)
    assert "day_usd in [budget]" in found.ended


async def test_a_folder_that_keeps_to_this_machine(home: Path, folder: Path) -> None:
    (folder / ".firsthand.toml").write_text("local_only = true\n", encoding="utf-8")
    config = table("https://models.invalid", "far", QWEN)
    with pytest.raises(CommandFault, match="local_only") as refused:
        await compared(home, config, folder, plan("far"))
    assert refused.value.status == 3


async def test_a_model_that_breaks_ends_it_with_its_reason(home: Path, folder: Path) -> None:
    async with model_server(refuses("401 Unauthorized")) as models:
        config = table(models.url, "bad", QWEN)
        found, status, _ = await compared(home, config, folder, plan("bad"))
    assert (status, found.complete) == (1, False)
    assert "bad" in found.ended


async def test_a_name_that_is_none(home: Path, folder: Path) -> None:
    result = CliRunner().invoke(commands, ["eval", str(folder), "--models", "good,embedded"])
    assert result.exit_code == 2
    assert "There is no model 'good'; those there are: embedded." in result.stderr
