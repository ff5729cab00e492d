"""The index of code, as the real server keeps it."""

import asyncio
import sys
from pathlib import Path

import pytest
from tests.index.code.shop import SHOP
from tests.index.trees import plant
from tests.lsp.editor import editor
from tests.processes import children, left_running

from firsthand.index.code.database import code_file
from firsthand.index.code.view import CodeReader


async def until_defined(home: Path, root: Path, name: str) -> None:
    reader = CodeReader(code_file(root, {"FIRSTHAND_HOME": str(home)}))
    try:
        while True:
            with reader.view() as view:
                if view.definitions(name):
                    return
            await asyncio.sleep(0.02)
    finally:
        reader.close()


async def scenario(home: Path, root: Path) -> None:
    async with editor(home, root, command=(sys.executable, "-m", "firsthand", "serve")) as one:
        await one.ready()
        await until_defined(home, root, "Cart")
        plant(root, {"shop/cart.py": "class Basket: pass\n"})
        await until_defined(home, root, "Basket")
        servers = children()
        processes = [each for server in servers for each in server.children(recursive=True)]
        assert processes
        servers[0].kill()
        assert await asyncio.to_thread(left_running, processes, 30) == []


def test_it_is_built_kept_up_and_gone_with_a_killed_server(
    tmp_path: Path,
) -> None:
    root = plant(tmp_path / "root", SHOP)
    # Its editor can't shut it down: it hears either of the end or, asking first, of the exit.
    with pytest.raises(RuntimeError, match=r"stopped|exited with return code: -9"):
        asyncio.run(asyncio.wait_for(scenario(tmp_path / "home", root), 120))


async def watch_progress(home: Path, root: Path) -> set[str]:
    async with editor(home, root) as one:
        await one.ready()
        await until_defined(home, root, "f799")
        while True:
            # A token is there before anything is told of it.
            reports = getattr(one.client, "progress_reports", {})
            if values := [value for each in reports.values() for value in each]:
                return {type(value).__name__ for value in values}
            await asyncio.sleep(0.02)


def test_an_editor_that_shows_progress_hears_of_it(tmp_path: Path) -> None:
    files = {f"f{number}.py": f"def f{number}(): pass\n" for number in range(800)}
    root = plant(tmp_path / "root", files)
    seen = asyncio.run(asyncio.wait_for(watch_progress(tmp_path / "home", root), 120))
    assert "WorkDoneProgressBegin" in seen
