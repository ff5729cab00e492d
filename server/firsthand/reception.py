"""What became of what was offered: seen, accepted, rejected, or still on the screen."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal

from firsthand.core.completion import Completion, Offer, all_written
from firsthand.core.history import Act, Change
from firsthand.core.leaning import Leanings
from firsthand.core.outcome import Answer
from firsthand.core.snapshot import Snapshot
from firsthand.document import Document, Shown

# What stood still for this many seconds was seen.
_SEEN_AFTER = 0.25


Kind = Literal["shown", "accepted", "rejected"]
# Hears what happened, to which completion, to how many characters of it, in which document.
Record = Callable[[Kind, Completion, int, Document], None]


class Reception:
    """Follows every answer from the moment it is sent."""

    def __init__(self, record: Record) -> None:
        """`record` hears of every event once."""
        self._record = record
        # What earlier events say of how readily texts are shown; `adapting` brings it.
        self.leanings = Leanings()
        self._ids = itertools.count(1)
        self._last = Answer()
        self._pace: tuple[str, ...] = ()
        # The ids that a change showed to be accepted, and those of which the editor said so first.
        self._accepted: deque[int] = deque(maxlen=64)
        self._certain: deque[int] = deque(maxlen=64)

    def answered(self, document: Document, snapshot: Snapshot, answer: Answer) -> Answer:
        """Take note of an answer that is about to be sent; its completions get their names."""
        named = tuple(self._named(document, snapshot, each) for each in answer.completions)
        offers = tuple(Offer(snapshot.text, each) for each in named)
        before, document.shown = document.shown, Shown(offers) if offers else None
        if document.shown and before and before.offers[0].completion.id == named[0].id:
            document.shown.seen = before.seen
        document.asked = snapshot
        if document.shown:
            loop = asyncio.get_running_loop()
            loop.call_later(_SEEN_AFTER, self._stood, document, document.shown)
        self._last, self._pace = replace(answer, completions=named), snapshot.pace
        return self._last

    def _named(self, document: Document, snapshot: Snapshot, completion: Completion) -> Completion:
        """A completion with its name: the one it had if it goes on from what was shown last."""
        for rest in document.left_on_screen(snapshot):
            if completion.new_text.startswith(rest.new_text):
                return replace(completion, id=rest.id)
        return replace(completion, id=next(self._ids))

    def changed(self, document: Document, change: Change) -> None:
        """Take note of what a change of a document says about its last answer."""
        shown = document.shown
        if shown is None:
            return
        first = shown.offers[0]
        if change.completion is not None:
            self._see(document, shown)
            if change.act is Act.ACCEPTED and change.completion.id not in self._certain:
                self._accepted.append(change.completion.id)
                self._record("accepted", change.completion, change.characters, document)
        if all_written(first, document.text):
            document.shown = None
            document.decide(right=True)
        elif document.contradicted():
            if shown.seen:
                document.decide(right=False)
                length = len(first.completion.new_text)
                self._record("rejected", first.completion, length, document)
            document.shown = None

    def certain(self, change: Change) -> bool:
        """Whether the editor has said of a change's completion that it was accepted."""
        return change.completion is not None and change.completion.id in self._certain

    def accepted(self, documents: Iterable[Document], id_: int, characters: int) -> None:
        """The editor says that so many characters of a completion were accepted."""
        if id_ in (*self._accepted, *self._certain):  # it was entered already
            return
        for document in documents:
            shown = document.shown.offers if document.shown else ()
            offer = next((each for each in shown if each.completion.id == id_), None)
            if offer is not None:
                self._certain.append(id_)
                self._record("accepted", offer.completion, characters, document)

    def why(self, id_: int | None) -> dict[str, Any]:
        """Where a completion of the last answer came from, or why there was none.

        With it goes what the settings of the pace did to that answer.
        """
        return {
            "schema": 1,
            "reason": self._last.silence.value if self._last.silence else "",
            "pace": list(self._pace),
            "completions": [
                {
                    "id": each.id,
                    "tier": each.tier,
                    "model": each.model,
                    "confidence": round(each.confidence, 3),
                    "characters": len(each.new_text),
                }
                for each in self._last.completions
                if id_ in (None, each.id)
            ],
        }

    def _stood(self, document: Document, shown: Shown) -> None:
        """An answer is still the last one after a while, at the version it was for."""
        if document.shown is shown and document.version == shown.offers[0].completion.version:
            self._see(document, shown)

    def _see(self, document: Document, shown: Shown) -> None:
        if not shown.seen:
            shown.seen = True
            first = shown.offers[0].completion
            self._record("shown", first, len(first.new_text), document)
