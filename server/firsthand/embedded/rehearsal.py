"""What writing in a project will be like, found out when it is indexed: lines are written again.

One line after another is left out of what is known, with its file's copy on disk, and asked for at
a place where a person might have paused: so it turns out how sure texts are. Then the mixer learns
from the whole line, as when a person leaves it. In every other file the lines below are not known
either, as when a file is new.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from firsthand.core.showing import Price
from firsthand.core.text import Position, Text
from firsthand.embedded.calibration import Experience
from firsthand.embedded.decode import guesses
from firsthand.embedded.evidence import weigh
from firsthand.embedded.lexer import LONGEST_LINE
from firsthand.embedded.mixer import fitted
from firsthand.embedded.model import EmbeddedModel, start_of
from firsthand.embedded.online import Adapted
from firsthand.embedded.tier import REHEARSED, ProjectTier

File = tuple[str, str, str]  # path, language, text
_MOST_PLACES = 600  # that are asked for, at about a millisecond of CPU each
_OF_A_FILE = 60
_LONGEST_FILE = 1500  # lines
_USUAL = Price.at(0.5)
_URI = "rehearsal"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What is known after a rehearsal.

    Attributes:
        experience: how texts turned out.
        learned: what the mixer learned, as `Corrections.raw` gives it; empty if there was no line.
    """

    experience: Experience = field(default_factory=Experience)
    learned: bytes = b""

    def write(self, folder: Path) -> None:
        """Keep it beside a project's tier."""
        self.experience.write(folder)
        (folder / REHEARSED).write_bytes(self.learned)

    @classmethod
    def read(cls, folder: Path) -> Rehearsed:
        """What is kept beside a project's tier, as far as there is any."""
        try:
            learned = (folder / REHEARSED).read_bytes()
        except OSError:
            learned = b""
        return cls(Experience.read(folder), learned)


def rehearse(
    tier: ProjectTier, files: Sequence[File], base: ProjectTier | None = None
) -> Rehearsed:
    """What at most 600 lines of a project's files teach.

    Args:
        tier: the project's.
        files: the project's, or some of them, as the tier was built from them.
        base: the base tier that completions will have.
    """
    chance = random.Random(len(files))  # noqa: S311 (no secret)
    found, mixer = Experience(), Adapted(fitted())
    places = 0
    for number in chance.sample(range(len(files)), len(files)):
        path, language, text = files[number]
        lines = text.replace("\r\n", "\n").split("\n")
        if not 20 <= len(lines) <= _LONGEST_FILE:
            continue
        written = [at for at, line in enumerate(lines) if 1 < len(line.strip()) < LONGEST_LINE]
        if not written:
            continue
        # Every key of the file is as likely to be the one that is waited for.
        keys = [len(lines[at].strip()) for at in written]
        chosen = sorted(set(chance.choices(written, keys, k=min(_OF_A_FILE, len(written)))))
        whole = bool(places // _OF_A_FILE % 2)
        file = _File(mixer, tier, base, path, language, lines, whole=whole)
        for at in chosen:
            line = lines[at].rstrip()
            first = len(line) - len(line.lstrip())
            found = file.asked(at, chance.randrange(first, len(line)), found)
            file.learned(at, first)
        places += len(chosen)
        if places >= _MOST_PLACES:
            break
    return Rehearsed(found, mixer.learned().raw() if places else b"")


class _File:
    """A file that is written again, line by line."""

    def __init__(
        self,
        mixer: Adapted,
        tier: ProjectTier,
        base: ProjectTier | None,
        path: str,
        language: str,
        lines: list[str],
        *,
        whole: bool,
    ) -> None:
        self._mixer, self._lines, self._whole = mixer, lines, whole
        self._ends = [f"{line}\n" for line in lines[:-1]] + lines[-1:]
        self._model = EmbeddedModel(mixer, adapts=False)
        self._model.attach("", tier, base)
        self._text = Text(tuple(self._ends)) if whole else Text()
        for _ in self._model.learning(_URI, path, language, self._text):
            pass

    def asked(self, number: int, character: int, experience: Experience) -> Experience:
        """The experience after a line was asked for from a character on."""
        line = self._lines[number]
        self._left_out(number, line[:character])
        found = self._model.candidates(_URI, self._text, Position(number, character))
        for guess in guesses(found, _USUAL, 1):
            right = line.startswith(guess.text, character)
            experience = experience.after(guess.score, right)
        self._mixer.forget_asked()
        return experience

    def learned(self, number: int, indent: int) -> None:
        """Let the mixer learn from a line that was asked for, and put it back."""
        document = self._model.documents[_URI]
        line = self._lines[number]
        self._left_out(number, line[:indent])
        document.heat(number)
        sources = self._model.sources(_URI, document, number)
        start = start_of(document, sources, number, line[:indent])
        context, spaced = start.context, start.spaced
        lexed, _, _ = document.before(number, line)
        for key in lexed.keys:
            self._mixer.probabilities(weigh(context, sources, "", spaced))
            self._mixer.learn(context.file, key)
            context, spaced = context.then(key, sources), False
        self._mixer.forget_asked()
        if self._whole:
            self._replace(number, 1, self._ends[number : number + 1])

    def _left_out(self, number: int, begun: str) -> None:
        """Make the document what it is when so much of a line is written."""
        if self._whole:
            end = "\n" if self._ends[number].endswith("\n") else ""
            self._replace(number, 1, [begun + end])
            return
        known = len(self._text.lines) - 1
        self._replace(known, 1, [*self._ends[known:number], begun])
        for _ in self._model.pending(_URI):
            pass

    def _replace(self, first: int, old: int, new: list[str]) -> None:
        lines = self._text.lines
        self._text = Text((*lines[:first], *new, *lines[first + old :]))
        self._model.edit(_URI, self._text, first, old, len(new))
