"""A ledger that is locked, damaged, full, gone, or shared."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firsthand.ledger import Entry, Event, Ledger, LedgerError
from firsthand.settings import Budget

REMOTE, LOCAL = "https://example.com/v1", "http://127.0.0.1:8012"
SHOWN = Event("shown", "embedded", "", "python", 1, 1.0)
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@contextmanager
def ledger(
    folder: Path, said: list[str], connect: Callable[..., sqlite3.Connection] = sqlite3.connect
) -> Iterator[Ledger]:
    made = Ledger(folder, tell=said.append, clock=lambda: NOW, connect=connect)
    yield made
    made.close()


def begin(made: Ledger, usd: float = 0.5, url: str = REMOTE, body: bytes = b"body") -> Entry:
    return made.begin("inline", "m", url, body, usd, budget=Budget(2.0, 20.0), keep_sent_days=7)


def spent(made: Ledger) -> float:
    found = made.spent(NOW.date())
    assert found is not None
    return found.day_usd


def test_a_locked_ledger_is_not_waited_for(tmp_path: Path) -> None:
    said: list[str] = []
    with ledger(tmp_path, said) as made, closing(_other(tmp_path, made)) as other:
        other.execute("BEGIN IMMEDIATE")
        start = time.perf_counter()
        with pytest.raises(LedgerError, match="database is locked"):
            begin(made)
        made.record(SHOWN)
        assert begin(made, 0, LOCAL) == Entry("")
        assert time.perf_counter() - start < 4  # SQLite itself would wait for 5
        other.execute("ROLLBACK")
        assert begin(made, 0.5).id
        assert spent(made) == 0.5
    assert len(said) == 1


def _other(folder: Path, made: Ledger) -> sqlite3.Connection:
    made.record(SHOWN)
    return sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)


def test_a_full_disk_refuses_remote_requests_only(tmp_path: Path) -> None:
    def small(*args: Any, **options: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = sqlite3.connect(*args, **options)
        database.execute("PRAGMA max_page_count = 30")
        return database

    said: list[str] = []
    with ledger(tmp_path, said, small) as made:
        begin(made)
        body = os.urandom(100_000)
        with pytest.raises(LedgerError, match=r"\(database or disk is full\) and sends nothing to"):
            begin(made, body=body)
        assert begin(made, 0, LOCAL, body) == Entry("")
        for _ in range(2000):
            made.record(SHOWN)
        assert spent(made) == 0.5
    assert len(said) == 1
    assert said[0].startswith(f"Firsthand can't keep its ledger at {tmp_path}")


def test_a_file_in_place_of_the_folder_refuses_remote_requests(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    said: list[str] = []
    with ledger(tmp_path / "data", said) as made:
        with pytest.raises(LedgerError):
            begin(made)
        made.record(SHOWN)
        made.record(SHOWN)
        made.finish(Entry("x"), "done", cost_usd=1)
        assert begin(made, 0, LOCAL) == Entry("")
        assert made.spent(NOW.date()) is None
    assert len(said) == 1


@pytest.mark.parametrize(
    "content", [b"no database at all\n" * 99, b"SQLite format 3\0" + b"\1" * 9000]
)
def test_what_is_no_database_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(content)
    said: list[str] = []
    with ledger(tmp_path, said) as made:
        begin(made)
        begin(made)
        assert spent(made) == 1.0
    (sentence,) = said
    (aside,) = tmp_path.glob("ledger-damaged-*.sqlite3")
    assert aside.read_bytes() == content
    assert f"is now {aside.name} and a new one was begun. What was spent before is lost" in sentence


def test_a_database_of_somebody_else_is_set_aside(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as other:
        other.execute("CREATE TABLE sent(x)")
        other.execute("PRAGMA user_version = 1")
    said: list[str] = []
    with ledger(tmp_path, said) as made:
        begin(made)
        assert spent(made) == 0.5
    assert len(said) == 1


def test_a_ledger_that_is_damaged_while_open_keeps_what_was_spent(tmp_path: Path) -> None:
    said: list[str] = []
    with ledger(tmp_path, said) as made:
        entry = begin(made, 1.25, body=bytes(range(256)) * 400)
        made.close()
        _damage(tmp_path / "ledger.sqlite3", "sent")
        assert begin(made, 0.5).id
        assert spent(made) == 1.75
        made.finish(entry, "done", cost_usd=0)  # of which nobody knows any more
        assert spent(made) == 1.75
        with pytest.raises(Exception, match="cap of 2"):
            begin(made, 0.5)
    assert len(said) == 1
    assert "What was spent is still counted." in said[0]


def _damage(file: Path, table: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)


def test_two_that_find_the_damage_set_it_aside_once(tmp_path: Path) -> None:
    said: list[str] = []
    with ledger(tmp_path, said) as one, ledger(tmp_path, said) as two:
        begin(one, 0.25)
        begin(two, 0.25)
        one.close()
        two.close()
        _damage(tmp_path / "ledger.sqlite3", "sent")
        assert spent(two) == 0.5  # open, and not yet aware
        begin(one, 0.25)
        begin(two, 0.25)
        assert spent(one) == spent(two) == 1.0
    assert len(said) == 1
    assert len(list(tmp_path.glob("ledger-damaged-*.sqlite3"))) == 1


def test_a_ledger_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    said: list[str] = []
    with ledger(tmp_path, said) as made:
        begin(made)
        made.close()
        (tmp_path / "ledger.sqlite3").unlink()
        begin(made, 0.25)
        assert spent(made) == 0.25
    assert said == []


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as other:
        other.execute("PRAGMA user_version = 99")
    said: list[str] = []
    with ledger(tmp_path, said) as made, pytest.raises(LedgerError, match="newer version"):
        begin(made)
    assert list(tmp_path.glob("ledger-damaged-*")) == []


_SPEND = """
import sys
from pathlib import Path
from datetime import datetime, timezone
from firsthand.ledger import Ledger, OverBudget, Refused
from firsthand.settings import Budget
now = datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
ledger = Ledger(Path(sys.argv[1]), tell=lambda sentence: None, clock=lambda: now)
done = 0
for _ in range(100):
    try:
        ledger.begin("inline", "m", "https://example.com", b"x", 0.125,
                     budget=Budget(2.0, 20.0), keep_sent_days=7)
        done += 1
    except OverBudget:
        break
    except Refused:
        continue
print(done, flush=True)
import os
os._exit(9)
"""


def test_two_processes_share_one_cap_and_die_with_their_requests_open(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _SPEND, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    done = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(done) == 16
    with ledger(tmp_path, []) as made:
        assert spent(made) == 2.0
