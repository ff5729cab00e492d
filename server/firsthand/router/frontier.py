"""Asking a frontier model: the price known before, secrets out, and the ledger first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from firsthand.backends.base import BackendError, Endpoint, Unreachable, Usage
from firsthand.backends.base import Refused as NotAccepted
from firsthand.backends.frontier import Part, Question, Talker, open_talk
from firsthand.core.restoring import Restorer
from firsthand.core.tokens import estimate as estimated
from firsthand.ledger import Refused
from firsthand.router.booth import Booth
from firsthand.router.endpoints import endpoint_of, read_key
from firsthand.router.toll import Toll, estimate, price, salted
from firsthand.settings import Loaded

if TYPE_CHECKING:
    import httpx

    from firsthand.router import Run

FEATURE = "escalate"
"""What the ledger calls it where a strategy says nothing else."""

_CHARACTERS_A_TOKEN = 4.0  # of thoughts, which are prose


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, whole.

    Attributes:
        text: all that the model said.
        cut: it had more to say than it was allowed.
        usage: what it took; None where the server does not say.
        cost_usd: what it cost; None where that is not known.
        sent_id: names the request in the ledger; empty for one to this machine.
    """

    endpoint: Endpoint
    text: str
    cut: bool
    usage: Usage | None
    cost_usd: float | None
    sent_id: str


@dataclass(slots=True)
class _Heard:
    """What came of an answer so far, and what its server said that it took."""

    restorer: Restorer
    said: list[str] = field(default_factory=list)
    text: str = ""
    thought: int = 0
    told: Usage | None = None
    whole: bool = False

    def take(self, part: Part) -> str:
        """Take note of a piece; gives what it adds to the text, secrets in their places again."""
        self.said.append(part.text)
        self.thought += part.thought
        self.told = (part.end.usage if part.end else part.usage) or self.told
        self.whole = self.whole or bool(part.end and part.end.usage)
        piece = self.restorer.feed(part.text) + (self.restorer.flush() if part.end else "")
        self.text += piece
        return piece

    def usage(self, body: bytes) -> Usage:
        """What an answer took that may have been broken off.

        A server says at the end what was paid; of an answer that was cut short it may have said
        what went in. The rest is estimated: what was sent, and what came, thoughts included.
        """
        if self.whole and self.told:
            return self.told
        told = self.told or Usage(prompt=round(estimated(body.decode("utf-8", "replace"))))
        came = estimated("".join(self.said)) + self.thought / _CHARACTERS_A_TOKEN
        return replace(told, completion=max(told.completion, round(came)))


def endpoints_of(loaded: Loaded) -> tuple[Endpoint, ...]:
    """Whom an escalation asks, in order."""
    return tuple(map(endpoint_of, loaded.escalation_models))


class Frontier:
    """The models for escalations, in order.

    Args:
        endpoints: whom to ask, the first choice first.
        run: runs what may block (keys, certificates, the ledger) away from the event loop.
        toll: what is due before and after a request to another machine.
        keys: reads an endpoint's secret; raises Misconfigured if it should have one and has not.
        transport: stands in for the network.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        run: Run,
        toll: Toll,
        keys: Callable[[Endpoint], str | None] = read_key,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.endpoints = tuple(endpoints)
        self.toll = toll
        self._run = run
        self._keys = keys
        self._transport = transport
        self._talkers: dict[str, Talker] = {}
        self._booth = Booth(run, self.toll)

    async def look(self, endpoint: Endpoint, question: Question) -> tuple[bytes, float]:
        """Exactly what would be sent, and the most that is expected to cost, in USD.

        Raises:
            BackendError: nothing can be sent there.
        """
        body = (await self._talker(endpoint)).body(self._cleaned(endpoint, question))
        return body, estimate(endpoint, body, question.max_tokens) if endpoint.remote else 0.0

    async def ask(
        self,
        endpoint: Endpoint,
        question: Question,
        on_text: Callable[[str], None],
        feature: str = FEATURE,
    ) -> Answered:
        """One model's answer; cancelling closes the connection.

        Args:
            endpoint: whom to ask.
            question: what; secrets are blanked out of what goes to another machine.
            on_text: is given each piece as it comes; empty ones while the model thinks.
            feature: what the ledger calls it.

        Raises:
            BackendError: there is no answer, or not the rest of one.
            Refused: it was not sent: a cap, a price that nobody knows, or a ledger that is broken.
        """
        talker = await self._talker(endpoint)
        heard = _Heard(Restorer(partial(_secrets_of, question)))
        question = self._cleaned(endpoint, question)
        if not endpoint.remote:
            return await self._listen(talker, question, "", on_text, heard)
        if endpoint.price_in is None or endpoint.price_out is None:
            raise Refused(
                f"{endpoint.name} has no known price, so no cap could hold: "
                f"set price_in and price_out in [models.{endpoint.name}], 0 if it is free."
            )
        body = talker.body(question)
        admit = partial(self.toll.admit, feature, endpoint, body, question.max_tokens)
        entry = await self._booth.enter(endpoint, admit, lambda entry: entry)
        outcome, worked = "cancelled", True
        try:
            answered = await self._listen(talker, question, entry.id, on_text, heard)
            outcome = "done"
            return answered
        except BackendError as error:
            outcome, worked = "failed", not isinstance(error, (Unreachable, NotAccepted))
            raise
        finally:
            usage = heard.usage(body) if worked else Usage()
            self._booth.leave(endpoint, entry, outcome, usage)

    async def aclose(self) -> None:
        """Close every connection, and wait until the ledger heard of every end."""
        for talker in self._talkers.values():
            await talker.aclose()
        self._talkers.clear()
        await self._booth.left()

    async def _listen(
        self,
        talker: Talker,
        question: Question,
        sent_id: str,
        on_text: Callable[[str], None],
        heard: _Heard,
    ) -> Answered:
        async with aclosing(talker.stream(question)) as parts:
            async for part in parts:
                on_text(heard.take(part))
                if part.end:
                    usage = part.end.usage
                    cost = None if usage is None else price(talker.endpoint, usage)
                    cost = cost if talker.endpoint.remote else 0.0
                    end = part.end
                    return Answered(talker.endpoint, heard.text, end.cut, usage, cost, sent_id)
        raise AssertionError("a stream ends with its end, or with an error")

    def _cleaned(self, endpoint: Endpoint, question: Question) -> Question:
        """A question with the secrets in its texts blanked out, where it leaves this machine."""
        if not (endpoint.remote and self.toll.privacy.redact):
            return question
        messages = (replace(each, text=salted(each.text).text) for each in question.messages)
        context = salted(question.context).text
        return replace(question, context=context, messages=tuple(messages))

    async def _talker(self, endpoint: Endpoint) -> Talker:
        """The connection to a model, made when it is first needed."""
        if endpoint.name not in self._talkers:
            made = await self._run(partial(self._connect, endpoint))
            if self._talkers.setdefault(endpoint.name, made) is not made:
                await made.aclose()  # somebody else was faster
        return self._talkers[endpoint.name]

    def _connect(self, endpoint: Endpoint) -> Talker:
        return open_talk(endpoint, self._keys(endpoint), transport=self._transport)


def _secrets_of(question: Question) -> tuple[tuple[str, str], ...]:
    texts = (question.context, *(each.text for each in question.messages))
    return tuple(pair for text in texts for pair in salted(text).secrets)
