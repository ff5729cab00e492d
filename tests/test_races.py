"""Any interleaving of edits, requests, cancels and chunks ends with text that fits, or nothing."""

import asyncio
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp
from tests.fakes import URI, Stream, asking, make_session, tuned

from firsthand.client import Client
from firsthand.complete import complete
from firsthand.core.completion import Completion
from firsthand.core.outcome import Answer
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.embedded import Guess

# What the person writes in the end; the model knows it but for a mistake now and then.
TRUTH = "def area(w, h):\n    size = w * h\n    return size\n\n\nprint(area(2, 3))\n"


class Race:
    """One session, one document, and somebody who does things in a random order."""

    def __init__(self, seed: int, client: Client) -> None:
        self.random = random.Random(seed)
        self.session, self.models, self.told, _ = make_session(
            "║\n", Guess("size", 0.9), client=client
        )
        self.session.settings[""] = tuned(self.session, patience_ms=20)
        self.cursor = Position(0, 0)
        self.requests: list[asyncio.Task[None]] = []
        self.answers = 0
        self.shown = 0

    @property
    def text(self) -> Text:
        return self.session.documents[URI].text

    async def step(self) -> None:
        action = self.random.choices(
            (self.type, self.backspace, self.request, self.cancel, self.feed, self.end, self.jump),
            (30, 4, 30, 4, 30, 5, 2),
        )[0]
        action()
        for _ in range(self.random.choice((0, 1, 3))):
            await asyncio.sleep(0)

    def type(self) -> None:
        """The next character of the truth, or now and then another one."""
        before = self.text.string[: self._offset()]
        right = TRUTH[len(before)] if TRUTH.startswith(before) and before != TRUTH else "x"
        self._edit(Edit(Range.at(self.cursor), self.random.choice([right] * 9 + ["x"])))

    def backspace(self) -> None:
        if self.cursor.character:
            before = Position(self.cursor.line, self.cursor.character - 1)
            self._edit(Edit(Range(before, self.cursor), ""))

    def jump(self) -> None:
        line = self.random.randrange(len(self.text.lines))
        self.cursor = Position(line, len(self.text.line(line)))

    def request(self) -> None:
        explicit = self.random.random() < 0.1
        self.requests.append(asyncio.ensure_future(self._ask(asking(self.cursor, explicit))))

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

    async def _ask(self, params: lsp.InlineCompletionParams) -> None:
        snapshot = self.session.snapshot(params)
        assert isinstance(snapshot, Snapshot)
        answer = await complete(self.session, snapshot)
        answer = self.session.answered(snapshot, answer, self.session.clock())
        self.answers += 1
        if not answer.superseded and self.session.documents[URI].version == snapshot.version:
            self._fits(snapshot, answer)
        elif not answer.superseded:
            assert answer.completions == (), "an answer for a text that is gone"

    def _fits(self, snapshot: Snapshot, answer: Answer) -> None:
        texts = [each.new_text for each in answer.completions]
        assert len(set(texts)) == len(texts), "the same text twice"
        for completion in answer.completions:
            self.shown += 1
            self._in_place(snapshot, completion)

    def _in_place(self, snapshot: Snapshot, completion: Completion) -> None:
        assert completion.version == snapshot.version
        assert completion.new_text.strip()
        assert completion.range.start == snapshot.position
        assert completion.range.end.line == snapshot.position.line
        line = snapshot.text.line(snapshot.position.line)
        replaced = line[snapshot.position.character : completion.range.end.character]
        assert completion.range.end.character <= len(line)
        assert set(replaced) <= set(")]}>\"'`;:, "), "it would replace what the person wrote"

    def _open(self) -> list[Stream]:
        return [each for each in self.models.streams if not each.closed.is_set()]

    def _edit(self, edit: Edit) -> None:
        change = lsp.TextDocumentContentChangePartial(
            lsp.Range(
                lsp.Position(edit.range.start.line, edit.range.start.character),
                lsp.Position(edit.range.end.line, edit.range.end.character),
            ),
            edit.new_text,
        )
        self.session.change(URI, self.session.documents[URI].version + 1, [change])
        start = edit.range.start
        newline = edit.new_text == "\n"
        self.cursor = (
            Position(start.line + 1, 0)
            if newline
            else Position(start.line, start.character + len(edit.new_text))
        )

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
    this = asyncio.run(race(1, steps=400, client=Client()))
    assert this.shown > 10
