"""The commands of `workspace/executeCommand`: each takes one object and gives one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from firsthand import convert, level

if TYPE_CHECKING:
    from firsthand import contract
    from firsthand.contract.grip import Grip, MarkedRead
    from firsthand.document import Document
    from firsthand.preparing import Wanted
    from firsthand.session import Session
    from firsthand.settings import Strategy
    from firsthand.telling import Telling

    Escalated = contract.Proposed | contract.Shown | contract.Previewed | contract.Refusal

_T = TypeVar("_T")
Given = Mapping[str, object]
Command = Callable[["Session", Given], object]
Decision = Callable[["Session", Given], Coroutine[Any, Any, object]]

_LONGEST_INSTRUCTION = 20_000
_STRATEGIES: Mapping[str, Strategy] = {"first": "first", "panel": "panel", "auto": "auto"}


def given(arguments: tuple[object, ...]) -> Given:
    """The one object that a command takes; unknown fields of it are ignored."""
    first = arguments[0] if arguments else None
    return first if isinstance(first, Mapping) else {}


async def escalate(session: Session, given: Given) -> Escalated:
    """`firsthand.escalate {textDocument, range, instruction?, ...}`: `contract.EscalateArgument`.

    Returns:
        `proposal`, the id of what is proposed; or `shown`, true, for text at the cursor; or
        `preview`, what would be sent, where only that was asked for; or `reason`, a sentence why
        there is none of these, which the person is shown as well.
    """

    async def work(telling: Telling) -> Escalated:
        # That it began is shown before what it needs is loaded, which can take longer.
        with telling.shown():
            await session.worker.run(import_module, "firsthand.escalate")
            return await _escalate(session, given, telling)

    return await _told(session, work)


async def _told(
    session: Session, work: Callable[[Telling], Coroutine[Any, Any, _T]]
) -> _T | contract.Refusal:
    """What some work gives that tells of its progress and can be cancelled there."""
    from firsthand.telling import Telling

    state = session.escalations
    token = f"firsthand.escalate.{state.number()}"
    shown = token if state.abilities.progress else ""
    telling = Telling(shown, state.ask, session.tell, session.clock)
    running: asyncio.Future[_T] = asyncio.ensure_future(work(telling))
    state.running[token] = running
    try:
        return await running
    except asyncio.CancelledError:
        if not running.cancelled():  # the request itself was cancelled
            running.cancel()
            raise
        return {"reason": "It was cancelled."}
    finally:
        del state.running[token]


async def _escalate(session: Session, given: Given, telling: Telling) -> Escalated:
    from firsthand import escalate as escalation
    from firsthand.preparing import Wanted

    opened = _document(session, given)
    if opened is None:
        return _said(session, "The document is not open, so nothing can be asked about it.")
    range_ = convert.from_object(given.get("range"), opened.text, session.encoding)
    if range_ is None:
        return _said(session, "The command firsthand.escalate needs a range of the document.")
    problems = given.get("problems")
    wanted = Wanted(
        opened.uri,
        range_,
        _text(given, "instruction")[:_LONGEST_INSTRUCTION],
        tuple(map(str, problems)) if isinstance(problems, list) else (),
        _text(given, "model"),
        _STRATEGIES.get(_text(given, "strategy")),
    )
    if given.get("preview") is True:
        return await _preview(session, wanted)
    outcome = await escalation.escalate(session, wanted, telling)
    if outcome.nothing:
        return _said(session, outcome.nothing.reason)
    if outcome.proposal:
        return {"proposal": outcome.proposal.id}
    return {"shown": True}


async def _preview(session: Session, wanted: Wanted) -> Escalated:
    from firsthand.escalate import preview
    from firsthand.preparing import Nothing

    found = await preview(session, wanted)
    if isinstance(found, Nothing):
        return _said(session, found.reason)
    return {
        "preview": [
            {
                "model": each.model,
                "url": each.url,
                "remote": each.remote,
                "most_usd": each.most_usd,
                "body": each.body,
            }
            for each in found
        ]
    }


async def explain(session: Session, given: Given) -> contract.Explained | contract.Refusal:
    """`firsthand.explain {textDocument, range, ask?, ...}`: `contract.ExplainArgument`.

    What is known here is said at once; a model is asked only where `ask` is true.
    """
    return await _told(session, lambda telling: _explain(session, given, telling))


async def _explain(
    session: Session, given: Given, telling: Telling
) -> contract.Explained | contract.Refusal:
    from firsthand import explaining
    from firsthand.core.explaining import told
    from firsthand.preparing import Nothing, Wanted

    opened = _document(session, given)
    if opened is None:
        return _said(session, "The document is not open, so nothing can be explained.")
    range_ = convert.from_object(given.get("range"), opened.text, session.encoding)
    if range_ is None:
        return _said(session, "The command firsthand.explain needs a range of the document.")
    instruction = _text(given, "instruction")[:_LONGEST_INSTRUCTION]
    wanted = Wanted(opened.uri, range_, instruction, model=_text(given, "model"))
    found = await explaining.explain(session, wanted, given.get("ask") is True, telling)
    if isinstance(found, Nothing):
        return _said(session, found.reason)
    return {
        "schema": 1,
        "text": told(found.facts),
        "words": found.words,
        "model": found.model,
        "cost_usd": found.cost_usd,
    }


async def quiz(session: Session, given: Given) -> contract.Quiz:
    """`firsthand.quiz {textDocument, position?}`: questions about the function there."""
    from firsthand import explaining

    opened, position = _document(session, given), given.get("position")
    line = position.get("line") if isinstance(position, Mapping) else 0
    uri = opened.uri if opened else ""
    found = await explaining.quiz(session, uri, line if isinstance(line, int) else 0)
    return {
        "schema": 1,
        "function": found.function.path if found.function else "",
        "questions": [
            {
                "kind": each.kind,
                "prompt": each.prompt,
                "options": list(each.options),
                "answer": each.answer,
                "lines": list(each.lines),
            }
            for each in found.questions
        ],
        "reason": found.reason,
    }


async def apply_proposal(session: Session, given: Given) -> contract.Applied | contract.Refusal:
    """`firsthand.applyProposal {id, hunks?}`: apply all of a proposal, or some of its hunks."""
    from firsthand import offering

    id_, hunks = given.get("id"), given.get("hunks")
    chosen = {each for each in hunks if isinstance(each, int)} if isinstance(hunks, list) else None
    if not isinstance(id_, int):
        return _said(session, "The command firsthand.applyProposal needs the id of a proposal.")
    reason = await offering.accept(session, id_, chosen)
    if reason:
        return _said(session, reason)
    return {"applied": True}


def discard_proposal(session: Session, given: Given) -> contract.Discarded:
    """`firsthand.discardProposal {id}`: forget a proposal."""
    from firsthand import offering

    id_ = given.get("id")
    return {"discarded": isinstance(id_, int) and offering.discard(session, id_)}


async def costs(session: Session, _given: Given) -> contract.Spendings:
    """`firsthand.costs`: what today's requests cost, and the cap."""
    await level.show_spent(session)
    status = session.board.status
    return {"schema": 1, "day_usd": status.day_usd, "cap_usd": status.cap_usd}


async def grip(session: Session, given: Given) -> Grip | contract.Refusal:
    """`firsthand.grip {uri?}`: who wrote what in a file, else in the first workspace folder."""
    from firsthand.paths import uri_to_path
    from firsthand.provenance import figures

    uri = _text(given, "uri")
    path = uri_to_path(uri) if uri else Path(session.folders[0]) if session.folders else None
    if path is None:
        return _said(session, "The command firsthand.grip needs a folder or the URI of a file.")
    for document in session.documents.values():
        session.provenance.keep(document)
    await session.worker.run(int)  # what was to be kept before is
    said: list[str] = []
    found = await asyncio.to_thread(figures.of, path, said.append)
    return _said(session, " ".join(said)) if said else cast("Grip", found.to_json())


def mark_read(session: Session, given: Given) -> MarkedRead:
    """`firsthand.markRead {uri, range?}`: the person has read what frontier models wrote there."""
    document = session.documents.get(_text(given, "uri"))
    if document is None:
        return {"characters": 0}
    range_ = convert.from_object(given.get("range"), document.text, session.encoding)
    first, last = (range_.start.line, range_.end.line) if range_ else (0, document.text.end.line)
    return {"characters": session.provenance.mark_read(document, first, last)}


def accepted(session: Session, given: Given) -> None:
    """`firsthand.accepted {id, characters}`: the person accepted so much of a completion."""
    id_, characters = given.get("id"), given.get("characters")
    if isinstance(id_, int) and isinstance(characters, int):
        session.provenance.told(tuple(session.documents.values()), id_, characters)
        session.reception.accepted(session.documents.values(), id_, characters)


def diagnostics(session: Session, given: Given) -> None:
    """`firsthand.diagnostics {uri, diagnostics}`: what other servers report of a document.

    As LSP's PublishDiagnosticsParams; each time all of it.
    """
    from firsthand.core.sources.problems import reported

    uri, found = given.get("uri"), given.get("diagnostics")
    document = session.documents.get(uri) if isinstance(uri, str) else None
    if document is not None and isinstance(found, list):
        document.problems = reported(document.text, convert.from_diagnostics(found))


def pause(session: Session, given: Given) -> contract.Paused:
    """`firsthand.pause {minutes?, uri?, language?}`: pause that; without minutes, or resume."""
    minutes, uri, language = (given.get(key) for key in ("minutes", "uri", "language"))
    paused = session.pause(
        uri if isinstance(uri, str) else None,
        language if isinstance(language, str) else None,
        float(minutes) if isinstance(minutes, int | float) else None,
    )
    return {"paused": paused}


def status(session: Session, _given: Given) -> contract.StatusNote:
    """`firsthand.status`: what the notification of that name carries."""
    return session.board.status.to_wire()


def why(session: Session, given: Given) -> dict[str, Any]:
    """`firsthand.why {id?}`: where a completion came from, or why there was none.

    With it comes what the model was shown of the codebase for it, and the prompt; and of frontier
    models what one was sent last, which `pieces` of the codebase that held, and the last reply that
    could not be used.
    """
    from firsthand import context

    id_ = given.get("id")
    reason = session.reception.why(id_ if isinstance(id_, int) else None)
    state = session.escalations
    pieces = [asdict(each) for each in state.pieces]
    told = (("asked", state.asked), ("pieces", pieces), ("reply", state.reply))
    frontier = {name: each for name, each in told if each}
    return {**reason, "context": context.told(session), **frontier}


def clear_cache(session: Session, _given: Given) -> None:
    """`firsthand.clearCache`: forget the completions of models that were kept."""
    if session.stores:
        session.stores.clear()


COMMANDS: Mapping[str, Command] = {
    convert.ACCEPTED: accepted,
    "firsthand.diagnostics": diagnostics,
    "firsthand.pause": pause,
    "firsthand.status": status,
    "firsthand.why": why,
    "firsthand.clearCache": clear_cache,
    "firsthand.discardProposal": discard_proposal,
    convert.MARK_READ: mark_read,
}
DECISIONS: Mapping[str, Decision] = {
    convert.ESCALATE: escalate,
    "firsthand.applyProposal": apply_proposal,
    "firsthand.costs": costs,
    "firsthand.grip": grip,
    "firsthand.explain": explain,
    "firsthand.quiz": quiz,
}


def _said(session: Session, reason: str) -> contract.Refusal:
    """A reason as an answer, and as a message: an editor shows no answers of commands."""
    session.say(reason)
    return {"reason": reason}


def _document(session: Session, given: Given) -> Document | None:
    """The open document that a command is about."""
    document = given.get("textDocument")
    uri = document.get("uri") if isinstance(document, Mapping) else None
    return session.documents.get(uri) if isinstance(uri, str) else None


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""
