"""An open document: its text now and before, what was offered in it, what is on its way."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand.context import Codebase
from firsthand.core.completion import Completion, Offer, advance, agree, consumed
from firsthand.core.history import Act, Change, recognise
from firsthand.core.outcome import Silence
from firsthand.core.pace import UNDECIDED
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Text
from firsthand.core.trust import Trust
from firsthand.generation import Generation
from firsthand.paths import document_path, unsaved

if TYPE_CHECKING:
    from firsthand.backends.base import Ending, Request
    from firsthand.core.excerpt import Excerpt
    from firsthand.core.postprocess import Context
    from firsthand.core.sources.problems import Problem
    from firsthand.index.rulefiles import RuleFiles
    from firsthand.provenance.authored import Authored

# Enough states for the undos that follow one another, few enough to cost nothing.
_STATES = 50
_STATES_OF_LONG_FILES = 8
_LONG = 5_000
_OFFERS = 16
# Everything else is the view of something that nobody writes code in.
_SCHEMES = ("file:", "untitled:", "vscode-notebook-cell:")
# A larger document is data; keeping up with its edits would cost more than completions in it give.
_LONGEST_DOCUMENT = 4_000_000
# So is a longer line; and a place in one that is not ASCII is found by counting its characters.
_LONGEST_LINE = 100_000
# What adds less than this to a document does not make it too long.
_PASTED = 10_000
# An answer of which so many characters were typed was worth asking for.
_USEFUL = 4
_LONGEST_PAUSE_BETWEEN_KEYS = 1.0


@dataclass(slots=True)
class Shown:
    """The last answer that held something, until the person contradicts it.

    Attributes:
        offers: what was answered, best first.
        seen: whether the person can have seen it: it stood for a while, or was typed through.
    """

    offers: tuple[Offer, ...]
    seen: bool = False


@dataclass(slots=True)
class Document:
    """The mutable state of one open document, changed on the event loop's thread alone.

    Attributes:
        uri: its name to the editor.
        path: its path within its workspace folder.
        folder: the workspace folder's path; empty outside all of them.
        language: the LSP language id.
        version: the version of text.
        text: its content now.
        silence: why it is never completed, if so.
        earlier: its states before, newest first.
        offers: what was made for it, newest first.
        shown: the last answer, until it is contradicted.
        generation: the model's stream that runs for it.
        waiting: the turn of the automatic request that waits for an answer; false when superseded.
        asked: the last snapshot that was answered.
        cursor: where the person put it last, where the editor says so.
        refreshed: the last version that a refresh was sent for.
        fruitless: the version and the position where a model had nothing to say.
        excerpt: what a model read last; its windows are kept while they serve.
        contexts: what cleaning found out about the last cursors.
        prose: a comment or a string is written at the cursor that was looked at last.
        prose_at: that cursor, and the version.
        sureness: how sure the model is of what it writes, 0 to 1; None where it does not say.
        misses: how many of a model's answers in a row were contradicted at once.
        missed_line: the line in which the last of them began.
        ending: what is known of the model's last whole answer: who gave it, what it took.
        all_said: an answer after which the model had nothing to say.
        learned: the embedded model knows it.
        codebase: what a model is shown of the code around it.
        problems: what the editor reports of it, as far as it told.
        request: what a model was asked last.
        read: what a model's server has read last, where it was of this document.
        private: its text must not go into a prompt; so it is until its path was checked.
        judged_by: what is private by the settings that it was checked by; None before it was.
        rules: the files whose rules it was checked by, as they stood then.
        changes: when the last changes came, in seconds of the session's clock.
        welcome: how often suggestions in it were right of late, as far as that was decided.
        authored: who wrote which of its characters; None where that is not followed.
    """

    uri: str
    path: str
    folder: str
    language: str
    version: int
    text: Text
    silence: Silence | None = None
    earlier: deque[Text] = field(init=False)
    offers: deque[Offer] = field(default_factory=lambda: deque(maxlen=_OFFERS))
    shown: Shown | None = None
    generation: Generation | None = None
    waiting: asyncio.Future[bool] | None = None
    asked: Snapshot | None = None
    cursor: Position | None = None
    refreshed: int = -1
    fruitless: tuple[int, Position] | None = None
    excerpt: Excerpt | None = None
    contexts: deque[Context] = field(default_factory=lambda: deque(maxlen=4))
    prose: bool = False
    prose_at: tuple[int, Position] | None = None
    sureness: float | None = None
    misses: int = 0
    missed_line: int = -1
    ending: Ending | None = None
    all_said: str = ""
    codebase: Codebase = field(default_factory=Codebase)
    problems: tuple[Problem, ...] = ()
    request: Request | None = None
    read: Request | None = None
    private: bool = True
    judged_by: tuple[str, ...] | None = None
    rules: RuleFiles | None = None
    learned: bool = False
    changes: deque[float] = field(default_factory=lambda: deque(maxlen=21))
    welcome: Trust = UNDECIDED
    authored: Authored | None = None

    def __post_init__(self) -> None:
        long = len(self.text.lines) > _LONG
        self.earlier = deque(maxlen=_STATES_OF_LONG_FILES if long else _STATES)

    def change(
        self, version: int, text: Text, now: float, edits: Sequence[tuple[Edit, Text]] = ()
    ) -> Change:
        """Take a new text, made by some edits, and say what the change was."""
        before, self.text, self.version = self.text, text, version
        if before is text or before == text:
            return Change(Act.TYPED)
        offers = self.shown.offers if self.shown else ()
        longest = max((len(edit.new_text) for edit, _ in edits), default=None)
        change = recognise(before, text, offers, self.earlier, longest)
        self.earlier.appendleft(before)
        self.changes.append(now)
        return change

    def contradicted(self) -> bool:
        """Whether the text no longer agrees with anything that was shown last."""
        return self.shown is not None and all(
            consumed(offer, self.text) is None for offer in self.shown.offers
        )

    def judge_leading(self, text: Text) -> bool | None:
        """Whether a text, about to be taken, proves the model's newest answer right or wrong.

        Right is an answer of which enough was typed, wrong one that is contradicted before. Wrong
        answers in one line count as one: what makes a line hard makes it hard again at each key.
        """
        leading = self._leading()
        had = _written(leading, self.text) if leading else None
        if leading is None or had is None or had >= _USEFUL:
            return None
        if agree(leading, text, growing=True):
            if (_written(leading, text) or 0) < _USEFUL:
                return None
            self.misses = 0
            return True
        if not leading.completion.new_text:
            return None
        self.misses += 1
        line = leading.completion.range.start.line
        missed, self.missed_line = self.missed_line, line
        return None if line == missed else False

    def proven(self) -> bool:
        """Whether enough of the model's newest answer was typed to trust the rest of it."""
        leading = self._leading()
        return leading is not None and (_written(leading, self.text) or 0) >= _USEFUL

    def _leading(self) -> Offer | None:
        if self.generation is not None:
            return self.generation.offer()
        models = (each for each in self.offers if each.completion.tier == "inline")
        # The newest one may be for after the acceptance of the one before it.
        return next((each for each in islice(models, 2) if agree(each, self.text)), None)

    def next_key(self, now: float) -> float | None:
        """Seconds until the next key is to be expected; None when the person has stopped."""
        rhythm = self.rhythm()
        left = 0.0 if rhythm is None else rhythm - (now - self.changes[-1])
        return left if left > 0 else None

    def rhythm(self) -> float | None:
        """Seconds between the person's keys, pauses left out; None while it is not known."""
        gaps = [
            later - sooner
            for sooner, later in pairwise(self.changes)
            if later - sooner < _LONGEST_PAUSE_BETWEEN_KEYS
        ]
        return _median(gaps) if len(gaps) >= 4 else None

    def shows_a_models(self) -> bool:
        """Whether the text on the screen is a model's."""
        return self.shown is not None and self.shown.offers[0].completion.tier == "inline"

    def left_on_screen(self, snapshot: Snapshot) -> list[Completion]:
        """What is left at a snapshot's cursor of what was answered last."""
        rests = (
            advance(offer, snapshot.text, snapshot.position, snapshot.version)
            for offer in (self.shown.offers if self.shown else ())
        )
        return [rest for rest in rests if rest is not None]

    def goes_on(self, snapshot: Snapshot, completion: Completion) -> bool:
        """Whether a completion is what is left of one that is shown, or begins with it."""
        left = self.left_on_screen(snapshot)
        return any(completion.new_text.startswith(rest.new_text) for rest in left)

    def decide(self, *, right: bool) -> None:
        """Note what the last change said of a suggestion that was seen."""
        self.welcome = self.welcome.after(right, self.changes[-1])

    def remember(self, offer: Offer) -> None:
        """Keep an offer for the keys to come."""
        self.offers.appendleft(offer)


def opened(uri: str, language: str, version: int, string: str, folders: Iterable[str]) -> Document:
    """The state of a document that was just opened; it lies in the innermost of the folders.

    One that was not saved yet lies in the only folder there is.
    """
    place, folders = document_path(uri), tuple(folders)
    inside = [each for each in folders if place and Path(each) in place.parents]
    if unsaved(uri) and len(folders) == 1:
        inside = list(folders)
    folder = max(inside, key=len, default="")
    silence = _never_completed(uri, string)
    text = Text() if silence else Text.of(string)
    silence = silence or _too_long(text)
    return Document(
        uri=uri,
        path=_within(folder, uri),
        folder=folder,
        language=language,
        version=version,
        text=Text() if silence else text,
        silence=silence,
    )


def outgrown(edits: Iterable[tuple[Edit, Text]]) -> bool:
    """Whether a document has become too long to be completed, by edits and the texts they made."""
    return any(len(edit.new_text) > _PASTED and _too_long(after) for edit, after in edits)


def touched_lines(before: Text, edit: Edit, after: Text) -> tuple[int, int, int]:
    """The first line an edit changed, how many lines it replaced, and by how many."""
    first = edit.range.start.line
    if first > 0 and before.lines[first - 1].endswith("\r"):
        first -= 1
    old = edit.range.end.line - first + 1
    return first, old, old + len(after.lines) - len(before.lines)


def _never_completed(uri: str, string: str) -> Silence | None:
    if not uri.startswith(_SCHEMES):
        return Silence.NOT_A_FILE
    return Silence.TOO_LARGE if len(string) > _LONGEST_DOCUMENT else None


def _too_long(text: Text) -> Silence | None:
    if sum(map(len, text.lines)) > _LONGEST_DOCUMENT:
        return Silence.TOO_LARGE
    return Silence.LONG_LINE if max(map(len, text.lines)) > _LONGEST_LINE else None


def _within(folder: str, uri: str) -> str:
    """A document's path in its folder with forward slashes; outside all folders its name.

    A cell holds code, which its notebook's ending does not say.
    """
    path = document_path(uri)
    if path is None:
        name = re.split("[?#]", uri)[0] if unsaved(uri) else uri
        return re.split("[/:]", name)[-1].removesuffix(".ipynb")
    within = path.relative_to(folder).as_posix() if folder else path.name
    return within if uri.startswith("file:") else within.removesuffix(".ipynb")


def _median(values: list[float]) -> float:
    """The middle of some values; `statistics` has it too, and takes long to load."""
    ordered, middle = sorted(values), len(values) // 2
    return (ordered[~middle] + ordered[middle]) / 2


def _written(offer: Offer, text: Text) -> int | None:
    """How many characters of an offer a text holds, white space left out; None if they disagree."""
    count = consumed(offer, text)
    return (
        None if count is None else len("".join(offer.completion.new_text[: max(count, 0)].split()))
    )
