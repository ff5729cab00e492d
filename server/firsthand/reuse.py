"""What is known already at a cursor: the rest of what streams and of what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from firsthand.core.completion import Completion, Offer, advance
from firsthand.core.extent import lines_shown
from firsthand.core.redact import PLACEHOLDER
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range, Text

if TYPE_CHECKING:
    from firsthand.core.postprocess import Context
    from firsthand.document import Document
    from firsthand.session import Session

# A stream's beginning is shown from this many characters on; less would only flicker.
_LEAST = 3


def kept(session: Session, snapshot: Snapshot) -> list[Completion]:
    """What is left at the cursor of earlier answers, cut to what is shown at once; models first.

    What a model wrote is kept as it wrote it and made fit to be shown here and now, so that a long
    answer serves many keys.
    """
    known: list[Completion] = []
    said: list[str] = []
    document = session.documents[snapshot.uri]
    on_screen = document.left_on_screen(snapshot)
    for offer in _offers(session, snapshot):
        rest = advance(offer, snapshot.text, snapshot.position, snapshot.version)
        # The newest of what says the same is the longest.
        if rest is None or any(longer.startswith(rest.new_text) for longer in said):
            continue
        said.append(rest.new_text)
        # A guess is fit already; what a frontier model wrote was verified, and asked for as it is.
        model = rest.tier == "inline"
        fit = fitted(document, snapshot, offer, rest) if model else rest
        # What is left of a text on the screen is not taken back, however it would be cut now.
        same = (each for each in on_screen if rest.new_text.startswith(each.new_text))
        shown = max(filter(None, (fit, *same)), key=lambda each: len(each.new_text), default=None)
        if shown is not None:
            known.append(shown)
    return sorted(known, key=lambda each: each.tier == "embedded")


def fitted(
    document: Document, snapshot: Snapshot, offer: Offer, rest: Completion
) -> Completion | None:
    """What a model wrote, cleaned and cut for a cursor; None when nothing of it is left.

    Args:
        document: keeps what is found out about the cursor.
        snapshot: the document now, and the cursor.
        offer: all that the model wrote, where it was asked.
        rest: what is left of it at the cursor.
    """
    from firsthand.core import postprocess
    from firsthand.syntax import cut_at_statement, opens_block

    text, position = snapshot.text, snapshot.position
    middle = PLACEHOLDER.split(rest.new_text, maxsplit=1)[0]  # of a secret that is not known here
    block = opens_block(None, text, position, snapshot.language)
    lines = lines_shown(middle, block=block, most=snapshot.tuning.max_lines)
    # Of an indentation that was begun, the rest is known: it is not to be cleaned away.
    begun = len(middle) < len(offer.completion.new_text)
    indent = _indent_left(middle, snapshot) if begun else ""
    if indent:
        text = text.apply(Edit(Range.at(position), indent))
        position = Position(position.line, position.character + len(indent))
        middle = middle[len(indent) :]
    cleaned = postprocess.run(middle, _context(document, text, position, lines))
    if isinstance(cleaned, postprocess.Nothing):
        return None
    end, new_text = cleaned.range.end, cleaned.new_text
    if "\n" in new_text:
        new_text = cut_at_statement(snapshot.language, text, position, new_text)
    return replace(
        rest,
        range=Range(snapshot.position, Position(end.line, end.character - len(indent))),
        new_text=indent + new_text,
    )


def look_around(document: Document, snapshot: Snapshot) -> None:
    """Find out, while a model thinks, what cleaning its text will have to know of the cursor."""
    from firsthand.core import postprocess

    in_prose(document, snapshot)
    context = _context(document, snapshot.text, snapshot.position, 1)
    postprocess.run("x", context)
    context.place.open  # noqa: B018  # found out when it is first read


def in_prose(document: Document, snapshot: Snapshot) -> bool:
    """Find out whether a comment or a string is written at a cursor."""
    from firsthand.syntax import kind_at_lexically

    cursor = (snapshot.version, snapshot.position)
    if document.prose_at != cursor:
        kind = kind_at_lexically(snapshot.language, snapshot.text, snapshot.position)
        document.prose, document.prose_at = kind != "code", cursor
    return document.prose


def _context(document: Document, text: Text, position: Position, lines: int) -> Context:
    """What cleaning has to know; what it found out about a cursor is kept for the next piece."""
    from firsthand.core.postprocess import Context

    wanted = Context(
        text=text,
        position=position,
        language=document.language,
        multi_line=lines > 1,
        max_lines=lines,
    )
    known = next((each for each in document.contexts if each.text is text and each == wanted), None)
    if known is None:
        document.contexts.append(wanted)
    return known or wanted


def _indent_left(middle: str, snapshot: Snapshot) -> str:
    """The white space that a text has to write before the first word of the cursor's line."""
    if snapshot.text.before(snapshot.position).strip():
        return ""
    return middle[: len(middle) - len(middle.lstrip(" \t"))]


def _offers(session: Session, snapshot: Snapshot) -> Iterator[Offer]:
    document = session.documents[snapshot.uri]
    generation = document.generation
    if generation is not None:
        offer = generation.offered()
        if len(offer.completion.new_text) >= _LEAST:
            yield offer
    yield from document.offers
