"""One escalation, top to bottom: a command, a frontier model's reply, a proposal to read.

Nothing is written to a document here. What comes back is text at the cursor, offered as any other
completion is, or a proposal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firsthand import asking, level, offering, panel
from firsthand.core import trigger
from firsthand.core.completion import Completion, Offer
from firsthand.core.proposal import Proposal, hunks_of, whole_lines
from firsthand.panel import Decided
from firsthand.preparing import Brief, Nothing, Wanted, prepare
from firsthand.telling import Telling

if TYPE_CHECKING:
    from firsthand.session import Session

_FAR = 3  # so many times `max_lines` are ghost text at the most


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that would be sent.

    Attributes:
        model: to which model.
        url: where it is.
        remote: whether that is another machine.
        most_usd: the most that it can cost; None where no price is known.
        body: exactly what would be sent.
    """

    model: str
    url: str
    remote: bool
    most_usd: float | None
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an escalation: a proposal, text at the cursor, or why there is neither."""

    proposal: Proposal | None = None
    shown: bool = False
    nothing: Nothing | None = None


async def escalate(session: Session, wanted: Wanted, telling: Telling) -> Outcome:
    """Ask for what is wanted and offer what comes back; cancelling it closes the connection."""
    brief = await prepare(session, wanted)
    if isinstance(brief, Nothing):
        return Outcome(nothing=brief)
    decided = await panel.decide(session, brief, telling)
    if isinstance(decided, Nothing):
        return Outcome(nothing=decided)
    return await _offered(session, brief, decided)


async def preview(session: Session, wanted: Wanted) -> tuple[Outgoing, ...] | Nothing:
    """What would be sent first, to each model that would be asked; nothing is."""
    brief = await prepare(session, wanted)
    return brief if isinstance(brief, Nothing) else await outgoing(brief)


async def outgoing(brief: Brief) -> tuple[Outgoing, ...] | Nothing:
    """What a brief would send first."""
    from firsthand.backends.base import BackendError

    found = []
    for each in panel.begins_with(brief):
        try:
            body, most = await brief.frontier.look(each, brief.question)
        except BackendError as error:
            return Nothing(str(error))
        known = not each.remote or None not in (each.price_in, each.price_out)
        text = body.decode("utf-8", "replace")
        found.append(Outgoing(each.label, each.url, each.remote, most if known else None, text))
    return tuple(found)


async def _offered(session: Session, brief: Brief, decided: Decided) -> Outcome:
    """Offer an answer in the document as it is now."""
    document = session.documents.get(brief.document.uri)
    if document is not brief.document:
        reason = "The document was closed meanwhile, so nothing is proposed."
        return Outcome(nothing=Nothing(reason))
    session.spawn(level.show_spent(session))
    doubted = decided.disagreements or decided.verified.warnings
    if brief.inserts and not doubted and _as_ghost_text(session, brief, decided):
        return Outcome(shown=True)
    proposal = proposed(brief, decided, session.escalations.number())
    moved = offering.moved(proposal, brief.text, document)
    if moved is None:
        reason = "The code was changed meanwhile where the answer belongs: ask again."
        return Outcome(nothing=Nothing(reason))
    await offering.offer(session, moved, document.text)
    return Outcome(proposal=moved)


def proposed(brief: Brief, decided: Decided, id_: int) -> Proposal:
    """An answer as a proposal for the text that it was asked about."""
    reply, lines = decided.verified.reply, brief.range
    if brief.inserts:  # a change of the line that it is made in
        lines, at = whole_lines(brief.text, brief.range), brief.range.start.character
        old = brief.text.slice(lines)
        end = "\r\n" if brief.text.lines[0].endswith("\r\n") else "\n"
        new = old[:at] + reply.new_text.replace("\n", end) + old[at:]
        reply = replace(reply, new_text=new)
    return Proposal(
        id=id_,
        uri=brief.document.uri,
        version=brief.version,
        range=lines,
        hunks=hunks_of(brief.text, lines, reply),
        summary=reply.summary,
        model=decided.answered.endpoint.label,
        cost_usd=decided.cost_usd,
        sent_id=decided.answered.sent_id,
        warnings=decided.verified.warnings,
        reason=decided.reason,
        disagreements=decided.disagreements,
    )


def _as_ghost_text(session: Session, brief: Brief, decided: Decided) -> bool:
    """Offer a short insertion as a completion; whether the editor can be told of it and show it."""
    document, text = brief.document, decided.verified.reply.new_text
    most = _FAR * session.settings_of(document).settings.tuning.max_lines
    if text.count("\n") >= most or not session.client.refresh:
        return False
    at = session.snapshot_at(document, brief.range.start, explicit=False)
    if trigger.decide(at) is not None:  # the editor would ask again, and get nothing
        return False
    label = decided.answered.endpoint.label
    completion = Completion(brief.version, brief.range, text, "frontier", label)
    return asking.present(session, document, Offer(brief.text, completion))
