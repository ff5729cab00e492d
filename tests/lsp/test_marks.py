"""What a frontier model wrote is marked until it was edited or read, through the real server."""

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from tests.lsp.editor import PATIENCE, Editor, plain
from tests.lsp.talking import BETTER, PLUGIN, ask, says, session

from firsthand.core.text import Position

pytestmark = pytest.mark.asyncio

MARKED = {**PLUGIN, "marks": True}
TWICE = """\
<<<<<<< SEARCH
        return 0
=======
        found = sum(prices)
        return found
>>>>>>> REPLACE

CHECK `sum(prices)`: an empty list gives 0
"""


async def marks(this: Editor, first: int = 0, last: int = 99) -> list[tuple[int, str]]:
    """The line and the label of each mark."""
    return [(each.position.line, _label(each)) for each in await hints(this, first, last)]


async def hints(this: Editor, first: int = 0, last: int = 99) -> list[lsp.InlayHint]:
    where = lsp.Range(lsp.Position(first, 0), lsp.Position(last, 0))
    document = lsp.TextDocumentIdentifier(this.uri)
    found = await this.client.text_document_inlay_hint_async(lsp.InlayHintParams(document, where))
    return list(found or [])


def _label(hint: lsp.InlayHint) -> str:
    assert not isinstance(hint.label, str)
    return "".join(each.value for each in hint.label)


async def proposed(this: Editor) -> None:
    """Ask, and take what is proposed."""
    answer = await ask(this)
    taken = await this.command("firsthand.applyProposal", {"id": answer["proposal"]})
    assert taken == {"applied": True}


async def test_a_mark_stays_until_it_was_read(tmp_path: Path) -> None:
    async with session(tmp_path, says(TWICE), MARKED) as (this, _):
        assert await marks(this) == []
        await proposed(this)
        assert await marks(this) == [(2, "frontier, to read: 2 lines")]
        assert await marks(this, 5, 9) == []
        (hint,) = await hints(this)
        assert hint.position.character == len("        found = sum(prices)")
        assert not isinstance(hint.label, str)
        (part,) = hint.label
        assert part.command is not None
        (argument,) = part.command.arguments or ()
        start = {"line": 0, "character": 0}
        elsewhere = {"uri": this.uri, "range": {"start": start, "end": start}}
        assert await this.command(part.command.command, elsewhere) == {"characters": 0}
        read = await this.command(part.command.command, plain(argument))
        assert read["characters"] > 0
        assert await marks(this) == []
        assert await this.command("firsthand.markRead", {"uri": this.uri}) == {"characters": 0}


async def test_a_mark_stays_until_an_edit(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), MARKED) as (this, _):
        await proposed(this)
        assert await marks(this) == [(2, "frontier, to read")]
        this.cursor = Position(2, len("        return sum("))
        this.type("*")
        assert await marks(this) == []


async def test_there_are_none_unless_they_are_wanted(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, _):
        await proposed(this)
        assert await marks(this) == []
        this.redrawn.clear()
        settings = lsp.DidChangeConfigurationParams({"firsthand": {"marks": True}})
        this.client.workspace_did_change_configuration(settings)
        async with asyncio.timeout(PATIENCE):
            await this.redrawn.wait()
        assert await marks(this) == [(2, "frontier, to read")]
        this.redrawn.clear()
        await this.command("firsthand.markRead", {"uri": this.uri})
        async with asyncio.timeout(PATIENCE):
            await this.redrawn.wait()
        assert await marks(this) == []
