"""The seam to model servers: what is asked, what comes back, and what can go wrong.

Nothing here loads an HTTP library, so that everything may import it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from firsthand.core.fim import TEMPLATES, Hole, Template
from firsthand.core.stream import Ended
from firsthand.settings import PRESETS, Preset, Talk, Wire, is_loopback


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked for.

    Attributes:
        hole: what is to be filled.
        max_tokens: the most tokens the model may make.
        max_lines: the line after which the answer is ended.
        temperature: 0 asks for the likeliest text; more only for further candidates.
        heal: the end of the prefix that the answer may cut into tokens anew (`core.fim.stem`),
            where the server can hold it to that; the answer begins behind it all the same.
        free: whether that is also tried where no server can hold it: an answer that begins with
            anything else ends at once, as "lead".
        certainty: whether the model's certainty is asked for also where it costs time: about 1 ms a
            token on llama.cpp.
    """

    hole: Hole
    max_tokens: int = 96
    max_lines: int = 8
    temperature: float = 0.0
    heal: str = ""
    free: bool = False
    certainty: bool = False

    @property
    def freely(self) -> str:
        """What a server is to heal that can't be held to it."""
        return self.heal if self.free else ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took, in tokens, as its server counts.

    `cached` and `written`, what was read from the server's cache and put into it, are parts of
    `prompt`.
    """

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    written: int = 0


_COMPATIBLE = PRESETS["openai"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model at a server.

    Attributes:
        name: what configuration and messages call it.
        provider: what configuration calls its kind of server.
        url: the server's address, with or without a last `/v1`.
        model: the model's name as the server knows it; may be empty where there is only one.
        template: the name of its FIM template; "chat" to ask as in a chat; empty to leave the
            template to the server.
        remote: whether text sent there leaves this machine, as far as is known.
        price_in, price_cached_in, price_out: USD per million tokens; None if not known.
        api_key_env, api_key_keyring: where its secret is kept; the secret itself is never here.
        guessed: whether the template was found by the model's name, so that what the server itself
            says of its model counts more.
        urls: every address at which the same model is served, `url` among them; empty for one.
    """

    name: str
    provider: str
    url: str
    model: str = ""
    template: str = ""
    remote: bool = False
    price_in: float | None = None
    price_cached_in: float | None = None
    price_out: float | None = None
    api_key_env: str = ""
    api_key_keyring: str = ""
    guessed: bool = False
    urls: tuple[str, ...] = ()

    @property
    def each(self) -> tuple[Endpoint, ...]:
        """The same endpoint at each of its addresses."""
        return tuple(replace(self, url=url) for url in self.urls) or (self,)

    @property
    def label(self) -> str:
        """What the person is shown: the model's name, else the configuration's name for it."""
        return self.model or self.name

    @property
    def wire(self) -> Wire:
        """The format its server speaks."""
        return "chat" if self.template == "chat" else self.preset.wire

    @property
    def talk(self) -> Talk:
        """The format in which its server answers questions.

        Only a provider's own server is sure to have OpenAI's newer format.
        """
        talk = self.preset.talk
        own = self.url.rstrip("/").removesuffix("/v1") == self.preset.url.removesuffix("/v1")
        return "chat" if talk == "responses" and not own else talk

    @property
    def preset(self) -> Preset:
        """What is known of its kind of server."""
        return next((each for name, each in PRESETS.items() if name == self.provider), _COMPATIBLE)

    @property
    def loopback(self) -> bool:
        """Whether its address is on this machine."""
        return is_loopback(self.url)

    @property
    def fim(self) -> Template | None:
        """Its template, None where the server applies its own."""
        return TEMPLATES.get(self.template)


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known once an answer is whole.

    Attributes:
        endpoint: who gave it.
        early: why it was ended before the model did; empty if the model ended it.
        usage: what it took, where the server says so; it cannot where it was ended early.
        cost_usd: what it cost; None if that is not known.
        confidence: how sure the model was of all that it wrote, 0 to 1: the geometric mean of its
            tokens' probabilities; None where the server does not say.
    """

    endpoint: Endpoint
    early: Ended = ""
    usage: Usage | None = None
    cost_usd: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer.

    Attributes:
        text: text that is safe to show: it went through a Stopper. May be empty on the last chunk.
        ending: on the last chunk of a whole answer, and only there.
        confidence: how sure the model is of the answer's first line, as far as it came, 0 to 1;
            None where the server does not say.
    """

    text: str
    ending: Ending | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait for a server, in seconds.

    Attributes:
        connect: for the connection.
        first: from then to the first byte of the answer.
        stall: between two pieces of it.
        total: for all of it.
    """

    connect: float = 1.0
    first: float = 10.0
    stall: float = 5.0
    total: float = 30.0

    @classmethod
    def near(cls, loopback: bool) -> Deadlines:
        """What fits a server on this machine, or one elsewhere."""
        return cls(connect=0.25) if loopback else cls()


class Backend(Protocol):
    """A connection to one endpoint.

    Attributes:
        slots: how many requests its server works on at once.
        known: whether the server was asked about itself; a failure, or a sign that it runs another
            model now, ends that.
        changes: how often it runs another model than was known, or lets it read more or less.
    """

    slots: int
    known: bool
    changes: int

    @property
    def endpoint(self) -> Endpoint:
        """Whom it talks to, with what the server said of its model."""

    async def learn(self) -> None:
        """Ask the server about itself and its model, and go by that from now on.

        Raises:
            BackendError: it does not say.
        """

    async def warm(self, request: Request) -> bool:
        """Let the server read a request's prompt ahead; whether it did.

        Cancelling it closes the connection at once.

        Raises:
            BackendError: as `stream` does.
        """

    def body(self, request: Request) -> bytes:
        """Exactly what `stream` sends, without headers."""

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, piece by piece, through a Stopper.

        Closing the generator (`aclose`, or cancelling the task that waits on it) closes the HTTP
        connection at once, which is what makes a server stop working.

        Raises:
            BackendError: one of the tree below; what was given before it stays good.
        """

    async def aclose(self) -> None:
        """Close every connection."""


class BackendError(Exception):
    """Something went wrong with a model server; its text is one sentence with the mend.

    - BackendError
      - Misconfigured    nothing was sent: the address or the key cannot be used
      - Unreachable      nobody listens there
      - TimedOut         too slow to connect, to begin, to go on or to end
      - Refused          an HTTP status other than 200: `status`, `retry_after`
        - TooLong        the prompt is longer than what the model can read
      - Failed           the server broke off its answer or reported an error in it
      - Garbled          what came is not the format that was asked for

    The text never holds anything that was sent or received, which could be source code.
    """


class Misconfigured(BackendError):
    """Nothing was sent: the address or the key cannot be used."""


class Unreachable(BackendError):
    """Nobody listens at the address."""


class TimedOut(BackendError):
    """The server was too slow."""


def too_slow(endpoint: Endpoint) -> str:
    """What is said of a server that was too slow."""
    return said_of(endpoint, "is too slow: wait until it is less busy, or use a smaller model")


def said_of(endpoint: Endpoint, what: str) -> str:
    """A sentence about a server, which begins with its name and address."""
    return f"{endpoint.name} ({urlsplit(endpoint.url).netloc}) {what}."


class Refused(BackendError):
    """The server answered with an HTTP status other than 200.

    Attributes:
        status: the HTTP status.
        retry_after: the seconds it asked to wait, if it did.
    """

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class TooLong(Refused):
    """The prompt is longer than what the model can read."""


class Failed(BackendError):
    """The server broke off its answer or reported an error in it."""


class Garbled(BackendError):
    """What came is not the format that was asked for."""


COMMON = 32
"""Characters that `request_key` makes."""


def request_key(endpoint: Endpoint, request: Request) -> str:
    """What the keys begin with under which the answers to a request are cached, in any place.

    It covers all that an answer depends on but the text around the cursor, which the digest of a
    place (`core.recall`) covers: a key is one after the other, and nothing else makes keys. A model
    that is served at several addresses is one.

    Returns:
        `COMMON` hexadecimal digits.
    """
    hole = request.hole
    return _digest(
        (
            *(endpoint.wire, (endpoint.urls or (endpoint.url,))[0]),
            *(endpoint.model, endpoint.template),
            *(hole.path, hole.repository, hole.snippets, hole.comment),
            *(request.max_tokens, request.max_lines, request.temperature),
        )
    )


@lru_cache(maxsize=16)
def _digest(asked: tuple[object, ...]) -> str:
    """Half of a SHA-256. From key to key nothing of it changes, and the snippets are long."""
    return hashlib.sha256(json.dumps(asked).encode("ascii")).hexdigest()[:COMMON]
