"""Documents of the embedded model, as tests need them: all of them is learned."""

from __future__ import annotations

from firsthand.core.text import Text
from firsthand.embedded.document import Document
from firsthand.embedded.words import Numbers


def document_of(text: str, language: str = "python") -> Document:
    """A document that is open, all of it learned."""
    return settled(Document("a", language, Text.of(text), Numbers()))


def settled(document: Document) -> Document:
    """A document, once all that waited is learned."""
    for _ in document.pending():
        pass
    return document
