"""What the report tells, against the events that it tells of."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from firsthand import reporting
from firsthand.cli import commands
from firsthand.ledger import Event, Ledger
from firsthand.reporting import page, table
from firsthand.settings import Budget

TODAY = date(2026, 3, 20)
BUDGET = Budget(100.0, 100.0)
STOOD = ("survived", "lost")
KINDS = (
    *("shown", "accepted", "applied", "rejected"),
    *(f"{what}_{after}" for after in ("15s", "2min", "10min", "commit") for what in STOOD),
)
LOCAL = "http://127.0.0.1:8012/completion"


def fill(folder: Path, days: int) -> None:
    """A ledger of some days up to today."""
    start = datetime(2026, 3, 20, 12, tzinfo=UTC) - timedelta(days=days - 1)
    now = [start]
    ledger = Ledger(folder, tell=print, clock=lambda: now[0])
    for day in range(days):
        now[0] = start + timedelta(days=day)
        for kind, tier, model, size in (
            ("shown", "embedded", "", 10),
            ("accepted", "embedded", "", 10),
            ("shown", "inline", "small", 20),
            ("accepted", "inline", "small", 20),
            ("rejected", "embedded", "", 10),
            ("survived_10min", "inline", "small", 15),
            ("lost_10min", "inline", "small", 5),
            ("applied", "frontier", "large", 30),
            ("typed", "person", "", 60),
            ("lines", "person", "", 4),
        ):
            ledger.record(Event(kind, tier, model, "python", size, 30.0))  # type: ignore[arg-type]
        for model, url, outcome, cost in (
            ("small", LOCAL, "failed", 0.0),
            ("large", "https://api.example.com/v1", "done", 0.5),
        ):
            entry = ledger.begin("inline", model, url, b"", cost, budget=BUDGET, keep_sent_days=0)
            ledger.finish(entry, outcome, cost_usd=cost)
    ledger.close()


def report(folder: Path, days: int) -> reporting.Report:
    ledger = Ledger(folder, tell=print)
    first = TODAY - timedelta(days=days - 1)
    found = ledger.days(first)
    ledger.close()
    assert found is not None
    return reporting.of(found, first, TODAY)


def test_figures_are_those_of_the_raw_ledger(tmp_path: Path) -> None:
    fill(tmp_path, 10)
    found = report(tmp_path, 10)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as database:

        def raw(kind: str) -> tuple[int, int]:
            query = "SELECT COUNT(*), SUM(characters) FROM event WHERE kind = ?"
            count, size = database.execute(query, (kind,)).fetchone()
            return count, size

        assert (found.total.shown, found.total.shown_characters) == raw("shown")
        assert found.total.accepted == raw("accepted")[0] + raw("applied")[0]
        assert found.total.accepted_characters == raw("accepted")[1] + raw("applied")[1]
        assert found.tiers["inline"].survived["10min"] == raw("survived_10min")[1]
        assert found.tiers["inline"].lost["10min"] == raw("lost_10min")[1]
        assert found.total.typed == raw("typed")[1]


def test_every_figure_of_survival_and_acceptance_is_that_of_the_rows(tmp_path: Path) -> None:
    """Counted from the raw rows one by one, by nothing of what is under test, to the unit."""
    chance = Random(9)
    start = datetime(2026, 3, 20, 12, tzinfo=UTC)
    now = [start]
    ledger = Ledger(tmp_path, tell=print, clock=lambda: now[0])
    for _ in range(800):
        now[0] = start - timedelta(minutes=chance.randrange(8 * 24 * 60))
        tier, model = chance.choice((("embedded", ""), ("inline", "small"), ("frontier", "large")))
        kind, size = chance.choice(KINDS), chance.randrange(400)
        ledger.record(Event(kind, tier, model, "go", size, 20.0))  # type: ignore[arg-type]
    survived = ledger.survived()
    ledger.close()
    found = report(tmp_path, 10)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as database:
        rows = database.execute("SELECT time, kind, tier, characters FROM event").fetchall()
    assert len(rows) == 800

    def check(tally: reporting.Tally, mine: list[tuple[float, str, str, int]]) -> None:
        def counted(*kinds: str) -> tuple[int, int]:
            sizes = [size for _, kind, _, size in mine if kind in kinds]
            return len(sizes), sum(sizes)

        assert (tally.shown, tally.shown_characters) == counted("shown")
        assert (tally.accepted, tally.accepted_characters) == counted("accepted", "applied")
        for after in ("15s", "2min", "10min", "commit"):
            assert tally.survived.get(after, 0) == counted(f"survived_{after}")[1]
            assert tally.lost.get(after, 0) == counted(f"lost_{after}")[1]

    check(found.total, rows)
    for tier in ("embedded", "inline", "frontier"):
        check(found.tiers[tier], [each for each in rows if each[2] == tier])
    for day, tallies in found.periods.items():
        for tier, tally in tallies.items():
            check(
                tally,
                [
                    each
                    for each in rows
                    if datetime.fromtimestamp(each[0]).astimezone().date().isoformat() == day
                    and tier in (None, "", each[2])
                ],
            )
    assert survived is not None
    assert len(survived) == 3 * 4  # tiers and times
    for stood in survived:
        kinds = (f"survived_{stood.after}", f"lost_{stood.after}")
        mine = [each for each in rows if each[2] == stood.tier]
        sums = [sum(size for _, kind, _, size in mine if kind == each) for each in kinds]
        assert [stood.survived, stood.lost] == sums


def test_what_is_made_of_them(tmp_path: Path) -> None:
    fill(tmp_path, 10)
    found = report(tmp_path, 10)
    assert found.total.first_hand == 0.5
    assert found.total.saved == 570
    assert found.total.interruptions == 0.25
    assert found.tiers["inline"].stood("10min") == 0.75
    assert found.tiers["inline"].stood("15s") is None
    assert len(found.periods) == 10
    large, small = found.spendings
    assert (large.model, large.provider, large.usd) == ("large", "api.example.com", 5.0)
    assert (large.took_over, small.outage_minutes, small.failed) == (10, 10, 10)
    assert small.provider == reporting.HERE
    assert small.usd_a_character == 0.0
    assert found.providers["api.example.com"][:2] == (300, 10)
    assert found.providers[reporting.IN_PROCESS][:2] == (100, 0)
    assert len(report(tmp_path, 90).periods) < 4  # by week


def test_the_page_needs_nothing_else_and_runs_nothing(tmp_path: Path) -> None:
    fill(tmp_path, 10)
    drawn = page.page(report(tmp_path, 10))
    assert not re.search(r"<script|<link|src=|url\(|@import|https?://", drawn)
    assert re.findall(r"<figure><h2>(.*?)</h2>", drawn) == [
        *(f"Characters: {tier}" for tier in ("embedded", "inline", "frontier")),
        *("Share first hand", "Keystrokes saved", "Interruptions a line"),
        *(f"How long an answer took: {tier}" for tier in ("embedded", "inline")),
    ]
    stood, models, providers = re.findall(r"<table>.*?</table>", drawn)
    assert "<th>inline</th><td>10</td><td>10</td>" in stood
    assert "<td>75 %</td>" in stood
    # Requests, failed, minutes of outage, taken over, money, and that by what stood of it.
    assert "<td>api.example.com</td><td>10</td><td>0</td><td>0</td><td>10</td><td>5.00" in models
    assert "<td>10</td><td>10</td><td>10</td><td>0</td><td>0" in models
    assert "<th>api.example.com</th><td>50 %</td>" in providers


def test_nothing_happened(tmp_path: Path) -> None:
    found = report(tmp_path, 365)
    assert "Nothing happened" in table.table(found)
    assert "<html" in page.page(found)
    assert json.dumps(found.to_json())


def test_the_command(tmp_path: Path) -> None:
    home = {"FIRSTHAND_HOME": str(tmp_path)}
    fill(tmp_path / "data", 3)
    file = tmp_path / "report.html"
    arguments = ["report", "--days", "4000", "--html", str(file)]
    said = CliRunner().invoke(commands, arguments, env=home)
    assert said.exit_code == 0, said.output
    assert "50 % first hand" in said.output
    assert "USD a character that stood" in said.output
    assert file.read_text(encoding="utf-8").endswith("</html>\n")
    told = CliRunner().invoke(commands, ["report", "--days", "4000", "--json"], env=home)
    assert json.loads(told.output)["schema"] == 1


def test_a_ledger_of_a_newer_version_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite3")) as database:
        database.execute("PRAGMA user_version = 99")
    said = CliRunner().invoke(commands, ["report"], env={"FIRSTHAND_HOME": str(tmp_path)})
    assert said.exit_code == 1
    assert "newer version" in said.output


@pytest.mark.parametrize(("amount", "said"), [(None, "-"), (0.0, "0.00"), (2.5, "2.50")])
def test_amounts(amount: float | None, said: str) -> None:
    assert table.usd(amount) == said
