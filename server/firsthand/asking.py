"""Asking a model: once, early, for as much as will be typed; again only when that is used up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from firsthand import convert, level
from firsthand.core.completion import Completion, Offer, advance, agree
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Position, Range
from firsthand.core.trigger import ask_delay
from firsthand.generation import BrokenOff, Generation
from firsthand.judging import local_only
from firsthand.question import TOKENS, request_at
from firsthand.reuse import fitted
from firsthand.warming import read_ahead, reads

if TYPE_CHECKING:
    from firsthand.backends.base import Chunk, Ending, Endpoint, Request
    from firsthand.document import Document
    from firsthand.router import Router
    from firsthand.session import Session
    from firsthand.stores import Stores

# More characters than a model is to write at once: a server that writes on does not keep to that.
_LONGEST = 40 * TOKENS
# With less than this many characters left of an answer, the model is asked for what follows it.
_NEAR_THE_END = 60
# Ends of an answer that are ours, not the model's.
_CUT = ("lines", "length")
# The share of answers that have to be right of late for the next one to be asked for ahead, and of
# the day's cap that may be spent by then.
_RIGHT_AHEAD, _MONEY_AHEAD = 0.5, 0.5
# How far other texts of a model may stray from the likeliest, and seconds they may take together.
_TEMPERATURES = (0.6, 1.0)
_OTHERS_WITHIN = 1.5


def ask(session: Session, snapshot: Snapshot) -> Generation | None:
    """The generation to wait for: the one that runs and still agrees, else a new one."""
    document = session.documents[snapshot.uri]
    running = document.generation
    if running is not None and running.agrees(snapshot.text):
        running.count_down()
        return running
    if snapshot.selected or document.fruitless == (snapshot.version, snapshot.position):
        return None
    endpoint = session.endpoint_for(document)
    if endpoint is None:
        return None
    for other in session.documents.values():  # it has the slot that the person waits for
        if other.generation is not None and other.generation.ahead:
            session.end_generation(other)
    return _begin(session, document, snapshot, endpoint)


def ask_ahead(session: Session, snapshot: Snapshot) -> None:
    """Near the end of an answer that is shown, ask for what follows it, before it is accepted.

    Only while models are right more often than not, while none of them writes, and for money only
    as long as half of the day's is left.
    """
    document = session.documents[snapshot.uri]
    running = document.generation
    if running is not None and running.ahead:
        running.stay()  # what it goes on from is on the screen
    elif running is not None:
        running.count_down()
    if running is not None:
        return
    offer = next((each for each in document.offers if each.completion.tier == "inline"), None)
    if offer is None or offer.completion.new_text == document.all_said:
        return
    rest = advance(offer, snapshot.text, snapshot.position, snapshot.version)
    if rest is None or len(rest.new_text) > _NEAR_THE_END:
        return
    # One slot is all that a small server has, and a person who waits comes first.
    endpoint = None if session.generating() else session.endpoint_for(document)
    if endpoint is not None and _worth_asking_ahead(session, endpoint, prose=document.prose):
        _begin(session, document, snapshot, endpoint, offer)


def _worth_asking_ahead(session: Session, endpoint: Endpoint, *, prose: bool) -> bool:
    """Whether what follows an answer is likely to be needed, and may be paid for."""
    status = session.board.status
    spent, cap = status.day_usd, status.cap_usd
    afforded = not endpoint.remote or cap is None or spent < cap * _MONEY_AHEAD
    return afforded and session.trust.share(session.clock(), prose=prose) >= _RIGHT_AHEAD


async def ask_for_others(session: Session, snapshot: Snapshot, wanted: int) -> None:
    """Keep other texts of the model for a cursor, so many as were wanted or as time is left for.

    They are sampled, so they stand behind all that was kept.
    """
    document = session.documents[snapshot.uri]
    endpoint = session.endpoint_for(document)
    if endpoint is None:
        return
    request = request_at(document, snapshot, None)
    with suppress(TimeoutError, BrokenOff):
        async with asyncio.timeout(_OTHERS_WITHIN):
            if document.generation is not None:
                await asyncio.wait({document.generation.task})
            for temperature in _TEMPERATURES[:wanted]:
                sampled = replace(request, temperature=temperature)
                pieces = [
                    piece async for piece in _pieces(session, document, sampled, explicit=True)
                ]
                at = Range.at(snapshot.position)
                other = Completion(snapshot.version, at, "".join(pieces), "inline", endpoint.label)
                document.offers.append(Offer(snapshot.text, other))


def _begin(
    session: Session,
    document: Document,
    snapshot: Snapshot,
    endpoint: Endpoint,
    known: Offer | None = None,
) -> Generation:
    """Start a generation at a cursor, or behind all of an offer that is known already."""
    request = document.request = request_at(document, snapshot, known)
    reads(session, document, request)
    document.codebase.carried = document.codebase.shown
    generation = Generation(
        snapshot,
        _pieces(session, document, request, explicit=snapshot.explicit),
        partial(_arrived, session, document),
        model=endpoint.label,
        on_line=partial(_spoke, session, document),
        known=known,
        delay=0.0 if snapshot.explicit else _delay(session, document, endpoint),
    )
    session.adopt(document, generation)
    if not generation.ahead:
        generation.count_down()
    return generation


def _delay(session: Session, document: Document, endpoint: Endpoint) -> float:
    """Seconds that nothing has to be typed before a model is asked.

    However fast one is that is paid for, it is not asked at every key for nothing.
    """
    router = None if endpoint.remote else session.router
    latency = router.latency(endpoint) if router else None
    return ask_delay(document.misses, latency.p90 if latency else None, document.rhythm())


async def _pieces(
    session: Session, document: Document, request: Request, *, explicit: bool
) -> AsyncGenerator[str]:
    """The middle as it may be shown, from the cache or from a model; it ends where it should.

    An empty piece says that all of it is there, before the connection is given back.

    Raises:
        BrokenOff: nobody goes on with it; the whole lines of it stay good.
    """
    from firsthand.core.restoring import Restorer
    from firsthand.router import NoModel
    from firsthand.router.toll import secrets_of

    router, stores, endpoint = session.router, session.stores, session.endpoint_for(document)
    if router is None or endpoint is None:
        return
    document.ending = document.sureness = None
    restorer = Restorer(partial(secrets_of, request.hole))
    known = await stores.recall(endpoint, request) if stores else None
    if known is not None:
        yield restorer.feed(known) + restorer.flush()
        yield ""
        return
    middle, ending = "", None
    chunks = _chunks(session, document, request, router, explicit=explicit)
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                middle += chunk.text
                ending, document.sureness = chunk.ending, chunk.confidence
                document.ending = ending
                said = restorer.feed(chunk.text) + (restorer.flush() if chunk.ending else "")
                if said:
                    yield said
                if chunk.ending:
                    yield ""
                if len(middle) > _LONGEST:
                    return
    except NoModel:  # the router knows the reason
        if middle:
            raise BrokenOff from None
    finally:
        level.show(session)
        if stores:
            _keep(stores, endpoint, request, middle, ending)


async def _chunks(
    session: Session, document: Document, request: Request, router: Router, *, explicit: bool
) -> AsyncGenerator[Chunk]:
    """A model's answer; one that writes another word than the one begun is asked to go on with it.

    Raises:
        NoModel: as `Router.stream` does.
    """
    limited = local_only(session, document)
    for asked in (request, replace(request, heal="")):
        chunks = router.stream(asked, local_only=limited, explicit=explicit)
        async with aclosing(chunks):
            async for chunk in chunks:
                if asked.heal and chunk.ending and chunk.ending.early == "lead":
                    break
                yield chunk
            else:
                return


def _keep(
    stores: Stores, endpoint: Endpoint, request: Request, middle: str, ending: Ending | None
) -> None:
    """Keep an answer for later; of one that nobody heard to its end the whole lines."""
    if ending is not None:
        # Another endpoint may have stood in for the one that was chosen.
        stores.keep(ending.endpoint, request, middle)
        return
    lines = middle[: middle.rfind("\n") + 1].rstrip()
    if lines:
        stores.keep(endpoint, request, lines)


def _spoke(session: Session, document: Document, generation: Generation) -> None:
    """A generation has a whole line more: where no request waits for it, the editor is told."""
    if document.waiting is None and generation.wrote and not generation.ended:
        _refresh(session, document, generation.offered())


def _arrived(session: Session, document: Document, generation: Generation) -> None:
    """A generation ended: keep what it wrote, and tell an editor that can use it."""
    if document.generation is generation:
        document.generation = None
        session.board.update(thinking=session.generating())
    if document.ending is not None and document.ending.endpoint.remote:
        session.spawn(level.show_spent(session))
    if not generation.wrote:
        if generation.cut:  # a model that was not heard out may be asked again
            return
        if generation.ahead:
            document.all_said = generation.middle
        else:
            document.fruitless = (generation.snapshot.version, generation.snapshot.position)
            _ask_again(session, document)  # it was asked before what was typed meanwhile
        return
    offer, ending = generation.offered(), document.ending
    if ending is not None:  # another model may have stood in for the one that was chosen
        completion = replace(offer.completion, model=ending.endpoint.label)
        offer = replace(offer, completion=completion)
    cut = generation.cut or (ending is not None and ending.early in _CUT)
    if offer.completion.new_text:
        document.remember(replace(offer, more=cut))
    if agree(generation.offer(), document.text):
        _refresh(session, document, offer)
        heard_out = not generation.cut and not generation.ahead
        asked = document.asked if heard_out and document.shows_a_models() else None
        if asked is not None and not asked.explicit and session.is_current(asked):
            ask_ahead(session, asked)
        if document.asked is not None:
            read_ahead(session, document.asked)
    else:
        _ask_again(session, document)


def _ask_again(session: Session, document: Document) -> None:
    """What came says nothing of what was typed meanwhile: ask for what the person looks at now."""
    asked = document.asked
    if not session.client.refresh or asked is None or document.shown is not None:
        return
    if session.is_current(asked) and document.generation is None:
        generation = ask(session, asked)
        if generation is not None:
            generation.stay()


def present(session: Session, document: Document, offer: Offer) -> bool:
    """Offer a text that the person asked for by a command; whether it is true of the document yet.

    The editor is asked to ask again, whatever it showed: this is what is wanted now.
    """
    position = offer.completion.range.start
    rest = advance(offer, document.text, position, document.version)
    if rest is None or not session.client.refresh:
        return False
    document.remember(offer)
    document.shown = None
    tell_refresh(session, document, document.version, position)
    return True


def _refresh(session: Session, document: Document, offer: Offer) -> None:
    """Ask the editor to ask again, once a version, where the answer would be new to the screen."""
    if not session.client.refresh or document.asked is None:
        return
    version, position = document.asked.version, document.asked.position
    if not session.is_current(document.asked) or document.refreshed == version:
        return
    rest = advance(offer, document.text, position, version)
    shown = rest and fitted(document, document.asked, offer, rest)
    if shown is None or not _new_to_the_screen(session, document, shown):
        return
    tell_refresh(session, document, version, position)


def tell_refresh(session: Session, document: Document, version: int, position: Position) -> None:
    """Ask the editor to ask again at a version and a position."""
    document.refreshed = version
    where = convert.to_position(position, document.text, session.encoding)
    session.tell(
        "firsthand/refresh",
        {
            "textDocument": {"uri": document.uri, "version": version},
            "position": {"line": where.line, "character": where.character},
        },
    )


def _new_to_the_screen(session: Session, document: Document, completion: Completion) -> bool:
    """Whether a text may appear between keys: nothing is shown, or it extends what is."""
    if document.shown is None:
        return True
    first = document.shown.offers[0].completion.new_text
    longer = completion.new_text.startswith(first) and completion.new_text != first
    return longer and session.client.refresh == "extend"
