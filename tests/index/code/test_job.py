"""The index process's jobs about code, for real."""

import asyncio
import os
from pathlib import Path

from tests.index.code.shop import SHOP
from tests.index.trees import plant
from tests.processes import children

from firsthand.index.client import build
from firsthand.index.code.database import code_file
from firsthand.index.code.view import CodeReader
from firsthand.index.jobs import CODE, WATCH
from firsthand.index.state import Result


def home(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "FIRSTHAND_HOME": str(tmp_path / "home")}


def defined(tmp_path: Path, name: str) -> bool:
    reader = CodeReader(code_file(tmp_path / "root", home(tmp_path)))
    with reader.view() as view:
        found = bool(view.definitions(name))
    reader.close()
    return found


async def once(tmp_path: Path) -> Result:
    return await build(tmp_path / "root", jobs=(CODE,), environ=home(tmp_path))


def test_the_code_is_indexed_and_then_unchanged(tmp_path: Path) -> None:
    plant(tmp_path / "root", SHOP)
    first = asyncio.run(once(tmp_path))
    assert first.outcome == "built", first.note
    assert first.status is not None
    assert first.status.files == 4
    assert first.status.size > 0
    assert defined(tmp_path, "Cart")
    again = asyncio.run(once(tmp_path))
    assert again.outcome == "unchanged"


def test_it_is_kept_up_to_date_by_one_process_at_a_time(tmp_path: Path) -> None:
    """Two editors on one workspace; the one whose process writes goes."""
    root = plant(tmp_path / "root", SHOP)

    async def until_defined(name: str) -> None:
        while not defined(tmp_path, name):
            await asyncio.sleep(0.02)

    def keep() -> asyncio.Task[Result]:
        return asyncio.create_task(build(root, jobs=(CODE, WATCH), environ=home(tmp_path)))

    async def scenario() -> None:
        one = keep()
        await until_defined("Cart")
        other = keep()
        plant(root, {"shop/cart.py": "class Basket: pass\n"})
        await until_defined("Basket")
        one.cancel()
        await asyncio.wait([one])
        plant(root, {"shop/cart.py": "class Crate: pass\n"})
        await until_defined("Crate")
        other.cancel()
        await asyncio.wait([other])
        assert not children()

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    plant(tmp_path, {"home": "a file", "root/a.py": "a = 1\n"})
    result = asyncio.run(once(tmp_path))
    assert result.outcome == "failed"
    assert "FIRSTHAND_HOME" in result.note
