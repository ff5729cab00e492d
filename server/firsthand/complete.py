"""One keystroke, top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firsthand import asking, context, reuse, warming
from firsthand.core import trigger
from firsthand.core.completion import Completion, Offer, extend_selected
from firsthand.core.leaning import leaned
from firsthand.core.outcome import Answer, Silence, worth_showing
from firsthand.core.showing import Price
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range
from firsthand.core.trust import agree, agreeing, sure
from firsthand.generation import Generation
from firsthand.judging import local_only

if TYPE_CHECKING:
    from firsthand.document import Document
    from firsthand.session import Session

# The most candidates that are offered at once.
_CANDIDATES = 3
# Seconds after which a question is surely on its way, and the time it takes can be used.
_SENT = 0.010
# Seconds that a request put by the person waits for a model.
_EXPLICIT_PATIENCE = 5.0
# Seconds that a request put by the person waits for what the codebase has to say.
_LOOKING = 0.1
# How often a model's answer, where it comes, differs from the embedded model's guess.
_DIFFERS = 0.5
# Seconds after which a model's answer no longer competes with a guess.
_CONTEST = 0.3


async def complete(session: Session, snapshot: Snapshot) -> Answer:
    """Answer a request: from what is known, else from a model in time, else from this codebase."""
    silence = trigger.decide(snapshot)
    if snapshot.explicit:
        await context.ready(session, snapshot, _LOOKING)
        if not session.is_current(snapshot):
            return Answer(superseded=True)
        return Answer(silence=silence) if silence else await _asked_for(session, snapshot)
    session.supersede(session.documents[snapshot.uri])
    warming.warm(session, snapshot, silence)
    if silence is Silence.RESTING:
        _when_rested(session, session.documents[snapshot.uri])
    answer = Answer(silence=silence) if silence else await _while_typing(session, snapshot)
    context.look(session, snapshot)  # for the requests to come
    return answer


async def _while_typing(session: Session, snapshot: Snapshot) -> Answer:
    kept = reuse.kept(session, snapshot)
    if kept and kept[0].tier != "embedded":
        asking.ask_ahead(session, snapshot)
        return _choose(session, snapshot, kept, [])

    document = session.documents[snapshot.uri]
    if not _doubted(session, document):
        await context.first(session, snapshot)
        if not session.is_current(snapshot):
            return Answer(superseded=True)
    generation = asking.ask(session, snapshot)
    if generation is not None:
        await asyncio.sleep(0)  # the question goes out before the guess takes its time
        if not session.is_current(snapshot):
            return Answer(superseded=True)
        asyncio.get_running_loop().call_later(_SENT, reuse.look_around, document, snapshot)
    opinions = _opinions(session, snapshot, _contested(session, generation))
    if generation is not None and not kept:
        seconds = _patience(session, snapshot, guessed=bool(_worth_showing(opinions)))
        if not await session.wait(snapshot, generation, seconds):
            return Answer(superseded=True)
        kept = reuse.kept(session, snapshot)
        if generation.ended and not kept:
            opinions = _opinions(session, snapshot)
    answer = _choose(session, snapshot, kept, opinions)
    if answer.completions and answer.completions[0].tier == "inline":
        asking.ask_ahead(session, snapshot)
    return answer


def _when_rested(session: Session, document: Document) -> None:
    """Answer anew once the person has paused for as long as they said."""
    wait = session.settings_of(document).settings.pace.learning_pause_s
    asyncio.get_running_loop().call_later(wait, anew, session, document)


def anew(session: Session, document: Document) -> None:
    """Answer once more what was answered with nothing: more may be known or allowed than then.

    Where there is something now, an editor that can ask again is told so. Where nothing was asked
    yet, get ready for that.
    """
    asked = document.asked
    if asked is None:
        warming.opened(session, document)
    if not session.client.refresh or asked is None or asked.explicit or document.waiting:
        return
    if session.is_current(asked) and document.shown is None and document.refreshed < asked.version:
        session.spawn(_anew(session, document, asked))


async def _anew(session: Session, document: Document, asked: Snapshot) -> None:
    snapshot = session.snapshot_at(
        document, asked.position, explicit=False, selected=asked.selected
    )
    answer = await complete(session, snapshot)
    if document.generation is not None:
        document.generation.stay()
    unchanged = document.asked is asked and session.is_current(asked)
    if answer.completions and unchanged and document.refreshed < asked.version:
        asking.tell_refresh(session, document, asked.version, asked.position)


async def _asked_for(session: Session, snapshot: Snapshot) -> Answer:
    generation = asking.ask(session, snapshot)
    if generation and not await session.wait(snapshot, generation, _EXPLICIT_PATIENCE):
        return Answer(superseded=True)
    missing = _CANDIDATES - len(reuse.kept(session, snapshot))
    if missing > 0 and session.is_current(snapshot):
        await asking.ask_for_others(session, snapshot, missing)
    if not session.is_current(snapshot):
        return Answer(superseded=True)
    kept, opinions = reuse.kept(session, snapshot), _opinions(session, snapshot)
    return _choose(session, snapshot, _ranked(session, kept, opinions), opinions)


def _length(completion: Completion) -> int:
    return len(completion.new_text)


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What the embedded model would write, and whether that is worth showing."""

    guess: Completion
    worth: bool


def _worth_showing(opinions: list[_Opinion]) -> list[Completion]:
    return [each.guess for each in opinions if each.worth]


def _opinions(session: Session, snapshot: Snapshot, contested: float = 0.0) -> list[_Opinion]:
    """What the embedded model would write, best first.

    With an open menu it is what would follow the selected item. When the person asks, all of it is
    worth showing.
    """
    tuning = snapshot.tuning
    if session.embedded is None or not tuning.embedded:
        return []
    text, position, lead = snapshot.text, snapshot.position, ""
    if snapshot.selected:
        lead = extend_selected(snapshot.selected, text, position) or ""
        text = text.apply(Edit(Range.at(position), lead))
        position = Position(position.line, position.character + len(lead))
    at, version = Range.at(snapshot.position), snapshot.version
    limit = _CANDIDATES if snapshot.explicit else 1
    dearer = session.reception.leanings.dearer("embedded", snapshot.language)
    price = Price.at(tuning.aggression).times((1 + contested) * dearer)
    guesses = session.embedded.suggest(
        snapshot.uri, text, position, limit, price, most_lines=tuning.max_lines
    )
    return [
        _Opinion(
            Completion(version, at, lead + guess.text, "embedded", confidence=guess.confidence),
            snapshot.explicit or (tuning.aggression > 0 and guess.gain > 0),
        )
        for guess in guesses
    ]


def _choose(
    session: Session, snapshot: Snapshot, kept: list[Completion], opinions: list[_Opinion]
) -> Answer:
    """The candidates to offer, best first and each once; what is on screen stays first."""
    guesses = _worth_showing(opinions)
    kept = [each for each in kept if _stands(session, snapshot, each, opinions)]
    candidates = _extending_the_menu(snapshot, kept + guesses)
    standing = _standing(session, snapshot, candidates)
    first = next(iter(standing + candidates), None)
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
    if snapshot.selected:
        return Answer(silence=Silence.POPUP)
    prose = reuse.in_prose(session.documents[snapshot.uri], snapshot)
    unsure = Silence.CALMED if snapshot.calmed else Silence.UNSURE
    return Answer(silence=Silence.PROSE if prose else unsure)


def _standing(
    session: Session, snapshot: Snapshot, candidates: list[Completion]
) -> list[Completion]:
    """What is on the screen and stays there; with a key, a guess gives way to a model's text."""
    left, asked = session.on_screen(snapshot), session.documents[snapshot.uri].asked
    typed = asked is not None and asked.version != snapshot.version
    if left is None:
        return []
    if typed and left.tier == "embedded" and candidates and candidates[0].tier == "inline":
        return []
    return _extending_the_menu(snapshot, [left])


def _stands(
    session: Session, snapshot: Snapshot, completion: Completion, opinions: list[_Opinion]
) -> bool:
    """Whether a model's text may appear: it goes on from what is shown, or is likely to be right.

    The models' record of late says how likely, and how sure the model is of this text, where its
    server tells; the embedded model gives a second opinion.
    """
    document = session.documents[snapshot.uri]
    if completion.tier != "inline" or snapshot.explicit or document.goes_on(snapshot, completion):
        return True
    if document.proven():
        return True
    prose = reuse.in_prose(document, snapshot)
    trust = sure(session.trust.share(session.clock(), prose=prose), document.sureness)
    trust = _seconded(completion, trust, opinions[:1])
    dearer = session.reception.leanings.dearer("inline", snapshot.language)
    aggression = leaned(snapshot.tuning.aggression, dearer)
    return worth_showing(trust, len(completion.new_text), aggression)


def _ranked(session: Session, kept: list[Completion], opinions: list[_Opinion]) -> list[Completion]:
    """Texts of a model with those first that the embedded model seconds.

    The model's first one is what it would say; the others are less likely.
    """
    trust = session.trust.share(session.clock())
    trusted = {
        each.new_text: _seconded(each, trust if number == 0 else trust / 2, opinions)
        for number, each in enumerate(kept)
        if each.tier != "embedded"
    }
    return sorted(kept, key=lambda each: trusted.get(each.new_text, 0.0), reverse=True)


def _seconded(completion: Completion, trust: float, opinions: list[_Opinion]) -> float:
    """A trust in a model's text after the opinions of the embedded model."""
    for each in opinions:
        same = agree(completion.new_text, each.guess.new_text)
        if same or each is opinions[0]:
            trust = agreeing(trust, each.guess.confidence, same)
    return trust


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
    document, router = session.documents[snapshot.uri], session.router
    latency = router.latency() if router else None
    return trigger.patience(
        snapshot.tuning,
        guessed=guessed,
        refreshable=session.client.refresh is not None,
        usual=latency.p90 if latency else None,
        next_key=document.next_key(session.clock()),
        doubted=_doubted(session, document),
    )


def _doubted(session: Session, document: Document) -> bool:
    """Whether the model failed, or is overdue, so that nobody waits for what only it needs."""
    router = session.router
    return router is not None and router.doubted(local_only=local_only(session, document))


def _contested(session: Session, generation: Generation | None) -> float:
    """The chance that a model says something else than the guess while the guess is read."""
    if generation is None or generation.ended or session.router is None:
        return 0.0
    latency = session.router.latency()
    return _DIFFERS * latency.share_within(_CONTEST) if latency else 0.0
