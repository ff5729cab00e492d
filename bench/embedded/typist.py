"""A file typed from its first line to its last; each line is learned once it is typed."""

from __future__ import annotations

from dataclasses import dataclass

from bench.embedded.corpus import Project

from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel
from firsthand.embedded.calibration import Experience
from firsthand.embedded.decode import Candidate
from firsthand.embedded.draft import Start
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


class Typist:
    """Types one file of a project that has all its other files."""

    def __init__(
        self,
        project: Project,
        path: str,
        language: str,
        lines: list[str],
        mixer: Mixer | None = None,
        experience: Experience | None = None,
    ) -> None:
        """Start with an empty file.

        Args:
            project: has the file.
            path: the file's.
            language: its.
            lines: what will be typed.
            mixer: other than the fitted one.
            experience: how texts have turned out in the project.
        """
        self.path, self.language = path, language
        self.lines = lines
        self.model = EmbeddedModel(mixer)
        self.model.attach("", project.tier, project.base, experience)
        for _ in self.model.learning(URI, path, language, Text()):
            pass
        self._done: tuple[str, ...] = ()

    def begin(self, number: int) -> None:
        """Go on to a line; those above are typed."""
        if number:
            self._done = (*self._done, self.lines[number - 1] + "\n")
            self.model.edit(URI, Text((*self._done, "")), number - 1, 1, 2)

    def text(self, number: int, character: int) -> Text:
        """The document when so much of a line is typed."""
        text = Text((*self._done, self.lines[number][:character]))
        self.model.edit(URI, text, number, 1, 1)
        return text

    def candidates(
        self, text: Text, number: int, character: int, most_lines: int
    ) -> tuple[Candidate, ...]:
        """What the model chooses from there."""
        return self.model.candidates(URI, text, Position(number, character), 1, most_lines)

    def agrees(self, number: int, character: int, text: str) -> bool:
        """Whether a text is what stands from a character of a line on, across lines too."""
        lines = text.count("\n") + 1
        rest = "\n".join(line.rstrip() for line in self.lines[number : number + lines])
        return rest.startswith(text, character)

    def start(self, number: int, character: int) -> tuple[Start, Sources]:
        """What decoding begins with there."""
        self.text(number, character)
        document = self.model.documents[URI]
        document.heat(number)
        sources = self.model.sources(URI, document, number)
        return start_of(document, sources, number, self.lines[number][:character]), sources

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
