"""What became of what was offered: seen, accepted, rejected, or still on the screen."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from firsthand.core.completion import Completion, Offer
from firsthand.core.history import Act, Change
from firsthand.core.outcome import Answer
from firsthand.core.snapshot import Snapshot
from firsthand.document import Document, Shown

# What stood still for this many seconds was seen.
_SEEN_AFTER = 0.25


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a completion, without any text.

    Attributes:
        kind: what happened.
        completion: what it happened to; only its tier, model and length are ever kept.
        characters: how many characters of it are meant.
        language: the LSP language id of the document.
        certain: the editor said so; otherwise it was inferred from the texts.
    """

    kind: Literal["shown", "accepted", "rejected"]
    completion: Completion
    characters: int
    language: str
    certain: bool = False


class Reception:
    """Follows every answer from the moment it is sent."""

    def __init__(self, record: Callable[[Event], None]) -> None:
        """`record` hears of every event once."""
        self._record = record
        self._ids = itertools.count(1)
        self._last = Answer()

    def answered(self, document: Document, snapshot: Snapshot, answer: Answer) -> Answer:
        """Take note of an answer that is about to be sent; its completions get their names."""
        named = tuple(
            each if each.id else replace(each, id=next(self._ids)) for each in answer.completions
        )
        offers = tuple(Offer(snapshot.text, each) for each in named)
        for offer, each in zip(reversed(offers), reversed(answer.completions), strict=True):
            if not each.id:  # not what is left of an offer that is kept already
                document.remember(offer)
        document.asked = (snapshot.version, snapshot.position)
        before, document.shown = document.shown, Shown(offers) if offers else None
        if document.shown and before and before.offers[0].completion.id == named[0].id:
            document.shown.seen = before.seen
        if document.shown:
            loop = asyncio.get_running_loop()
            loop.call_later(_SEEN_AFTER, self._stood, document, document.shown)
        self._last = replace(answer, completions=named)
        return self._last

    def changed(self, document: Document, change: Change) -> None:
        """Take note of what a change of a document says about its last answer."""
        shown = document.shown
        if shown is None:
            return
        if change.completion is not None:
            self._see(document, shown)
            if change.act is Act.ACCEPTED:
                self._tell("accepted", document, change.completion, change.characters)
        if document.contradicted():
            first = shown.offers[0].completion
            if shown.seen:
                self._tell("rejected", document, first, len(first.new_text))
            document.shown = None

    def accepted(self, documents: Iterable[Document], id_: int, characters: int) -> None:
        """The editor says that so many characters of a completion were accepted."""
        for document in documents:
            for offer in document.offers:
                if offer.completion.id == id_:
                    self._record(
                        Event(
                            "accepted",
                            offer.completion,
                            characters,
                            document.language,
                            certain=True,
                        )
                    )
                    return

    def why(self, id_: int | None) -> dict[str, Any]:
        """Where a completion of the last answer came from, or why there was none."""
        return {
            "schema": 1,
            "reason": self._last.silence.value if self._last.silence else "",
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
            self._tell("shown", document, first, len(first.new_text))

    def _tell(
        self,
        kind: Literal["shown", "accepted", "rejected"],
        document: Document,
        completion: Completion,
        characters: int,
    ) -> None:
        self._record(Event(kind, completion, characters, document.language))
