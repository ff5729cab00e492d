"""The embedded model: completes lines from the files of the workspace, in process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePath

from firsthand.core.showing import Price
from firsthand.core.text import Position, Text
from firsthand.embedded import calibration
from firsthand.embedded.calibration import Experience
from firsthand.embedded.decode import Candidate, Guess, candidates, guesses
from firsthand.embedded.document import Document
from firsthand.embedded.draft import Start
from firsthand.embedded.lexer import (
    CLOSE,
    COMMENTS,
    END,
    LONGEST_LINE,
    OPEN,
    PROSE,
    Lexed,
    is_word,
    open_brackets,
)
from firsthand.embedded.mixer import Mixer, fitted
from firsthand.embedded.online import Adapted, Corrections
from firsthand.embedded.sources import Context, Counts, Sources
from firsthand.embedded.tier import DEPTH, ProjectTier
from firsthand.embedded.told import Line
from firsthand.embedded.words import Numbers

_RIGHT = re.compile(r"[\s)\]}>\"'`,;:]*")
_MOST_LINES = 50_000  # of a document; a longer one is left alone
_OTHERS = 3  # other open files that are asked
_BELOW = 8  # lines below the cursor that are looked at
_FAR = 200  # lines above it
_USUAL = Price.at(0.5)


class EmbeddedModel:
    """What is learned of the open documents and their projects. Single-threaded."""

    def __init__(self, mixer: Mixer | None = None, *, adapts: bool = True) -> None:
        """A mixer other than the fitted one is for measurements; `adapts`: it learns."""
        self._mixer = mixer or fitted()
        self._adapts = adapts
        self._adapted: dict[str, Adapted] = {}
        self.documents: dict[str, Document] = {}  # the last edited one is last
        self._tiers: dict[str, tuple[ProjectTier | None, ProjectTier | None]] = {}
        self._experiences: dict[str, Experience] = {}
        self._line = Line()
        self._apart: set[str] = set()
        self._numbers = Numbers()
        self._sources: tuple[str, Sources] | None = None

    def learning(
        self, uri: str, path: str, language: str, text: Text, *, apart: bool = False
    ) -> Iterator[None]:
        """Take a document that was opened; learns it in steps of less than a millisecond.

        The document is known before the first step; `suggest` may be called between steps.
        One of more than 50,000 lines is left alone.

        Args:
            uri: the name other calls use.
            path: the file's path, absolute, or as it stands in the project's tier.
            language: the LSP language identifier.
            text: the content.
            apart: it serves for completions in itself alone, until it is admitted.
        """
        if len(text.lines) > _MOST_LINES:
            self.forget(uri)
            return iter(())
        self.documents[uri] = Document(path, language, text, self._numbers)
        self._sources = None
        if apart:
            self._apart.add(uri)
        return self.pending(uri)

    def admit(self, uri: str) -> None:
        """Let a document that stood apart serve for completions in the others too."""
        self._apart.discard(uri)
        self._sources = None

    def pending(self, uri: str) -> Iterator[None]:
        """Learn what big edits left, in steps of less than a millisecond."""
        document = self.documents.get(uri)
        if document is not None:
            yield from document.pending()

    def edit(self, uri: str, after: Text, first_line: int, old_lines: int, new_lines: int) -> None:
        """Take an edit: lines [first, first + old) became [first, first + new) of `after`.

        Usual edits are learned at once; of big ones the rest is left to `pending`.
        """
        document = self.documents.pop(uri, None)
        if document is None:
            return
        self.documents[uri] = document
        if uri == self._line.uri and (old_lines, new_lines) != (1, 1):
            self._settle(after)
        left = document.hot
        lines = [after.line(number) for number in range(first_line, first_line + new_lines)]
        document.replace(first_line, old_lines, lines)
        if left is not None and first_line == left and new_lines > 1 and uri not in self._apart:
            self._finish(document, left, whole=True)

    def forget(self, uri: str) -> None:
        """Drop a document that was closed."""
        self.documents.pop(uri, None)
        self._apart.discard(uri)
        self._sources = None

    def attach(
        self,
        root: str,
        tier: ProjectTier | None,
        base: ProjectTier | None = None,
        experience: Experience | None = None,
        rehearsed: bytes = b"",
    ) -> None:
        """Take the tiers of a workspace folder in place of those it had; None takes one away.

        Without any, what the mixer learned in the folder goes too.

        Args:
            root: the folder's path, as the paths given to `learning` begin.
            tier: what was built from its files, under their paths in the folder with slashes.
            base: code that is no part of the folder but that it is likely to follow, such as the
                library of the language; it counts for less.
            experience: how texts turned out when the tier was built; what was learned of that
                since the folder was first attached stands.
            rehearsed: what the mixer learned then, as `Corrections.raw` gives it; unless it learned
                from more in the folder since, or before.
        """
        if tier is None and base is None:
            self._adapted.pop(root, None)
        elif rehearsed:
            found, known = Adapted(self._mixer), self._adapted.get(root)
            if found.restore(rehearsed) and (known is None or found.taught > known.taught):
                self._adapted[root] = found
        self._tiers[root] = (tier, base)
        if experience is not None:
            self._experiences.setdefault(root, experience)
        self._sources = None

    def suggest(
        self,
        uri: str,
        text: Text,
        position: Position,
        limit: int = 1,
        price: Price = _USUAL,
        most_lines: int = 1,
    ) -> tuple[Guess, ...]:
        """Texts for the cursor, best first, at most `limit` different ones.

        Those with a gain above 0 are worth showing at the price; a text that was contradicted in
        the same line makes the next one dearer.

        Args:
            uri: a document taken by `learning`; an unknown one gets no answer.
            text: its content now, as told by `edit`.
            position: the cursor.
            limit: how many texts at most.
            price: what showing a text costs.
            most_lines: how many lines a text may have; it has more than one only where a long copy
                goes on.
        """
        found = self.candidates(uri, text, position, limit, most_lines)
        prefix = text.before(position)
        said = guesses(found, price.after(self._line.contradicted(prefix)), limit)
        if said:
            self.tell(prefix, said[0])
        return said

    def candidates(
        self, uri: str, text: Text, position: Position, limit: int = 1, most_lines: int = 1
    ) -> tuple[Candidate, ...]:
        """What `suggest` chooses from: texts and the places where they may end."""
        document = self.documents.get(uri)
        line = text.line(position.line)
        right = line[position.character :]
        if (
            document is None
            or len(document) != len(text.lines)
            or len(line) > LONGEST_LINE
            or not _RIGHT.fullmatch(right)
        ):
            return ()
        if (uri, position.line) != (self._line.uri, self._line.number):
            if uri == self._line.uri:
                self._settle(text)
            root, _ = self._home(document.path)
            self._line = Line(uri, position.line, root, _unit(text, position.line))
        left = document.hot
        if left is not None and left != position.line and uri not in self._apart:
            self._finish(document, left, whole=False)
        document.heat(position.line)
        sources = self.sources(uri, document, position.line)
        start = start_of(document, sources, position.line, line[: position.character])
        start.right = right.strip()
        start.unit = self._line.unit
        start.below = tuple(_below(text, position.line))
        experience = self.experience(self._line.root)
        scorer = calibration.fitted()
        mixer = self._mixer_of(self._line.root, uri)
        return candidates(start, sources, mixer, scorer, experience, limit, most_lines)

    def tell(self, prefix: str, guess: Guess) -> None:
        """Take note of a guess that is offered after the beginning of the line asked about last.

        When the line is left, its text says whether the guess was right, and the texts to come are
        the surer or the less sure for it.
        """
        self._line.tell(prefix, guess)

    def experience(self, root: str) -> Experience:
        """How texts have turned out in a workspace folder."""
        return self._experiences.get(root, Experience())

    def resume(self, root: str, experience: Experience) -> None:
        """Go on with the experience that a workspace folder had, instead of that of its index."""
        self._experiences[root] = experience

    def unlearn(self, root: str) -> None:
        """Forget what the mixer learned in a workspace folder, and the experience."""
        self._adapted.pop(root, None)
        self._experiences.pop(root, None)

    def _settle(self, text: Text) -> None:
        """Learn from a line that is left how sure texts are."""
        left, self._line = self._line, Line()
        if not left.told or left.number >= len(text.lines):
            return
        found = self.experience(left.root)
        for score, right, weight in left.verdicts(text.line(left.number)):
            found = found.after(score, right, weight)
        self._experiences[left.root] = found

    def mixer(self, uri: str) -> Mixer:
        """The mixer of a document's folder, with what it learned there.

        A document that stands apart teaches nothing, and gets the mixer as it was fitted.
        """
        document = self.documents.get(uri)
        if document is None:
            return self._mixer
        return self._mixer_of(self._home(document.path)[0], uri)

    def _mixer_of(self, root: str, uri: str) -> Mixer:
        if not self._adapts or uri in self._apart:
            return self._mixer
        found = self._adapted.get(root)
        if found is None:
            found = self._adapted[root] = Adapted(self._mixer)
        return found

    def learned(self, root: str) -> Corrections | None:
        """What the mixer learned in a workspace folder; None if nothing yet."""
        found = self._adapted.get(root)
        return found.learned() if found is not None else None

    def recall(self, root: str, learned: bytes) -> bool:
        """Take up what was learned in a folder, as `Corrections.raw` gave it.

        False, and nothing changes, if it can't be read or belongs to other weights.
        """
        found = Adapted(self._mixer)
        if not found.restore(learned):
            return False
        self._adapted[root] = found
        return True

    def sources(self, uri: str, document: Document, line: int) -> Sources:
        """The tiers a document may ask, kept while the lines above stay as they are."""
        near = document.near(line)
        deep = document.deep(line)
        followed: dict[tuple[str, ...], tuple[Counts, Counts]] = {}
        headed: dict[str, tuple[str, ...]] = {}
        bodies: dict[str, tuple[str, ...]] = {}
        begins: dict[str, list[str]] = {}
        counted: dict[str, tuple[float, float]] = {}
        paired: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}
        if self._sources is not None:
            owner, sources = self._sources
            if owner == uri and sources.near is near and sources.deep == deep:
                return sources
            if owner == uri:
                counted, paired = sources.counted, sources.paired
                followed, headed, bodies = sources.followed, sources.headed, sources.bodies
                begins = sources.begins
        root, path = self._home(document.path)
        tier, base = self._tiers.get(root, (None, None))
        others = tuple(
            other
            for name, other in self.documents.items()
            if name != uri and name not in self._apart and self._home(other.path)[0] == root
        )[-_OTHERS:]
        excluded = tier.excluded(path) if tier is not None else (0, 0)
        code, roles = self._numbers.__getitem__, document.outline.roles(line)
        sources = Sources(
            near, document, others, tier, excluded, base, code, path, deep, line, roles,
            counted, paired, followed, headed, bodies, begins,
        )  # fmt: skip
        self._sources = (uri, sources)
        return sources

    def _finish(self, document: Document, number: int, whole: bool) -> None:
        """Let the mixer learn from a line that the cursor left; its end only if it is whole."""
        found = self._adapted.get(self._home(document.path)[0])
        if found is None or number >= len(document):
            return
        for place, key in document.written(number):
            if key != END or whole:
                found.learn(place, key)
        found.forget_asked()

    def _home(self, path: str) -> tuple[str, str]:
        """The workspace folder of a path, the innermost, and the path in it."""
        for root in sorted(self._tiers, key=len, reverse=True):
            if not root or path == root or Path(root) in Path(path).parents:
                inner = PurePath(path).relative_to(root) if root else PurePath(path)
                return root, inner.as_posix()
        return "\0", path


def start_of(document: Document, sources: Sources, number: int, prefix: str) -> Start:
    """Where decoding starts after the beginning of a line; nothing right of it."""
    lexed, margin, state = document.before(number, prefix)
    body = list(lexed.keys[:-1])
    stem = ""
    if body and is_word(body[-1]) and not lexed.spaces[-1]:
        stem = body.pop()
    mine = [margin, *body] if margin else body
    keys = [*sources.near.keys[-DEPTH * 2 :], *mine]
    quote = _quote(lexed, state)
    prose = bool(quote) or any(key.lstrip(" ")[:1] == PROSE for key in body[-1:])
    context = Context.of(keys, len(mine), prose or _comment(body, state), sources)
    brackets = open_brackets(body, sources.brackets)
    spaced = bool(lexed.spaces[-1]) or not prefix
    return Start(context, stem, spaced, "", brackets, quote, prefix)


def _unit(text: Text, number: int) -> str:
    """One step of indentation, as the lines above a line have it."""
    inner = ""
    for line in reversed(text.lines[max(0, number - _FAR) : number]):
        body = line.lstrip()
        if not body:
            continue
        indent = line[: len(line) - len(body)]
        if inner.startswith(indent) and len(indent) < len(inner):
            return inner[len(indent) :]
        inner = indent
    return "    "


def _below(text: Text, number: int) -> Iterator[str]:
    """The next lines that are not blank, without white space at their ends."""
    lines = map(str.strip, islice(text.lines, number + 1, number + 1 + 2 * _BELOW))
    return islice(filter(None, lines), _BELOW)


def _comment(body: list[str], state: str) -> bool:
    """Whether a comment began in a line's beginning, and not within a string."""
    string = bool(state)
    for key in body:
        mark = key.lstrip(" ")
        if mark[0] in {OPEN, CLOSE}:
            string = mark[0] == OPEN
        elif mark in COMMENTS and not string:
            return True
    return False


def _quote(lexed: Lexed, state: str) -> str:
    """What closes the string in which a line's beginning ends."""
    for key in reversed(lexed.keys):
        mark = key.lstrip(" ")
        if mark[:1] == CLOSE:
            return ""
        if mark[0] == OPEN:
            return mark[1:].lstrip("rRbBuUfFtTcL")
    return state
