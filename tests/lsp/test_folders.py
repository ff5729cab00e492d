"""Folders of one server: what each teaches stays in it, on the disk and in what is suggested."""

import asyncio
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from tests.index.trees import plant
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.modelled import close

pytestmark = pytest.mark.asyncio


def taught(word: str) -> dict[str, str]:
    """Files that use a name of their own again and again."""
    line = f"    amount = {word}_ledger.balance_of_{word}(customer)\n"
    return {f"{word}{n}.py": f"def use_{n}(customer):\n{line}    return amount\n" for n in range(6)}


async def offered(this: Editor, root: Path, begun: str) -> str:
    """What is suggested in a new file of a folder."""
    if this.uri:
        close(this)
    this.open(
        "new.py", f"def use(customer):\n    amount = {begun}║\n", uri=(root / "new.py").as_uri()
    )
    return await this.shown(explicit=True)


async def learned(this: Editor, root: Path, word: str) -> None:
    """Return once the server suggests what a folder's files teach."""
    async with asyncio.timeout(PATIENCE):
        while f"balance_of_{word}" not in await offered(this, root, f"{word}_le"):
            await asyncio.sleep(0.05)


async def test_one_folder_is_taught_nothing_of_another(tmp_path: Path) -> None:
    one, two = plant(tmp_path / "one", taught("apple")), plant(tmp_path / "two", taught("berry"))
    home = tmp_path / "home"
    async with editor(home, one, others=[two]) as this:
        await learned(this, one, "apple")
        await learned(this, two, "berry")
        assert "apple" not in await offered(this, two, "apple_le")
        assert "berry" not in await offered(this, one, "berry_le")
        assert "apple" not in await offered(this, tmp_path / "elsewhere", "apple_le")
    async with editor(home, two) as this:
        await learned(this, two, "berry")
        assert "apple" not in await offered(this, two, "apple_le")
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    with_apple = {path.parts[len(home.parts) + 2] for path, raw in kept.items() if b"apple" in raw}
    with_berry = {path.parts[len(home.parts) + 2] for path, raw in kept.items() if b"berry" in raw}
    assert with_apple
    assert with_berry
    assert with_apple.isdisjoint(with_berry)


@pytest.mark.parametrize("spec", ["visual-studio-code", "emacs"])
async def test_editors_that_can_are_asked_to_watch_files(tmp_path: Path, spec: str) -> None:
    root = plant(tmp_path / "root", taught("apple"))
    async with editor(tmp_path / "home", root, client_spec=spec) as this:
        await learned(this, root, "apple")
        workspace = pytest_lsp.client_capabilities(spec).workspace
        watching = workspace and workspace.did_change_watched_files
        able = bool(watching and watching.dynamic_registration)
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        assert [each.method for each in this.registered] == [method] * able
        changed = lsp.FileEvent((root / "apple1.py").as_uri(), lsp.FileChangeType.Changed)
        this.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([changed]))
        await learned(this, root, "apple")
