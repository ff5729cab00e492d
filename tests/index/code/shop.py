"""A small codebase that tests index and ask about."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.index.trees import plant

from firsthand.core.codeview import CodeView
from firsthand.index.code.update import CodeIndex
from firsthand.index.code.view import CodeReader

SHOP: Mapping[str, str] = {
    "shop/__init__.py": "from .cart import Cart\n",
    "shop/cart.py": (
        "from shop.money import Money, total_of\n"
        "import json\n\n\n"
        "class Cart:\n"
        '    """What will be bought."""\n\n'
        "    items: list[str]\n\n"
        "    def total(self) -> Money:\n"
        "        return total_of(self.items)\n"
    ),
    "shop/money.py": (
        "class Money:\n    cents: int\n\n\ndef total_of(items: list[str]) -> Money:\n"
        "    return Money(sum(price for price in items))\n"
    ),
    "tests/test_cart.py": (
        "from shop import Cart\n\n\ndef test_total():\n    assert Cart().total() == 1\n"
        "    assert Cart()\n"
    ),
    "notes.md": "Cart is described here.\n",
}


def database(tmp_path: Path) -> Path:
    return tmp_path / "state" / "code.db"


@contextmanager
def writing(tmp_path: Path, root: Path | None = None) -> Iterator[CodeIndex]:
    """The index of `tmp_path / "root"`, or another root, while it is written."""
    index = CodeIndex(database(tmp_path), root or tmp_path / "root")
    try:
        yield index
    finally:
        index.close()


@contextmanager
def viewing(tmp_path: Path) -> Iterator[CodeView]:
    """What is known of it."""
    reader = CodeReader(database(tmp_path))
    try:
        with reader.view() as view:
            yield view
    finally:
        reader.close()


@contextmanager
def indexed(tmp_path: Path, files: Mapping[str, str | bytes] = SHOP) -> Iterator[CodeView]:
    """What is known of some files once they were indexed."""
    plant(tmp_path / "root", files)
    with writing(tmp_path) as index:
        index.scan()
    with viewing(tmp_path) as view:
        yield view


def known(tmp_path: Path, *names: str) -> dict[str, list[str]]:
    """Where each name is defined."""
    with viewing(tmp_path) as view:
        return {name: [each.path for each in view.definitions(name)] for name in names}


def age(root: Path, seconds: int = 60) -> None:
    """Make all files old enough that a change of theirs can't go unseen."""
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            past = path.stat().st_mtime_ns - seconds * 1_000_000_000
            os.utime(path, ns=(past, past))
