"""One keystroke, top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from firsthand import asking, reuse
from firsthand.core import trigger
from firsthand.core.completion import Completion, Offer, extend_selected
from firsthand.core.outcome import Answer, Silence, worth_showing
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range
from firsthand.core.trust import agreeing, sure
from firsthand.generation import Generation

if TYPE_CHECKING:
    from firsthand.session import Session

# The most candidates that are offered at once.
_CANDIDATES = 3
# Seconds after which a question is surely on its way, and the time it takes can be used.
_SENT = 0.003
# Seconds that a request put by the person waits for a model.
_EXPLICIT_PATIENCE = 5.0
# How often a model's answer, where it comes, differs from the embedded model's guess.
_DIFFERS = 0.5
# Seconds after which a model's answer no longer competes with a guess.
_CONTEST = 0.3


async def complete(session: Session, snapshot: Snapshot) -> Answer:
    """Answer a request: from what is known, else from a model in time, else from this codebase."""
    silence = trigger.decide(snapshot)
    if snapshot.explicit:
        return Answer(silence=silence) if silence else await _asked_for(session, snapshot)
    session.supersede(session.documents[snapshot.uri])
    if silence is Silence.MANUAL:
        asking.warm(session, snapshot)
    return Answer(silence=silence) if silence else await _while_typing(session, snapshot)


async def _while_typing(session: Session, snapshot: Snapshot) -> Answer:
    kept = reuse.kept(session, snapshot)
    if kept and kept[0].tier != "embedded":
        asking.ask_ahead(session, snapshot)
        return _choose(session, snapshot, kept, [])

    generation, document = asking.ask(session, snapshot), session.documents[snapshot.uri]
    if generation is not None:
        await asyncio.sleep(0)  # the question goes out before the guess takes its time
        if not session.is_current(snapshot):
            return Answer(superseded=True)
        asyncio.get_running_loop().call_later(_SENT, reuse.look_around, document, snapshot)
    guesses = _guesses(session, snapshot)
    if generation is not None and not kept:
        seconds = _patience(session, snapshot, guessed=bool(guesses))
        if not await session.wait(snapshot, generation, seconds):
            return Answer(superseded=True)
        kept = reuse.kept(session, snapshot)
    if not kept:
        contested = _contested(session, generation)
        guesses = [each for each in guesses if _worth_showing(each, snapshot, contested)]
    answer = _choose(session, snapshot, kept, guesses)
    if answer.completions and answer.completions[0].tier == "inline":
        asking.ask_ahead(session, snapshot)
    return answer


async def _asked_for(session: Session, snapshot: Snapshot) -> Answer:
    generation = asking.ask(session, snapshot)
    if generation and not await session.wait(snapshot, generation, _EXPLICIT_PATIENCE):
        return Answer(superseded=True)
    missing = _CANDIDATES - len(reuse.kept(session, snapshot))
    if missing > 0 and session.is_current(snapshot):
        await asking.ask_for_others(session, snapshot, missing)
    if not session.is_current(snapshot):
        return Answer(superseded=True)
    return _choose(session, snapshot, reuse.kept(session, snapshot), _guesses(session, snapshot))


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
    limit = _CANDIDATES if snapshot.explicit else 1
    guesses = [
        Completion(version, at, lead + guess.text, "embedded", confidence=guess.confidence)
        for guess in session.embedded.suggest(snapshot.uri, text, position, limit=limit)
    ]
    return [each for each in guesses if snapshot.explicit or _worth_showing(each, snapshot)]


def _choose(
    session: Session, snapshot: Snapshot, kept: list[Completion], guesses: list[Completion]
) -> Answer:
    """The candidates to offer, best first and each once; what is on screen stays first."""
    kept = [each for each in kept if _stands(session, snapshot, each, guesses)]
    candidates = _extending_the_menu(snapshot, kept + guesses)
    first = session.on_screen(snapshot) or next(iter(candidates), None)
    if first is not None:
        candidates.insert(0, max(_extensions(first, candidates), key=_length, default=first))
    unique: dict[str, Completion] = {}
    for each in candidates:
        unique.setdefault(each.new_text, each)
    chosen = tuple(unique.values())[:_CANDIDATES]
    for guess in guesses:
        if guess in chosen:
            session.documents[snapshot.uri].remember(Offer(snapshot.text, guess))
    if chosen:
        return Answer(chosen)
    return Answer(silence=Silence.POPUP if snapshot.selected else Silence.UNSURE)


def _stands(
    session: Session, snapshot: Snapshot, completion: Completion, guesses: list[Completion]
) -> bool:
    """Whether a model's text may appear: it goes on from what is shown, or is likely to be right.

    The models' record of late says how likely, and how sure the model is of this text, where its
    server tells; the embedded model gives a second opinion.
    """
    if completion.tier == "embedded" or snapshot.explicit or session.goes_on(snapshot, completion):
        return True
    document = session.documents[snapshot.uri]
    if document.proven():
        return True
    trust = sure(session.trust.share(session.clock()), document.sureness)
    if guesses:
        agrees = guesses[0].new_text[:1] == completion.new_text[:1]
        trust = agreeing(trust, guesses[0].confidence, agrees)
    return _worth_showing(replace(completion, confidence=trust), snapshot)


def _extensions(first: Completion, candidates: Iterable[Completion]) -> list[Completion]:
    """The candidates that begin with all of the first one; a guess never goes on from a model."""
    return [
        each
        for each in candidates
        if each.new_text.startswith(first.new_text)
        and (each.tier == first.tier or first.tier == "embedded")
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
