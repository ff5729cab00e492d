"""The cache of completions: what it keeps, and that whatever goes wrong is a miss."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.cache import Cache


@contextmanager
def cache(folder: Path, said: list[str] | None = None, limit: int = 2**26) -> Iterator[Cache]:
    made = Cache(folder, tell=(said if said is not None else []).append, limit=limit)
    yield made
    made.close()


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as connection:
        yield connection


def filled(folder: Path) -> None:
    with cache(folder) as made:
        made.put("key", b"value")


def test_what_was_put_is_got_again_also_by_the_next_process(tmp_path: Path) -> None:
    said: list[str] = []
    with cache(tmp_path / "c", said) as made:
        assert made.get("key") is None
        made.put("key", b"value")
        assert made.get("key") == b"value"
        made.put("key", b"other")
    with cache(tmp_path / "c", said) as made:
        assert made.get("key") == b"other"
        assert made.get("kez") is None
    assert said == []


@given(st.dictionaries(st.text(), st.binary(max_size=100_000), max_size=5))
@settings(max_examples=25)
def test_any_key_and_value_come_back(items: dict[str, bytes]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder, cache(Path(folder) / "c") as made:
        for key, value in items.items():
            made.put(key, value)
        for key, value in items.items():
            assert made.get(key) == value
        made.close()


def test_a_key_that_is_no_valid_text_is_a_key(tmp_path: Path) -> None:
    with cache(tmp_path / "c") as made:
        made.put("\ud800", b"value")
        assert made.get("\ud800") == b"value"


def test_it_stays_within_its_limit(tmp_path: Path) -> None:
    limit = 2**20
    with cache(tmp_path / "c", limit=limit) as made:
        for number in range(400):
            made.put(str(number), os.urandom(8_000))
        assert made.get("399") is not None
        assert made.get("0") is None
        made.put("huge", bytes(limit // 2))
        assert made.get("huge") is None
        made.close()
        assert limit // 2 < made.size() < limit * 1.1


def test_clear_forgets_everything(tmp_path: Path) -> None:
    with cache(tmp_path / "c") as made:
        for number in range(50):
            made.put(str(number), os.urandom(8_000))
        full = made.size()
        made.clear()
        assert made.get("0") is None
        made.close()
        assert made.size() < full / 2


def test_an_unused_cache_has_no_size_and_makes_nothing(tmp_path: Path) -> None:
    with cache(tmp_path / "c") as made:
        assert made.size() == 0
    assert not (tmp_path / "c").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a person's folder by other means")
def test_only_the_person_can_read_it(tmp_path: Path) -> None:
    with cache(tmp_path / "c") as made:
        made.put("key", b"value")
        assert {oct(file.stat().st_mode & 0o777) for file in made.folder.iterdir()} == {"0o600"}
        assert made.folder.stat().st_mode & 0o777 == 0o700


# What others put there.


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.file,))


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
@pytest.mark.parametrize("inline", [True, False])
def test_a_planted_pickle_is_never_loaded(tmp_path: Path, mode: int, inline: bool) -> None:
    folder, sprung = tmp_path / "c", tmp_path / "sprung"
    payload = pickle.dumps(Trap(sprung))
    filled(folder)
    (folder / "planted.val").write_bytes(payload)
    with database(folder) as planted:
        planted.execute(
            "UPDATE Cache SET mode = ?, filename = ?, value = ?",
            (mode, None if inline else "planted.val", payload if inline else None),
        )
        planted.execute("INSERT INTO Cache(key, raw) VALUES (?, 0)", (payload,))
    with cache(folder) as made:
        got = made.get("key")
        assert got == (payload if mode == 1 and inline else None)  # bytes, as any other bytes
        made.clear()
    assert not sprung.exists()
    pickle.loads(payload)
    assert sprung.exists()  # so it would have been seen


def test_a_planted_file_name_is_neither_read_nor_removed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "c", tmp_path / "secret"
    secret.write_bytes(b"secret")
    filled(folder)
    with database(folder) as planted:
        planted.execute("UPDATE Cache SET mode = 2, value = NULL, filename = '../secret'")
    with cache(folder) as made:
        assert made.get("key") is None
        made.put("key", b"new")
        made.clear()
    assert secret.read_bytes() == b"secret"


@pytest.mark.parametrize("value", ["text", 5, 0.5, None])
def test_a_planted_value_of_another_type_is_a_miss(tmp_path: Path, value: object) -> None:
    filled(tmp_path / "c")
    with database(tmp_path / "c") as planted:
        planted.execute("UPDATE Cache SET value = ?", (value,))
    with cache(tmp_path / "c") as made:
        assert made.get("key") is None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO Settings VALUES ('sqlite_journal_mode; DROP', 'x')",
        "INSERT INTO Settings VALUES ('_transact', 1)",
        "UPDATE Settings SET value = 'x' WHERE key = 'count'",
        "UPDATE Settings SET value = 0 WHERE key = 'sqlite_synchronous'",
    ],
)
def test_planted_settings_set_it_aside(tmp_path: Path, statement: str) -> None:
    filled(tmp_path / "c")
    with database(tmp_path / "c") as planted:
        planted.execute(statement)
    check_rebuilt(tmp_path / "c")


# What breaks.


def check_rebuilt(folder: Path) -> None:
    """The first call is a miss, said once; then it works, and the old one lies beside it."""
    said: list[str] = []
    with cache(folder, said) as made:
        assert made.get("key") is None
        made.put("key", b"new")
        assert made.get("key") == b"new"
    (sentence,) = said
    assert sentence.startswith(f"The cache of completions {folder} was damaged: it is now c-damage")
    assert (folder.parent / "c-damaged" / "cache.db").exists()


@pytest.mark.parametrize("content", [b"no database\n" * 999, b"SQLite format 3\0" + b"\1" * 9000])
def test_what_is_no_database_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "cache.db").write_bytes(content)
    check_rebuilt(tmp_path / "c")


def test_other_tables_are_set_aside(tmp_path: Path) -> None:
    filled(tmp_path / "c")
    with database(tmp_path / "c") as planted:
        planted.execute("ALTER TABLE Cache RENAME TO Other")
        planted.execute("CREATE TABLE Cache(key, raw, expire_time, store_time)")
    check_rebuilt(tmp_path / "c")


def test_damage_inside_is_set_aside(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    filled(folder)
    with database(folder) as sound:
        (page,) = sound.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'Cache'"
        ).fetchone()
        (size,) = sound.execute("PRAGMA page_size").fetchone()
    with (folder / "cache.db").open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)
    check_rebuilt(folder)


@pytest.mark.parametrize("opened", [True, False])
def test_a_locked_cache_is_not_waited_for(tmp_path: Path, opened: bool) -> None:
    filled(tmp_path / "c")
    said: list[str] = []
    with cache(tmp_path / "c", said) as made, database(tmp_path / "c") as other:
        if opened:
            made.get("key")
        other.execute("BEGIN IMMEDIATE")
        start = time.perf_counter()
        made.put("new", b"value")
        assert made.get("new") is None
        assert time.perf_counter() - start < 4  # SQLite itself would wait for 5
        other.execute("ROLLBACK")
        assert made.get("key") == b"value"
        made.put("new", b"value")
        assert made.get("new") == b"value"
    assert said == []


def test_a_file_in_place_of_the_folder_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("", encoding="utf-8")
    said: list[str] = []
    with cache(tmp_path / "c", said) as made:
        made.put("key", b"value")
        assert made.get("key") is None
        made.clear()
        assert made.size() == 0
    assert len(said) == 1


def test_a_folder_named_by_a_variable_is_not_taken_for_another(tmp_path: Path) -> None:
    said: list[str] = []
    name = next(name for name in ("PATH", "HOME", "TEMP") if name in os.environ)
    with cache(tmp_path / f"${name}", said) as made:
        made.put("key", b"value")
    assert "holds the name of an environment variable" in said[0]


def test_a_full_disk_is_said_once_and_still_read(tmp_path: Path) -> None:
    said: list[str] = []
    with cache(tmp_path / "c", said) as made:
        made.put("first", b"value")
        assert made._store is not None
        made._store._con.execute("PRAGMA max_page_count = 40")
        for number in range(100):
            made.put(str(number), bytes(20_000))
        assert made.get("99") is None
        assert made.get("first") == b"value"
    (sentence,) = said
    assert sentence.startswith(f"Firsthand can't keep completions at {tmp_path / 'c'} (database or")


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from firsthand.cache import Cache
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
cache = Cache(Path(sys.argv[1]), tell=print)
for number in range(100):
    cache.put(str(number), bytes(20_000))
print(cache.get("99"))
cache.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows can't limit the size of files")
@pytest.mark.parametrize("limit", [0, 5_000, 150_000, 1_000_000])
def test_a_disk_that_refuses_at_any_moment_is_a_miss(tmp_path: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _LIMITED, str(tmp_path / "c"), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    *said, last = done.stdout.splitlines()
    assert last == "None"
    assert len(said) == 1
    assert said[0].startswith(f"Firsthand can't keep completions at {tmp_path / 'c'} (")


_SHARE = """
import sys
from pathlib import Path
from firsthand.cache import Cache
cache = Cache(Path(sys.argv[1]), tell=print)
for number in range(200):
    cache.put(f"{sys.argv[2]}{number}", b"value")
found = sum(cache.get(f"{sys.argv[2]}{number}") == b"value" for number in range(200))
print(found)
cache.close()
"""


def test_two_processes_share_it(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _SHARE, str(tmp_path / "c"), name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    found = [process.communicate(timeout=60)[0].splitlines() for process in running]
    # A put that met the other's lock for too long is a miss; nothing is said, nothing is damaged.
    assert all(len(lines) == 1 and int(lines[0]) > 100 for lines in found), found
    assert not (tmp_path / "c-damaged").exists()


def test_importing_the_cache_stays_cheap() -> None:
    code = "import sys, firsthand.cache; print('diskcache' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
