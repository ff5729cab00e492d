"""Stand-ins that enter through the session's seams."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from tests.marked import marked

from firsthand.backends.base import Chunk, Ending, Endpoint, Request
from firsthand.cache import Cache
from firsthand.client import Client
from firsthand.core.showing import Cut, Price
from firsthand.core.stream import Ended
from firsthand.core.text import Position, Text
from firsthand.embedded import Guess
from firsthand.embedded.decode import Candidate
from firsthand.ledger import Ledger
from firsthand.router import Latency, Standing
from firsthand.session import Session
from firsthand.settings import Loaded
from firsthand.stores import Stores
from firsthand.worker import Worker

URI = "file:///project/a.py"


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Guesser:
    """An embedded model that guesses one thing wherever it is asked."""

    def __init__(self, *guesses: Guess) -> None:
        self.guesses = guesses

    def learning(
        self, uri: str, path: str, language: str, text: Text, *, apart: bool = False
    ) -> Iterator[None]:
        return iter(())

    def admit(self, uri: str) -> None: ...

    def pending(self, uri: str) -> Iterator[None]:
        return iter(())

    def edit(self, uri: str, after: Text, first: int, old: int, new: int) -> None: ...

    def forget(self, uri: str) -> None: ...

    def suggest(
        self,
        uri: str,
        text: Text,
        position: Position,
        limit: int,
        price: Price,
        most_lines: int,
    ) -> tuple[Guess, ...]:
        return tuple(
            Candidate((each.text,), (Cut(len(each.text), each.confidence),), (0.0,)).guess(price)
            for each in self.guesses[:limit]
        )


@dataclass
class Stream:
    """One request to a model, whose answer the test gives piece by piece."""

    request: Request
    cut: Ended = ""
    said: str = ""
    pieces: asyncio.Queue[str | Exception | None] = field(default_factory=asyncio.Queue)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, *pieces: str, end: bool = True, cut: Ended = "") -> None:
        self.cut = cut
        self.said += "".join(pieces)
        for piece in pieces:
            self.pieces.put_nowait(piece)
        if end:
            self.pieces.put_nowait(None)


class Models:
    """A router to one model."""

    def __init__(self) -> None:
        self.endpoint: Endpoint | None = Endpoint("local", "llamacpp", "http://127.0.0.1:1")
        self.streams: list[Stream] = []
        self.warmed: list[Request] = []
        self.limits: list[bool] = []
        self.reason = ""
        self.measured: Latency | None = None
        self.endpoints = (self.endpoint,)

    def choose(self, *, local_only: bool = False) -> Endpoint | None:
        self.limits.append(local_only)
        return self.endpoint

    def standing(self, *, local_only: bool = False) -> Standing:
        barred = local_only and self.endpoint is not None and self.endpoint.remote
        if self.endpoint is None or barred:
            return Standing("embedded", "Only here." if barred else self.reason)
        return Standing("inline", self.reason, self.endpoint)

    async def warm(self, request: Request, *, local_only: bool) -> bool:
        self.warmed.append(request)
        return True

    def latency(self, endpoint: Endpoint | None = None) -> Latency | None:
        return self.measured

    def doubted(self, *, local_only: bool) -> bool:
        return False

    async def stream(
        self, request: Request, *, local_only: bool, explicit: bool
    ) -> AsyncIterator[Chunk]:
        stream = Stream(request)
        self.streams.append(stream)
        try:
            while (piece := await stream.pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield Chunk(piece)
            assert self.endpoint is not None
            yield Chunk("", Ending(self.endpoint, stream.cut))
        finally:
            stream.closed.set()


class Told(list[tuple[str, Mapping[str, Any]]]):
    """The notifications that were sent."""

    def __call__(self, method: str, params: Mapping[str, Any]) -> None:
        self.append((method, params))

    def of(self, method: str) -> list[Mapping[str, Any]]:
        return [params for name, params in self if name == method]


def make_session(
    drawing: str, *guesses: Guess, client: Client | None = None
) -> tuple[Session, Models, Told, lsp.InlineCompletionParams]:
    """A session that is ready, with one document, and a request at the cursor drawn in it."""
    told, models = Told(), Models()
    session = Session(tell=told, clock=Clock(), client=client or Client())
    session.embedded = Guesser(*guesses)  # type: ignore[assignment]
    session.router = models  # type: ignore[assignment]
    session.start()
    text, position = marked(drawing)
    session.open(URI, "python", 1, text.string)
    session.documents[URI].private = False
    return session, models, told, asking(position)


def stores_in(folder: Path, worker: Worker) -> Stores:
    """Real stores in a folder."""
    cache = Cache(folder / "completions", tell=print)
    return Stores(worker, cache, Ledger(folder, tell=print))


def tuned(session: Session, **changes: object) -> Loaded:
    """The session's settings with some tuned otherwise."""
    loaded = session.settings[""]
    tuning = replace(loaded.settings.tuning, **changes)  # type: ignore[arg-type]
    return replace(loaded, settings=replace(loaded.settings, tuning=tuning))


def asking(position: Position, explicit: bool = False) -> lsp.InlineCompletionParams:
    kind = lsp.InlineCompletionTriggerKind
    return lsp.InlineCompletionParams(
        context=lsp.InlineCompletionContext(kind.Invoked if explicit else kind.Automatic),
        text_document=lsp.TextDocumentIdentifier(URI),
        position=lsp.Position(position.line, position.character),
    )
