"""What a report over a year costs, of ten million events."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from firsthand import reporting
from firsthand.ledger import Event, Ledger
from firsthand.ledger import days as sums
from firsthand.ledger.database import _SCHEMA
from firsthand.reporting import page, table

_EVENTS, _SENT = 10_000_000, 500_000
_LAST = date(2026, 6, 30)
_RECORDS = 2_000


def measure() -> dict[str, Any]:
    """A ledger of the first version is filled, gets its sums, and is reported of."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "ledger.sqlite3")
        _fill(file)
        ledger = Ledger(Path(folder), tell=_refuse)
        began = time.monotonic()
        ledger.days(_LAST)  # opens it, which sums up what is there
        upgrading = time.monotonic() - began
        first = date(_LAST.year - 1, 7, 1)
        began, cpu = time.monotonic(), time.process_time()
        found = ledger.days(first)
        assert found is not None
        figures = reporting.of(found, first, _LAST)
        drawn, printed = page.page(figures), table.table(figures)
        seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu
        cpu = time.thread_time()
        for _ in range(_RECORDS):
            ledger.record(Event("shown", "inline", "model-1", "python", 10, 20.0))
        recording = (time.thread_time() - cpu) / _RECORDS
        ledger.close()
        _check(file, found, first)
        return {
            "events": _EVENTS,
            "requests": _SENT,
            "seconds": round(seconds, 3),
            "cpu_seconds": round(cpu_seconds, 3),
            "page_mb": round(len(drawn.encode()) / 1e6, 3),
            "terminal_lines": printed.count("\n") + 1,
            "upgrade_seconds_once": round(upgrading, 1),
            "ms_an_event_recorded": round(1000 * recording, 3),
        }


def _refuse(said: str) -> None:
    """What a ledger says is that it is not the one that was made."""
    raise SystemExit(said)


def _fill(file: Path) -> None:
    end = time.mktime((*_LAST.timetuple()[:3], 23, 59, 59, 0, 0, -1))
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_SCHEMA)
        database.execute(  # as the first version had it
            "CREATE TABLE body(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
            " time REAL NOT NULL, content BLOB NOT NULL)"
        )
        numbers = "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < {} - 1)"
        kinds = ("shown", "shown", "accepted", "rejected", "survived_10min", "lost_10min", "typed")
        chosen = " ".join(f"WHEN {at} THEN '{kind}'" for at, kind in enumerate(kinds))
        database.execute(
            f"INSERT INTO event {numbers.format(_EVENTS)} SELECT"
            f" {end} - 31536000.0 * x / {_EVENTS}, CASE x % {len(kinds)} {chosen} END,"
            " CASE x % 5 WHEN 0 THEN 'frontier' WHEN 1 THEN 'inline' ELSE 'embedded' END,"
            " 'model-' || (x % 11), 'language-' || (x % 13), x % 40, (x * 7919 % 300) / 10.0 FROM n"
        )
        database.execute(
            "INSERT INTO sent(id, time, day, feature, model, url, sha256, size, estimate, outcome,"
            f" cost) {numbers.format(_SENT)} SELECT x, {end} - 31536000.0 * x / {_SENT},"
            f" date({end} - 31536000.0 * x / {_SENT}, 'unixepoch', 'localtime'), 'inline',"
            " 'model-' || (x % 11), 'https://' || (x % 4) || '.example.com/v1', '', 100, 1000,"
            " CASE WHEN x % 50 THEN 'done' ELSE 'failed' END, x % 2000 FROM n"
        )
        database.execute("PRAGMA user_version = 1")


def _check(file: Path, found: sums.Days, first: date) -> None:
    """The sums are those of the rows, to the unit."""
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute(
            "SELECT kind, COUNT(*), SUM(characters) FROM event WHERE language LIKE 'language%'"
            " AND date(time, 'unixepoch', 'localtime') >= ? GROUP BY kind",
            (first.isoformat(),),
        ).fetchall()
    for kind, count, size in rows:
        of_kind = [each for each in found.events if each.kind == kind]
        assert count == sum(each.events for each in of_kind)
        assert size == sum(each.characters for each in of_kind)
