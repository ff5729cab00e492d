"""What editors ask to understand code: `firsthand.explain` and `firsthand.quiz`."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from firsthand.contract.basic import DocumentName, Place, Span
from firsthand.contract.described import described


@described
class ExplainArgument(TypedDict):
    """What `firsthand.explain` takes."""

    textDocument: DocumentName
    """An open document."""
    range: Span
    """What is to be explained; at a cursor, empty."""
    ask: NotRequired[bool]
    """True asks a model for escalations as well; what is known here is said without one."""
    instruction: NotRequired[str]
    """What the person wants to know, for the model."""
    model: NotRequired[str]
    """The name of a configured model: it alone is asked."""


@described
class Explained(TypedDict):
    """What `firsthand.explain` answers."""

    schema: Literal[1]
    """The version of this message."""
    text: str
    """What is known for sure, from the syntax tree and the index: Markdown."""
    words: str
    """What a model says of it; empty where none was asked."""
    model: str
    """The model's name; empty where none was asked."""
    cost_usd: float | None
    """What asking cost; null where that is not known."""


@described
class QuizArgument(TypedDict):
    """What `firsthand.quiz` takes."""

    textDocument: DocumentName
    """An open document."""
    position: NotRequired[Place]
    """A place in the function, or above it; the file's begin where it is left out."""


@described
class Question(TypedDict):
    """A question with one right answer, which the syntax tree says."""

    kind: Literal["calls", "called", "raises", "none"]
    """What it is about."""
    prompt: str
    """The question."""
    options: list[str]
    """What to choose from."""
    answer: int
    """The number of the right option, from 0."""
    lines: list[int]
    """The lines that say so, from 0."""


@described
class Quiz(TypedDict):
    """What `firsthand.quiz` answers."""

    schema: Literal[1]
    """The version of this message."""
    function: str
    """What the questions are about; empty where there are none."""
    questions: list[Question]
    """At most three; any may be skipped."""
    reason: str
    """Why there are none; else empty."""
