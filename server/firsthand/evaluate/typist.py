"""A file typed from its first line to its last; each line is learned once it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel, ProjectTier
from firsthand.embedded.calibration import Experience
from firsthand.embedded.decode import Candidate
from firsthand.embedded.draft import Start
from firsthand.embedded.evidence import Evidence, weigh
from firsthand.embedded.lexer import written
from firsthand.embedded.mixer import Mixer
from firsthand.embedded.model import start_of
from firsthand.embedded.sources import Sources

URI = "file:///typed"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a line: where the one before it ended, where it starts, its key."""

    before: int
    start: int
    key: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a project before a file of it is typed.

    Attributes:
        tier: the project's, which is asked without that file.
        base: that of its libraries, if any.
        experience: how texts turned out in the project, if that is to be used.
        rehearsed: what the mixer learned of other files of it, likewise.
    """

    tier: ProjectTier
    base: ProjectTier | None = None
    experience: Experience | None = None
    rehearsed: bytes = b""


class Typist:
    """Types one file of a project that has all its other files."""

    def __init__(
        self,
        path: str,
        language: str,
        lines: Sequence[str],
        known: Known,
        mixer: Mixer | None = None,
    ) -> None:
        """Start with an empty file.

        Args:
            path: as it stands in the tier.
            language: the LSP language identifier.
            lines: what will be typed, without ends of lines.
            known: what there is besides.
            mixer: other than the fitted one.
        """
        self.path, self.language, self.lines = path, language, lines
        self.model = EmbeddedModel(mixer)
        self.model.attach("", known.tier, known.base, known.experience, known.rehearsed)
        for _ in self.model.learning(URI, path, language, Text()):
            pass
        self._known = known
        self._done: tuple[str, ...] = ()

    def begin(self, number: int) -> None:
        """Go on to a line; those above are typed, and learned."""
        known = len(self._done)
        if number > known:
            self._done += tuple(f"{line}\n" for line in self.lines[known:number])
            self.model.edit(URI, Text((*self._done, "")), known, 1, number - known + 1)
            for _ in self.model.pending(URI):
                pass

    def text(self, number: int, character: int) -> Text:
        """The document when so much of a line is typed."""
        text = Text((*self._done, self.lines[number][:character]))
        self.model.edit(URI, text, number, 1, 1)
        return text

    def candidates(
        self, text: Text, number: int, character: int, most_lines: int
    ) -> tuple[Candidate, ...]:
        """The texts, of so many lines at most, that the model may offer a part of there."""
        return self.model.candidates(URI, text, Position(number, character), 1, most_lines)

    def start(self, number: int, character: int) -> tuple[Start, Sources]:
        """What decoding begins with there."""
        self.text(number, character)
        document = self.model.documents[URI]
        document.heat(number)
        sources = self.model.sources(URI, document, number)
        return start_of(document, sources, number, self.lines[number][:character]), sources

    def between(self, number: int, token: Token) -> tuple[Evidence, int]:
        """Evidence for a token when the one before is whole, as decoding asks.

        Returns:
            The evidence and the token's row in it; 0 if the token is no candidate.
        """
        line = self.lines[number]
        indent = len(line) - len(line.lstrip())
        begun, sources = self.start(number, max(token.before, indent))
        context = begun.context.then(begun.stem, sources) if begun.stem else begun.context
        evidence = weigh(context, sources, "", token.before < indent)
        return evidence, row(evidence, token.key)

    def known(self) -> Known:
        """What is known before the next file is typed."""
        learned = self.model.learned("")
        return replace(
            self._known,
            experience=self.model.experience(""),
            rehearsed=learned.raw() if learned is not None else self._known.rehearsed,
        )

    def mixer(self) -> Mixer:
        """The mixer, with what it learned so far."""
        return self.model.mixer(URI)

    def tokens(self, number: int) -> list[Token]:
        """The tokens of a line, the last one its end."""
        lexed, _, _ = self.model.documents[URI].before(number, self.lines[number])
        found, at = [], 0
        for key, space in zip(lexed.keys, lexed.spaces, strict=True):
            found.append(Token(at, at + len(space), key))
            at += len(space) + len(written(key))
        return found

    def in_prose(self, number: int) -> bool:
        """Whether a line begins inside a string or a comment."""
        return bool(self.model.documents[URI].before(number, "")[2])


def row(evidence: Evidence, key: str) -> int:
    """The row of a candidate; 0 if it is none."""
    return evidence.keys.index(key, 1) if key in evidence.keys[1:] else 0
