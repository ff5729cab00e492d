"""All mutable state of a running server, and the one place that holds it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from firsthand import convert, judging, level, pace
from firsthand.client import Client
from firsthand.core.completion import Completion, advance
from firsthand.core.outcome import Answer, Silence
from firsthand.core.pauses import Pauses
from firsthand.core.snapshot import Selected, Snapshot
from firsthand.core.text import Edit, Encoding, Position, Text
from firsthand.core.trust import Record
from firsthand.document import Document, opened, outgrown, touched_lines
from firsthand.generation import admit
from firsthand.learner import Learner
from firsthand.paths import uri_to_path
from firsthand.proposals import Escalations
from firsthand.provenance import Provenance
from firsthand.reception import Kind, Reception
from firsthand.settings import Loaded
from firsthand.status import Board
from firsthand.worker import Worker

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from firsthand.backends.base import Endpoint
    from firsthand.embedded import EmbeddedModel
    from firsthand.folders import Learned
    from firsthand.generation import Generation
    from firsthand.index.code.view import CodeReader
    from firsthand.router import Router
    from firsthand.router.frontier import Frontier
    from firsthand.stores import Stores

# Seconds that closing connections may take when a session ends.
_LAST_WORDS = 1.0


@dataclass
class Session:
    """The state of one connection to one editor.

    Attributes:
        tell: sends a notification to the editor.
        say: shows the person a sentence.
        clock: seconds, monotonic.
        encoding: the unit in which the editor counts characters.
        client: what the editor's plugin declared.
        options: the settings of the editor, as it sent them.
        folders: the workspace folders' paths.
        stale: the folders in which files changed since they were learned, and when they last did.
        learned: when each folder was last learned.
        code: what is known of the code of each folder.
        settings: those in force, for each folder; "" is for documents outside all of them.
        embedded: the embedded model, once it is loaded.
        router: the models of the inline tier, once they are known.
        stores: the cache and the ledger, once they are open.
        looker: the thread that asks `code`, so that what is quick need not wait.
        last: the document that was answered last.
        trust: how often the models' answers were right of late.
        ready: what completes was loaded; before that, requests are answered with nothing.
        anew: answers anew what was answered with nothing in a document, where that may differ now.
        preparing: held while that is loaded, or settings are loaded again.
        said: messages the person had already.
        escalations: whom they ask, and what is proposed.
    """

    tell: Callable[[str, Mapping[str, Any]], None]
    say: Callable[[str], None] = lambda _sentence: None
    clock: Callable[[], float] = time.monotonic
    encoding: Encoding = "utf-16"
    client: Client = field(default_factory=Client)
    options: object = None
    folders: list[str] = field(default_factory=list)
    stale: dict[str, float] = field(default_factory=dict)
    learned: dict[str, Learned] = field(default_factory=dict)
    code: dict[str, CodeReader] = field(default_factory=dict)
    settings: dict[str, Loaded] = field(default_factory=lambda: {"": Loaded()})
    embedded: EmbeddedModel | None = None
    router: Router | None = None
    stores: Stores | None = None
    looker: Worker = field(default_factory=Worker)
    last: Document | None = None
    trust: Record = field(default_factory=Record)
    ready: bool = False
    anew: Callable[[Document], None] = lambda _document: None
    preparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    said: set[str] = field(default_factory=set)
    escalations: Escalations = field(default_factory=Escalations)
    worker: Worker = field(default_factory=Worker)
    learner: Learner = field(default_factory=Learner)
    pauses: Pauses = field(default_factory=Pauses)
    documents: dict[str, Document] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.board = Board(self.tell)
        self.reception = Reception(self._record)
        self.provenance = Provenance(self.worker)
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Begin to complete, with the documents that are open; or go on with new settings."""
        self.ready = True
        for document in self.documents.values():
            judging.judge(self, document)
        level.show(self)

    # What the editor reports.

    def open(self, uri: str, language: str, version: int, string: str) -> None:
        """A document was opened; an open one is replaced."""
        self.close(uri)
        document = opened(uri, language, version, string, self.folders)
        self.documents[uri] = document
        self.provenance.opened(document)
        if self.ready:
            judging.judge(self, document)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run work that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Return once what runs in the background is done; for callers that are in no hurry."""
        await asyncio.gather(*self._tasks)
        await self.learner.finished()

    def change(
        self,
        uri: str,
        version: int,
        changes: Iterable[lsp.TextDocumentContentChangeEvent],
    ) -> None:
        """A document was changed."""
        document = self.documents.get(uri)
        if document is None or document.silence is not None:
            return
        text = document.text
        edits = tuple(convert.to_edits(tuple(changes), text, self.encoding))
        if outgrown(edits):  # opened anew it is left alone
            self.open(uri, document.language, version, edits[-1][1].string)
            return
        for edit, after in edits:
            self._learn_edit(document, text, edit, after)
            text = after
        right = document.judge_leading(text)
        if right is not None:
            self.trust = self.trust.after(right, self.clock(), prose=document.prose)
        before = document.text
        change = document.change(version, text, self.clock(), edits)
        self.provenance.changed(
            document, before, edits, change, certain=self.reception.certain(change)
        )
        self.reception.changed(document, change)
        generation = document.generation
        if generation is not None and generation.agrees(text):
            generation.count_down()
        elif generation is not None:
            self.end_generation(document)

    def close(self, uri: str) -> None:
        """A document was closed."""
        document = self.documents.pop(uri, None)
        if document is None:
            return
        self.provenance.keep(document)
        self.end_generation(document)
        self.supersede(document)
        if self.embedded:
            self.embedded.forget(uri)

    # What a request needs.

    def snapshot(self, params: lsp.InlineCompletionParams) -> Snapshot | Silence:
        """All that a request is about, as it is now; or why it can't be answered."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return Silence.UNKNOWN_DOCUMENT
        if document.silence is not None:
            return document.silence
        if not self.ready:
            return Silence.STARTING
        text, context = document.text, params.context
        return self.snapshot_at(
            document,
            convert.from_position(params.position, text, self.encoding),
            explicit=convert.explicit(context),
            selected=convert.from_selected(context.selected_completion_info, text, self.encoding),
        )

    def snapshot_at(
        self,
        document: Document,
        position: Position,
        *,
        explicit: bool,
        selected: Selected | None = None,
    ) -> Snapshot:
        """A document as it is now, with a cursor in it."""
        snapshot = Snapshot(
            uri=document.uri,
            path=document.path,
            language=document.language,
            version=document.version,
            text=document.text,
            position=position,
            explicit=explicit,
            selected=selected,
            paused=self._paused(document),
        )
        return pace.kept(self, document, snapshot)

    def on_screen(self, snapshot: Snapshot) -> Completion | None:
        """What the person sees at a snapshot's cursor: what is left there of the last answer."""
        document = self.documents.get(snapshot.uri)
        if document is None or document.shown is None:
            return None
        first = document.shown.offers[0]
        return advance(first, snapshot.text, snapshot.position, snapshot.version)

    def supersede(self, document: Document) -> None:
        """Let the automatic request that waits in a document go, without an answer."""
        if document.waiting is not None and not document.waiting.done():
            document.waiting.set_result(False)
        document.waiting = None

    async def wait(self, snapshot: Snapshot, generation: Generation, seconds: float) -> bool:
        """Wait for a generation's news; False when the request was superseded meanwhile."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        document = self.documents[snapshot.uri]
        if not snapshot.explicit:
            document.waiting = turn
        generation.join(turn, snapshot)
        limit = loop.call_later(seconds, admit, turn)
        try:
            admitted = await turn
        finally:
            limit.cancel()
            generation.leave(turn)
            if document.waiting is turn:
                document.waiting = None
        return admitted and self.is_current(snapshot)

    def is_current(self, snapshot: Snapshot) -> bool:
        """Whether a document is still open, and as it was when a request came."""
        document = self.documents.get(snapshot.uri)
        return document is not None and document.version == snapshot.version

    def answered(self, snapshot: Snapshot, answer: Answer, began: float) -> Answer:
        """Take note of an answer that is about to be sent; its completions get their names."""
        document = self.documents.get(snapshot.uri)
        if document is None or answer.superseded:
            return answer
        answer = self.reception.answered(document, snapshot, answer)
        self.last = document
        if document.generation is not None and self.client.refresh:
            document.generation.stay()
        level.answered(self, answer.silence, (self.clock() - began) * 1000)
        return answer

    # Generations.

    def adopt(self, document: Document, generation: Generation) -> None:
        """Own a generation; the one before it in the document ends."""
        self.end_generation(document)
        document.generation = generation
        self.board.update(thinking=True)

    def idle(self, seconds: float) -> bool:
        """Whether nothing was typed anywhere for a while."""
        times = [each.changes[-1] for each in self.documents.values() if each.changes]
        return self.clock() - max(times, default=0.0) > seconds

    def generating(self) -> bool:
        """Whether a model writes for any document now."""
        return any(each.generation is not None for each in self.documents.values())

    def end_generation(self, document: Document) -> None:
        """Close a document's generation, its connection with it."""
        if document.generation is not None:
            document.generation.close()
            document.generation = None
            self.board.update(thinking=self.generating())

    def pause(self, uri: str | None, language: str | None, minutes: float | None) -> bool:
        """Pause or resume everything, a file or a language; True when it is paused now."""
        scope: tuple[Literal["all", "uri", "language"], str] = (
            ("uri", uri) if uri else ("language", language) if language else ("all", "")
        )
        before = {each.uri for each in self.documents.values() if self._paused(each)}
        paused = self.pauses.toggle(scope, self.clock(), minutes)
        for document in self.documents.values():
            if self._paused(document):
                self.end_generation(document)
            elif document.uri in before:
                document.shown = None  # the editor took it away
                self.anew(document)
        level.show(self)
        return paused

    def _paused(self, document: Document) -> bool:
        return self.pauses.hold(document.uri, document.language, self.clock())

    def endpoint_for(self, document: Document) -> Endpoint | None:
        """The model that may be sent a document's text now, if there is one."""
        if self.router is None or document.private or not judging.models_allowed(self, document):
            return None
        return self.router.choose(local_only=judging.local_only(self, document))

    def settings_of(self, document: Document) -> Loaded:
        """The settings in force in a document."""
        return self.settings.get(document.folder, self.settings[""])

    def add_folders(self, uris: Iterable[str]) -> None:
        """Workspace folders were opened."""
        paths = [str(path) for uri in uris if (path := uri_to_path(uri))]
        new = [each for each in dict.fromkeys(paths) if each not in self.folders]
        self.folders.extend(new)
        self.part_folders(new)

    def part_folders(self, folders: Iterable[str]) -> None:
        """Keep the files of folders apart from others', before their indexes are there."""
        if self.embedded:
            for folder in folders:
                self.embedded.attach(folder, None)

    def remove_folders(self, uris: Iterable[str]) -> None:
        """Workspace folders were closed; what was learned of them goes."""
        for path in filter(None, map(uri_to_path, uris)):
            if str(path) in self.folders:
                self.folders.remove(str(path))
                self.settings.pop(str(path), None)
                self.learned.pop(str(path), None)
                self.code.pop(str(path), None)
                if self.embedded:
                    self.embedded.attach(str(path), None)

    async def end(self) -> None:
        """End all that runs, the stores last: the ledger hears what became of each request."""
        for uri in list(self.documents):
            self.close(uri)
        routers: Sequence[Router | Frontier | None] = (self.router, *self.escalations.frontiers)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await asyncio.gather(*(each.aclose() for each in routers if each))
        for task in self._tasks:
            task.cancel()
        self.shut_down()

    def shut_down(self) -> None:
        """End all that runs, and wait for nothing but the stores."""
        for uri in list(self.documents):
            self.close(uri)
        self.provenance.close()
        self.learner.close()
        self.looker.close()
        self.worker.close()
        for reader in self.code.values():
            reader.close()

    def _record(
        self, kind: Kind, completion: Completion, characters: int, document: Document
    ) -> None:
        if self.stores:
            latency_ms = self.board.status.latency_ms
            self.stores.record(kind, completion, characters, document.language, latency_ms)

    def _learn_edit(self, document: Document, before: Text, edit: Edit, after: Text) -> None:
        if self.embedded:
            first, old, new = touched_lines(before, edit, after)
            self.embedded.edit(document.uri, after, first, old, new)
            self.learner.add(self.embedded.pending(document.uri))
