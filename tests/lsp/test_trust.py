"""A workspace that the person does not trust: nothing of it starts git or leaves the machine."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from tests.fakes import make_session
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, editor
from tests.lsp.modelled import METHOD

from firsthand import judging
from firsthand.client import Client

POSIX = pytest.mark.skipif(os.name != "posix", reason="the git of this test is a shell script")


def a_git(folder: Path, told: Path) -> str:
    """A PATH whose git notes that it was run, and that of this process behind it."""
    folder.mkdir()
    git = folder / "git"
    git.write_text(f"#!/bin/sh\necho run >> {told}\nexit 1\n", encoding="utf-8")
    git.chmod(git.stat().st_mode | stat.S_IXUSR)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@POSIX
@pytest.mark.asyncio
@pytest.mark.parametrize("trusted", [True, False])
async def test_git_is_run_in_a_trusted_workspace_only(tmp_path: Path, trusted: bool) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    (root / ".git").mkdir()
    told = tmp_path / "told"
    path = a_git(tmp_path / "bin", told)
    client = {"name": "test", "trusted": trusted}
    async with editor(
        tmp_path / "home", root, options={"client": client}, environ={"PATH": path}
    ) as this:
        this.open("account.py", METHOD)
        await this.ready()
        this.type("if am")
        assert await this.shown()  # it completes all the same
        async with asyncio.timeout(PATIENCE):
            while trusted and not told.exists():  # it is asked in the background
                await asyncio.sleep(0.01)
    assert told.exists() == trusted


@pytest.mark.asyncio
async def test_an_untrusted_workspace_is_for_models_of_this_machine() -> None:
    for trusted in (True, False):
        session, _, _, params = make_session("x = ║\n", client=Client(trusted=trusted))
        document = session.documents[params.text_document.uri]
        assert judging.local_only(session, document) is not trusted


@pytest.mark.parametrize(
    ("said", "trusted"), [({}, True), ({"trusted": True}, True), ({"trusted": False}, False)]
)
def test_what_an_editor_does_not_say_is_trusted(said: dict[str, bool], trusted: bool) -> None:
    assert Client.declared({"client": said}).trusted is trusted
