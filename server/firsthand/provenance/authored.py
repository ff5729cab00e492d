"""What is known of an open document: who wrote its characters, and what was accepted in it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from pathlib import Path

from firsthand.core.authorship import FIRST_HAND, TIERS, Authorship, Mark, Run
from firsthand.core.completion import Offer
from firsthand.core.text import Text
from firsthand.document import Document
from firsthand.paths import document_path
from firsthand.provenance.record import Gone
from firsthand.provenance.store import Key

_OFFERS = 16


@dataclass(slots=True)
class Accepted:
    """A completion of which something was accepted.

    Attributes:
        offer: as it was offered.
        at: names the acceptance in marks, in milliseconds since 1970.
        characters: how many of them were accepted.
        committed: whether it was counted after a commit.
    """

    offer: Offer
    at: int
    characters: int = 0
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    committed: bool = False

    def mark(self, *, certain: bool) -> Mark:
        """The mark of its text."""
        return Mark(TIERS[self.offer.completion.tier], self.at, certain)


@dataclass(slots=True)
class Authored:
    """The authorship of one open document.

    Attributes:
        authorship: of its text now.
        earlier: its states before, newest first, as far as undo leads back to them.
        accepted: by their ids the completions that something was accepted of, newest last.
        clean: the text that the file holds, and its authorship.
        gone: lines that something else than the person took out of the file.
        expected: while a proposal is being applied the text that it makes, and what it counts as.
        written: how many characters the person typed, and lines they began, since that was entered.
        dirty: whether there is something to be kept.
    """

    authorship: Authorship
    earlier: deque[tuple[Text, Authorship]]
    clean: tuple[Text, Authorship]
    accepted: OrderedDict[int, Accepted] = field(default_factory=OrderedDict)
    gone: Gone = field(default_factory=dict)
    expected: tuple[Text, Accepted] | None = None
    written: tuple[int, int] = (0, 0)
    dirty: bool = False

    def restored(self, text: Text) -> Authorship | None:
        """The authorship of an earlier state that came back."""
        for state, authorship in self.earlier:
            if state.fingerprint == text.fingerprint and state == text:
                return authorship
        return None

    def count(self, new_text: str, runs: list[Run], hour: int) -> None:
        """Count what of a text that came was typed just now."""
        own = {Mark(origin, hour).packed for origin in FIRST_HAND}
        typed = sum(length for length, mark in runs if mark in own)
        if typed:
            characters, lines = self.written
            self.written = characters + typed, lines + new_text.count("\n")

    def enter(self, offer: Offer, at: int) -> Accepted:
        """Remember an offer that something is accepted of."""
        known = self.accepted[offer.completion.id] = Accepted(offer, at)
        if len(self.accepted) > _OFFERS:
            self.accepted.popitem(last=False)
        return known


def key_of(document: Document) -> Key | None:
    """How the store names a document's file; None for one that is not in a file."""
    if not document.uri.startswith("file:"):
        return None
    if document.folder:
        return document.folder, document.path
    path = document_path(document.uri)
    return None if path is None else ("", str(path))


def holds(file: Path, text: Text) -> bool:
    """Whether a file holds a text."""
    try:
        return file.read_bytes() == text.string.encode("utf-8")
    except (OSError, UnicodeEncodeError):
        return False
