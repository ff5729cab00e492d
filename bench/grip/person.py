"""A person who edits by chance, and who knows of each character whose it is.

Every act reaches a real session as the messages of an editor: VS Code's, which tells of each key
and of a whole acceptance, or Neovim's with our plugin, which accepts line by line and tells of each
acceptance. What the person knows is kept as a list of characters, by rules of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lsprotocol import types as lsp

from firsthand import commands, convert
from firsthand.core.authorship import TIERS, Mark, Origin
from firsthand.core.completion import Completion, Tier
from firsthand.core.outcome import Answer
from firsthand.core.text import Position, Range, Text, advance, difference
from firsthand.document import Document
from firsthand.paths import path_to_uri
from firsthand.session import Session

_WORDS = ("foo", "bar", "quantity", "self", "return", "total_price", "x", "items", "größe")
_OURS = (Origin.EMBEDDED, Origin.INLINE, Origin.FRONTIER, Origin.CHANGED)


@dataclass(frozen=True, slots=True)
class Letter:
    """A character and whose it is; of accepted text also which acceptance it came by."""

    character: str
    origin: Origin
    by: int = 0


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


class Person:
    """Edits one file in a folder.

    Args:
        session: with a store of who wrote what.
        folder: the workspace folder.
        seed: for the acts.
    """

    def __init__(self, session: Session, clock: Clock, folder: Path, seed: int) -> None:
        self.session, self.clock, self.folder = session, clock, folder
        self.chance = random.Random(seed)
        self.plugin = seed % 2 == 0  # Neovim's
        self.file = folder / "code.py"
        self.letters: list[Letter] = []
        self.undos: list[list[Letter]] = []
        self.redos: list[list[Letter]] = []
        self.cursor = 0
        self.right = self.all = 0
        self._version = 0
        self._by = 0

    async def live(self, acts: int) -> None:
        """Open the file, do so many things, and compare after each."""
        self.file.write_text("", encoding="utf-8")
        await self._open()
        kinds: tuple[tuple[Callable[[], object], int], ...] = (
            (self.type, 40),
            (self.accept, 30),
            (self.undo, 8),
            (self.redo, 5),
            (self.delete, 8),
            (self.format, 4),
            (self.rename, 1),
            (self.change_outside, 2),
        )
        calls, weights = [each for each, _ in kinds], [each for _, each in kinds]
        for _ in range(acts):
            self.clock.now += self.chance.uniform(0.4, 3.0)
            done = self.chance.choices(calls, weights)[0]()
            if hasattr(done, "__await__"):
                await done
            self.compare()

    def compare(self) -> None:
        """Count the characters whose origin the session knows."""
        authored = self.document.authored
        assert authored is not None
        assert self.document.text.string == self.string
        known = [
            Mark.of(mark).origin
            for length, mark in authored.authorship.runs()
            for _ in range(length)
        ]
        self.all += len(self.letters)
        self.right += sum(
            one is letter.origin for one, letter in zip(known, self.letters, strict=True)
        )

    @property
    def string(self) -> str:
        """The text."""
        return "".join(each.character for each in self.letters)

    @property
    def document(self) -> Document:
        """The session's document."""
        return self.session.documents[path_to_uri(self.file)]

    def type(self) -> None:
        """Type some words key by key, somewhere."""
        self._go()
        for key in " ".join(self.chance.choices(_WORDS, k=self.chance.randint(1, 4))) + "\n":
            self.clock.now += self.chance.uniform(0.05, 0.2)
            self._key(key)

    def accept(self) -> None:
        """Be shown something and take all of it, a word or a line."""
        self._go()
        words = self.chance.choices(_WORDS, k=self.chance.randint(2, 8))
        text = self.chance.choice((" ", "\n    ", "(")).join(words)
        part = self.chance.choice(("all", "word", "line"))
        ends = {"all": len(text), "word": len(words[0]), "line": (text + "\n").index("\n")}
        if self.string[self.cursor : self.cursor + 1].isalnum():
            return  # nothing is shown inside a word
        tier: Tier = self.chance.choice(("embedded", "inline", "frontier"))
        id_ = self._show(text, tier)
        self._by += 1
        letters = [Letter(each, TIERS[tier], self._by) for each in text[: ends[part]]]
        pieces = [letters]
        if self.plugin:
            pieces = _by_lines(letters)
        self._remember()
        for piece in pieces:
            self._insert(piece)
        if self.plugin or part == "all":
            commands.accepted(self.session, {"id": id_, "characters": ends[part]})

    def undo(self) -> None:
        """Take the last act back."""
        if self.undos:
            self.redos.append(self.letters)
            self._become(self.undos.pop())

    def redo(self) -> None:
        """Do again what was taken back."""
        if self.redos:
            self.undos.append(self.letters)
            self._become(self.redos.pop())

    def delete(self) -> None:
        """Take out a few characters."""
        self._remember()
        start = self.chance.randint(0, len(self.letters))
        end = start + self.chance.randint(1, 12)
        self._become([*self.letters[:start], *self.letters[end:]])

    def format(self) -> None:
        """Have each line's indentation changed, by one edit or by replacing the whole text."""
        self._remember()
        wide = 4 * self.chance.randint(0, 2)
        found: list[Letter] = []
        for line in _by_lines(self.letters):
            solid = next((at for at, each in enumerate(line) if not each.character.isspace()), None)
            if solid is not None:
                more = replace(line[solid], character=" ")
                found += [*line[: min(solid, wide)], *[more] * (wide - solid), *line[solid:]]
            else:
                found += [each for each in line if each.character == "\n"]
        self._become(found, whole=self.chance.random() < 0.5)

    async def rename(self) -> None:
        """Save, close, rename the file and open it anew."""
        await self._save_and_close()
        fresh = self.file.with_name(f"code{self._version}.py")
        self.file = self.file.rename(fresh)
        await self._open()

    async def change_outside(self) -> None:
        """Have lines changed by something else, as a switch of branches does, and maybe back."""
        closed = self.chance.random() < 0.5
        before = self.letters
        lines = _by_lines(before)
        if closed:
            await self._save_and_close()
        else:
            await self._save()
        number = self._version
        line = [Letter(each, Origin.UNKNOWN) for each in f"outside {number}\n"]
        at = self.chance.randint(0, len(lines) - 1)
        if at and not (lines[at - 1] and lines[at - 1][-1].character == "\n"):
            at = 0
        gone = self.chance.randint(0, 2)
        changed = [*lines[:at], line, *lines[at + gone :]]
        after = [letter for each in changed for letter in each]
        for letters in (after, before) if self.chance.random() < 0.5 else (after,):
            self._write(letters)
            if closed:
                self.letters = letters
                await self._open()
                self.compare()
                await self._save_and_close()
            else:
                self._become(letters)
                await self.session.provenance.compare(self.document)
        if closed:
            await self._open()
        self.undos, self.redos = [], []

    def _go(self) -> None:
        """Put the cursor somewhere: mostly to the end of a line."""
        string = self.string
        ends = [at for at, each in enumerate(string) if each == "\n"] + [len(string)]
        self.cursor = self.chance.choice(ends)
        if self.chance.random() < 0.2:
            self.cursor = self.chance.randint(0, len(string))

    def _key(self, key: str) -> None:
        left, right = self.letters[: self.cursor][-1:], self.letters[self.cursor :][:1]
        inside = bool(left and right) and left[0].origin in _OURS and right[0].origin in _OURS
        changed = Origin.CHANGED in (*(each.origin for each in (*left, *right)),)
        within = inside and (changed or left[0].by == right[0].by)
        self._remember()
        self._insert([Letter(key, Origin.CHANGED if within else Origin.TYPED)])

    def _show(self, text: str, tier: Tier) -> int:
        document = self.document
        here = self._position(self.cursor)
        snapshot = self.session.snapshot_at(document, here, explicit=False)
        completion = Completion(self._version, Range.at(here), text, tier)
        answer = self.session.answered(snapshot, Answer((completion,)), self.clock())
        return answer.completions[0].id

    def _insert(self, letters: list[Letter]) -> None:
        at = self.cursor
        self._send([(Range.at(self._position(at)), "".join(each.character for each in letters))])
        self.letters = [*self.letters[:at], *letters, *self.letters[at:]]
        self.cursor += len(letters)

    def _become(self, letters: list[Letter], *, whole: bool = False) -> None:
        before = Text.of(self.string)
        self.letters = letters
        edit = difference(before, Text.of(self.string))
        range_ = Range(Position(0, 0), before.end) if whole else edit.range
        self._send([(range_, self.string if whole else edit.new_text)])
        self.cursor = min(self.cursor, len(letters))

    def _send(self, edits: list[tuple[Range, str]]) -> None:
        self._version += 1
        text = self.document.text
        changes = [
            lsp.TextDocumentContentChangePartial(convert.to_range(each, text, "utf-16"), new)
            for each, new in edits
        ]
        self.session.change(self.document.uri, self._version, changes)

    def _remember(self) -> None:
        self.undos.append(self.letters)
        self.redos = []

    def _position(self, offset: int) -> Position:
        return advance(Position(0, 0), self.string[:offset])

    def _write(self, letters: list[Letter]) -> None:
        content = "".join(each.character for each in letters)
        self.file.write_bytes(content.encode("utf-8"))

    async def _open(self) -> None:
        self.session.open(path_to_uri(self.file), "python", self._version, self.string)
        self.document.private = False
        await self.session.provenance.settled()

    async def _save(self) -> None:
        self._write(self.letters)
        self.session.provenance.saved(self.document)

    async def _save_and_close(self) -> None:
        await self._save()
        self.session.close(self.document.uri)
        self.undos, self.redos = [], []


def _by_lines(letters: list[Letter]) -> list[list[Letter]]:
    """Letters with a line's end at the end of each piece but the last."""
    pieces: list[list[Letter]] = [[]]
    for letter in letters:
        pieces[-1].append(letter)
        if letter.character == "\n":
            pieces.append([])
    return [each for each in pieces if each] or [[]]
