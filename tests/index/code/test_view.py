"""What can be asked about an indexed codebase."""

import sqlite3
from pathlib import Path

import pytest
from tests.index.code.shop import SHOP, database, indexed, viewing, writing
from tests.index.trees import plant

from firsthand.core.codeview import Definition
from firsthand.index.code.view import CodeReader


def test_definitions_of_a_name(tmp_path: Path) -> None:
    with indexed(tmp_path) as view:
        assert view.definitions("total") == [
            Definition("shop/cart.py", "total", "method", "Cart", "def total(self) -> Money", 9, 10)
        ]
        assert [each.path for each in view.definitions("Cart")] == ["shop/cart.py"]
        assert view.definitions("nothing") == []


def test_what_others_refer_to_comes_first(tmp_path: Path) -> None:
    files = {
        "a/far.py": "def load(): pass\n",
        "z/near.py": "def load(): pass\ndef only_here(): pass\n",
        "z/in_class.py": "class X:\n    def load(self): pass\n",
        **{f"use{n}.py": "from z.near import only_here\nonly_here()\n" for n in range(3)},
    }
    with indexed(tmp_path, files) as view:
        paths = [each.path for each in view.definitions("load")]
        assert paths == ["z/near.py", "a/far.py", "z/in_class.py"]
        assert [each.path for each in view.definitions("load", limit=1)] == ["z/near.py"]
        assert view.defined(["load", "nothing", "load"], "z/near.py") == {
            "load": view.definitions("load")[1]
        }
        assert view.defined(["only_here"], "z/near.py") == {}
        found = view.defined(("load", "X", "only_here"), "not there.py")
        assert found == {name: view.definitions(name)[0] for name in found}
        assert len(found) == 3
        assert view.defined([], "") == {}


def test_members_and_outline(tmp_path: Path) -> None:
    nested = "class A:\n    class Cart:\n        def inner(self): pass\n"
    with indexed(tmp_path, {**SHOP, "other.py": nested}) as view:
        names = [each.name for each in view.members("Cart", "shop/cart.py")]
        assert names == ["items", "total"]
        assert {each.name for each in view.members("Cart")} == {"items", "total", "inner"}
        assert [each.name for each in view.members("A.Cart")] == ["inner"]
        assert view.members("Cart", "shop/money.py") == []
        assert [each.name for each in view.outline("shop/cart.py")] == ["Cart", "items", "total"]
        assert view.outline("no.py") == []


def test_imports_and_modules(tmp_path: Path) -> None:
    with indexed(tmp_path) as view:
        assert view.imports("shop/cart.py") == [
            ("shop.money", ("Money", "total_of")),
            ("json", ()),
        ]
        assert view.module("shop/cart.py", "shop.money") == "shop/money.py"
        assert view.module("shop/__init__.py", ".cart") == "shop/cart.py"
        assert view.module("shop/cart.py", "json") is None
        assert view.module("no.py", "shop") is None


def test_names(tmp_path: Path) -> None:
    with indexed(tmp_path) as view:
        assert view.rarity(["Cart", "Money", "described", "none", "\ud800"]) == {
            "Cart": 3,
            "Money": 2,
        }
        assert view.rarity([]) == {}
        assert view.rarity([*(f"none{number}" for number in range(3_000)), "Cart"]) == {"Cart": 3}
        assert view.references("Cart") == [
            ("tests/test_cart.py", 3),
            ("shop/__init__.py", 1),
            ("shop/cart.py", 1),
        ]
        assert view.references("Cart", limit=1) == [("tests/test_cart.py", 3)]


def test_similar_chunks(tmp_path: Path) -> None:
    files = {
        "a.py": "def one():\n    alpha(beta, gamma)\n",
        "b.py": "def two():\n    alpha(beta)\n",
        "c.py": "def three():\n    delta()\n",
        **{f"d{number}.py": f"alpha({number})\n" for number in range(9)},
    }
    with indexed(tmp_path, files) as view:
        found = view.similar({"alpha": 1.0, "beta": 1.0, "gamma": 1.0}, "none.py", limit=2)
        assert [chunk.path for chunk, _ in found] == ["a.py", "b.py"]
        assert found[0][1] == pytest.approx(1.0)
        assert 0 < found[1][1] < found[0][1]
        assert found[0][0].text == "def one():\n    alpha(beta, gamma)"
        assert (found[0][0].first_line, found[0][0].last_line) == (0, 1)
        assert [chunk.path for chunk, _ in view.similar({"beta": 1.0}, "a.py")] == ["b.py"]
        assert view.similar({}, "a.py") == []
        assert view.similar({"none": 1.0}, "a.py") == []


def test_files_that_hold_the_most_of_some_names_for_their_length(tmp_path: Path) -> None:
    files = {
        "a.py": "alpha(beta, gamma)\n",
        "b.py": "alpha(beta)\n",
        "long.py": "alpha(beta, gamma)\n" + "".join(f"filler{n} = {n}\n" for n in range(90)),
        "other.py": "delta()\n",
        **{f"many{number}.py": "everywhere()\n" for number in range(201)},
    }
    terms = {"alpha": 1.0, "beta": 1.0, "gamma": 2.0, "everywhere": 9.0, "none": 1.0}
    with indexed(tmp_path, files) as view:
        found = view.akin(terms, "none.py")
        assert [path for path, _ in found] == ["a.py", "b.py", "long.py"]
        assert found[0][1] == pytest.approx(4 / 23**0.5)
        assert [path for path, _ in view.akin(terms, "a.py", 1)] == ["b.py"]
        assert view.akin({}, "a.py") == view.akin({"none": 1.0}, "a.py") == []


def test_what_is_alike_is_of_languages_that_share_names(tmp_path: Path) -> None:
    files = {"a.ts": "alpha(beta)\n", "b.js": "alpha(beta)\n", "c.html": "<p>alpha(beta)</p>\n"}
    terms = {"alpha": 1.0, "beta": 1.0}
    with indexed(tmp_path, files) as view:
        assert [path for path, _ in view.akin(terms, "a.ts")] == ["b.js"]
        assert [chunk.path for chunk, _ in view.similar(terms, "a.ts")] == ["b.js"]
        assert {path for path, _ in view.akin(terms, "new.ts")} == set(files)
        assert {chunk.path for chunk, _ in view.similar(terms, "new.ts")} == set(files)


def test_names_differ_in_case_and_script(tmp_path: Path) -> None:
    files = {"a.py": "Größe = 1\n", "b.py": "größe = 1\n", "c.py": "grosse = 1\n"}
    with indexed(tmp_path, files) as view:
        assert view.rarity(["Größe", "größe"]) == {"Größe": 1, "größe": 1}
        assert [chunk.path for chunk, _ in view.similar({"größe": 1.0}, "")] == ["b.py"]


def test_edges_lead_to_what_defines(tmp_path: Path) -> None:
    with indexed(tmp_path) as view:
        edges = {(source, target) for source, target, _ in view.edges()}
        assert edges == {
            ("shop/__init__.py", "shop/cart.py"),
            ("shop/cart.py", "shop/money.py"),
            ("tests/test_cart.py", "shop/cart.py"),
        }


def test_a_view_stays_as_it_is(tmp_path: Path) -> None:
    with indexed(tmp_path) as view, writing(tmp_path) as index:
        assert view.definitions("Cart")
        (tmp_path / "root/shop/cart.py").unlink()
        plant(tmp_path / "root", {"new.py": "def brand_new(): pass\n"})
        index.scan()
        assert view.definitions("Cart")
        assert not view.definitions("brand_new")
        with viewing(tmp_path) as later:
            assert not later.definitions("Cart")
            assert later.definitions("brand_new")


def test_what_was_read_is_forgotten_when_somebody_writes(tmp_path: Path) -> None:
    plant(tmp_path / "root", {"a.py": "rarely(used)\n", "b.py": "x = 1\n"})
    with writing(tmp_path) as index:
        index.scan()
        reader = CodeReader(database(tmp_path))
        for text, paths in (("rarely(again)\n", ["a.py", "b.py"]), ("nothing()\n", ["a.py"])):
            with reader.view() as view:
                view.similar({"rarely": 1.0}, "none")
            plant(tmp_path / "root", {"b.py": text})
            index.refresh({"b.py"})
            with reader.view() as view:
                found = view.similar({"rarely": 1.0}, "none")
                assert sorted(chunk.path for chunk, _ in found) == paths
                assert view.similar({"rarely": 1.0}, "none") == found
        reader.close()


def test_without_a_database_nothing_is_known(tmp_path: Path) -> None:
    with viewing(tmp_path) as view:
        assert view.definitions("Cart") == []
        assert view.members("Cart") == view.outline("a.py") == []
        assert view.imports("a.py") == []
        assert view.module("a.py", "b") is None
        assert view.similar({"a": 1.0}, "b.py") == []
        assert view.akin({"a": 1.0}, "b.py") == []
        assert view.rarity(["a"]) == {}
        assert list(view.edges()) == []


def test_a_damaged_database_is_a_miss(tmp_path: Path) -> None:
    with indexed(tmp_path):
        pass
    content = database(tmp_path).read_bytes()
    for damaged in (b"no database at all", content[:4096] + b"\xff" * (len(content) - 4096), b""):
        database(tmp_path).write_bytes(damaged)
        with viewing(tmp_path) as view:
            assert view.definitions("Cart") == []


def test_a_locked_database_is_a_miss_and_not_a_wait(tmp_path: Path) -> None:
    with indexed(tmp_path):
        pass
    # Nobody of ours locks readers out; a program that repairs or copies the file might.
    other = sqlite3.connect(database(tmp_path), isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with viewing(tmp_path) as view:
        assert view.definitions("Cart") == []
    other.close()
    with viewing(tmp_path) as view:
        assert view.definitions("Cart")


def test_a_reader_takes_up_the_database_that_replaced_its_own(tmp_path: Path) -> None:
    reader = CodeReader(database(tmp_path))
    with reader.view() as view:
        assert view.definitions("Cart") == []
    with indexed(tmp_path):
        pass
    with reader.view() as view:
        assert view.definitions("Cart")
    for file in database(tmp_path).parent.iterdir():
        file.unlink()
    with reader.view() as view:
        assert view.definitions("Cart") == []
    with writing(tmp_path) as index:
        index.scan()
    with reader.view() as view:
        assert view.definitions("Cart")
    reader.close()


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    with indexed(tmp_path):
        pass
    before = database(tmp_path).read_bytes()
    with viewing(tmp_path) as view:
        view.definitions("Cart")
    assert database(tmp_path).read_bytes() == before


def test_the_names_of_a_file_and_the_commonest_of_all(tmp_path: Path) -> None:
    files = {"a.py": "one = two(one)\n", "b/c.py": "one\n", "b/d.py": "", "b/e/f.py": "one, two\n"}
    with indexed(tmp_path, files) as view:
        assert view.names("a.py") == {"one": 2, "two": 1}
        assert view.names("nowhere.py") == {}
        assert list(view.common(2)) == [("one", 3), ("two", 2)]


def test_the_files_beside_a_file(tmp_path: Path) -> None:
    files = dict.fromkeys(("a.py", "z.py", "b/c.py", "b/d.py", "b/e/f.py", "ba/g.py"), "x = 1\n")
    with indexed(tmp_path, files) as view:
        assert view.beside("b/c.py") == ["b/d.py"]
        assert view.beside("a.py") == ["z.py"]
        assert view.beside("a.py", 0) == []
