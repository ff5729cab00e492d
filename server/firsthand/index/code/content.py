"""What is written about a file, as it is read off its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from firsthand.core.redact import PLACEHOLDER, redact
from firsthand.index.code.chunks import cut
from firsthand.index.files import Skipped, read_file
from firsthand.syntax import NAME, Defined, Imported, outline

_LONGEST_NAME = 100
_CHUNK_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk to be written: its lines, its text and the names in its code."""

    first: int
    last: int
    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Content:
    """What is written about a file's text."""

    definitions: tuple[Defined, ...]
    imports: tuple[Imported, ...]
    names: Mapping[str, int]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file has changed.

    Attributes:
        path: as `SourceFile.path`.
        language: the LSP language id.
        size: in bytes.
        mtime: in nanoseconds; -1 when a change could go unseen, so that it is read again.
        digest: of the content; empty where there is none.
    """

    path: str
    language: str
    size: int
    mtime: int
    digest: bytes


NOTHING = Content((), (), {}, ())
"""Of a file that holds no code that a person writes."""


def read(root: Path, path: str, language: str, digest: bytes) -> tuple[bytes, Content] | Skipped:
    """What is written about a file, and its digest; nothing where that is the one it had before.

    Args:
        root: the folder of the workspace.
        path: relative to the root.
        language: the LSP language id.
        digest: that of the content that was written last.
    """
    text = read_file(root, path)
    if isinstance(text, Skipped):
        return text
    now = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if now == digest:
        return now, NOTHING
    return now, content_of(language, without_secrets(text))


def without_secrets(text: str) -> str:
    """A text, the lines of secrets left blank."""
    redacted = redact(text)
    if not redacted.found:
        return text
    return "\n".join("" if PLACEHOLDER.search(line) else line for line in redacted.text.split("\n"))


def content_of(language: str, text: str) -> Content:
    """Read a text.

    Args:
        language: the LSP language id.
        text: lines ended by line feeds, without secrets.
    """
    read = outline(language, text)
    lines, code = text.split("\n"), read.code.split("\n")
    names: Counter[str] = Counter()
    pieces = []
    for first, last in cut(lines, {each.first_line for each in read.definitions}):
        inside = [
            each
            for each in NAME.findall("\n".join(code[first : last + 1]))
            if len(each) <= _LONGEST_NAME
        ]
        names.update(inside)
        shown = "\n".join(lines[first : last + 1])[:_CHUNK_CHARACTERS]
        pieces.append(Piece(first, last, shown, frozenset(inside)))
    return Content(read.definitions, read.imports, names, tuple(pieces))
