"""However an editor leaves, the ledger hears what became of a request that is under way."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.lsp.editor import PATIENCE
from tests.lsp.model_server import model_server
from tests.lsp.modelled import FRESH, PRICED
from tests.lsp.test_bad_state import no_more_text
from tests.lsp.test_protocol import Wire, server
from tests.marked import marked

from firsthand.ledger import Ledger
from firsthand.paths import data_folder

pytestmark = pytest.mark.asyncio


async def shutdown(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "id": "end", "method": "shutdown"})
    while (await wire.receive())["id"] != "end":
        pass
    wire.send({"jsonrpc": "2.0", "method": "exit"})


async def both_at_once(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "id": "end", "method": "shutdown"})
    wire.send({"jsonrpc": "2.0", "method": "exit"})


async def exit_alone(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "method": "exit"})


async def end_of_input(wire: Wire) -> None:
    wire.end()


async def nobody_reads(wire: Wire) -> None:
    """The editor was killed: whatever is written now finds no reader."""
    wire.end()
    wire.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("leave", [shutdown, both_at_once, exit_alone, end_of_input, nobody_reads])
async def test_what_is_under_way(tmp_path: Path, leave: Callable[[Wire], Awaitable[None]]) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    text, cursor = marked(FRESH)
    name = {"uri": (tmp_path / "a.py").as_uri()}
    document = {**name, "languageId": "python", "version": 1, "text": text.string}
    place = {"line": cursor.line, "character": cursor.character}
    async with model_server(no_more_text) as models:
        config = PRICED.format(url=models.url)
        (home / "config" / "config.toml").write_text(config, encoding="utf-8")
        async with server(home) as wire:
            wire.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
            wire.send({"jsonrpc": "2.0", "method": "textDocument/didOpen",
                       "params": {"textDocument": document}})  # fmt: skip
            asking = {"textDocument": name, "position": place, "context": {"triggerKind": 2}}
            while not models.asked:  # what completes is loaded, and the file is judged
                wire.send({"jsonrpc": "2.0", "id": 2, "method": "textDocument/inlineCompletion",
                           "params": asking})  # fmt: skip
                await wire.receive()
            async with asyncio.timeout(PATIENCE):
                await leave(wire)
                await wire.process.wait()
            assert wire.process.returncode == (leave is exit_alone)
    with closing(Ledger(data_folder({"FIRSTHAND_HOME": str(home)}), tell=pytest.fail)) as ledger:
        (row, *_) = ledger.sent(9) or ()
    assert (row.outcome, row.cost_usd) == ("cancelled", None)
    assert row.estimate_usd > 0  # what it may have cost stays counted
    assert (home / "log" / "server.log").read_text(encoding="utf-8") == ""
