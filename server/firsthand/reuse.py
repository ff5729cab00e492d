"""What is known already at a cursor: the rest of what streams and of what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from firsthand.core.completion import Completion, Offer, advance
from firsthand.core.extent import lines_shown
from firsthand.core.snapshot import Snapshot

if TYPE_CHECKING:
    from firsthand.session import Session

# A stream's beginning is shown from this many characters on; less would only flicker.
_LEAST = 3


def kept(session: Session, snapshot: Snapshot) -> list[Completion]:
    """What is left at the cursor of earlier answers, cut to what is shown at once; models first.

    What a model wrote is kept as it wrote it and made fit to be shown here and now, so that a long
    answer serves many keys.
    """
    rests: list[Completion] = []
    for rest in _rests(session, snapshot):
        # The newest of what says the same is the longest.
        if not any(other.new_text.startswith(rest.new_text) for other in rests):
            rests.append(rest)
    fit = [rest if rest.tier == "embedded" else fitted(snapshot, rest) for rest in rests]
    return sorted(filter(None, fit), key=lambda each: each.tier == "embedded")


def fitted(snapshot: Snapshot, rest: Completion) -> Completion | None:
    """What a model wrote, cleaned and cut for a cursor; None when nothing of it is left."""
    from firsthand.core import postprocess
    from firsthand.syntax import opens_block

    text, position, most = snapshot.text, snapshot.position, snapshot.tuning.max_lines
    block = opens_block(None, text, position, snapshot.language)
    lines = lines_shown(rest.new_text, block=block, most=most)
    context = postprocess.Context(
        text=text,
        position=position,
        language=snapshot.language,
        multi_line=lines > 1,
        max_lines=lines,
    )
    cleaned = postprocess.run(rest.new_text, context)
    if isinstance(cleaned, postprocess.Nothing):
        return None
    return replace(rest, range=cleaned.range, new_text=cleaned.new_text)


def _rests(session: Session, snapshot: Snapshot) -> Iterator[Completion]:
    document = session.documents[snapshot.uri]
    generation = document.generation
    if generation is not None:
        rest = _rest(generation.offer(), snapshot)
        if rest is not None and (generation.ended or len(rest.new_text) >= _LEAST):
            yield rest
    for offer in document.offers:
        rest = _rest(offer, snapshot)
        if rest is not None:
            yield rest


def _rest(offer: Offer, snapshot: Snapshot) -> Completion | None:
    return advance(offer, snapshot.text, snapshot.position, snapshot.version)
