"""What an escalation asks, and of whom: found out before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firsthand import gathering, judging
from firsthand.core import briefing, routing
from firsthand.core.proposal import whole_lines
from firsthand.core.text import Range, Text
from firsthand.document import Document
from firsthand.paths import uri_to_path
from firsthand.scratch import Check, check_for
from firsthand.settings import Strategy

if TYPE_CHECKING:
    from firsthand.backends.base import Endpoint
    from firsthand.backends.frontier import Question
    from firsthand.core.snippets import Piece
    from firsthand.router.frontier import Frontier
    from firsthand.session import Session

# Seconds that are left to find out what the model is shown of the codebase.
_LOOKING = 0.5
# Tokens of an answer, thoughts included: some for any, and more for more lines to be written anew.
_LEAST_TOKENS, _MOST_TOKENS, _TOKENS_A_LINE = 4_096, 16_384, 48


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asked for.

    Attributes:
        uri: the document.
        range: what may be changed; empty at a cursor, where something is to be written.
        instruction: in the person's words; may be empty.
        problems: what the editor reports of the range.
        model: the name of the model to ask; empty for those that are configured.
        strategy: how to ask; None for what is configured.
    """

    uri: str
    range: Range
    instruction: str = ""
    problems: tuple[str, ...] = ()
    model: str = ""
    strategy: Strategy | None = None


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
        strategy: how.
        file: the document's path; empty where it has none.
        check: the person's own check of its folder; None where there is none.
        bounded: whether it is a small task, which a cheap model is likely to do well.
    """

    document: Document
    text: Text
    version: int
    range: Range
    question: Question
    frontier: Frontier
    endpoints: tuple[Endpoint, ...]
    strategy: Strategy
    file: str
    check: Check | None
    bounded: bool

    @property
    def inserts(self) -> bool:
        """Whether something is to be written at a cursor."""
        return self.range.empty


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why nobody is asked, or why nothing comes of it.

    Attributes:
        reason: a sentence for the person.
        refused: whether privacy or a budget forbids it.
    """

    reason: str
    refused: bool = False


async def prepare(session: Session, wanted: Wanted) -> Brief | Nothing:
    """All that is asked, and whom; or why nobody is asked."""
    async with session.preparing:  # what is loaded says whom to ask, and what may be sent
        document, frontier = session.documents.get(wanted.uri), session.escalations.frontier
    if document is None:
        return Nothing("The document is not open, so nothing can be asked about it.")
    refused = _refused(session, document)
    if refused is not None:
        return refused
    if frontier is None or not frontier.endpoints:
        return Nothing("No model is configured for escalations: name one in [escalation].")
    endpoints = tuple(
        each
        for each in frontier.endpoints
        if (not wanted.model or wanted.model in (each.name, each.model))
        and not (each.remote and judging.local_only(session, document))
    )
    if not endpoints:
        return Nothing(
            "No model may be asked: name another in [escalation], or allow what local_only bars.",
            refused=not wanted.model,
        )
    text, version = document.text, document.version
    at_cursor = wanted.range.empty and not wanted.problems
    range_ = wanted.range if at_cursor else whole_lines(text, wanted.range)
    shown = briefing.window(text, range_)
    pieces = await gathering.gathered(
        session, document, range_, shown, wanted.instruction, _LOOKING
    )
    session.escalations.pieces = pieces
    question = _question(document.path, text, range_, wanted, pieces)
    settings, file = session.settings_of(document).settings, str(uri_to_path(document.uri) or "")
    return Brief(
        document,
        text,
        version,
        range_,
        question,
        frontier,
        endpoints,
        strategy=wanted.strategy or settings.strategy,
        file=file,
        check=check_for(file, settings.checks) if file and session.client.trusted else None,
        bounded=routing.bounded(text.slice(range_), wanted.instruction, wanted.problems),
    )


def _refused(session: Session, document: Document) -> Nothing | None:
    """Why nobody may be asked about a document; None where somebody may be."""
    if document.silence is not None:
        return Nothing(f"Nothing is asked about this document: {document.silence.value}.")
    if not judging.models_allowed(session, document):
        return Nothing(
            "No model is asked until the configuration is mended: `firsthand config show`."
        )
    if document.private:
        return Nothing(
            "This file is private (an ignore file or a rule says so), so it is not sent.",
            refused=True,
        )
    return None


def _question(
    path: str, text: Text, range_: Range, wanted: Wanted, pieces: tuple[Piece, ...]
) -> Question:
    from firsthand.backends.frontier import Message, Question

    known = briefing.context(path, text, range_, pieces)
    lines = range_.end.line - range_.start.line
    tokens = min(_MOST_TOKENS, _LEAST_TOKENS + _TOKENS_A_LINE * lines)
    if range_.empty:
        asked = briefing.inserting(text, range_.start, wanted.instruction)
        return Question(briefing.INSERT, known, (Message("user", asked),), tokens)
    asked = briefing.rewriting(text, range_, wanted.instruction, wanted.problems)
    return Question(briefing.EDIT, known, (Message("user", asked),), tokens)
