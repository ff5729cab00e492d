"""Having a model's server read ahead what it would be asked next, while nobody waits."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import takewhile
from operator import eq
from typing import TYPE_CHECKING

from firsthand import context
from firsthand.core.outcome import Silence
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Position
from firsthand.core.trigger import decide
from firsthand.judging import local_only
from firsthand.question import request_at

if TYPE_CHECKING:
    from firsthand.backends.base import Endpoint, Request
    from firsthand.document import Document
    from firsthand.session import Session

# Where a model may read ahead, though it is not asked.
_READING_AHEAD = (None, Silence.MANUAL, Silence.RESTING, Silence.TEXT_RIGHT)
# Seconds without a key after which a model reads ahead: one that waits until the person asks, and
# one that is asked as they type.
_WARM_AFTER, _WARM_IDLE = 0.3, 1.0
# Characters that it is worth to have a model read ahead: two lines.
_WORTH_READING = 80


def warm(session: Session, snapshot: Snapshot, silence: Silence | None) -> None:
    """Let the model read ahead once nothing was typed for a while, where it may."""
    if silence not in _READING_AHEAD:
        return
    silent = silence is not None
    wait = _WARM_AFTER if silent else _WARM_IDLE
    asyncio.get_running_loop().call_later(wait, partial(read_ahead, anew=silent), session, snapshot)


def opened(session: Session, document: Document) -> None:
    """A document may be completed, and nobody has asked yet: get ready for the first key in it."""
    if document.cursor is not None:
        arrived(session, document, document.text.clamp(document.cursor))
    else:  # what holds for all of it is the most of what has to be found out
        context.look(session, session.snapshot_at(document, Position(0, 0), explicit=False))


def arrived(session: Session, document: Document, position: Position) -> None:
    """The person put the cursor somewhere: get ready for the first key there."""
    asked = document.asked
    document.cursor = position
    if asked is not None and session.is_current(asked) and asked.position == position:
        return  # they had typed there
    snapshot = session.snapshot_at(document, position, explicit=False)
    if decide(snapshot) in _READING_AHEAD:
        context.look(session, snapshot)
        asyncio.get_running_loop().call_later(_WARM_AFTER, _stayed, session, document, snapshot)


def _stayed(session: Session, document: Document, snapshot: Snapshot) -> None:
    if document.cursor == snapshot.position:
        read_ahead(session, snapshot)


def read_ahead(session: Session, snapshot: Snapshot, *, anew: bool = True) -> None:
    """Let the model read what would be asked at a cursor, where much of that is new to it.

    What is shown of the codebase stands before the code in a prompt: where it has changed, all of
    the prompt is read anew, best while the person types what the model has just written. Only a
    server of this machine reads ahead, while no model writes.

    Args:
        session: the session.
        snapshot: the cursor; nothing is read where the person has gone on.
        anew: whether that may be all of the prompt; it may change again before it is asked.
    """
    document, router = session.documents.get(snapshot.uri), session.router
    if document is None or router is None or session.generating():
        return
    endpoint = session.endpoint_for(document) if session.is_current(snapshot) else None
    if endpoint is None or endpoint.remote or _escalates_at(session, endpoint):
        return
    request = request_at(document, snapshot, None)
    read = document.read
    if not anew and read is not None and read.hole.snippets != request.hole.snippets:
        return
    if _unread(read, request) >= _WORTH_READING:
        reads(session, document, request)
        session.spawn(router.warm(request, local_only=local_only(session, document)))


def _escalates_at(session: Session, endpoint: Endpoint) -> bool:
    """Whether an escalation runs that may be written by the same server."""
    escalations = session.escalations
    if not escalations.running:
        return False
    strong = (each for frontier in escalations.frontiers for each in frontier.endpoints)
    asked = {each.url for model in strong for each in model.each}
    return not asked.isdisjoint(each.url for each in endpoint.each)


def reads(session: Session, document: Document, request: Request) -> None:
    """Note what a server reads: it may forget for it what it had read of other documents."""
    for each in session.documents.values():
        each.read = None
    document.read = request


def _unread(read: Request | None, request: Request) -> int:
    """How many characters before the cursor a server has to read that has read a prompt."""
    if read is None or read.hole.snippets != request.hole.snippets:
        return request.hole.size
    pairs = zip(read.hole.prefix, request.hole.prefix, strict=False)
    return len(request.hole.prefix) - sum(1 for _ in takewhile(lambda pair: eq(*pair), pairs))
