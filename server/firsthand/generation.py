"""A generation: a model's stream with a life of its own.

A request only waits on a generation. Editors cancel a request at every key; a stream that died
with it would have to start anew at every key, and never arrive. So the session owns generations,
requests join them, and one ends when the document contradicts it, the document closes, the person
pauses, or nobody has joined it for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from firsthand.core.completion import Completion, Offer, advance, agree
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Range, Text
from firsthand.core.text import advance as after

# Seconds a generation lives without a request that waits for it: VS Code asks again 50 ms after a
# key, Neovim's built-in client 200 ms.
UNJOINED = 0.3


class BrokenOff(Exception):
    """What a model wrote ends somewhere, and not where it would have ended it."""


class Generation:
    """The middle that a model writes for a snapshot, while it is written.

    Attributes:
        snapshot: what was asked about.
        middle: what was written so far.
        ahead: it goes on from an answer that was not accepted yet.
        asked: the pieces are on their way.
        ended: there will be no more of it.
        cut: it was closed, or broke off, before the model had said all.
        task: reads the stream; done once its connection was given back.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        pieces: AsyncGenerator[str],
        on_end: Callable[[Generation], None],
        *,
        on_line: Callable[[Generation], None] = lambda _generation: None,
        model: str = "",
        known: Offer | None = None,
        delay: float = 0.0,
        unjoined: float = UNJOINED,
    ) -> None:
        """Start to read the pieces of the middle.

        Args:
            snapshot: what was asked about.
            pieces: the middle as it comes, an empty one when all is there, or BrokenOff; the
                iterator is closed when the generation ends.
            on_end: hears of the end, whether the stream ran out or was closed.
            on_line: hears of each line that is whole, and when all of it is there, before those
                who wait.
            model: who writes it.
            known: an earlier answer that the pieces go on from.
            delay: seconds before the first piece is asked for; a key in this time ends it.
            unjoined: seconds to live without a request that waits.
        """
        self.snapshot = snapshot
        self.asked = False
        self.ended = False
        self.cut = False
        self._complete = False
        self._known = known or Offer(
            snapshot.text,
            Completion(snapshot.version, Range.at(snapshot.position), "", "inline", model),
        )
        self.ahead = known is not None
        self.middle = self._known.completion.new_text
        self._pieces = pieces
        self._on_line = on_line
        self._delay = delay
        self._unjoined = unjoined
        self._joined: dict[asyncio.Future[bool], Snapshot] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._alone = False  # nobody has joined it since it began, or was left
        self._loop = asyncio.get_running_loop()
        self.task = self._loop.create_task(self._read())
        self.task.add_done_callback(lambda _task: self._end(on_end))

    def join(self, turn: asyncio.Future[bool], snapshot: Snapshot) -> None:
        """A request begins to wait.

        Its turn is done, and true, once there is a whole line for its cursor, or all there will be.
        """
        self._joined[turn] = snapshot
        self._disarm()
        if self._serves(snapshot):
            admit(turn)

    def leave(self, turn: asyncio.Future[bool]) -> None:
        """A request has stopped waiting; when it was the last one, the time begins to count."""
        self._joined.pop(turn, None)
        self.count_down()

    def count_down(self) -> None:
        """Close in a while unless a request joins; the time counts once the model was asked."""
        if not self._joined and not self.ended:
            self._disarm()
            self._alone = True
            if self._delay and not self.asked:
                return
            self._timer = self._loop.call_later(self._unjoined, self.close)

    def stay(self) -> None:
        """Run on although no request waits: the session itself does, to send a refresh."""
        self._disarm()

    def close(self) -> None:
        """End the stream; its connection is closed at once."""
        self.cut = True
        self._disarm()
        self.task.cancel()

    def offer(self) -> Offer:
        """What was written so far, as an edit at the place it was asked for."""
        completion = replace(self._known.completion, new_text=self.middle)
        return replace(self._known, completion=completion, more=False)

    def offered(self) -> Offer:
        """What may be shown of it: the lines that are whole, unless the model has said all.

        Where the model had ended the answer that this one follows, the two are not one: this one
        is offered once that one was accepted.
        """
        known = self._known.completion
        written = self.middle[len(known.new_text) :]
        if not self._complete:
            written = written.rpartition("\n")[0]
        if not self.ahead or self._known.more:
            completion = replace(known, new_text=known.new_text + written)
            return replace(self._known, completion=completion, more=False)
        at = Range.at(after(known.range.start, known.new_text))
        return Offer(self._known.accepted, replace(known, range=at, new_text=written))

    @property
    def wrote(self) -> bool:
        """Whether anything came of it."""
        return bool(self.middle[len(self._known.completion.new_text) :].strip())

    def agrees(self, text: Text) -> bool:
        """Whether a later text can still become what is being written."""
        if self._delay and not self.asked:
            return text == self.snapshot.text
        return agree(self.offer(), text, growing=not self.ended)

    async def _read(self) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        self.asked = True
        if self._alone:
            self.count_down()
        try:
            await self._take()
        except BrokenOff:
            self.cut = True

    async def _take(self) -> None:
        """Take what comes, and let those who wait know."""
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                self.middle += piece
                self._complete = self._complete or not piece
                if not piece or "\n" in piece:
                    self._spread()
                    # Who waits for it goes first, and then the answer that came of it.
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)

    def _end(self, on_end: Callable[[Generation], None]) -> None:
        self.ended, self._complete = True, self._complete or not self.cut
        self._disarm()
        self._spread()
        on_end(self)

    def _spread(self) -> None:
        """Let everybody know that there is more to show, those who wait for it without a detour."""
        self._on_line(self)
        for turn, snapshot in self._joined.items():
            if self._serves(snapshot):
                admit(turn)

    def _serves(self, snapshot: Snapshot) -> bool:
        """Whether something of it may be shown at a cursor, or there will be no more."""
        if self.ended or self._complete:
            return True
        rest = advance(self.offered(), snapshot.text, snapshot.position, snapshot.version)
        return rest is not None and bool(rest.new_text.strip())

    def _disarm(self) -> None:
        self._alone = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def admit(turn: asyncio.Future[bool]) -> None:
    """Let a request that waits go on, unless it was superseded."""
    if not turn.done():
        turn.set_result(True)
