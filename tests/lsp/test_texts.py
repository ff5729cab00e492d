"""Where a text goes: units of positions, line ends, brackets, several lines; one answer each."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.lsp.editor import PATIENCE, Editor
from tests.lsp.model_server import Asked, ModelServer, answers, model_server
from tests.lsp.modelled import Held, close, session, until, until_asked
from tests.lsp.test_documents import first, take
from tests.lsp.test_protocol import server

from firsthand.core.text import Edit, Encoding, Position, Range

pytestmark = pytest.mark.asyncio(loop_scope="module")

Person = tuple[Editor, ModelServer]
BEFORE = "s = '😀e\u0301\ud83d値\udc00' + "
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
BODY = "with open(name) as file:\n        return file.read()"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    async with session(tmp_path_factory.mktemp("texts"), answers("")) as person:
        yield person


@pytest_asyncio.fixture(loop_scope="module")
async def person(process: Person) -> Person:
    this, models = process
    if this.uri:
        close(this)
        await this.command("firsthand.status")  # it was told of that by now
    await models.quiet()
    return this, models


def assert_asked_here(models: ModelServer) -> None:
    """All were asked at one place, or for what follows the answer that is shown there."""
    begun = prefix_of(models.wanted[0])
    assert [prefix_of(it) for it in models.wanted if not prefix_of(it).startswith(begun)] == []


def prefix_of(asked: Asked) -> str:
    """What the document holds before the place; what is shown of other files may stand before."""
    return asked.prompt.partition("<|fim_prefix|>")[2].partition("<|fim_suffix|>")[0]


async def check_units(person: Person, encoding: Encoding) -> None:
    this, models = person
    models.script = answers("open(name)")
    this.open(f"{encoding}.py", f"# ☃\n{BEFORE}║\n")
    asked = await until_asked(this, models, 1)
    item = await first(this)
    codec, size = CODECS[encoding]
    wanted = len(BEFORE.encode(codec, "surrogatepass")) // size
    assert item.range is not None
    assert (item.range.start.character, item.range.end.character) == (wanted, wanted)
    # Half of a pair is no text to a model server.
    assert BEFORE.replace("\ud83d", "\ufffd").replace("\udc00", "\ufffd") in asked.prompt
    this.type("op")
    assert await this.shown() == "en(name)"
    this.edit(Edit(Range(Position(1, 5), Position(1, 6)), "🐑🐑"), this.cursor)
    this.cursor = Position(1, len(this.text.line(1)))
    this.backspace(2)
    async with asyncio.timeout(PATIENCE):
        while not any("s = '🐑🐑e\u0301" in each.prompt for each in models.asked):
            await this.ask()
    close(this)


async def test_positions_in_utf_16(person: Person) -> None:
    await check_units(person, "utf-16")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
async def test_positions_in_other_units(tmp_path: Path, encoding: Encoding) -> None:
    async with session(tmp_path, answers(""), encoding=encoding) as person:
        await check_units(person, encoding)


async def written(this: Editor) -> None:
    """Return once the model has said all: a text comes line by line."""
    await until(this, lambda status: not status["thinking"])


async def test_line_ends_of_the_document(person: Person) -> None:
    this, models = person
    models.script = answers(BODY)
    this.open("crlf.py", "import os\r\ndef read(name):\r\n    ║\r\n")
    asked = await until_asked(this, models, 1)
    assert "\r" not in asked.prompt.replace("\r\n", "")
    await written(this)
    item = await first(this)
    assert str(item.insert_text) == BODY.replace("\n", "\r\n")
    undo = take(this, item)
    assert this.cursor == Position(3, len("        return file.read()"))
    assert this.text.string.count("\n") == this.text.string.count("\r\n") == 5 - 1
    this.edit(undo, undo.range.start)
    assert str((await first(this)).insert_text) == BODY.replace("\n", "\r\n")
    this.type(BODY[:24])
    this.edit(Edit(Range.at(this.cursor), "\r\n        re"), Position(3, 10))
    assert await this.shown() == "turn file.read()"
    assert_asked_here(models)


async def test_typed_through_over_several_lines(person: Person) -> None:
    this, models = person
    models.script = answers(BODY)
    this.open("lines.py", "def read(name):\n    ║\n")
    await until_asked(this, models, 1)
    await written(this)
    assert await this.shown() == BODY
    for key in BODY[:40]:
        this.type(key)
        assert BODY.endswith(await this.shown())
    assert await this.shown() == BODY[40:]
    this.backspace(3)
    assert await this.shown() == BODY[37:]
    assert_asked_here(models)


async def test_an_editor_closes_brackets_by_itself(person: Person) -> None:
    this, models = person
    models.script = answers("open(name)")
    this.open("brackets.py", "zebra = ║\n")
    await until_asked(this, models, 1)
    this.type("open")
    at = this.cursor
    this.edit(Edit(Range.at(at), "()"), Position(at.line, at.character + 1))
    item = await first(this)
    assert item.range is not None
    assert str(item.insert_text) == "name)"
    assert (item.range.start.character, item.range.end.character) == (13, 14)
    take(this, item)
    assert this.text.string == "zebra = open(name)\n"


async def test_a_cancelled_request_is_answered_once(tmp_path: Path) -> None:
    async with model_server(Held()) as models:
        home = tmp_path / "home"
        (home / "config").mkdir(parents=True)
        (home / "config" / "config.toml").write_text(models.config(), encoding="utf-8")
        uri = (tmp_path / "a.py").as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": "zebra = \n"}
        params = {
            "textDocument": {"uri": uri},
            "position": {"line": 0, "character": 8},
            "context": {"triggerKind": 1},
        }
        method = "textDocument/inlineCompletion"
        asking = {"jsonrpc": "2.0", "method": method, "params": params}
        async with server(home) as wire:
            wire.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
            wire.send({"jsonrpc": "2.0", "method": "textDocument/didOpen",
                       "params": {"textDocument": item}})  # fmt: skip
            count = 1
            while not models.asked:  # what waits for nothing is answered at once
                count += 1
                wire.send(asking | {"id": f"ask {count}"})
                receiving = asyncio.ensure_future(wire.receive())
                asked = asyncio.ensure_future(models.next(1))
                await asyncio.wait({receiving, asked}, return_when=asyncio.FIRST_COMPLETED)
                asked.cancel()
                if not models.asked:
                    assert "result" in await receiving
            for id_ in (f"ask {count}", f"ask {count}", "ask 0", f"ask {count}"):
                wire.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id_}})
            message = await receiving
            assert (message["id"], message["error"]["code"]) == (f"ask {count}", -32800)
            wire.send({"jsonrpc": "2.0", "id": "alive", "method": "workspace/executeCommand",
                       "params": {"command": "firsthand.status"}})  # fmt: skip
            assert (await wire.receive())["id"] == "alive"
