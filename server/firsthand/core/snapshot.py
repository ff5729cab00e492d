"""All that is known when a completion is asked for, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from firsthand.core.text import Position, Range, Text

if TYPE_CHECKING:
    from firsthand.core.outcome import Silence

Trigger = Literal["auto", "manual"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a person may tune while they work; the meanings are those of the settings."""

    enabled: bool = True
    trigger: Trigger = "auto"
    aggression: float = 0.5
    max_lines: int = 8
    patience_ms: int | Literal["auto"] = "auto"
    languages_off: frozenset[str] = field(default_factory=frozenset)
    embedded: bool = True
    marks: bool = False


@dataclass(frozen=True, slots=True)
class Selected:
    """The item selected in the editor's completion menu: what it replaces and by what."""

    range: Range
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document at a version, a cursor in it, and how the question was put.

    Attributes:
        uri: the document's name to the editor.
        path: its path within its workspace folder, with forward slashes; else its file name.
        language: the LSP language id.
        version: the version that text has.
        explicit: the person asked, by a command or a key; otherwise typing did.
        selected: the item selected in an open menu; what is shown has to extend it.
        tuning: the settings in force for this document.
        paused: whether the person has paused completions here.
        held: why a completion that nobody asked for is held back now, by the settings of the pace.
        calmed: whether fewer are shown, as many were rejected here of late.
        pace: what the settings of the pace made of it, in sentences.
    """

    uri: str
    path: str
    language: str
    version: int
    text: Text
    position: Position
    explicit: bool = False
    selected: Selected | None = None
    tuning: Tuning = field(default_factory=Tuning)
    paused: bool = False
    held: Silence | None = None
    calmed: bool = False
    pace: tuple[str, ...] = ()
