"""A completion: an edit that is offered, and what is left of it as the person types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from firsthand.core.text import Range

Tier = Literal["embedded", "inline", "frontier"]


@dataclass(frozen=True, slots=True)
class Completion:
    """An edit offered for one version of a document.

    Attributes:
        version: the version of the document that the range belongs to.
        range: what the edit replaces; empty at the cursor for an insertion, the common case.
        new_text: what it puts there, lines ended by a line feed.
        tier: what made it.
        model: the model's name; empty for the embedded model.
        confidence: the estimated probability that all of it is what the person wants, 0 to 1.
    """

    version: int
    range: Range
    new_text: str
    tier: Tier
    model: str = ""
    confidence: float = 0.0
