"""An editor at the other end of the real server's standard input and output."""

import asyncio
import copy
import functools
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_lsp
from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp.client import LanguageClient, register_lsp_features
from tests.agreed import answer_departs, note_departs
from tests.loaded import python
from tests.marked import drawn, marked

from firsthand.convert import from_range
from firsthand.core.text import Edit, Encoding, Position, Range, Text, character_to_units
from firsthand.paths import uri_to_path

# Longer than any answer takes on a busy machine; a test that waits so long has failed.
PATIENCE = 60.0


@dataclass
class Editor:
    """Keeps a document as an editor does, and asks for completions in it."""

    client: LanguageClient
    root: Path
    encoding: Encoding = "utf-16"
    notes: dict[str, list[Any]] = field(default_factory=dict)
    registered: list[lsp.Registration] = field(default_factory=list)
    uri: str = ""
    version: int = 0
    text: Text = Text()
    cursor: Position = Position(0, 0)
    applied: list[lsp.WorkspaceEdit] = field(default_factory=list)
    questions: list[lsp.ShowMessageRequestParams] = field(default_factory=list)
    choice: str | None = None
    read: str = ""
    departed: list[str] = field(default_factory=list)
    redrawn: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def messages(self) -> list[str]:
        return [each.message for each in self.client.messages]

    async def until(self, method: str, **wanted: Any) -> Any:
        """The first notification of a method with certain values, gone by or to come."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for note in self.notes.setdefault(method, []):
                    if all(getattr(note, key) == value for key, value in wanted.items()):
                        return note
                await asyncio.sleep(0.01)

    async def until_progress(self) -> tuple[Any, Any]:
        """The token and the begin of a progress that has not ended, gone by or to come."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for token, reports in self.client.progress_reports.items():
                    if reports and getattr(reports[-1], "kind", "") != "end":
                        return token, reports[0]
                await asyncio.sleep(0.01)

    def apply(self, edit: lsp.WorkspaceEdit) -> None:
        """Make a change that the server asks for, as an editor does."""
        self.applied.append(edit)
        for change in edit.document_changes or ():
            assert isinstance(change, lsp.TextDocumentEdit)
            assert change.text_document.version == self.version
            for each in reversed(change.edits):
                assert isinstance(each, lsp.TextEdit | lsp.AnnotatedTextEdit)
                range_ = from_range(each.range, self.text, self.encoding)
                self.edit(Edit(range_, each.new_text), self.cursor)

    async def ready(self) -> None:
        """Return once the server completes and no index is being built."""
        async with asyncio.timeout(PATIENCE):
            while True:
                status = await self.command("firsthand.status")
                if status["level"] != "off" and status["indexing"] is None:
                    return
                await asyncio.sleep(0.02)

    async def command(self, name: str, argument: dict[str, Any] | None = None) -> Any:
        arguments = [argument] if argument is not None else []
        result = await self.client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(command=name, arguments=arguments)
        )
        answer = plain(result)
        assert not answer_departs(name, answer)
        return answer

    def open(self, name: str, drawing: str, language: str = "python", uri: str = "") -> None:
        """Open a file, or what another URI names, with a cursor drawn in it."""
        self.text, self.cursor = marked(drawing)
        self.version = 1
        self.uri = uri or (self.root / name).as_uri()
        item = lsp.TextDocumentItem(self.uri, language, self.version, self.text.string)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def edit(self, edit: Edit, cursor: Position) -> None:
        """Change the document and put the cursor somewhere."""
        change = lsp.TextDocumentContentChangePartial(self.range(edit.range), edit.new_text)
        self.text = self.text.apply(edit)
        self.cursor = cursor
        self.version += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.uri), [change]
            )
        )

    def type(self, string: str) -> None:
        """Type a string at the cursor, key by key."""
        for key in string:
            line, character = self.cursor.line, self.cursor.character
            after = Position(line + 1, 0) if key == "\n" else Position(line, character + 1)
            self.edit(Edit(Range.at(self.cursor), key), after)

    def backspace(self, times: int = 1) -> None:
        for _ in range(times):
            before = Position(self.cursor.line, self.cursor.character - 1)
            self.edit(Edit(Range(before, self.cursor), ""), before)

    async def ask(self, explicit: bool = False) -> list[lsp.InlineCompletionItem] | None:
        """Ask for completions at the cursor."""
        async with asyncio.timeout(PATIENCE):
            result = await self.client.text_document_inline_completion_async(self.params(explicit))
        assert result is None or isinstance(result, list)
        return result

    async def shown(self, explicit: bool = False) -> str:
        """The text of the first completion; empty when there is none."""
        items = await self.ask(explicit)
        return str(items[0].insert_text) if items else ""

    def params(self, explicit: bool = False) -> lsp.InlineCompletionParams:
        kind = lsp.InlineCompletionTriggerKind
        return lsp.InlineCompletionParams(
            context=lsp.InlineCompletionContext(kind.Invoked if explicit else kind.Automatic),
            text_document=lsp.TextDocumentIdentifier(self.uri),
            position=self.position(self.cursor),
        )

    def position(self, position: Position) -> lsp.Position:
        line = self.text.lines[position.line]
        return lsp.Position(
            position.line, character_to_units(line, position.character, self.encoding)
        )

    def range(self, range_: Range) -> lsp.Range:
        return lsp.Range(self.position(range_.start), self.position(range_.end))

    def __str__(self) -> str:
        return drawn(self.text, self.cursor)


@asynccontextmanager
async def editor(
    home: Path,
    root: Path,
    *,
    others: Sequence[Path] = (),
    encoding: Encoding = "utf-16",
    options: dict[str, Any] | None = None,
    config: str = "[inline]\nmodels = []\ndiscover = false\n",
    environ: dict[str, str] | None = None,
    client_spec: str = "visual-studio-code",
    command: Sequence[str] = (),
) -> AsyncIterator[Editor]:
    """A server started for one editor, and ended with it."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "config.toml"
    file.write_text(config, encoding="utf-8")
    variables = os.environ | {"FIRSTHAND_HOME": str(home), "FIRSTHAND_CONFIG": str(file)}
    made = pytest_lsp.ClientServerConfig(
        client_factory=_client,
        server_command=list(command) or [python(), "-m", "firsthand", "serve"],
        server_env=variables | (environ or {}),
    )
    client = await made.start()
    assert isinstance(client, LanguageClient)
    this = Editor(client, root, encoding)
    _hear(client, this)
    _decide(client, this)
    await client.initialize_session(
        lsp.InitializeParams(
            capabilities=_capabilities(client_spec, encoding),
            workspace_folders=[
                lsp.WorkspaceFolder(each.as_uri(), each.name) for each in (root, *others)
            ],
            initialization_options=options,
        )
    )
    try:
        yield this
        assert not this.departed
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]


# What one converts with, and what an editor can do, take long to make and are the same each time.
_converter = functools.cache(default_converter)
_client_capabilities = functools.cache(pytest_lsp.client_capabilities)


def _client() -> LanguageClient:
    client = LanguageClient(converter_factory=_converter)
    register_lsp_features(client)
    return client


def _capabilities(client_spec: str, encoding: Encoding) -> lsp.ClientCapabilities:
    """Those of an editor, which redraws its inlay hints when it is told to."""
    capabilities = copy.deepcopy(_client_capabilities(client_spec))
    capabilities.general = lsp.GeneralClientCapabilities(
        position_encodings=[lsp.PositionEncodingKind(encoding)]
    )
    if capabilities.workspace:
        hints = lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True)
        capabilities.workspace.inlay_hint = hints
    return capabilities


def _hear(client: LanguageClient, this: Editor) -> None:
    """Keep what a server tells its editor."""
    for method in ("firsthand/status", "firsthand/refresh", "firsthand/proposal"):
        _keep(client, method, this)

    @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def register(params: lsp.RegistrationParams) -> None:
        this.registered.extend(params.registrations)

    @client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)  # type: ignore[untyped-decorator]
    def redraw(_: None) -> None:
        this.redrawn.set()


def _keep(client: LanguageClient, method: str, this: Editor) -> None:
    """Keep notifications, and what is not as agreed in one."""
    notes = this.notes.setdefault(method, [])

    @client.feature(method)  # type: ignore[untyped-decorator]
    def keep(note: Any) -> None:
        notes.append(note)
        if departed := note_departs(method, plain(note)):
            this.departed.append(departed)


def _decide(client: LanguageClient, this: Editor) -> None:
    """Answer what a server asks of the person, who looks at a file before."""

    @client.feature(lsp.WORKSPACE_APPLY_EDIT)  # type: ignore[untyped-decorator]
    def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
        this.apply(params.edit)
        return lsp.ApplyWorkspaceEditResult(applied=True)

    @client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)  # type: ignore[untyped-decorator]
    def ask(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem | None:
        this.questions.append(params)
        path = uri_to_path(client.shown_documents[-1].uri)
        assert path is not None
        this.read = path.read_text(encoding="utf-8")
        return lsp.MessageActionItem(this.choice) if this.choice else None


def plain(value: Any) -> Any:
    """A result whose objects without a known type have become mappings again."""
    if isinstance(value, list | tuple):
        fields = getattr(value, "_asdict", None)
        return plain(fields()) if fields else [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


__all__ = ["Editor", "editor", "plain"]
