"""Any interleaving of edits, requests, cancels and chunks ends with text that fits, or nothing.

What is on the screen meanwhile goes only for text that extends it, or once something else is typed.
"""

import asyncio
import random
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp
from tests.fakes import URI, Stream, asking, make_session, tuned

from firsthand.client import Client
from firsthand.complete import complete
from firsthand.core.completion import Completion, Offer, Tier, extend_selected
from firsthand.core.completion import advance as rest_of
from firsthand.core.outcome import Answer
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range, Text, advance
from firsthand.embedded import Guess

# What the person writes in the end; the model knows it but for a mistake now and then.
TRUTH = "def area(w, h):\n    size = w * h\n    return size\n\n\nprint(area(2, 3))\n"
GUESS = "size"
MENU = ["size", "self", "area", "assert", "return", "print", "width"]
START = Position(0, 0)


class Race:
    """One session, one document, and somebody who does things in a random order."""

    def __init__(self, seed: int, client: Client) -> None:
        self.random = random.Random(seed)
        self.session, self.models, self.told, _ = make_session(
            "║\n", Guess(GUESS, 0.9), client=client
        )
        self.session.settings[""] = tuned(self.session, patience_ms=20)
        self.cursor = Position(0, 0)
        self.requests: list[asyncio.Task[None]] = []
        self.answers = 0
        self.shown = self.taken = self.stood = 0
        self.guessed: list[str] = []
        self.offered: Completion | None = None
        self.screen: Offer | None = None
        self.earlier: list[tuple[Text, Position]] = []

    @property
    def text(self) -> Text:
        return self.session.documents[URI].text

    async def step(self) -> None:
        actions: dict[Callable[[], None], int] = {
            self.type: 30,
            self.request: 30,
            self.feed: 30,
            self.accept: 15,
            self.end: 5,
            self.backspace: 4,
            self.cancel: 4,
            self.jump: 2,
            self.undo: 5,
            self.reopen: 1,
        }
        action = self.random.choices(list(actions), list(actions.values()))[0]
        action()
        # A request is taken up before the next message is read.
        for _ in range(max(self.random.choice((0, 1, 3)), action == self.request)):
            await asyncio.sleep(0)

    def type(self) -> None:
        """The next character of the truth, or now and then another one."""
        before = self.text.string[: self._offset()]
        right = TRUTH[len(before)] if TRUTH.startswith(before) and before != TRUTH else "x"
        self._edit(Edit(Range.at(self.cursor), self.random.choice([right] * 19 + ["x"])))

    def backspace(self) -> None:
        if self.cursor.character:
            before = Position(self.cursor.line, self.cursor.character - 1)
            self._edit(Edit(Range(before, self.cursor), ""))

    def accept(self) -> None:
        """All of what is on screen, or a word of it."""
        if self.offered is not None and self.offered.version == self.session.documents[URI].version:
            text = self.offered.new_text
            word = re.match(r"\s*(\w+|\W)", text)
            if word and self.random.random() < 0.5:
                text = word[0]
            self.taken += 1
            self._edit(Edit(self.offered.range, text))

    def undo(self) -> None:
        if self.earlier:
            text, cursor = self.earlier.pop()
            self._change(lsp.TextDocumentContentChangeWholeDocument(text.string))
            self.cursor, self.screen = cursor, None

    def reopen(self) -> None:
        string = self.text.string
        self.session.close(URI)
        self.session.open(URI, "python", 1, string)
        self.session.documents[URI].private = False
        self.offered, self.screen, self.earlier = None, None, []

    def jump(self) -> None:
        line = self.random.randrange(len(self.text.lines))
        self.cursor, self.screen = Position(line, len(self.text.line(line))), None

    def request(self) -> None:
        params = asking(self.cursor, explicit=self.random.random() < 0.1)
        if self.random.random() < 0.1:
            params.context.selected_completion_info = self._selected()
        self.requests.append(asyncio.ensure_future(self._ask(params)))

    def cancel(self) -> None:
        if self.requests:
            self.random.choice(self.requests).cancel()

    def feed(self) -> None:
        for stream in self._open():
            prefix = stream.request.hole.prefix
            said = stream.said
            known = TRUTH[len(prefix) + len(said) :] if TRUTH.startswith(prefix + said) else "y = 1"
            piece = self.random.choice([known[: self.random.randint(1, 9)]] * 9 + ["oops"])
            stream.say(piece, end=False)

    def end(self) -> None:
        for stream in self._open():
            stream.say()

    def _selected(self) -> lsp.SelectedCompletionInfo:
        """An item of a menu that would end the word at the cursor."""
        line, at = self.text.line(self.cursor.line), self.cursor.character
        begin = len(line[:at].rstrip("abcdefghijklmnopqrstuvwxyz"))
        item = self.random.choice(
            [each for each in MENU if each.startswith(line[begin:at])] or MENU
        )
        start, end = lsp.Position(self.cursor.line, begin), lsp.Position(self.cursor.line, at)
        return lsp.SelectedCompletionInfo(range=lsp.Range(start, end), text=item)

    async def _ask(self, params: lsp.InlineCompletionParams) -> None:
        snapshot = self.session.snapshot(params)
        assert isinstance(snapshot, Snapshot)
        before = snapshot.text.slice(Range(START, snapshot.position))
        self.guessed.append(before + GUESS)
        if snapshot.selected:
            start = Range(START, snapshot.selected.range.start)
            self.guessed.append(snapshot.text.slice(start) + snapshot.selected.text + GUESS)
        answer = await complete(self.session, snapshot)
        answer = self.session.answered(snapshot, answer, self.session.clock())
        self.answers += 1
        if not answer.superseded and self.session.documents[URI].version == snapshot.version:
            self.fits(snapshot, answer)
            self.offered = next(iter(answer.completions), None)
            here = snapshot.position == self.cursor
            if here:
                self.stays(snapshot)
            # What was asked for another place is dropped by the editor, but not by the session.
            self.screen = Offer(snapshot.text, self.offered) if here and self.offered else None
        elif not answer.superseded:
            assert answer.completions == (), "an answer for a text that is gone"

    def fits(self, snapshot: Snapshot, answer: Answer) -> None:
        texts = [each.new_text for each in answer.completions]
        assert len(set(texts)) == len(texts), "the same text twice"
        if snapshot.selected is not None:
            lead = extend_selected(snapshot.selected, snapshot.text, snapshot.position)
            fits = [lead is not None and text.startswith(lead) for text in texts]
            assert all(fits), "it does not extend the item of the menu"
        for completion in answer.completions:
            self.shown += 1
            self._in_place(snapshot, completion)
            written = snapshot.text.slice(Range(START, snapshot.position)) + completion.new_text
            assert any(goes_on(written, said) for said in self._said()), "nobody said that here"

    def stays(self, snapshot: Snapshot) -> None:
        """What is on the screen stays; with a key, a model's text may take a guess's place."""
        if self.screen is None or snapshot.selected is not None:
            return
        was = self.screen.completion
        left = rest_of(self.screen, snapshot.text, snapshot.position, snapshot.version)
        if left is None:
            return  # the cursor went elsewhere
        self.stood += 1
        now = self.offered
        assert now is not None, "what was on the screen is gone"
        typed = was.version != snapshot.version
        if not (typed and was.tier == "embedded" and now.tier == "inline"):
            assert now.new_text.startswith(left.new_text), "another text in place of the one shown"

    def _in_place(self, snapshot: Snapshot, completion: Completion) -> None:
        assert completion.version == snapshot.version
        assert completion.new_text.strip()
        assert completion.range.start == snapshot.position
        assert completion.range.end.line == snapshot.position.line
        line = snapshot.text.line(snapshot.position.line)
        replaced = line[snapshot.position.character : completion.range.end.character]
        assert completion.range.end.character <= len(line)
        assert set(replaced) <= set(")]}>\"'`;:, "), "it would replace what the person wrote"

    def _said(self) -> Iterator[str]:
        """All that the models and the embedded one have said, each behind what it was said for."""
        yield from self.guessed
        for stream in self.models.streams:
            yield stream.request.hole.prefix + stream.said

    def _open(self) -> list[Stream]:
        return [each for each in self.models.streams if not each.closed.is_set()]

    def _edit(self, edit: Edit) -> None:
        start, end = edit.range.start, edit.range.end
        self.earlier.append((self.text, self.cursor))
        self._change(
            lsp.TextDocumentContentChangePartial(
                lsp.Range(
                    lsp.Position(start.line, start.character),
                    lsp.Position(end.line, end.character),
                ),
                edit.new_text,
            )
        )
        self.cursor = advance(start, edit.new_text)
        if self.screen and rest_of(self.screen, self.text, self.cursor, 0) is None:
            self.screen = None  # something else was typed, or all of it is

    def _change(self, change: lsp.TextDocumentContentChangeEvent) -> None:
        self.session.change(URI, self.session.documents[URI].version + 1, [change])

    def _offset(self) -> int:
        return sum(map(len, self.text.lines[: self.cursor.line])) + self.cursor.character

    async def finish(self) -> None:
        async with asyncio.timeout(60):
            while not all(request.done() for request in self.requests):
                for stream in self._open():
                    stream.say()
                await asyncio.sleep(0)
        for request in self.requests:
            if not request.cancelled() and (fault := request.exception()):
                raise fault


def goes_on(written: str, said: str) -> bool:
    """Whether a text is the beginning of what was said, but for white space, which is cleaned."""
    return "".join(said.split()).startswith("".join(written.split()))


async def race(seed: int, steps: int, client: Client) -> Race:
    this = Race(seed, client)
    for _ in range(steps):
        await this.step()
    await this.finish()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return this


CLIENTS = st.sampled_from([Client(), Client("code", "empty"), Client("nvim", "extend")])


@given(st.integers(0, 2**32), CLIENTS)
@settings(max_examples=40)
def test_whatever_is_shown_fits(seed: int, client: Client) -> None:
    asyncio.run(race(seed, steps=60, client=client))


def test_something_is_shown() -> None:
    """The races above would prove nothing if all answers were empty."""
    races = [asyncio.run(race(seed, steps=200, client=Client())) for seed in range(4)]
    assert sum(each.shown for each in races) > 20
    assert sum(each.taken for each in races) > 2
    assert sum(each.stood for each in races) > 5


@pytest.mark.parametrize(
    ("new_text", "fits"),
    [
        (" area(w, h):", True),
        ("def area(w, h):", False),  # once more
        ("ef area(w, h):", False),  # of an earlier text
        (" width(w, h):", False),  # of another one
    ],
)
@pytest.mark.asyncio
@pytest.mark.usefixtures("ended")
async def test_what_does_not_fit_is_noticed(new_text: str, fits: bool) -> None:
    this = Race(0, Client())
    this.session.change(URI, 2, [lsp.TextDocumentContentChangeWholeDocument("def\n")])
    this.cursor = Position(0, 3)
    this.request()
    while not this.models.streams:
        await asyncio.sleep(0)
    this.models.streams[0].say(" area(w, h):\n    size")
    await this.finish()
    snapshot = this.session.snapshot(asking(this.cursor))
    assert isinstance(snapshot, Snapshot)
    written = Completion(2, Range.at(this.cursor), new_text, "inline")
    with nullcontext() if fits else pytest.raises(AssertionError):
        this.fits(snapshot, Answer((written,)))


@pytest.mark.parametrize(
    ("tier", "typed", "now", "stays"),
    [
        ("inline", "", "ef area(w, h):", True),
        ("inline", "", "ef", False),
        ("inline", "e", "f area(w, h):", True),
        ("inline", "e", "f other", False),
        ("inline", "e", None, False),
        ("inline", "x", None, True),  # it was contradicted
        ("embedded", "", "ef other", False),
        ("embedded", "e", "f other", True),  # a model's text in place of a guess
    ],
)
@pytest.mark.asyncio
@pytest.mark.usefixtures("ended")
async def test_what_does_not_stay_is_noticed(
    tier: Tier, typed: str, now: str | None, stays: bool
) -> None:
    this = Race(0, Client())
    this.session.change(URI, 2, [lsp.TextDocumentContentChangeWholeDocument("d\n")])
    this.cursor = Position(0, 1)
    this.screen = Offer(this.text, Completion(2, Range.at(this.cursor), "ef area", tier))
    if typed:
        this._edit(Edit(Range.at(this.cursor), typed))
    snapshot = this.session.snapshot(asking(this.cursor))
    assert isinstance(snapshot, Snapshot)
    at = Range.at(this.cursor)
    this.offered = None if now is None else Completion(snapshot.version, at, now, "inline")
    with nullcontext() if stays else pytest.raises(AssertionError):
        this.stays(snapshot)
