"""What Firsthand and an editor tell one another beside the standard methods of LSP.

Every message is a type here, which the code that makes it is checked against. `contract.schema`
makes one JSON schema of them, which is committed in `schemas/protocol.schema.json`; clients take
their types from that. Positions and ranges are LSP's, in the units that were agreed on. A field
that is `NotRequired` may be left out; unknown fields are to be ignored, on both sides.

Only tests and type checkers import this: a server has no use for it while it runs.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from firsthand.contract.basic import DocumentName as DocumentName
from firsthand.contract.basic import Place as Place
from firsthand.contract.basic import Span as Span
from firsthand.contract.described import described
from firsthand.contract.grip import Grip, GripArgument, MarkedRead, MarkReadArgument
from firsthand.contract.understanding import ExplainArgument, QuizArgument
from firsthand.contract.understanding import Explained as Explained
from firsthand.contract.understanding import Quiz as Quiz


@described
class ProposedHunk(TypedDict):
    """A piece of a proposal that can be applied alone."""

    id: int
    """Names it within its proposal."""
    range: Span
    """What it replaces: whole lines."""
    newText: str
    """What it puts there."""
    note: str
    """What it does to which lines, as a sentence."""
    check: str
    """What to look at in it, one a line; may be empty."""


@described
class Choice(TypedDict):
    """What some of the models would write at a place where they disagree."""

    models: list[str]
    """Who; a model that was asked twice is numbered."""
    text: str
    """Their text for these lines; may be empty."""
    chosen: bool
    """Whether the proposal has it."""


@described
class Disagreement(TypedDict):
    """A place where models that were asked the same differ: a decision to make."""

    range: Span
    """The lines of the document as it is; empty where something is only added."""
    note: str
    """A sentence on who would write what."""
    choices: list[Choice]
    """What each would write there, the proposal's own first."""


@described
class ProposalNote(TypedDict):
    """The parameters of `firsthand/proposal`: a change to read, and to apply or not."""

    schema: Literal[1]
    """The version of this message."""
    id: int
    """Names it in `firsthand.applyProposal` and `firsthand.discardProposal`."""
    uri: str
    """The document."""
    version: int
    """The document's version that the ranges are for."""
    hunks: list[ProposedHunk]
    """In the order of the text; they can be applied one by one."""
    summary: str
    """What changes, in the model's words."""
    reason: str
    """Why it is this candidate, where there were several; may be empty."""
    disagreements: list[Disagreement]
    """Where the candidates differ; empty where there was one, or where they agree."""
    warnings: list[str]
    """What was noticed about it, each a sentence."""
    cost_usd: float | None
    """What all requests for it cost; null where that is not known."""
    model: str
    """Who wrote it."""
    sent_id: str
    """Names the request in `firsthand sent`; empty for a server on this machine."""


@described
class Indexing(TypedDict):
    """How far the index is."""

    done: int
    """Files that were read."""
    total: int
    """Files in all."""


@described
class StatusNote(TypedDict):
    """The parameters of `firsthand/status`, and the answer of the command of that name."""

    schema: Literal[1]
    """The version of this message."""
    level: Literal["frontier", "inline", "embedded", "paused", "off"]
    """What completes now."""
    reason: str
    """Why it is this level, or why the last request was answered with nothing."""
    model: str
    """The model of the inline tier; empty without one."""
    latency_ms: float
    """How long the last answer took."""
    thinking: bool
    """Whether a model is writing."""
    indexing: Indexing | None
    """How far the index is; null while none is built."""
    day_usd: float
    """Spent today."""
    cap_usd: float | None
    """The cap for a day; null without one."""


@described
class DocumentVersion(TypedDict):
    """A document at a version, as LSP's VersionedTextDocumentIdentifier."""

    uri: str
    """Its URI."""
    version: int
    """Its version."""


@described
class RefreshNote(TypedDict):
    """The parameters of `firsthand/refresh`: a better answer is there, for who asks now."""

    textDocument: DocumentVersion
    """The document, and the version the answer is for."""
    position: Place
    """The cursor the answer is for."""


@described
class EscalateArgument(TypedDict):
    """What `firsthand.escalate` takes."""

    textDocument: DocumentName
    """An open document."""
    range: Span
    """What may be changed; at a cursor, empty."""
    instruction: NotRequired[str]
    """What to do, in the person's words."""
    problems: NotRequired[list[str]]
    """What the editor reports of the range: these are to be mended."""
    model: NotRequired[str]
    """The name of a configured model: it alone is asked."""
    strategy: NotRequired[Literal["first", "panel", "auto"]]
    """How models are asked; the configuration's where it is left out."""
    preview: NotRequired[bool]
    """True sends nothing: the answer says what would be sent, to whom, and at which price."""


@described
class Outgoing(TypedDict):
    """A request that would be sent."""

    model: str
    """To which model."""
    url: str
    """Where it is."""
    remote: bool
    """Whether that is another machine."""
    most_usd: float | None
    """The most that it can cost; null where no price is known."""
    body: str
    """Exactly what would be sent, secrets blanked out: JSON."""


@described
class Refusal(TypedDict):
    """Why a command did not do what it was asked for."""

    reason: str
    """A sentence, shown to the person as a message as well."""


@described
class Proposed(TypedDict):
    """What was asked of a model is proposed."""

    proposal: int
    """The id of the proposal, which `firsthand/proposal` brought."""


@described
class Shown(TypedDict):
    """What was asked of a model is a completion at the cursor."""

    shown: Literal[True]
    """`firsthand/refresh` told of it."""


@described
class Previewed(TypedDict):
    """What would be sent; nothing was."""

    preview: list[Outgoing]
    """The first request to each model that would be asked at once, or first."""


@described
class AcceptedArgument(TypedDict):
    """What `firsthand.accepted` takes."""

    id: int
    """The completion, as its accept command names it."""
    characters: int
    """How many of its characters were accepted."""


@described
class Report(TypedDict):
    """What another server reports of a document, as LSP's Diagnostic; other fields are ignored."""

    range: Span
    """Where it is."""
    message: str
    """What is wrong."""
    severity: NotRequired[Literal[1, 2, 3, 4]]
    """1 is an error, 2 a warning, 3 an information, 4 a hint; an error where it is left out."""


@described
class DiagnosticsArgument(TypedDict):
    """What `firsthand.diagnostics` takes, as LSP's PublishDiagnosticsParams."""

    uri: str
    """The document, which must be open."""
    diagnostics: list[Report]
    """All that is reported of it now."""


@described
class WhyArgument(TypedDict):
    """What `firsthand.why` takes."""

    id: NotRequired[int]
    """A completion of the last answer; all of them where it is left out."""


@described
class PauseArgument(TypedDict):
    """What `firsthand.pause` takes."""

    minutes: NotRequired[float]
    """For how long; until it is asked for again where it is left out."""
    uri: NotRequired[str]
    """Only this document."""
    language: NotRequired[str]
    """Only this language."""


@described
class Paused(TypedDict):
    """What `firsthand.pause` answers."""

    paused: bool
    """Whether that is paused now."""


@described
class ApplyArgument(TypedDict):
    """What `firsthand.applyProposal` takes."""

    id: int
    """The proposal."""
    hunks: NotRequired[list[int]]
    """The hunks to apply; all where it is left out."""


@described
class Applied(TypedDict):
    """A proposal was applied."""

    applied: Literal[True]
    """The editor has done it."""


@described
class DiscardArgument(TypedDict):
    """What `firsthand.discardProposal` takes."""

    id: int
    """The proposal."""


@described
class Discarded(TypedDict):
    """What `firsthand.discardProposal` answers."""

    discarded: bool
    """Whether there was such a proposal."""


@described
class Spendings(TypedDict):
    """What `firsthand.costs` answers."""

    schema: Literal[1]
    """The version of this message."""
    day_usd: float
    """Spent and reserved today."""
    cap_usd: float | None
    """The cap for a day; null without one."""


@described
class ClientOptions(TypedDict):
    """`initializationOptions.client`: what an editor's plugin says of itself."""

    name: NotRequired[str]
    """What it calls itself."""
    refresh: NotRequired[Literal["empty", "extend"]]
    """It asks again at `firsthand/refresh`: where nothing is shown, or also for a longer text."""
    proposals: NotRequired[bool]
    """It shows `firsthand/proposal`."""
    trusted: NotRequired[bool]
    """False where the person does not trust the workspace: no git, nothing to other machines."""
    menu: NotRequired[bool]
    """It wants completions in its menu, by `textDocument/completion`, beside ghost text."""


MESSAGES: dict[str, type[Any]] = {
    "initializationOptions.client": ClientOptions,
    "firsthand/status": StatusNote,
    "firsthand/refresh": RefreshNote,
    "firsthand/proposal": ProposalNote,
}
"""The types of notifications' parameters by their methods, and of what a client declares."""

COMMANDS: dict[str, tuple[type[Any] | None, tuple[type[Any], ...]]] = {
    "firsthand.escalate": (EscalateArgument, (Proposed, Shown, Previewed, Refusal)),
    "firsthand.applyProposal": (ApplyArgument, (Applied, Refusal)),
    "firsthand.discardProposal": (DiscardArgument, (Discarded,)),
    "firsthand.accepted": (AcceptedArgument, ()),
    "firsthand.diagnostics": (DiagnosticsArgument, ()),
    "firsthand.why": (WhyArgument, ()),
    "firsthand.pause": (PauseArgument, (Paused,)),
    "firsthand.status": (None, (StatusNote,)),
    "firsthand.costs": (None, (Spendings,)),
    "firsthand.explain": (ExplainArgument, (Explained, Refusal)),
    "firsthand.quiz": (QuizArgument, (Quiz,)),
    "firsthand.clearCache": (None, ()),
    "firsthand.grip": (GripArgument, (Grip, Refusal)),
    "firsthand.markRead": (MarkReadArgument, (MarkedRead,)),
}
"""What each command takes, and what it may answer; none where there is nothing to rely on."""
