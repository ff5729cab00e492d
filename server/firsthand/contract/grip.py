"""What the commands `firsthand.grip` and `firsthand.markRead` take and answer."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from firsthand.contract.basic import Span
from firsthand.contract.described import described


@described
class GripArgument(TypedDict):
    """What `firsthand.grip` takes."""

    uri: NotRequired[str]
    """A file or a folder; the first workspace folder where it is left out."""


@described
class GripShare(TypedDict):
    """How many characters have which origin."""

    typed: int
    """The person typed them."""
    changed: int
    """The person typed them within or in place of accepted text."""
    pasted: int
    """They came in one piece, from the clipboard or another tool."""
    embedded: int
    """Accepted from the embedded model."""
    inline: int
    """Accepted from a model server."""
    frontier: int
    """Accepted from a frontier model."""
    unknown: int
    """They were there before, or something else changed the file."""
    first_hand: float | None
    """Typed and changed, of all that are known: 0 to 1."""


@described
class GripPlace(TypedDict):
    """The same of a file or a folder."""

    path: str
    """Its path below that which was asked about."""
    share: GripShare
    """Of all of it."""


@described
class GripWeek(TypedDict):
    """The same of what was written in a week."""

    week: str
    """As 2026-W48."""
    share: GripShare
    """Of what still stands of it."""


@described
class GripSurvived(TypedDict):
    """What became of accepted text after a while."""

    tier: str
    """What wrote it."""
    after: Literal["15s", "2min", "10min", "commit"]
    """How long a while."""
    survived: int
    """How many characters stood."""
    lost: int
    """How many did not."""


@described
class GripBlock(TypedDict):
    """A large accepted block that nobody touched since."""

    path: str
    """The file."""
    line: int
    """Its first line, from 1."""
    lines: int
    """How many it has."""
    characters: int
    """How long it is."""
    tier: str
    """What wrote it."""
    day: str
    """When it was accepted, as 2026-11-26."""


@described
class Grip(TypedDict):
    """What `firsthand.grip` answers."""

    schema: Literal[1]
    """The version of this message."""
    path: str
    """What was asked about."""
    share: GripShare
    """Of all files together."""
    files: list[GripPlace]
    """Those with most known characters first."""
    folders: list[GripPlace]
    """Likewise, with what is in folders below."""
    weeks: list[GripWeek]
    """What stands now by the week it was written in, the newest first."""
    survived: list[GripSurvived]
    """Of all folders of this machine."""
    reading: list[GripBlock]
    """The largest first."""


@described
class MarkReadArgument(TypedDict):
    """What `firsthand.markRead` takes."""

    uri: str
    """The document, which must be open."""
    range: NotRequired[Span]
    """Where its lines were read; without it everywhere."""


@described
class MarkedRead(TypedDict):
    """What `firsthand.markRead` answers."""

    characters: int
    """How many characters of frontier models were not read before."""
