"""One keystroke, top to bottom."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from firsthand import convert
from firsthand.core import trigger
from firsthand.core.completion import Completion, Offer, advance, extend_selected
from firsthand.core.outcome import Answer, Silence, worth_showing
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range
from firsthand.generation import Generation

if TYPE_CHECKING:
    from firsthand.backends.base import Request
    from firsthand.document import Document
    from firsthand.session import Session

# Windows of the document that a model reads, in characters, and the most it may write, in tokens.
_PREFIX = 6_000
_SUFFIX = 2_000
_TOKENS_A_LINE = 48
# The most candidates that are offered at once.
_CANDIDATES = 3
# Seconds that a request put by the person waits for a model.
_EXPLICIT_PATIENCE = 5.0
# How often a model's answer, where it comes, differs from the embedded model's guess.
_DIFFERS = 0.5
# Seconds after which a model's answer no longer competes with a guess.
_CONTEST = 0.3


async def complete(session: Session, snapshot: Snapshot) -> Answer:
    """Answer a request: from what is known, else from a model in time, else from this codebase."""
    if not snapshot.explicit:
        session.supersede(session.documents[snapshot.uri])
    silence = trigger.decide(snapshot)
    if silence:
        return Answer(silence=silence)

    kept = _kept(session, snapshot)
    if kept and kept[0].tier != "embedded" and not snapshot.explicit:
        return _choose(session, snapshot, kept)

    guesses = _guesses(session, snapshot)
    generation = ask(session, snapshot)
    if generation is not None and (snapshot.explicit or not kept):
        seconds = _patience(session, snapshot, guessed=bool(guesses))
        if not await session.wait(snapshot, generation, seconds):
            return Answer(superseded=True)
        kept = _kept(session, snapshot)
    if not kept and not snapshot.explicit:
        contested = _contested(session, generation)
        guesses = [each for each in guesses if _worth_showing(each, snapshot, contested)]
    return _choose(session, snapshot, kept + guesses)


def ask(session: Session, snapshot: Snapshot) -> Generation | None:
    """The generation to wait for: the one that runs and still agrees, else a new one."""
    document = session.documents[snapshot.uri]
    running = document.generation
    if running is not None and not running.ended and running.agrees(snapshot.text):
        return running
    if not session.may_ask(document) or snapshot.selected:
        return None
    if document.fruitless == (snapshot.version, snapshot.position):
        return None
    request = _request(document, snapshot)
    generation = Generation(
        snapshot, _pieces(session, document, request), partial(_arrived, session, document)
    )
    session.adopt(document, generation)
    return generation


def _request(document: Document, snapshot: Snapshot) -> Request:
    from firsthand.backends.base import Request
    from firsthand.core.excerpt import excerpt
    from firsthand.core.fim import Hole

    window = excerpt(snapshot.text, snapshot.position, _PREFIX, _SUFFIX, document.excerpt)
    document.excerpt = window
    lines = _lines(snapshot)
    hole = Hole(
        prefix=window.prefix,
        suffix=window.suffix,
        path=snapshot.path,
        repository=document.folder.replace("\\", "/").rpartition("/")[2],
    )
    return Request(hole=hole, max_tokens=_TOKENS_A_LINE * (lines + 1), max_lines=lines)


def _lines(snapshot: Snapshot) -> int:
    """The most lines to ask for and to show: several only where the syntax opens a block."""
    from firsthand.syntax import opens_block

    several = opens_block(None, snapshot.text, snapshot.position, snapshot.language)
    return snapshot.tuning.max_lines if several else 1


async def _pieces(session: Session, document: Document, request: Request) -> AsyncIterator[str]:
    """The middle as it may be shown, from the cache or from a model; it ends where it should."""
    from firsthand.backends.base import request_key
    from firsthand.router import NoModel

    router, stores = session.router, session.stores
    local_only = session.settings_of(document).settings.local_only
    endpoint = router.choose(local_only=local_only) if router else None
    if router is None or endpoint is None:
        return
    key = request_key(endpoint, request)
    cached = await stores.recall(key) if stores else None
    if cached is not None:
        yield cached
        return
    middle = ""
    try:
        async with aclosing(router.stream(request, local_only=local_only)) as chunks:
            async for chunk in chunks:
                middle += chunk.text
                document.ending = chunk.ending or document.ending
                if chunk.text:
                    yield chunk.text
    except NoModel:
        return  # what was given before stays good; the router knows the reason
    finally:
        session.show_level()
    # Another endpoint may have stood in for the one that the key names.
    if stores and document.ending and document.ending.endpoint == endpoint:
        stores.keep(key, middle)


def _arrived(session: Session, document: Document, generation: Generation) -> None:
    """A generation ended: keep what it wrote, and tell an editor that can use it."""
    if document.generation is generation:
        document.generation = None
        session.board.update(thinking=False)
    if generation.task.cancelled():
        return
    offer = _cleaned(generation)
    if offer is None:
        document.fruitless = (generation.snapshot.version, generation.snapshot.position)
        return
    document.remember(offer)
    _refresh(session, document, offer)


def _refresh(session: Session, document: Document, offer: Offer) -> None:
    """Ask the editor to ask again, once a version, where the answer would be new to the screen."""
    if not session.client.refresh or document.asked is None:
        return
    version, position = document.asked
    if document.version != version or document.refreshed == version:
        return
    if session.documents.get(document.uri) is not document:
        return
    rest = advance(offer, document.text, position, version)
    if rest is None:
        return
    if document.shown is not None:
        first = document.shown.offers[0].completion
        extends = rest.new_text.startswith(first.new_text) and rest.new_text != first.new_text
        if session.client.refresh != "extend" or not extends:
            return
    document.refreshed = version
    where = convert.to_position(position, document.text, session.encoding)
    session.tell(
        "firsthand/refresh",
        {
            "textDocument": {"uri": document.uri, "version": version},
            "position": {"line": where.line, "character": where.character},
        },
    )


def _cleaned(generation: Generation) -> Offer | None:
    """What a generation wrote, made fit to be shown where it was asked for."""
    from firsthand.core import postprocess

    snapshot = generation.snapshot
    lines = _lines(snapshot)
    context = postprocess.Context(
        text=snapshot.text,
        position=snapshot.position,
        language=snapshot.language,
        multi_line=lines > 1,
        max_lines=lines,
    )
    cleaned = postprocess.run(generation.middle, context)
    if isinstance(cleaned, postprocess.Nothing):
        return None
    completion = Completion(
        snapshot.version, cleaned.range, cleaned.new_text, "inline", confidence=1.0
    )
    return Offer(snapshot.text, completion)


def _kept(session: Session, snapshot: Snapshot) -> list[Completion]:
    """What is left at the cursor of what streams now and of what was offered, models first."""
    generation = session.documents[snapshot.uri].generation
    streamed = None
    if generation is not None and generation.news.done():
        offer = _cleaned(generation)
        streamed = offer and advance(offer, snapshot.text, snapshot.position, snapshot.version)
    return ([streamed] if streamed else []) + session.kept(snapshot)


def _length(completion: Completion) -> int:
    return len(completion.new_text)


def _worth_showing(guess: Completion, snapshot: Snapshot, contested: float = 0.0) -> bool:
    aggression = snapshot.tuning.aggression
    return worth_showing(guess.confidence, len(guess.new_text), aggression, contested)


def _guesses(session: Session, snapshot: Snapshot) -> list[Completion]:
    """What the embedded model would write and is worth showing, best first.

    With an open menu it is what would follow the selected item.
    """
    if session.embedded is None or not snapshot.tuning.embedded:
        return []
    text, position, lead = snapshot.text, snapshot.position, ""
    if snapshot.selected:
        lead = extend_selected(snapshot.selected, text, position) or ""
        text = text.apply(Edit(Range.at(position), lead))
        position = Position(position.line, position.character + len(lead))
    at, version = Range.at(snapshot.position), snapshot.version
    guesses = [
        Completion(version, at, lead + guess.text, "embedded", confidence=guess.confidence)
        for guess in session.embedded.suggest(snapshot.uri, text, position, limit=_CANDIDATES)
    ]
    return [each for each in guesses if snapshot.explicit or _worth_showing(each, snapshot)]


def _choose(session: Session, snapshot: Snapshot, candidates: list[Completion]) -> Answer:
    """The candidates to offer, best first and each once; what is on screen stays first."""
    candidates = _extending_the_menu(snapshot, candidates)
    first = session.on_screen(snapshot) or next(iter(candidates), None)
    if first is not None:
        candidates.insert(0, max(_extensions(first, candidates), key=_length, default=first))
    unique: dict[str, Completion] = {}
    for each in candidates:
        unique.setdefault(each.new_text, each)
    if unique:
        return Answer(tuple(unique.values())[:_CANDIDATES])
    return Answer(silence=Silence.POPUP if snapshot.selected else Silence.UNSURE)


def _extensions(first: Completion, candidates: Iterable[Completion]) -> list[Completion]:
    """The candidates of the same model that begin with all of the first one."""
    return [
        each
        for each in candidates
        if each.new_text.startswith(first.new_text) and each.tier == first.tier
    ]


def _extending_the_menu(snapshot: Snapshot, candidates: list[Completion]) -> list[Completion]:
    """The candidates that insert the item selected in an open menu and go on."""
    if snapshot.selected is None:
        return candidates
    lead = extend_selected(snapshot.selected, snapshot.text, snapshot.position)
    if lead is None:
        return []
    return [
        each
        for each in candidates
        if each.new_text.startswith(lead) and len(each.new_text) > len(lead)
    ]


def _patience(session: Session, snapshot: Snapshot, guessed: bool) -> float:
    """Seconds to wait for a model."""
    if snapshot.explicit:
        return _EXPLICIT_PATIENCE
    document = session.documents[snapshot.uri]
    latency = session.router.latency() if session.router else None
    return trigger.patience(
        snapshot.tuning,
        guessed=guessed,
        refreshable=session.client.refresh is not None,
        usual=latency.p90 if latency else None,
        next_key=document.next_key(session.clock()),
    )


def _contested(session: Session, generation: Generation | None) -> float:
    """The chance that a model says something else than the guess while the guess is read."""
    if generation is None or generation.ended or session.router is None:
        return 0.0
    latency = session.router.latency()
    return _DIFFERS * latency.share_within(_CONTEST) if latency else 0.0
