"""Changes, as they are told and as they are taken in."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.index.code.shop import SHOP, known, writing
from tests.index.trees import GIT, git, plant, repository

from firsthand.index.code.update import CodeIndex, Updated
from firsthand.index.code.watch import keep_up, told


class Counting(CodeIndex):
    """An index that notes what was done to it."""

    done: list[str]

    def scan(self, *args: object) -> Updated:
        self.done.append("scan")
        return super().scan()

    def refresh(self, paths: object) -> Updated:
        assert isinstance(paths, set)
        self.done.append("refresh " + " ".join(sorted(paths)))
        return super().refresh(paths)


def check(tmp_path: Path, changes: list[tuple[dict[str, str], set[str]]], done: str) -> None:
    """What is done about files that are written, and then told of as changed."""
    root = plant(tmp_path / "root", SHOP)
    index = Counting(tmp_path / "state" / "code.db", root)
    index.done = []
    now = 0.0

    left = iter(changes)

    def tell(_root: Path, _folders: frozenset[str]) -> Iterator[set[str]]:
        nonlocal now
        if not index.done:
            yield set()
        for files, paths in left:
            now += 5.0
            plant(root, files)
            yield paths

    keep_up(index, root, tell, clock=lambda: now)
    index.close()
    assert ", ".join(index.done) == done


def test_all_is_looked_at_once_the_changes_are_watched(tmp_path: Path) -> None:
    check(tmp_path, [], "scan")


def test_a_known_file_is_read_alone(tmp_path: Path) -> None:
    change = ({"shop/cart.py": "class Basket: pass\n"}, {"shop/cart.py"})
    check(tmp_path, [change], "scan, refresh shop/cart.py")
    assert known(tmp_path, "Basket", "Cart") == {"Basket": ["shop/cart.py"], "Cart": []}


def test_new_files_folders_and_rules_ask_for_a_look_at_all(tmp_path: Path) -> None:
    check(
        tmp_path,
        [
            ({"new.py": "def new(): pass\n"}, {"new.py"}),
            ({}, set()),
            ({"deep/er/x.py": "def deep(): pass\n"}, {"deep"}),
            ({}, set()),
            ({"deep/.firsthandignore": "er/\n"}, {"deep/.firsthandignore"}),
        ],
        "scan, scan, scan, scan",
    )
    assert known(tmp_path, "new", "deep") == {"new": ["new.py"], "deep": []}


def test_what_is_ignored_asks_only_once(tmp_path: Path) -> None:
    ignored = {".firsthandignore": "made.py\n", "made.py": "def made(): pass\n"}
    change = ({"made.py": "def made_again(): pass\n"}, {"made.py"})
    rules = ({".firsthandignore": "\n"}, {".firsthandignore"})
    check(tmp_path, [(ignored, {"made.py"}), change, change, rules], "scan, scan, scan")
    assert known(tmp_path, "made_again") == {"made_again": ["made.py"]}


def test_an_empty_file_is_taken_in_when_it_is_filled(tmp_path: Path) -> None:
    empty = ({"new.py": ""}, {"new.py"})
    filled = ({"new.py": "def new(): pass\n"}, {"new.py"})
    check(tmp_path, [empty, filled], "scan, scan, scan")
    assert known(tmp_path, "new") == {"new": ["new.py"]}


def test_a_folder_that_came_empty_is_watched(tmp_path: Path) -> None:
    root = plant(Path(os.path.realpath(tmp_path)) / "root", SHOP)
    asked: list[frozenset[str]] = []

    def tell(root: Path, folders: frozenset[str]) -> Iterator[set[str]]:
        asked.append(folders)
        if len(asked) == 2:
            (root / "deep/er").mkdir(parents=True)
            (root / "node_modules/x").mkdir(parents=True)
            yield {"deep", "node_modules"}
        elif len(asked) < 4:
            yield set()

    with writing(tmp_path, root) as index:
        keep_up(index, root, tell, clock=lambda: 0.0)
    usual = {"", "shop", "tests"}
    assert asked == [{""}, usual, usual | {"deep", "deep/er"}]


def test_what_came_and_went_is_passed_over(tmp_path: Path) -> None:
    check(tmp_path, [({}, {"4913", "gone.py"})], "scan, refresh 4913 gone.py")


def test_looking_at_all_waits_for_its_turn(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", SHOP)
    index = Counting(tmp_path / "state" / "code.db", root)
    index.done = []
    times = iter([0.0, 2.0, 5.0, 21.9, 22.0, 23.0])
    seen = []

    def tell(_root: Path, _folders: frozenset[str]) -> Iterator[set[str]]:
        if not index.done:
            yield set()
        plant(root, {"new.py": "def new(): pass\n"})
        for paths in ({"new.py"}, set(), set()):
            seen.append(len(index.done))
            yield paths

    # The first look took 2 seconds, so the next may come 20 seconds later.
    keep_up(index, root, tell, clock=lambda: next(times))
    index.close()
    assert index.done == ["scan", "scan"]
    assert seen == [1, 1, 1]


def test_the_system_tells_of_changes(tmp_path: Path) -> None:
    root = plant(Path(os.path.realpath(tmp_path)) / "root", {**SHOP, "out/log.txt": ""})
    with writing(tmp_path, root) as index:
        index.scan()
        folders = frozenset(index.folders())
    assert folders == {"", "shop", "tests"}
    changes = told(root, folders)
    assert next(changes) == set()  # it watches from here on
    seen: set[str] = set()
    for files, path in (
        ({"out/log.txt": "x", "notes.md": "x", "shop/cart.py": "x = 1\n"}, "shop/cart.py"),
        ({"fresh/new.py": "x = 1\n"}, "fresh"),
        ({"shop/.gitignore": "x\n"}, "shop/.gitignore"),
    ):
        plant(root, files)
        seen = set()
        for _ in range(30):
            seen |= next(changes)
            if path in seen:
                break
        assert path in seen
        assert not seen & {"out/log.txt", "notes.md"}
    (root / "shop/cart.py").unlink()
    seen = set()
    while "shop/cart.py" not in seen:
        seen |= next(changes)


@pytest.mark.skipif(sys.platform != "linux", reason="folders are watched one by one on Linux alone")
def test_folders_that_are_gone_are_no_fault(tmp_path: Path) -> None:
    changes = told(tmp_path, frozenset(("gone", "")))
    assert next(changes) == set()


def test_a_rule_outside_of_the_root_is_heeded_at_once(tmp_path: Path) -> None:
    root = repository(Path(os.path.realpath(tmp_path)) / "root", SHOP)
    git(root, "config", "core.excludesFile", (tmp_path / "excludes").as_posix())
    plant(root, {"shop/new.py": "class Fresh: pass\n"})
    index = Counting(tmp_path / "state" / "code.db", root, (), GIT)
    index.done = []

    def tell(_root: Path, _folders: frozenset[str]) -> Iterator[set[str]]:
        yield set()
        yield set()
        assert index.done == ["scan"]
        assert known(tmp_path, "Fresh") == {"Fresh": ["shop/new.py"]}
        (tmp_path / "excludes").write_text("new.py\n", encoding="utf-8")
        yield set()
        yield set()

    keep_up(index, root, tell, clock=lambda: 0.0, git=GIT)
    index.close()
    assert index.done == ["scan", "scan"]
    assert known(tmp_path, "Fresh") == {"Fresh": []}


def test_changes_reach_the_database_on_their_own(tmp_path: Path) -> None:
    root = plant(Path(os.path.realpath(tmp_path)) / "root", SHOP)
    before = threading.active_count()
    with writing(tmp_path, root) as index:
        turns = 0

        def tell(root: Path, folders: frozenset[str]) -> Iterator[set[str]]:
            nonlocal turns
            for paths in told(root, folders):
                yield paths
                turns += 1
                if turns == 1:
                    plant(root, {"shop/cart.py": "class Basket: pass\n"})
                if turns > 30 or known(tmp_path, "Basket")["Basket"]:
                    return

        keep_up(index, root, tell)
    assert known(tmp_path, "Basket", "Cart") == {"Basket": ["shop/cart.py"], "Cart": []}
    assert threading.active_count() == before
