"""The language server: one short handler for each LSP method."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Mapping
from importlib import import_module
from typing import Any, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcParseError
from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from firsthand import __version__, commands, convert, stdio
from firsthand import log as logs
from firsthand.client import Client
from firsthand.core.outcome import Answer, Silence
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Encoding, Text
from firsthand.progress import Progress
from firsthand.proposals import Abilities
from firsthand.protocol import Protocol
from firsthand.session import Session

log = logging.getLogger(__name__)

# A wait of the interpreter for another thread is a wait of the next key: the default is 5 ms.
_SWITCH_INTERVAL = 0.0005
# Seconds that a callback may take; in the loop's debug mode the log names longer ones.
_HELD = 0.010


class Server(LanguageServer):
    """One connection to one editor."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "firsthand", __version__, protocol_cls=Protocol, converter_factory=default_converter
        )
        self.session = Session(tell=self.tell, say=self.say)
        self._progress = Progress(self._create_progress, self._send_progress)
        self._faults_said: set[str] = set()
        self._begun: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Task[None] | None = None
        self.session.escalations.ask = self.ask
        self.session.provenance.redraw = self.redraw_marks

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Send a request and give the answer; None where the editor refuses it."""
        kind = lsp.METHOD_TO_TYPES[method][2]
        try:
            message: Any = self.protocol._converter.structure(params, cast("type", kind))
            return await self.protocol.send_request_async(method, message)
        except JsonRpcException:
            return None

    def tell(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a notification; what a status says of the index also as progress."""
        if method == lsp.PROGRESS:
            self._send_progress(params["token"], params["value"])
            return
        self.protocol.notify(method, params)
        if method == "firsthand/status":
            window = self.client_capabilities.window
            if window and window.work_done_progress:
                self._progress.update(params["indexing"])

    def say(self, message: str, *, warning: bool = True) -> None:
        """Show the person a message: a warning, or something to know."""
        kind = lsp.MessageType.Warning if warning else lsp.MessageType.Info
        self.window_show_message(lsp.ShowMessageParams(type=kind, message=message))

    def prepare(self) -> None:
        """Begin, or do again, all that the answer to `initialize` must not wait for."""
        self._begin(self._prepare())

    def keep_up(self) -> None:
        """Begin what goes on as long as the editor: looking for models, learning, tidying."""
        self._begin(self._keep_up())

    async def _prepare(self) -> None:
        await self._load_startup()
        from firsthand import startup

        await startup.prepare(self.session, self.say)

    async def _keep_up(self) -> None:
        await self._load_startup()
        from firsthand import startup

        self._begin(startup.keep_looking(self.session, self.say))
        self._begin(startup.keep_learned(self.session, self.say))
        self._begin(startup.keep_indexed(self.session, self.say))
        self._begin(startup.tidy_while_idle(self.session))

    async def _load_startup(self) -> None:
        """Load the module away from the event loop: a key would wait for it."""
        await self.session.worker.run(import_module, "firsthand.startup")

    def watch(self) -> None:
        """Ask the editor to tell of files that change on the disk, if it can be asked."""
        workspace = self.client_capabilities.workspace
        watching = workspace and workspace.did_change_watched_files
        if not watching or not watching.dynamic_registration:
            return
        options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher("**/*")])
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        watch = lsp.Registration("firsthand.watch", method, options)
        self.client_register_capability(lsp.RegistrationParams([watch]))

    def redraw_marks(self) -> None:
        """Have the editor ask anew for the marks of what is unread, if it can be told to."""
        workspace = self.client_capabilities.workspace
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self._begin(self._redraw_marks())

    async def _redraw_marks(self) -> None:
        with contextlib.suppress(JsonRpcException):  # it is not the editor's duty
            await self.workspace_inlay_hint_refresh_async(None)

    async def end(self) -> None:
        """End all that was begun, once."""
        if self._ending is None:
            for task in self._begun:
                task.cancel()
            self._ending = asyncio.ensure_future(self.session.end())
        await asyncio.shield(self._ending)

    async def gone(self) -> None:
        """The editor is gone, whether it said so or not."""
        self.protocol.give_up()
        await self.end()

    def _create_progress(self, token: str, then: Callable[[], None]) -> None:
        created = self.window_work_done_progress_create(lsp.WorkDoneProgressCreateParams(token))
        created.add_done_callback(
            lambda done: None if done.cancelled() or done.exception() else then()
        )

    def _send_progress(self, token: str, value: Mapping[str, Any]) -> None:
        self.protocol.notify("$/progress", lsp.ProgressParams(token, dict(value)))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._begun.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            self.note(fault)

    def report_server_error(self, error: Exception, source: object) -> None:
        """Note a fault without its message, which may hold source code; say it once."""
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
            self.protocol.refuse(None, JsonRpcParseError("the message is not JSON"))
        if not (self.protocol.is_shut_down and source is JsonRpcInternalError):
            self.note(error)  # and not that nobody was there to write to

    def note(self, error: BaseException) -> None:
        """Log where a fault came from, and tell the person once of each kind."""
        kind, frames = _origin(error)
        where = " < ".join(reversed(frames[-6:]))
        log.error("%s at %s", kind, where or "an unknown place")
        if isinstance(error, JsonRpcException | ValueError) or kind in self._faults_said:
            return
        self._faults_said.add(kind)
        self.say(
            f"Firsthand met a fault of its own ({kind}) and goes on; "
            "`firsthand doctor` names the log that says where."
        )


def _origin(error: BaseException) -> tuple[str, list[str]]:
    """The name of a fault, and the places that it came through, the outermost first."""
    if isinstance(error, JsonRpcInternalError) and error.data:
        # What a request's handler raised comes from pygls as text.
        frames = re.findall(r'^  File "(.+?)", line (\d+)', "".join(error.data["traceback"]), re.M)
        return error.message.partition(":")[0], [":".join(each) for each in frames]
    through = traceback.extract_tb(error.__traceback__)
    return type(error).__name__, [f"{each.filename}:{each.lineno}" for each in through]


def initialize(ls: Server, params: lsp.InitializeParams) -> None:
    """Take what the editor says of itself."""
    session = ls.session
    session.encoding = cast(Encoding, ls.workspace.position_encoding or "utf-16")
    session.options = params.initialization_options
    session.client = Client.declared(params.initialization_options)
    session.escalations.abilities = Abilities(**convert.abilities(params.capabilities))
    opened = params.workspace_folders or []
    root = params.root_uri and not opened
    session.add_folders([params.root_uri] if root and params.root_uri else [f.uri for f in opened])
    if convert.wants_menu(params):
        options = lsp.CompletionOptions(trigger_characters=list(convert.MENU))
        ls.feature(lsp.TEXT_DOCUMENT_COMPLETION, options)(completion)


def initialized(ls: Server, _params: lsp.InitializedParams) -> None:
    """Load what completes, now that the editor has its answer."""
    ls.prepare()
    ls.keep_up()
    ls.watch()


async def inline_completion(
    ls: Server, params: lsp.InlineCompletionParams
) -> list[lsp.InlineCompletionItem] | None:
    """The completions at a cursor; [] for nothing to show, null when a newer request took over."""
    session = ls.session
    snapshot = session.snapshot(params)
    answer = await _answer(ls, snapshot)
    if answer.superseded:
        return None
    if isinstance(snapshot, Silence):
        return []
    return convert.to_items(answer.completions, snapshot.text, session.encoding)


async def completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    """The same as entries of a menu, which never says whether a person or their typing asked."""
    session = ls.session
    snapshot = session.snapshot(convert.to_inline(params))
    answer = await _answer(ls, snapshot)
    if answer.superseded:
        return None
    text = Text() if isinstance(snapshot, Silence) else snapshot.text
    return convert.to_menu(answer.completions, text, session.encoding)


async def _answer(ls: Server, snapshot: Snapshot | Silence) -> Answer:
    """What completes at a snapshot, and note that it is answered."""
    session = ls.session
    began = session.clock()
    if isinstance(snapshot, Silence):
        session.board.update(reason=snapshot.value)
        return Answer()
    from firsthand.complete import complete  # loaded by `startup` before there is a snapshot

    try:
        answer = await complete(session, snapshot)
    except Exception as fault:  # noqa: BLE001 - the only one: no fault may cost a person a key
        ls.note(fault)
        answer = Answer()
    return session.answered(snapshot, answer, began)


def did_change_configuration(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
    """Settings of the editor changed; they may only tune."""
    ls.session.options = params.settings
    ls.prepare()


def did_change_workspace_folders(ls: Server, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    """Workspace folders came or went."""
    ls.session.remove_folders([each.uri for each in params.event.removed])
    ls.session.add_folders([each.uri for each in params.event.added])
    ls.prepare()


def did_change_watched_files(ls: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
    """Files changed on the disk, by the editor or by something else."""
    from firsthand import folders

    folders.touched(ls.session, [each.uri for each in params.changes])


def did_save(ls: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    """A document was written to its file."""
    from firsthand import folders

    folders.saved(ls.session, params.text_document.uri)


async def shutdown(ls: Server, _params: None) -> None:
    """End all that runs; exit follows."""
    await ls.end()


def cancel(ls: Server, params: lsp.WorkDoneProgressCancelParams) -> None:
    """The person cancelled what a progress is about."""
    ls.session.escalations.cancel(str(params.token))


def code_action(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """What an escalation could do here: the command alone, so that nothing is asked unasked."""
    session = ls.session
    document, at = session.documents.get(params.text_document.uri), convert.put_at(params)
    if session.ready and document and document.silence is None and at:
        from firsthand.warming import arrived  # loaded by `startup` before a session is ready

        arrived(session, document, convert.from_position(at, document.text, session.encoding))
    frontier = session.escalations.frontier
    return convert.to_actions(params) if frontier and frontier.endpoints else []


def inlay_hint(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    """Marks of what frontier models wrote and nobody has read, for those who want them."""
    session = ls.session
    document = session.documents.get(params.text_document.uri)
    if document is None or not session.settings_of(document).settings.tuning.marks:
        return []
    last = len(document.text.lines) - 1
    first, end = min(params.range.start.line, last), min(params.range.end.line, last)
    found = session.provenance.unread(document, first, end)
    return convert.to_hints(found, document.uri, document.text, session.encoding)


def _command(run: commands.Command) -> Callable[..., Any]:
    """A command as pygls calls it."""

    def handle(ls: Server, *arguments: object) -> object:
        return run(ls.session, commands.given(arguments))

    return handle


def _deciding(run: commands.Decision) -> Callable[..., Any]:
    """A command that waits for the editor, as pygls calls it."""

    async def handle(ls: Server, *arguments: object) -> object:
        return await run(ls.session, commands.given(arguments))

    return handle


def make() -> Server:
    """A server with its handlers, not yet connected."""
    server = Server()
    server.feature(lsp.INITIALIZE)(initialize)
    server.feature(lsp.INITIALIZED)(initialized)
    server.feature(lsp.SHUTDOWN)(shutdown)
    server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(did_change_configuration)
    server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(did_change_workspace_folders)
    server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)(did_change_watched_files)
    server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)(did_save)
    inline = lsp.InlineCompletionOptions()
    server.feature(lsp.TEXT_DOCUMENT_INLINE_COMPLETION, inline)(inline_completion)
    actions = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Refactor])
    server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, actions)(code_action)
    server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)(inlay_hint)
    server.feature(lsp.WINDOW_WORK_DONE_PROGRESS_CANCEL)(cancel)
    for name, command in commands.COMMANDS.items():
        server.command(name)(_command(command))
    for name, decision in commands.DECISIONS.items():
        server.command(name)(_deciding(decision))
    return server


def serve() -> int:
    """Speak LSP on standard input and output until the editor leaves; gives the exit status."""
    stdin, stdout = stdio.take()  # before another file gets the number of one that is closed
    logs.begin()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    server = make()
    server.protocol.acquaint()
    server.protocol.set_writer(StdoutWriter(stdout))

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        loop.slow_callback_duration = _HELD
        loop.set_exception_handler(
            lambda _loop, context: server.note(context.get("exception", RuntimeError()))
        )
        await run_async(
            stop_event=threading.Event(),
            reader=await stdio.Reader.of(stdin),
            protocol=server.protocol,
            error_handler=server.report_server_error,
        )

    try:
        stdio.run(talk(), server.gone)
    except SystemExit as ended:  # the exit notification
        return int(ended.code or 0)
    except BrokenPipeError:
        pass
    finally:
        server.session.shut_down()
    return 0
