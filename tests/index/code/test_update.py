"""Keeping the database up to date, with every kind of bad input."""

import os
import sqlite3
from pathlib import Path

import pytest
from tests.index.code.shop import SHOP, age, database, indexed, known, viewing, writing
from tests.index.trees import GIT, git, plant, repository

from firsthand.index.code.database import VERSION, open_to_write
from firsthand.index.code.update import CodeIndex, Updated
from firsthand.index.files import Limits
from firsthand.paths import StateError

POSIX = os.name == "posix"


def scan(tmp_path: Path, root: Path | None = None) -> Updated:
    with writing(tmp_path, root) as index:
        return index.scan()


def rows(tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that is in the database, with names in place of numbers."""
    connection = sqlite3.connect(database(tmp_path))
    asked = {
        "definitions": "SELECT path, ordinal, text, kind, container, signature, doc, first, last "
        "FROM definition JOIN file ON file.id = file JOIN name ON name.id = name ORDER BY 1, 2",
        "references": "SELECT path, text, count FROM reference JOIN file ON file.id = file "
        "JOIN name ON name.id = name ORDER BY 1, 2",
        "names": "SELECT text, files FROM name WHERE files > 0 ORDER BY 1",
        "imports": "SELECT path, ordinal, module, import.names FROM import "
        "JOIN file ON file.id = file ORDER BY 1, 2",
        "chunks": "SELECT path, first, last, text FROM chunk JOIN file ON file.id = file "
        "ORDER BY 1, 2",
    }
    found = {key: connection.execute(query).fetchall() for key, query in asked.items()}
    connection.execute("INSERT INTO chunk_names (chunk_names) VALUES ('integrity-check')")
    connection.close()
    return found


def test_only_code_is_indexed(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    assert scan(tmp_path) == Updated(4, 4, 0)
    with viewing(tmp_path) as view:
        assert "described" not in view.rarity(["described"])


def test_a_second_scan_reads_nothing(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    age(tmp_path / "root")
    scan(tmp_path)
    before = rows(tmp_path)
    assert scan(tmp_path) == Updated(4, 0, 0)
    assert rows(tmp_path) == before


def test_changes_end_where_a_build_from_nothing_does(tmp_path: Path) -> None:
    plant(tmp_path / "root", {**SHOP, "gone.py": "def gone(): pass\n"})
    scan(tmp_path)
    plant(
        tmp_path / "root",
        {
            "shop/cart.py": "# moved down\n\n" + SHOP["shop/cart.py"].replace("items", "things"),
            "new.go": "package x\nfunc New() {}\n",
        },
    )
    (tmp_path / "root/gone.py").unlink()
    assert scan(tmp_path) == Updated(5, 2, 1)
    changed = rows(tmp_path)
    for file in database(tmp_path).parent.iterdir():
        file.unlink()
    scan(tmp_path)
    assert rows(tmp_path) == changed


def test_a_touched_file_is_not_written(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    scan(tmp_path)
    os.utime(tmp_path / "root/shop/cart.py", ns=(1, 1))
    assert scan(tmp_path) == Updated(4, 0, 0)


def test_some_files_are_refreshed(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    with writing(tmp_path) as index:
        index.scan()
        plant(tmp_path / "root", {"shop/cart.py": "class Basket: pass\n", "new.py": "NEW = 1\n"})
        (tmp_path / "root/shop/money.py").unlink()
        told = index.refresh(["shop/cart.py", "shop/money.py", "new.py", "no.py", "a\0b.py"])
        assert told == Updated(3, 1, 1)
    assert known(tmp_path, "Basket", "Cart", "Money", "NEW") == {
        "Basket": ["shop/cart.py"],
        "Cart": [],
        "Money": [],
        "NEW": [],
    }


def test_a_change_within_the_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    """Size and time are as they were; the content is not."""
    file = plant(tmp_path / "root", {"a.py": "one = 1\n"}) / "a.py"
    written = file.stat().st_mtime_ns
    scan(tmp_path)
    file.write_text("two = 1\n", encoding="utf-8")
    os.utime(file, ns=(written, written))
    assert scan(tmp_path).changed == 1
    assert known(tmp_path, "one", "two") == {"one": [], "two": ["a.py"]}


@pytest.mark.parametrize("jump", [-(10**18), 10**18])
def test_a_clock_that_jumps(tmp_path: Path, jump: int) -> None:
    """Times are compared for being equal, never for their order."""
    file = plant(tmp_path / "root", {"a.py": "one = 1\n"}) / "a.py"
    now = file.stat().st_mtime_ns

    def at(time: int) -> Updated:
        index = CodeIndex(database(tmp_path), tmp_path / "root", clock=lambda: time)
        try:
            return index.scan()
        finally:
            index.close()

    at(now)
    file.write_text("two = 2\n", encoding="utf-8")
    os.utime(file, ns=(now + jump, now + jump))
    assert at(now + jump).changed == 1
    assert known(tmp_path, "one", "two") == {"one": [], "two": ["a.py"]}
    assert at(now).changed == 0


def test_a_file_that_vanishes_while_it_is_read(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)

    def vanish(done: int, total: int) -> None:
        if done == 0:
            (tmp_path / "root/shop/cart.py").unlink(missing_ok=True)
            (tmp_path / "root/shop/money.py").unlink(missing_ok=True)
            (tmp_path / "root/shop/money.py").mkdir(exist_ok=True)

    with writing(tmp_path) as index:
        index.scan(vanish)
    assert known(tmp_path, "Cart", "Money") == {"Cart": [], "Money": []}
    assert scan(tmp_path).files == 2


@pytest.mark.skipif(not POSIX, reason="links need a privilege on Windows")
def test_links_are_not_followed(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    plant(tmp_path / "outside", {"private.py": "def private(): pass\n"})
    (root / "loop").symlink_to(root)
    (root / "shop/loop").symlink_to("loop")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "one.py").symlink_to(tmp_path / "outside/private.py")
    assert scan(tmp_path) == Updated(4, 4, 0)
    assert known(tmp_path, "private") == {"private": []}


@pytest.mark.skipif(os.name != "posix", reason="names are text on other systems")
def test_names_in_any_encoding(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    odd = [os.fsdecode(b"caf\xe9.py"), "größe ☃.py", "new\nline.py", "'; DROP TABLE file; --.py"]
    written = []
    for number, name in enumerate(odd):
        try:
            plant(root, {name: f"def odd_{number}(): pass\n"})
            written.append((number, name))
        except OSError:
            continue  # a file system that refuses such a name has none to index
    scan(tmp_path)
    for number, name in written:
        assert known(tmp_path, f"odd_{number}") == {f"odd_{number}": [name]}
    with writing(tmp_path) as index:
        assert index.refresh([name for _, name in written]).files == 4 + len(written)


def test_what_is_too_large_generated_or_binary_holds_nothing(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **SHOP,
        "minified.js": "function no_min(){return 1};" * 2_000,
        "made.go": "// Code generated by x. DO NOT EDIT.\npackage x\nfunc NoGen() {}\n",
        "api_pb2.py": "def no_pb(): pass\n",
        "binary.py": b"def no_bin(): pass\n\0\0",
    }
    with indexed(tmp_path, files) as view:
        for name in ("no_min", "NoGen", "no_pb", "no_bin"):
            assert view.definitions(name) == []
            assert view.rarity([name]) == {}
        assert view.definitions("Cart")


def test_a_file_of_200_megabytes_is_not_read(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    with open(root / "huge.py", "wb") as file:
        file.truncate(200_000_000)  # holes take no room
    assert scan(tmp_path) == Updated(4, 4, 0)


def test_a_file_that_grew_too_large_is_forgotten(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    with writing(tmp_path) as index:
        index.scan()
        plant(root, {"shop/cart.py": "class Cart: pass\n" * 70_000})
        index.refresh(["shop/cart.py"])
    assert known(tmp_path, "Cart") == {"Cart": []}


def test_secrets_and_private_files_are_left_out(tmp_path: Path) -> None:
    files = {
        "a.py": 'one = 1\ntoken = "ghp_0123456789abcdefghijABCDEFGHIJ012345"\nlast = 3\n',
        ".env.py": "def hidden(): pass\n",
        "secrets/key.py": "def in_ignored(): pass\n",
        ".firsthandignore": "secrets/\n",
    }
    with indexed(tmp_path, files) as view:
        assert [chunk.text for chunk, _ in view.similar({"last": 1.0}, "")] == [
            "one = 1\n\nlast = 3"
        ]
        assert view.definitions("last")[0].first_line == 2
        assert view.definitions("in_ignored") == []


def test_nested_repositories_and_submodules(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", {"lib.py": "def in_module(): pass\n"})
    git(library, "commit", "-q", "-m", "x")
    root = repository(tmp_path / "root", {**SHOP, ".gitignore": "out/\n"})
    repository(root / "nested", {"n.py": "def in_nested(): pass\n"})
    plant(root, {"out/o.py": "def in_ignored(): pass\n", "fresh.py": "def untracked(): pass\n"})
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "sub")
    index = CodeIndex(database(tmp_path), root, (), GIT)
    index.scan()
    index.close()
    assert known(tmp_path, "in_module", "in_nested", "in_ignored", "untracked") == {
        "in_module": ["sub/lib.py"],
        "in_nested": ["nested/n.py"],
        "in_ignored": [],
        "untracked": ["fresh.py"],
    }


def test_a_workspace_without_end_is_bounded_and_said(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {f"f{n}.py": f"def f{n}(): pass\n" for n in range(30)})
    index = CodeIndex(database(tmp_path), root, limits=Limits(files=10))
    told = index.scan()
    index.close()
    assert told.files == 10
    assert "30" in told.note
    assert "10" in told.note


@pytest.mark.skipif(not POSIX or os.geteuid() == 0, reason="needs modes that bind")
def test_a_read_only_checkout(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    for path in [*root.rglob("*"), root]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert scan(tmp_path) == Updated(4, 4, 0)
    finally:
        for path in [root, *root.rglob("*")]:
            path.chmod(0o755)


def test_nothing_is_written_into_the_workspace(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    before = sorted(root.rglob("*"))
    scan(tmp_path)
    assert sorted(root.rglob("*")) == before


def test_a_folder_that_is_gone_leaves_an_empty_index(tmp_path: Path) -> None:
    told = scan(tmp_path, tmp_path / "no-such-folder")
    assert told.files == 0
    assert "not a folder" in told.note


@pytest.mark.parametrize(
    "content",
    [
        b"no database at all" * 100,
        b"\0" * 10_000,
        b"SQLite format 3\0" + b"\xff" * 8_000,
    ],
)
def test_a_damaged_database_is_set_aside_built_again_and_said(
    tmp_path: Path, content: bytes
) -> None:
    plant(tmp_path / "root", SHOP)
    scan(tmp_path)
    database(tmp_path).write_bytes(content)
    with writing(tmp_path) as index:
        assert "damaged" in index.note
        assert index.scan().changed == 4
    assert known(tmp_path, "Cart") == {"Cart": ["shop/cart.py"]}
    with writing(tmp_path) as index:
        assert index.note == ""


def test_a_page_that_is_damaged_is_found_out(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    scan(tmp_path)
    content = bytearray(database(tmp_path).read_bytes())
    for at in range(4096 * 4, len(content), 4096):
        content[at : at + 64] = b"\xff" * 64
    database(tmp_path).write_bytes(content)
    with writing(tmp_path) as index:
        assert "damaged" in index.note
        index.scan()
    assert known(tmp_path, "Cart") == {"Cart": ["shop/cart.py"]}
    aside = [path.name for path in database(tmp_path).parent.iterdir() if "damaged" in path.name]
    assert aside == ["code-damaged.db"]


def test_a_database_of_another_version_is_built_again(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    scan(tmp_path)
    connection = sqlite3.connect(database(tmp_path))
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with viewing(tmp_path) as view:
        assert view.definitions("Cart") == []
    with writing(tmp_path) as index:
        assert index.note == ""
        assert index.scan().changed == 4
    assert known(tmp_path, "Cart") == {"Cart": ["shop/cart.py"]}


def test_a_database_that_somebody_else_holds_is_said_and_left_alone(tmp_path: Path) -> None:
    with indexed(tmp_path):
        pass
    other = sqlite3.connect(database(tmp_path), isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StateError, match="locked"):
        open_to_write(database(tmp_path), seconds=0)
    other.close()
    assert known(tmp_path, "Cart") == {"Cart": ["shop/cart.py"]}
    assert not list(database(tmp_path).parent.glob("*damaged*"))
    assert scan(tmp_path) == Updated(4, 0, 0)


def test_an_interrupted_build_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    age(tmp_path / "root")

    class Interrupted(Exception):
        pass

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise Interrupted

    with writing(tmp_path) as index, pytest.raises(Interrupted):
        index.scan(interrupt)
    assert known(tmp_path, "Cart", "Money") == {"Cart": [], "Money": []}
    assert scan(tmp_path).changed == 4
    assert known(tmp_path, "Cart") == {"Cart": ["shop/cart.py"]}


@pytest.mark.skipif(not POSIX or os.geteuid() == 0, reason="needs modes that bind")
def test_a_state_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    (tmp_path / "state").mkdir(mode=0o500)
    with pytest.raises(StateError, match="FIRSTHAND_HOME"):
        scan(tmp_path)


def test_a_file_in_place_of_the_state_folder_is_said(tmp_path: Path) -> None:
    plant(tmp_path, {"root/a.py": "a = 1\n", "state": "a file"})
    with pytest.raises(StateError, match="FIRSTHAND_HOME"):
        scan(tmp_path)


@pytest.mark.skipif(not POSIX, reason="Windows has no modes")
def test_what_is_written_is_private(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    with writing(tmp_path) as index:
        index.scan()
        for path in database(tmp_path).parent.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
