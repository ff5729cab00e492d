"""What a model is asked: windows of the document that stay, the codebase, and a word begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firsthand.context import snippets
from firsthand.core.completion import Offer, advance
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.core.text import advance as after

if TYPE_CHECKING:
    from firsthand.backends.base import Request
    from firsthand.document import Document

TOKENS = 96
"""The most tokens a model writes at once: what is not shown now is kept for the keys to come."""

_LINES = 16  # likewise
# Windows of the document that a model reads, in characters. Most models read the suffix after the
# prefix, so that their server computes it anew after each key: what is long there costs time.
_PREFIX = 3_000
_SUFFIX = 400


def request_at(document: Document, snapshot: Snapshot, known: Offer | None) -> Request:
    """What a model is asked at a cursor, or behind all of an offer that is known already."""
    from firsthand.backends.base import Request
    from firsthand.core.excerpt import excerpt
    from firsthand.core.fim import Hole, stem
    from firsthand.core.lexical import comment_of

    text, position = snapshot.text, snapshot.position
    if known is not None:
        text = known.accepted
        position = after(known.completion.range.start, known.completion.new_text)
    window = excerpt(text, position, _PREFIX, _SUFFIX, document.excerpt)
    document.excerpt = window
    hole = Hole(
        prefix=window.prefix,
        suffix=window.suffix,
        path=snapshot.path,
        repository=document.folder.replace("\\", "/").rpartition("/")[2],
        snippets=snippets(document, window.start),
        comment=comment_of(snapshot.language),
    )
    # Of a word that was begun, the model may choose the tokens anew.
    heal = stem(window.prefix)
    free = bool(heal) and _unsaid(document, text, position, heal)
    return Request(hole, max_tokens=TOKENS, max_lines=_LINES, heal=heal, free=free)


def _unsaid(document: Document, text: Text, position: Position, heal: str) -> bool:
    """Whether no model has written anything else where a word was begun: it would do so again."""
    begun = heal if heal[0].isalnum() or heal[0] == "_" else heal[1:]
    start = Position(position.line, position.character - len(begun))
    before = text.apply(Edit(Range(start, position), ""))
    running = document.generation
    offers = [*document.offers, *([running.offer()] if running else [])]
    said = (advance(each, before, start, 0) for each in offers if each.completion.tier == "inline")
    return all(each is None or each.new_text.startswith(begun) for each in said)
