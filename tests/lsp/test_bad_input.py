"""Documents and folders that are not as they should be: typing goes on and the reason is said."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.modelled import METHOD, close, until

from firsthand.core.text import Edit, Position, Range

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = "ount <= 0:"
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX alone has this")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    folder = tmp_path_factory.mktemp("shared")
    root = folder / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    async with editor(folder / "home", root) as this:
        await until(this, lambda status: bool(status["reason"]))
        yield this


@pytest_asyncio.fixture(loop_scope="module")
async def this(process: Editor) -> AsyncIterator[Editor]:
    """An editor whose server completes as before when the test is over, and had no fault."""
    yield process
    process.open("after.py", METHOD)
    process.type("if am")
    assert await process.shown() == SHOWN
    close(process)
    assert process.messages == []


def open_uri(this: Editor, uri: str, text: str, language: str = "python") -> None:
    this.open("any.py", text + "║", language)
    close(this)
    this.uri = uri
    item = lsp.TextDocumentItem(uri, language, 1, text)
    this.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))


async def reason(this: Editor) -> str:
    assert await this.ask() == []
    return str((await this.command("firsthand.status"))["reason"])


@pytest.mark.parametrize(
    "uri",
    [
        "git:/repository/a.py?%7B%22ref%22%3A%22HEAD%22%7D",
        "vscode-chat-editor:abc/0",
        "output:tasks",
        "",
        "nonsense",
    ],
)
async def test_what_is_no_file(this: Editor, uri: str) -> None:
    open_uri(this, uri, CODE)
    assert (await reason(this)).startswith("only files, unsaved documents and cells")
    this.type("x")
    assert await this.ask() == []
    close(this)


@pytest.mark.parametrize(
    "uri",
    [
        "file:///nowhere/at/all.py",
        "file:///",
        "file:///a%00b.py",
        "file:///%ff%fe.py",
        "file://host/share/a.py",
        "file:///" + "x" * 5000 + ".py",
        "file:///tmp/../../../etc/passwd",
    ],
)
async def test_files_with_odd_names(this: Editor, uri: str) -> None:
    open_uri(this, uri, CODE)
    await this.ask()
    this.type("x")
    await this.ask(explicit=True)
    close(this)


@pytest.mark.parametrize(
    ("line", "character"), [(10**6, 0), (0, 10**6), (2**31 - 1, 2**31 - 1), (18, 10**9)]
)
async def test_a_position_outside_is_the_nearest_inside(
    this: Editor, line: int, character: int
) -> None:
    this.open("outside.py", METHOD)
    this.type("if am")
    params = this.params()
    params.position = lsp.Position(line, character)
    assert isinstance(await this.client.text_document_inline_completion_async(params), list)
    far = lsp.Range(lsp.Position(line, character), lsp.Position(line, character))
    this.client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(9, this.uri),
            [lsp.TextDocumentContentChangePartial(far, "# the end\n")],
        )
    )
    await this.ask()
    close(this)


async def test_a_file_that_is_deleted_and_one_that_is_renamed(this: Editor) -> None:
    old, new = this.root / "old.py", this.root / "new.py"
    old.write_text(METHOD, encoding="utf-8")
    this.open("old.py", METHOD)
    this.type("if am")
    assert await this.shown() == SHOWN
    old.unlink()
    this.type("o")
    assert await this.shown() == SHOWN[1:]
    close(this)
    new.write_text(METHOD, encoding="utf-8")
    this.open("new.py", METHOD)
    this.type("if am")
    assert await this.shown() == SHOWN
    close(this)
    new.unlink()


LARGE: dict[str, tuple[str, str]] = {
    "50 MB": ("x = 1  # a line of it\n" * 2_300_000, "the file is too large"),
    "one line of 5 MB": ("x=1;" * 1_250_000, "the file is too large"),
    "one line of 3 MB": ("x=1;" * 750_000, "the line is too long"),
    "one wide line": ("値=1;" * 900_000, "the line is too long"),
    "one line of emoji": ("'😀'," * 300_000, "the line is too long"),
}


@pytest.mark.parametrize("name", LARGE)
async def test_large_files_are_left_alone(this: Editor, name: str) -> None:
    text, wanted = LARGE[name]
    open_uri(this, (this.root / "large.py").as_uri(), text)
    async with asyncio.timeout(PATIENCE):
        assert await reason(this) == wanted
        keys(this, "typing")
        assert await reason(this) == wanted
    close(this)


@pytest.mark.parametrize("name", ["50 MB", "one wide line"])
async def test_what_is_pasted_makes_a_file_large(this: Editor, name: str) -> None:
    text, wanted = LARGE[name]
    this.open("small.py", METHOD)
    this.type("if am")
    assert await this.shown() == SHOWN
    change(this, 7, this.position(this.cursor), text)
    async with asyncio.timeout(PATIENCE):
        assert await reason(this) == wanted
        keys(this, "typing")
        assert await reason(this) == wanted
    close(this)


def keys(this: Editor, string: str) -> None:
    """Keys at the start of a document, without keeping a copy of it."""
    for key in string:
        change(this, 9, lsp.Position(0, 0), key)


def change(this: Editor, version: int, at: lsp.Position, text: str) -> None:
    this.client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(version, this.uri),
            [lsp.TextDocumentContentChangePartial(lsp.Range(at, at), text)],
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        bytes(range(256)).decode("latin-1") * 50,
        "\0" * 10_000,
        "\x7fELF\x02\x01\x01" + "\0\ufffd" * 500,
        "\ud83d\udc00 = '\udfff'\n" * 40,
        "\u2028\u0085\x0b\x0c\r\n\r\r\n" * 40,
        "(" * 1500 + "\n" + "[" * 1500,
        "'''" + '"""' * 400,
        "\t" * 1999,
        "e\u0301" * 900,
    ],
    ids=["bytes", "nuls", "elf", "surrogates", "ends", "deep", "quotes", "tabs", "accents"],
)
@pytest.mark.parametrize("language", ["python", "brainfuck", "", "c"])
async def test_what_is_no_source_code(this: Editor, text: str, language: str) -> None:
    open_uri(this, (this.root / "strange.bin").as_uri(), text, language)
    this.text, this.cursor = this.text, this.text.end
    for key in "if (x":
        this.type(key)
        await this.ask()
    assert isinstance(await this.ask(explicit=True), list)
    close(this)


async def test_an_unknown_language_completes_as_well(this: Editor) -> None:
    lines = "".join(f"frobnicate widget_{n} with sprocket\n" for n in range(9))
    this.open("notes.zzz", lines + "frobnicate widget_9 w║\n", "no-such-language")
    async with asyncio.timeout(PATIENCE):
        while not (await this.shown()).startswith("ith"):  # it is learned meanwhile
            await asyncio.sleep(0.01)
    close(this)


async def test_changes_of_what_was_never_opened(this: Editor) -> None:
    this.uri = (this.root / "never.py").as_uri()
    change(this, 2, lsp.Position(0, 0), "x")
    close(this)
    assert await reason(this) == "the editor never opened this document"


async def test_opened_twice_is_the_newer_text(this: Editor) -> None:
    this.open("twice.py", "nothing = 1\n║")
    this.open("twice.py", METHOD)
    this.type("if am")
    assert await this.shown() == SHOWN
    close(this)
    close(this)


async def test_versions_that_go_backwards_or_stand_still(this: Editor) -> None:
    this.open("versions.py", METHOD)
    for version, key in ((9, "i"), (3, "f"), (3, " "), (-1, "a"), (2**31 - 1, "m")):
        this.version = version - 1
        this.edit(Edit(Range.at(this.cursor), key), after(this.cursor))
    assert await this.shown() == SHOWN
    close(this)


def after(position: Position) -> Position:
    return Position(position.line, position.character + 1)


async def test_ranges_that_end_before_they_start(this: Editor) -> None:
    this.open("ranges.py", METHOD)
    this.type("if am")
    backwards = lsp.Range(lsp.Position(9, 9), lsp.Position(2, 2))
    this.client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(8, this.uri),
            [lsp.TextDocumentContentChangePartial(backwards, "")],
        )
    )
    assert await this.shown() == SHOWN
    close(this)


@pytest.mark.parametrize(
    "settings",
    [None, [], 3, "x", {"firsthand": 3}, {"firsthand": {"enabled": "yes"}}, {"firsthand": []}],
)
async def test_odd_settings_are_no_fault(process: Editor, settings: Any) -> None:
    process.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings))
    process.open("settings.py", METHOD)
    process.type("if am")
    assert await process.shown() == SHOWN
    assert not any("fault of its own" in each for each in process.messages)
    process.client.messages.clear()
    close(process)
