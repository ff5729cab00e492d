"""Asking a frontier model: the price known before, secrets out, and the ledger first."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from firsthand.backends.base import BackendError, Endpoint, Unreachable, Usage
from firsthand.backends.base import Refused as NotAccepted
from firsthand.backends.frontier import PATIENT, End, Part, Question, Talker, open_talk
from firsthand.core.restoring import Restorer
from firsthand.ledger import Entry, Refused
from firsthand.router import failover
from firsthand.router.booth import Booth
from firsthand.router.connecting import Connector
from firsthand.router.endpoints import endpoint_of, read_key
from firsthand.router.failover import Bucket, Turn, Turns
from firsthand.router.gate import Gate
from firsthand.router.health import Health
from firsthand.router.link import Server
from firsthand.router.pool import Pool
from firsthand.router.toll import Toll, estimate, most, price, salted, unpriced
from firsthand.settings import Loaded

if TYPE_CHECKING:
    import httpx

    from firsthand.router import Run

FEATURE = "escalate"
"""What the ledger calls it where a strategy says nothing else."""

_SLOWEST = 60.0  # seconds until a model has to begin, by whatever it needed before
_SLOTS = 64  # requests at once at one server


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
    """What came of an answer so far, and what its server said that it took.

    Attributes:
        restorer: puts the secrets of the question back.
        endpoint: who is asked.
        most: the most that it can take.
        sent_id: names it in the ledger; empty for one to this machine.
        worked: the server may have done what costs.
        running: an answer is waited for.
        end: how it ended; None before, and where it was broken off.
    """

    restorer: Restorer
    endpoint: Endpoint
    most: Usage = field(default_factory=Usage)
    sent_id: str = ""
    worked: bool = True
    running: bool = True
    end: End | None = None
    text: str = ""
    told: Usage | None = None
    whole: bool = False

    def take(self, part: Part) -> str:
        """Take note of a piece; gives what it adds to the text, secrets in their places again."""
        self.end = part.end
        self.told = (part.end.usage if part.end else part.usage) or self.told
        self.whole = self.whole or bool(part.end and part.end.usage)
        piece = self.restorer.feed(part.text) + (self.restorer.flush() if part.end else "")
        self.text += piece
        return piece

    def usage(self) -> Usage:
        """What an answer took; where nobody says, the most that it can have taken.

        A server says at the end what is paid. Of an answer that was cut short it may have said
        what went in; what a model wrote or thought by then that never came is paid as well.
        """
        if not self.worked:
            return Usage()
        if self.whole and self.told:
            return self.told
        if self.told is None:
            return self.most
        return replace(self.told, completion=max(self.told.completion, self.most.completion))

    @property
    def cost_usd(self) -> float | None:
        """What it cost; None where the server does not say what a whole answer took."""
        if not self.endpoint.remote:
            return 0.0
        if self.end is None:
            return price(self.endpoint, self.usage())
        return None if self.end.usage is None else price(self.endpoint, self.end.usage)


_Link = Server[Talker]  # a model that answers questions, at one address


def endpoints_of(loaded: Loaded) -> tuple[Endpoint, ...]:
    """Whom an escalation asks, in order."""
    return tuple(map(endpoint_of, loaded.escalation_models))


class Frontier:
    """The models for escalations, in order.

    Args:
        endpoints: whom to ask, the first choice first.
        run: runs what may block (keys, certificates, the ledger) away from the event loop.
        toll: what is due before and after a request to another machine.
        clock: seconds, monotonic.
        keys: reads an endpoint's secret; raises Misconfigured if it should have one and has not.
        transport: stands in for the network.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        run: Run,
        toll: Toll,
        clock: Callable[[], float] = time.monotonic,
        keys: Callable[[Endpoint], str | None] = read_key,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.endpoints = tuple(endpoints)
        self.toll = toll
        self._run = run
        self._clock = clock
        self._connector = Connector(run, keys, partial(open_talk, transport=transport))
        self._pools = {each.name: Pool(tuple(map(_link, each.each))) for each in self.endpoints}
        self._bucket = Bucket()
        self._booth = Booth(run, self.toll)

    async def look(self, endpoint: Endpoint, question: Question) -> tuple[bytes, float]:
        """Exactly what would be sent, and the most that can cost, in USD.

        Raises:
            BackendError: nothing can be sent there.
        """
        talker = await self._connector.connected(self._pools[endpoint.name].order("")[0])
        body = talker.body(self._cleaned(endpoint, question))
        return body, estimate(endpoint, body, question.max_tokens) if endpoint.remote else 0.0

    async def ask(
        self,
        endpoint: Endpoint,
        question: Question,
        on_text: Callable[[str], None],
        feature: str = FEATURE,
        on_second: Callable[[], None] = lambda: None,
    ) -> Answered:
        """One model's answer; cancelling closes the connection.

        Args:
            endpoint: whom to ask.
            question: what; secrets are blanked out of what goes to another machine.
            on_text: is given each piece as it comes; empty ones while the model thinks.
            feature: what the ledger calls it.
            on_second: hears that the model is asked once more, as its answer is late, and that is
                about to be paid twice.

        Raises:
            BackendError: there is no answer, or not the rest of one.
            Refused: it was not sent: a cap, a price that nobody knows, or a ledger that is broken.
        """
        links = self._pools[endpoint.name].order("")
        for link in links:
            if link.health.locked:
                await self._connector.look_again(link)
        with suppress(BackendError):  # so that its key is known, and blanked out as well
            await self._connector.connected(links[0])
        secrets = partial(_secrets_of, question, self._known())
        question = self._cleaned(endpoint, question)
        turns = Turns.among(links, self._clock, PATIENT.total)
        tries: list[_Heard] = []

        def attempt(turn: Turn[_Link]) -> AsyncGenerator[tuple[_Heard, str, End | None]]:
            if tries and tries[-1].running:
                on_second()
            tries.append(_Heard(Restorer(secrets), turn.link.endpoint))
            return self._attempt(turns, turn, question, feature, tries[-1])

        self._bucket.fill()
        answered: Answered | None = None
        try:
            async with aclosing(failover.stream(turns, attempt, self._bucket)) as parts:
                async for heard, piece, end in parts:
                    on_text(piece)
                    answered = _answered(heard, end, tries) if end else None
        except LookupError:
            raise BackendError(links[0].health.reason) from None
        if answered is None:
            raise AssertionError("a stream ends with its end, or with an error")
        return answered

    async def keep_reply(self, answered: Answered) -> bool:
        """Keep an answer that could not be used, for the person to read; whether it is kept."""
        keep = partial(self.toll.keep_reply, Entry(answered.sent_id), answered.text, self._known())
        return await self._run(keep)

    def begin_anew(self) -> None:
        """The configuration was changed: what only that could mend may be mended."""
        for link in self._links():
            link.begin_anew()

    async def aclose(self) -> None:
        """Close every connection, and wait until the ledger heard of every end."""
        for link in self._links():
            await self._connector.close(link)
        await self._booth.left()

    def _links(self) -> Iterator[_Link]:
        return (link for pool in self._pools.values() for link in pool.links)

    async def _attempt(
        self,
        turns: Turns[_Link],
        turn: Turn[_Link],
        question: Question,
        feature: str,
        heard: _Heard,
    ) -> AsyncGenerator[tuple[_Heard, str, End | None]]:
        """One server's answer, entered in the ledger where it comes from another machine."""
        endpoint = heard.endpoint
        if reason := unpriced(endpoint):
            raise Refused(reason)
        talker = await self._connector.connected(turn.link)
        body, entry = talker.body(question), None
        heard.most = most(body, question.max_tokens)
        if endpoint.remote:
            admit = partial(self.toll.admit, feature, endpoint, body, question.max_tokens)
            entry = await self._booth.enter(endpoint, admit, lambda entry: entry)
            heard.sent_id = entry.id
        outcome = "cancelled"
        try:
            async with turn.link.gate.slot(explicit=True):
                turn.send()
                first = turn.link.health.slow if turns.others() else None
                parts = failover.punctual(talker.stream(question), endpoint, first, turns.end)
                async with aclosing(parts):
                    async for part in parts:
                        outcome = "done" if part.end else outcome
                        turn.useful = turn.useful or "\n" in part.text  # it is read as it comes
                        yield heard, heard.take(part), part.end
        except BackendError as error:
            outcome, heard.worked = "failed", not isinstance(error, (Unreachable, NotAccepted))
            raise
        finally:
            heard.running = False
            if entry is not None:
                self._booth.leave(endpoint, entry, outcome, heard.usage())

    def _cleaned(self, endpoint: Endpoint, question: Question) -> Question:
        """A question with the secrets in its texts blanked out, where it leaves this machine."""
        if not (endpoint.remote and self.toll.privacy.redact):
            return question
        known = self._known()
        messages = (replace(each, text=salted(each.text, known).text) for each in question.messages)
        context = salted(question.context, known).text
        return replace(question, context=context, messages=tuple(messages))

    def _known(self) -> frozenset[str]:
        """The keys of the models, as far as they were read; those in the environment always."""
        variables = (each.api_key_env for each in self.endpoints)
        keys = [os.environ.get(each, "").strip() for each in variables if each]
        return frozenset(filter(None, (*keys, *(link.key for link in self._links()))))


def _link(endpoint: Endpoint) -> _Link:
    health = Health(patient=PATIENT.first, most=_SLOWEST, unpaid=0.0)
    return _Link(endpoint, health, Gate(_SLOTS))


def _answered(heard: _Heard, end: End, tries: Sequence[_Heard]) -> Answered:
    """An answer, with what it cost; a second request that lost the race is counted as well."""
    costs = [each.cost_usd for each in tries]
    known = [cost for cost in costs if cost is not None]
    cost = sum(known) if len(known) == len(costs) else None
    return Answered(heard.endpoint, heard.text, end.cut, end.usage, cost, heard.sent_id)


def _secrets_of(question: Question, known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    texts = (question.context, *(each.text for each in question.messages))
    return tuple(pair for text in texts for pair in salted(text, known).secrets)
