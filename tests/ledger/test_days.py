"""The sums by day say what the rows say, to the unit."""

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

from firsthand.ledger import Event, Ledger
from firsthand.ledger import days as sums
from firsthand.ledger.database import _SCHEMA
from firsthand.settings import Budget

BUDGET = Budget(100.0, 100.0)


def fill(ledger: Ledger) -> None:
    for n in range(40):
        for kind, tier in (("shown", "inline"), ("accepted", "inline"), ("shown", "embedded")):
            ledger.record(Event(kind, tier, "m", "python", n, 1.5 * n))  # type: ignore[arg-type]
        ledger.record(Event("survived_15s", "inline", "m", "go", n, 0.0))
        ledger.record(Event("lost_15s", "inline", "m", "go", 2, 0.0))
        for model, outcome in (("a", "failed" if n % 4 == 0 else "done"), ("b", "done")):
            entry = ledger.begin(
                "inline", model, "https://example.com", b"x", 0.5, budget=BUDGET, keep_sent_days=0
            )
            cost = None if n % 3 else 0.25
            ledger.finish(entry, outcome, cost_usd=cost)


def check(file: Path, days: sums.Days) -> None:
    """The sums against the rows."""
    with closing(sqlite3.connect(file)) as database:
        events = database.execute(
            "SELECT date(time, 'unixepoch', 'localtime'), kind, tier, model, COUNT(*),"
            " SUM(characters) FROM event GROUP BY 1, 2, 3, 4"
        ).fetchall()
        sent = database.execute(
            "SELECT day, feature, model, url, COUNT(*), SUM(outcome = 'failed'),"
            " SUM(COALESCE(cost, estimate)) / 1e9 FROM sent GROUP BY 1, 2, 3, 4"
        ).fetchall()
        slow = database.execute(
            "SELECT tier, COUNT(*) FROM event WHERE kind = 'shown' GROUP BY tier"
        ).fetchall()
    assert sorted(
        tuple(getattr(each, name) for name in each.__slots__) for each in days.events
    ) == sorted(events)
    assert sorted(
        tuple(getattr(each, name) for name in each.__slots__) for each in days.sent
    ) == sorted(sent)
    for tier, count in slow:
        assert sum(events for each, _, events in days.latencies if each == tier) == count


def test_sums_are_those_of_the_rows(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 23, 30).astimezone()
    times = [now + timedelta(minutes=10 * n) for n in range(200)] + [
        now - timedelta(days=2)
    ] * 1_000
    ledger = Ledger(tmp_path, tell=print, clock=lambda: times.pop(0))  # a clock that goes back
    fill(ledger)
    days = ledger.days(date(2026, 1, 1))
    survived = ledger.survived()
    ledger.close()
    assert days is not None
    check(tmp_path / "ledger.sqlite3", days)
    assert survived is not None
    assert [(each.after, each.survived, each.lost) for each in survived] == [("15s", 780, 80)]
    assert sum(count for *_, count in days.outages) >= 1
    assert sum(count for _, model, count in days.failovers if model == "b") >= 10


def test_a_ledger_of_the_first_version_gets_its_sums(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.executescript(f"{_SCHEMA} PRAGMA user_version = 1;")
        for n in range(30):
            row = (1.77e9 + 4e3 * n, "shown", "inline", "m", "python", n, 2.0 * n)
            database.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    ledger = Ledger(tmp_path, tell=print)
    fill(ledger)
    days = ledger.days(date(2020, 1, 1))
    ledger.close()
    assert days is not None
    check(file, days)


def test_nothing_happened_yet(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=print)
    assert ledger.days(date(2026, 1, 1)) == sums.Days((), (), (), (), ())
    assert ledger.survived() == ()
    ledger.close()
