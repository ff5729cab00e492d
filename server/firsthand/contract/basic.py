"""What several messages of the contract are made of."""

from __future__ import annotations

from typing_extensions import TypedDict

from firsthand.contract.described import described


@described
class Place(TypedDict):
    """A position, as LSP has it."""

    line: int
    """From 0."""
    character: int
    """From 0, in the units of the agreed encoding."""


@described
class Span(TypedDict):
    """A range, as LSP has it."""

    start: Place
    """Where it begins."""
    end: Place
    """Where it ends, itself not a part of it."""


@described
class DocumentName(TypedDict):
    """A document, as LSP's TextDocumentIdentifier."""

    uri: str
    """Its URI."""
