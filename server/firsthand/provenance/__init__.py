"""Who wrote what in the open documents, kept up with each change and on disk between sessions."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firsthand.core.attribution import (
    Removed,
    accepted,
    carried,
    overlaid,
    pasted,
    range_of,
    remark,
    typed,
)
from firsthand.core.authorship import Authorship, Mark, Origin
from firsthand.core.completion import Completion, Offer, all_written, consumed
from firsthand.core.history import Act, Change
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.core.unread import Block, blocks, edited, read, unread
from firsthand.document import Document
from firsthand.paths import document_path
from firsthand.provenance import commits
from firsthand.provenance.authored import Accepted, Authored, holds, key_of
from firsthand.provenance.record import Record
from firsthand.provenance.store import Store, exact, load, write

if TYPE_CHECKING:
    from firsthand.core.authorship import Run
    from firsthand.ledger.records import After
    from firsthand.stores import Stores
    from firsthand.worker import Worker

# Seconds after which it is counted what is left of accepted text.
AFTER: dict[After, float] = {"15s": 15.0, "2min": 120.0, "10min": 600.0}
# Seconds in which an editor tells that it saved a file, before another one is taken to have.
_SAVING = 0.5
# Seconds between two savings of a document that is edited.
_KEEP_EVERY = 30.0
_HOUR = 3_600_000
_REMOVED = 16
_LONGEST_REMOVED = 50_000


class Provenance:
    """Follows each change of each document, and has a worker keep what is known.

    Args:
        worker: the thread that disk is read and written on.
        now: milliseconds since 1970.

    Attributes:
        redraw: called where what is unread has changed without an edit of the document's.
    """

    def __init__(
        self,
        worker: Worker,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.store: Store | None = None
        self.stores: Stores | None = None
        self.saves = False
        self.redraw: Callable[[], None] = lambda: None
        self._worker = worker
        self._now = now
        self._last = 0
        self._removed: deque[Removed] = deque(maxlen=_REMOVED)
        self._heads: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, stores: Stores, folder: Path, tell: Callable[[str], None]) -> None:
        """Keep what is known in a folder from now on, and enter what survived."""
        self.stores, self.store = stores, Store(folder, tell)

    def opened(self, document: Document) -> None:
        """A document was opened: nothing is known of it until its record was read."""
        if document.silence is not None:
            return
        unknown = Authorship.unknown(document.text)
        earlier: deque[tuple[Text, Authorship]] = deque(maxlen=document.earlier.maxlen)
        document.authored = Authored(unknown, earlier, (document.text, unknown))
        self.recall(document)

    def recall(self, document: Document) -> None:
        """Read what is kept of a document, once there is a store."""
        if self.store is not None and key_of(document) is not None:
            self._spawn(self._recall(self.store, document, document.text))

    async def _recall(self, store: Store, document: Document, text: Text) -> None:
        key, authored = key_of(document), document.authored
        if key is None or authored is None:
            return
        found = await self._worker.run(load, store, key, text)
        if found is None:
            return
        known, authored.gone = found
        authored.clean = text, known
        if document.text is not text:  # it was edited meanwhile
            edit = Edit(_all(text), document.text.string)
            fresh = Mark(Origin.UNKNOWN)
            under = carried(text.string, known.runs(), edit.new_text, fresh, guessing=False)
            over = overlaid(authored.authorship.runs(), under)
            known = Authorship.of(document.text, over)
        authored.authorship = known
        self.redraw()

    def changed(
        self,
        document: Document,
        before: Text,
        edits: Sequence[tuple[Edit, Text]],
        change: Change,
        *,
        certain: bool,
    ) -> None:
        """A document was changed.

        Args:
            document: with its text after the change.
            before: the text before.
            edits: what was done to it, each with the text that it made.
            change: what the change was.
            certain: the editor said that the completion of the change was accepted.
        """
        authored = document.authored
        if authored is None or before is document.text:
            return
        was = authored.authorship
        authored.authorship = (
            authored.restored(document.text) if change.act is Act.RESTORED else None
        ) or self._after(document, authored, before, edits, change, certain=certain)
        authored.earlier.appendleft((before, was))
        if not authored.dirty:
            authored.dirty = True
            asyncio.get_running_loop().call_later(_KEEP_EVERY, self.keep, document)

    def _after(
        self,
        document: Document,
        authored: Authored,
        before: Text,
        edits: Sequence[tuple[Edit, Text]],
        change: Change,
        *,
        certain: bool,
    ) -> Authorship:
        mark = None
        if change.act is Act.ACCEPTED and change.completion is not None:
            known = self._known(document, authored, change.completion.id)
            if known is not None:
                mark = known.mark(certain=certain)
                known.characters += change.characters
                self._watch(document, authored, known)
                if document.folder and document.folder not in self._heads:
                    self._heads[document.folder] = ""
                    self._spawn(self._note_head(document.folder))
        authorship, hour = authored.authorship, self._now() // _HOUR * _HOUR
        expected, proposed = authored.expected or (None, None)
        for edit, after in edits:
            old = before.slice(edit.range)
            if proposed is not None:
                runs = authorship.slice(before, edit.range)
                runs = carried(old, runs, edit.new_text, proposed.mark(certain=True))
            elif mark is not None:
                runs = accepted(authorship, before, edit, mark)
            elif change.act is Act.TYPED_THROUGH and edit.range.empty:
                runs = [(len(edit.new_text), Mark(Origin.TYPED, hour).packed)]
                authored.count(edit.new_text, runs, hour)
            else:
                runs = self._typed(authorship, before, edit, hour)
                authored.count(edit.new_text, runs, hour)
            if len(old) > 1 and len(old) <= _LONGEST_REMOVED:
                gone = tuple(authorship.slice(before, edit.range))
                self._removed.appendleft(Removed(old, gone))
            was, authorship = authorship, authorship.splice(before, edit, after, runs)
            if proposed is None:
                authorship = edited(was, before, edit, authorship, after)
            before = after
        if proposed is not None:
            proposed.characters = authorship.accepted(proposed.at)
            self._watch(document, authored, proposed)
            if expected == document.text:
                authored.expected = None
        return authorship

    def _typed(self, authorship: Authorship, before: Text, edit: Edit, hour: int) -> list[Run]:
        at = self._stamp() if edit.range.empty and pasted(edit.new_text) else hour
        return typed(authorship, before, edit, at, self._removed)

    def _enter_written(self, document: Document, authored: Authored) -> None:
        (characters, lines), authored.written = authored.written, (0, 0)
        if characters and self.stores is not None:
            self.stores.wrote(characters, lines, document.language)

    def told(self, documents: Sequence[Document], id_: int, characters: int) -> None:
        """The editor says that so many characters of a completion were accepted."""
        for document in documents:
            authored = document.authored
            known = self._known(document, authored, id_) if authored else None
            if authored is not None and known is not None:
                self._make_certain(document, authored, known, characters)

    def _make_certain(
        self, document: Document, authored: Authored, known: Accepted, characters: int
    ) -> None:
        mark, text = known.mark(certain=True), document.text
        inferred = known.mark(certain=False)
        authorship = authored.authorship.remarked({inferred.packed: mark.packed})
        offer, new_text = known.offer, known.offer.completion.new_text
        has = consumed(offer, text)
        if has is None and all_written(offer, text):
            has = len(new_text)
        if has is not None and 0 < characters <= has:
            where = range_of(offer.completion.range, new_text, has - characters, has)
            authorship = remark(authorship, text, where, mark)
        known.characters = max(known.characters, authorship.accepted(known.at))
        authored.authorship, authored.dirty = authorship, True
        self._watch(document, authored, known)

    def expect(self, document: Document, text: Text, model: str) -> None:
        """A frontier model's proposal is being applied to a document, which makes a text."""
        if document.authored is not None:
            whole = Completion(document.version, _all(document.text), text.string, "frontier")
            offer = Offer(document.text, replace(whole, model=model, id=-self._stamp()))
            known = document.authored.enter(offer, self._last)
            document.authored.expected = text, known

    def applied(self, document: Document) -> None:
        """The editor has answered: the proposal was applied, or was not."""
        authored = document.authored
        if authored is not None and authored.expected is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(_SAVING, setattr, authored, "expected", None)

    def saved(self, document: Document | None) -> None:
        """A document was written to its file by its editor."""
        self.saves = True
        if document is not None and document.authored is not None:
            document.authored.clean = document.text, document.authored.authorship
            self.keep(document)

    def touched(self, documents: Mapping[str, Document], uris: Iterable[str]) -> None:
        """Files were written, by the editor or by something else."""
        for document in filter(None, map(documents.get, uris)):
            if document.authored is not None and self.saves:
                loop = asyncio.get_running_loop()
                loop.call_later(_SAVING, self._look, document)

    def _look(self, document: Document) -> None:
        self._spawn(self.compare(document))

    async def compare(self, document: Document) -> None:
        """Find out whether an editor took in what something else wrote to a file."""
        authored, file = document.authored, document_path(document.uri)
        if authored is None or file is None or document.text is authored.clean[0]:
            return
        clean, text = authored.clean, document.text
        if clean[0] == text or not await self._worker.run(holds, file, text):
            return
        if document.text is not text or authored.clean is not clean:
            return  # it was saved meanwhile, or typed in
        record, key = Record.of(*clean, authored.gone), key_of(document)
        found = await self._worker.run(exact, self.store, key, text) if self.store and key else None
        if found is None:
            found = await self._worker.run(record.matched, text)
        if document.text is text:
            authorship, authored.gone = found
            authored.authorship, authored.clean = authorship, (text, authorship)
            authored.dirty = True
            self.redraw()

    def keep(self, document: Document) -> None:
        """Have what is known of a document written to disk, if there is something new."""
        authored, key = document.authored, key_of(document)
        if authored is None or not authored.dirty or self.store is None:
            return
        authored.dirty = False
        self._enter_written(document, authored)
        if key is not None and not document.private:
            text, authorship, gone = document.text, authored.authorship, authored.gone
            self._worker.send(write, self.store, key, text, authorship, gone)

    def unread(self, document: Document, first: int, last: int) -> list[Block]:
        """The blocks of a frontier model's that have a line from first to last, and are unread."""
        authored, text = document.authored, document.text
        return blocks(authored.authorship, text, first, last) if authored else []

    def mark_read(self, document: Document, first: int, last: int) -> int:
        """The person has read what frontier models wrote in some lines; how many characters."""
        authored, text = document.authored, document.text
        if authored is None:
            return 0
        where = Range(Position(first, 0), Position(last, len(text.lines[last])))
        runs = authored.authorship.slice(text, where)
        found = sum(length for length, mark in runs if unread(mark))
        if found:
            authored.authorship = read(authored.authorship, text, first, last)
            authored.dirty = True
            self.keep(document)
            self.redraw()
        return found

    async def moved(self, documents: Iterable[Document], folder: str) -> None:
        """A folder's repository has changed: count what a commit holds of accepted text."""
        if folder not in self._heads:
            return
        before = self._heads[folder]
        after = self._heads[folder] = await self._worker.run(commits.head, folder)
        if not after or before == after:
            return
        for document in [each for each in documents if each.folder == folder]:
            text = await self._worker.run(commits.committed, folder, document.path)
            if text is not None:
                self.committed(document, text)

    def committed(self, document: Document, text: Text) -> None:
        """A commit has a text of a document: what it holds of accepted text has survived."""
        authored = document.authored
        waiting = [
            each for each in (authored.accepted.values() if authored else ()) if not each.committed
        ]
        if authored is None or not waiting:
            return
        record = Record.of(document.text, authored.authorship, {})
        committed = record.matched(text)[0]
        for each in waiting:
            # What is not in it is not lost: a switch of branches moves the repository as well.
            if committed.accepted(each.at):
                each.committed = True
                self._count(document, each, "commit", committed)

    async def _note_head(self, folder: str) -> None:
        self._heads[folder] = await self._worker.run(commits.head, folder)

    def _known(self, document: Document, authored: Authored, id_: int) -> Accepted | None:
        """A completion that something is accepted of; None where nobody knows it any more."""
        shown = document.shown.offers if document.shown else ()
        offer = next((each for each in shown if each.completion.id == id_), None)
        known = authored.accepted.get(id_)
        return known or (authored.enter(offer, self._stamp()) if offer else None)

    def _watch(self, document: Document, authored: Authored, known: Accepted) -> None:
        """Count what is left of accepted text after a while, from the last of it on."""
        for timer in known.timers:
            timer.cancel()
        loop = asyncio.get_running_loop()

        def count(name: After) -> None:
            self._count(document, known, name, authored.authorship)

        known.timers = [loop.call_later(wait, count, name) for name, wait in AFTER.items()]

    def _count(self, document: Document, known: Accepted, name: After, now: Authorship) -> None:
        if self.stores is not None:
            left = min(now.accepted(known.at), known.characters)
            counts = left, known.characters - left
            self.stores.survived(name, known.offer.completion, counts, document.language)

    def _stamp(self) -> int:
        """Now, but later than any before: a clock that went back must not join what is apart."""
        self._last = max(self._now(), self._last + 1)
        return self._last

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Leave what was begun, and would ask a worker that is about to close."""
        for task in self._tasks:
            task.cancel()

    async def settled(self) -> None:
        """Return once what was begun is done."""
        await asyncio.gather(*self._tasks)


def _all(text: Text) -> Range:
    return Range(Position(0, 0), text.end)
