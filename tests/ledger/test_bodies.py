"""What was sent, in chunks: exact, kept once, and gone with a file that may not be read."""

import hashlib
import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.ledger import Entry, Ledger, bodies
from firsthand.settings import Budget

FILE = "import os\n\n\ndef secret_recipe(flour, water):\n\treturn mixed(flour, water, 'salt')\n"


def body(text: str) -> bytes:
    return json.dumps({"model": "m", "prompt": text}, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (FILE, False),
        ("# b.py\nx = 1\n    " + FILE.replace("\t", "        ") + "y = 2\n", False),
        (FILE.replace("\n", "\r\n"), False),
        ("import os\n\n\ndef other(): ...\n", True),
        ("def secret_recipe(flour, water):\n", True),
        ("", True),
    ],
)
def test_a_body_that_shows_the_file_is_dropped(tmp_path: Path, sent: str, kept: bool) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    entry = _entered(ledger, sent)
    ledger.withdraw(FILE)
    assert ledger.body(entry) == (body(sent) if kept else None)
    (row,) = ledger.sent(9) or ()
    assert (row.size, row.kept) == (len(body(sent)), kept)
    ledger.close()


def test_a_file_without_a_telling_line_drops_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    entry = _entered(ledger, FILE)
    ledger.withdraw("\n\n}\n")
    assert ledger.body(entry) == body(FILE)
    ledger.close()


CODE = "".join(f"def step_{n}(value):\n    return value * {n * n} + {n}\n\n\n" for n in range(150))
pieces = st.lists(
    st.one_of(
        st.binary(max_size=40), st.just(b"\\n"), st.just(b"x" * 700), st.just(b"a = 1\\n" * 99)
    )
)


@given(st.lists(pieces.map(b"".join), max_size=6))
def test_bodies_come_back_byte_for_byte_and_go_without_a_trace(sent: list[bytes]) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE sent(id, sha256)")
        database.executescript(bodies.SCHEMA)
        for number, each in enumerate(sent):
            bodies.keep(database, str(number), float(number), each)
            assert b"".join(bodies.chunks(each)) == each
        database.execute("INSERT INTO sent SELECT id, '' FROM body")
        for number, each in enumerate(sent):
            assert _restored(database, str(number), each) == each
            database.execute("DELETE FROM body WHERE number = ?", (number + 1,))
            assert _restored(database, str(number), each) is None
        assert _count(database, "piece") == _count(database, "chunk") == 0


def test_what_was_sent_before_is_kept_once() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(bodies.SCHEMA)
        added, alone = 0, 0
        for end in range(3000, 6000, 20):  # as somebody types
            sent = body(f"# file {end // 1000}\n{CODE[:end]}")
            added += bodies.keep(database, str(end), 0.0, sent)
            alone += len(zlib.compress(sent, 1))
        assert added < alone / 3
        assert bodies.keep(database, "again", 0.0, sent) == 0


def test_no_line_is_cut_and_a_cut_does_not_move() -> None:
    cut = list(bodies.chunks(body(CODE)))
    assert all(each.endswith(b"\\n") for each in cut[:-1])
    assert all(256 <= len(each) < 9000 for each in cut[:-1])
    later = list(bodies.chunks(body("# one line more\n" + CODE)))
    assert later[-len(cut) + 2 :] == cut[2:]


def test_the_oldest_make_room_by_what_the_others_do_not_use() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(bodies.SCHEMA)
        first = bodies.keep(database, "first", 0.0, body(CODE))
        bodies.keep(database, "other", 0.0, body("other"))
        bodies.keep(database, "again", 0.0, body(CODE))
        assert bodies.drop_old(database, -1.0, first + 9) == 2
        assert database.execute("SELECT id FROM body").fetchall() == [("again",)]
        assert bodies.drop_old(database, -1.0, first + 9) == 0


def test_bodies_of_the_version_before_are_read_on(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    entries = [_entered(ledger, sent) for sent in ("one", CODE)]
    ledger.close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as database:
        ids = [(each.id,) for each in entries]
        for statement in (
            "DROP TABLE piece",
            "DROP TABLE chunk",
            "DROP TABLE body",
            "CREATE TABLE body(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
            " time REAL NOT NULL, content BLOB NOT NULL)",
            "PRAGMA user_version = 2",
        ):
            database.execute(statement)
        for (id_,), sent in zip(ids, ("one", CODE), strict=True):
            row = (id_, 4e9, zlib.compress(body(sent)))
            database.execute("INSERT INTO body(id, time, content) VALUES (?, ?, ?)", row)
        database.execute("INSERT INTO body(id, time, content) VALUES ('damaged', 0, x'00')")
    assert [ledger.body(each) for each in entries] == [body("one"), body(CODE)]
    more = _entered(ledger, "two")
    assert ledger.body(more) == body("two")
    ledger.close()


def test_a_chunk_that_is_damaged_is_not_taken_for_what_was_sent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    entries = [_entered(ledger, sent) for sent in ("one", "two", CODE)]
    ledger.close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as database:
        for number, content in ((1, zlib.compress(b"other")), (2, b"no such format")):
            database.execute("UPDATE chunk SET content = ? WHERE number = ?", (content, number))
        database.commit()
    assert [ledger.body(each) for each in entries] == [None, None, body(CODE)]
    ledger.withdraw(FILE)
    ledger.close()


def _count(database: sqlite3.Connection, table: str) -> int:
    (count,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    return int(count)


def _restored(database: sqlite3.Connection, id_: str, sent: bytes) -> bytes | None:
    digest = hashlib.sha256(sent).hexdigest()
    database.execute("UPDATE sent SET sha256 = ? WHERE id = ?", (digest, id_))
    return bodies.read(database, id_)


def test_a_reply_is_kept_as_long_as_what_was_sent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    assert ledger.reply(Entry("")) is None
    entry = _entered(ledger, "x")
    assert not ledger.keep_reply(entry, "Sure!", 0)
    assert ledger.keep_reply(entry, "Sure?", 7)
    assert ledger.keep_reply(entry, "Sure!", 7)
    assert ledger.keep_reply(Entry(""), FILE, 7)  # of a model on this machine
    assert ledger.reply(entry) == "Sure!"
    assert ledger.reply(Entry("")) == FILE
    assert ledger.reply(Entry("none")) is None
    ledger.withdraw(FILE)
    assert ledger.reply(Entry("")) == "Sure!"
    assert ledger.body(entry) == body("x")
    ledger.close()


def _entered(ledger: Ledger, sent: str) -> Entry:
    return ledger.begin(
        *("inline", "m", "https://far.example", body(sent), 0.0),
        budget=Budget(),
        keep_sent_days=7,
    )
