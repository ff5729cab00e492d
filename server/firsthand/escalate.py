"""One escalation, top to bottom: a command, a frontier model's reply, a proposal to read.

Nothing is written to a document here. What comes back is text at the cursor, offered as any other
completion is, or a proposal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firsthand import asking, context, judging, offering
from firsthand.core import briefing
from firsthand.core.completion import Completion, Offer
from firsthand.core.patch import Malformed, Reply, parse_insertion, parse_reply
from firsthand.core.proposal import Proposal, hunks_of, whole_lines
from firsthand.core.text import Edit, Range, Text
from firsthand.document import Document
from firsthand.telling import Telling

if TYPE_CHECKING:
    from firsthand.backends.base import Endpoint
    from firsthand.backends.frontier import Question
    from firsthand.router.frontier import Answered, Frontier
    from firsthand.session import Session

# Seconds that are left to find out what the model is shown of the codebase.
_LOOKING = 0.5
# Tokens of an answer, thoughts included: some for any, and more for more lines to be written anew.
_LEAST_TOKENS, _MOST_TOKENS, _TOKENS_A_LINE = 4_096, 16_384, 48
_FAR = 3  # so many times `max_lines` are ghost text at the most


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asked for.

    Attributes:
        uri: the document.
        range: what may be changed; empty at a cursor, where something is to be written.
        instruction: in the person's words; may be empty.
        problems: what the editor reports of the range.
        model: the name of the model to ask; empty for the first that works.
    """

    uri: str
    range: Range
    instruction: str = ""
    problems: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an escalation: a proposal, text at the cursor, or a reason why not."""

    proposal: Proposal | None = None
    shown: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """An escalation that is ready to be asked.

    Attributes:
        document: what it is about.
        text, version: the document as it was then.
        range: whole lines, or the cursor.
        question: what the models are asked.
        frontier: who asks them.
        endpoints: whom, in order.
    """

    document: Document
    text: Text
    version: int
    range: Range
    question: Question
    frontier: Frontier
    endpoints: tuple[Endpoint, ...]

    @property
    def inserts(self) -> bool:
        """Whether something is to be written at a cursor."""
        return self.range.empty


async def escalate(session: Session, wanted: Wanted, telling: Telling) -> Outcome:
    """Ask for what is wanted and offer what comes back; cancelling it closes the connection."""
    with telling.shown():
        brief = await prepare(session, wanted)
        if isinstance(brief, str):
            return Outcome(reason=brief)
        replied = await ask(session, brief, telling)
        if isinstance(replied, str):
            return Outcome(reason=replied)
        return await _offered(session, brief, *replied)


async def prepare(session: Session, wanted: Wanted) -> Brief | str:
    """All that is asked, and whom; or a sentence why nobody is asked."""
    async with session.preparing:  # what is loaded says whom to ask, and what may be sent
        document, frontier = session.documents.get(wanted.uri), session.escalations.frontier
    refused = _refused(session, document, frontier)
    if document is None or frontier is None or refused:
        return refused
    endpoints = tuple(
        each
        for each in frontier.endpoints
        if (not wanted.model or wanted.model in (each.name, each.model))
        and not (each.remote and judging.local_only(session, document))
    )
    if not endpoints:
        return "No model may be asked: name another in [escalation], or allow what local_only bars."
    text, version = document.text, document.version
    at_cursor = wanted.range.empty and not wanted.problems
    range_ = wanted.range if at_cursor else whole_lines(text, wanted.range)
    snapshot = session.snapshot_at(document, wanted.range.start, explicit=True)
    others = await context.gathered(session, snapshot, _LOOKING)
    question = _question(document.path, text, range_, wanted, others)
    return Brief(document, text, version, range_, question, frontier, endpoints)


async def ask(
    session: Session, brief: Brief, telling: Telling
) -> tuple[Reply, Answered, tuple[str, ...]] | str:
    """The first usable reply, who gave it, and what was noticed of it; else a sentence why not.

    A model that fails leaves its turn to the next one; one whose reply can't be used is told why,
    once.
    """
    from firsthand.backends.base import BackendError
    from firsthand.ledger import Refused

    reasons = []
    for endpoint in brief.endpoints:
        telling.say(f"asking {endpoint.label}")
        try:
            return await _twice(session, brief, endpoint, telling)
        except (BackendError, Refused) as error:
            reasons.append(str(error))
        except _Unusable as error:
            return f"{endpoint.label} gave no usable answer: {error}"
    return " ".join(dict.fromkeys(reasons))


class _Unusable(Exception):
    """A model's second reply can't be used either."""


async def _twice(
    session: Session, brief: Brief, endpoint: Endpoint, telling: Telling
) -> tuple[Reply, Answered, tuple[str, ...]]:
    from firsthand.backends.frontier import Message

    question, spent = brief.question, 0.0
    for last in (False, True):
        answered = await brief.frontier.ask(endpoint, question, telling.heard)
        spent += answered.cost_usd or 0.0
        reply = await _read(session, brief, answered)
        if not isinstance(reply, str):
            cost = None if answered.cost_usd is None else spent
            return (reply[0], replace(answered, cost_usd=cost), reply[1])
        session.escalations.reply = answered.text
        if last:
            raise _Unusable(reply)
        telling.say(f"asking {endpoint.label} once more")
        turns = (Message("assistant", answered.text), Message("user", briefing.again(reply)))
        question = replace(question, messages=(*question.messages, *turns))
    raise AssertionError("the second reply is the last one")


async def _read(
    session: Session, brief: Brief, answered: Answered
) -> tuple[Reply, tuple[str, ...]] | str:
    """A reply that can be used, and what was noticed of it; else a sentence why not."""
    from firsthand.syntax import changed_signatures, new_fault

    target = brief.text.slice(brief.range)
    parse = parse_insertion if brief.inserts else parse_reply
    reply = await session.looker.run(parse, answered.text, target)
    if isinstance(reply, Malformed):
        return f"{reply.reason} It was cut off." if answered.cut else reply.reason
    if reply.new_text == target:
        return "The reply changes nothing."
    after = brief.text.apply(Edit(brief.range, reply.new_text))
    language = brief.document.language
    if brief.inserts:
        # A model may write the line again that it goes on in.
        before = brief.text.before(brief.range.start)
        new = reply.new_text.removeprefix(before) if before else reply.new_text
        return replace(reply, new_text=new), ()  # the rest of what was begun may follow later
    line = await session.looker.run(new_fault, language, brief.text, after)
    if line is not None:
        return f"Line {line + 1} does not parse after the change: {after.line(line).strip()[:80]!r}"
    return reply, await session.looker.run(changed_signatures, language, brief.text, after)


async def _offered(
    session: Session, brief: Brief, reply: Reply, answered: Answered, warnings: tuple[str, ...]
) -> Outcome:
    """Offer a reply in the document as it is now."""
    document = session.documents.get(brief.document.uri)
    if document is not brief.document:
        return Outcome(reason="The document was closed meanwhile, so nothing is proposed.")
    if answered.endpoint.remote:
        session.spawn(session.show_spent())
    if brief.inserts and _as_ghost_text(session, brief, reply, answered):
        return Outcome(shown=True)
    if brief.inserts:
        reply, brief = _in_lines(brief, reply)
    proposal = proposed(brief, reply, answered, warnings, session.escalations.number())
    moved = offering.moved(proposal, brief.text, document)
    if moved is None:
        return Outcome(reason="The code was changed meanwhile where the answer belongs: ask again.")
    await offering.offer(session, moved, document.text)
    return Outcome(proposal=moved)


def proposed(
    brief: Brief, reply: Reply, answered: Answered, warnings: tuple[str, ...], id_: int
) -> Proposal:
    """A reply as a proposal for the text that it was asked about."""
    return Proposal(
        id=id_,
        uri=brief.document.uri,
        version=brief.version,
        range=brief.range,
        hunks=hunks_of(brief.text, brief.range, reply),
        summary=reply.summary,
        model=answered.endpoint.label,
        cost_usd=answered.cost_usd,
        sent_id=answered.sent_id,
        warnings=warnings,
    )


def _as_ghost_text(session: Session, brief: Brief, reply: Reply, answered: Answered) -> bool:
    """Offer a short insertion as a completion; whether the editor can be told of it."""
    document = brief.document
    most = _FAR * session.settings_of(document).settings.tuning.max_lines
    plain = reply.new_text
    if plain.count("\n") >= most or not session.client.refresh:
        return False
    completion = Completion(brief.version, brief.range, plain, "frontier", answered.endpoint.label)
    return asking.present(session, document, Offer(brief.text, completion))


def _in_lines(brief: Brief, reply: Reply) -> tuple[Reply, Brief]:
    """An insertion as a change of the line that it is made in."""
    lines, at = whole_lines(brief.text, brief.range), brief.range.start.character
    old = brief.text.slice(lines)
    end = "\r\n" if brief.text.lines[0].endswith("\r\n") else "\n"
    new = old[:at] + reply.new_text.replace("\n", end) + old[at:]
    return replace(reply, new_text=new), replace(brief, range=lines)


def _refused(session: Session, document: Document | None, frontier: Frontier | None) -> str:
    """A sentence why nobody may be asked about a document; empty where somebody may be."""
    if document is None:
        return "The document is not open, so nothing can be asked about it."
    if document.silence is not None:
        return f"Nothing is asked about this document: {document.silence.value}."
    if not judging.models_allowed(session, document):
        return "No model is asked until the configuration is mended: `firsthand config show`."
    if document.private:
        return "This file is private (an ignore file or a rule says so), so it is not sent."
    if frontier is None or not frontier.endpoints:
        return "No model is configured for escalations: name one in models under [escalation]."
    return ""


def _question(
    path: str, text: Text, range_: Range, wanted: Wanted, others: tuple[tuple[str, str], ...]
) -> Question:
    from firsthand.backends.frontier import Message, Question

    known = briefing.context(path, text, range_, others)
    lines = range_.end.line - range_.start.line
    tokens = min(_MOST_TOKENS, _LEAST_TOKENS + _TOKENS_A_LINE * lines)
    if range_.empty:
        asked = briefing.inserting(text, range_.start, wanted.instruction)
        return Question(briefing.INSERT, known, (Message("user", asked),), tokens)
    asked = briefing.rewriting(text, range_, wanted.instruction, wanted.problems)
    return Question(briefing.EDIT, known, (Message("user", asked),), tokens)
