"""Completions in the menu of an editor that has no inline completion."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import answers, model_server
from tests.lsp.modelled import FRESH, until

pytestmark = pytest.mark.asyncio

NAME = "sums.py"
# A recorded client without inline completion.
PLAIN = "emacs@v29.1"


async def menu(this: Editor) -> list[lsp.CompletionItem]:
    """What the menu would hold at the cursor."""
    document = lsp.TextDocumentIdentifier(this.uri)
    at = this.params().position
    async with asyncio.timeout(PATIENCE):
        answer = await this.client.text_document_completion_async(
            lsp.CompletionParams(document, at)
        )
    assert isinstance(answer, lsp.CompletionList)
    assert answer.is_incomplete
    return list(answer.items)


async def test_an_entry_takes_the_place_of_the_word_and_is_accepted(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    async with (
        model_server(answers("open(", "name)")) as models,
        editor(tmp_path / "home", root, config=models.config(), client_spec=PLAIN) as this,
    ):
        await until(this, lambda status: status["level"] == "inline")
        await this.ready()
        this.open(NAME, FRESH)
        async with asyncio.timeout(PATIENCE):
            while not (items := await menu(this)):  # a file is judged before any of it is sent
                pass
        assert [each.label for each in items] == ["open(name)"]
        this.type("op")
        (item,) = await menu(this)
        assert (item.label, item.filter_text) == ("open(name)", "open(name)")
        assert isinstance(item.text_edit, lsp.TextEdit)
        assert item.text_edit.new_text == "open(name)"
        start, end = item.text_edit.range.start, item.text_edit.range.end
        assert (start.line, start.character, end.line, end.character) == (0, 8, 0, 10)
        assert item.command is not None
        assert item.command.command == "firsthand.accepted"
        assert item.command.arguments


async def test_nothing_to_show_is_an_empty_menu(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    async with editor(tmp_path / "home", root, client_spec=PLAIN) as this:
        this.open(NAME, "║", uri="output:/1")
        assert await menu(this) == []
