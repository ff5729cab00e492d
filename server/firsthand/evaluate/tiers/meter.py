"""The models of one configuration, asked as the editor asks them, with what that takes added up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from firsthand.backends.base import (
    Backend,
    BackendError,
    Chunk,
    Ending,
    Endpoint,
    Request,
    Usage,
)
from firsthand.backends.frontier import Message, Question
from firsthand.core.fim import Hole
from firsthand.core.tokens import estimate as estimated
from firsthand.evaluate.tiers.counts import Counts
from firsthand.ledger import Refused
from firsthand.router import NoModel, Router
from firsthand.router.failover import Turn, Turns
from firsthand.router.frontier import Frontier
from firsthand.router.gate import Superseded
from firsthand.router.link import Link
from firsthand.router.toll import price

FEATURE = "eval"
"""What the ledger calls requests that were sent to measure."""

_TASK = (
    "You complete code at a cursor. You are given other files of the project, then the file with "
    "the cursor in it, as <before_cursor> and <after_cursor>. Reply with only the text that "
    "belongs between them, so that it can be inserted as it is: no explanation, no Markdown, "
    "nothing that stands before or after already. Begin exactly where the text before the cursor "
    "ends, and stop at the end of the statement or block."
)
# Tokens of a request that is not short.
_PROMPT, _WRITTEN = 2_000, 500
# A frontier model thinks before it writes, and its thoughts count.
_TOKENS = 2_000


class Metered(Router):
    """A router that adds up what is asked of it.

    Attributes:
        taken: what came of it so far.
        fault: why the last request had no answer, until somebody takes note; or empty.
        left: how many requests it takes still; None for any number.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, feature=FEATURE, **options)
        self.taken = Counts()
        self.fault = ""
        self.left: int | None = None

    def choose(self, *, local_only: bool = False) -> Endpoint | None:
        """Who would be asked now, as `Router.choose` says."""
        return None if self.left == 0 else super().choose(local_only=local_only)

    async def stream(
        self, request: Request, *, local_only: bool = False, explicit: bool = False
    ) -> AsyncGenerator[Chunk]:
        """The answer, as `Router.stream` says."""
        before = self.taken.requests
        if self.left:
            self.left -= 1
        chunks = self.answer(request, local_only=local_only, explicit=explicit)
        said, heard = "", False
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    said += chunk.text
                    if chunk.ending:
                        heard = True
                        self._take(request, said, chunk.ending)
                    yield chunk
        except NoModel as error:
            heard = True
            if not isinstance(error.__context__, Superseded):
                self.fault = str(error)
            raise
        finally:
            if not heard and self.taken.requests > before:
                # Broken off: what came of it was paid for.
                self._take(request, said, Ending(self.endpoints[0]))

    def answer(
        self, request: Request, *, local_only: bool, explicit: bool
    ) -> AsyncGenerator[Chunk]:
        """What is measured."""
        return super().stream(request, local_only=local_only, explicit=explicit)

    def returns(self, seconds: float) -> bool:
        """Whether a model that rests after a fault may be asked again within some time."""
        return any(each.health.usable(self._clock() + seconds) for each in self._links)

    def capped(self) -> bool:
        """Whether one of the person's caps leaves no room for a request."""
        toll, endpoint = self.toll, self.endpoints[0]
        spent = toll.ledger.spent(datetime.now().astimezone().date()) if toll.ledger else None
        if spent is None:
            return False
        room = min(toll.budget.day_usd - spent.day_usd, toll.budget.month_usd - spent.month_usd)
        return room < price(endpoint, Usage(_PROMPT, 0, _WRITTEN))

    def _sent(
        self, turns: Turns[Link], turn: Turn[Link], backend: Backend, request: Request
    ) -> AsyncGenerator[Chunk]:
        self.taken.requests += 1  # it is sent now
        return super()._sent(turns, turn, backend, request)

    def _take(self, request: Request, said: str, ending: Ending) -> None:
        """Add up an answer; its tokens are estimated where its server did not count them."""
        taken, usage, endpoint = self.taken, ending.usage, ending.endpoint
        if usage is None:
            taken.estimated += 1
            body = self.body(request, endpoint) or request.hole.prefix.encode()
            prompt = round(estimated(body.decode("utf-8", "replace")))
            usage = Usage(prompt, 0, round(estimated(said)))
        taken.prompt += usage.prompt
        taken.cached += usage.cached
        taken.completion += usage.completion
        cost = ending.cost_usd
        if cost is None:
            cost = price(endpoint, usage) if endpoint.remote else 0.0
        taken.usd += cost


class Consulted(Metered):
    """A frontier model that is asked to fill holes, as if it were one for completions."""

    def __init__(self, endpoint: Endpoint, frontier: Frontier, **options: Any) -> None:
        """Ask an endpoint by way of those that escalations are sent to."""
        super().__init__((endpoint,), **options)
        self._frontier = frontier

    async def answer(
        self, request: Request, *, local_only: bool, explicit: bool
    ) -> AsyncGenerator[Chunk]:
        """Its answer in one piece: it comes too late to be read while it is written."""
        (endpoint,) = self.endpoints
        if local_only and endpoint.remote:
            raise NoModel(f"{endpoint.name} does not run on this machine.")
        self.taken.requests += 1
        try:
            answered = await self._frontier.ask(
                endpoint, question(request.hole), lambda _text: None, FEATURE
            )
        except (BackendError, Refused) as error:
            raise NoModel(str(error)) from error
        text = "\n".join(answered.text.split("\n")[: request.max_lines])
        yield Chunk(text, Ending(endpoint, "", answered.usage, answered.cost_usd))

    async def aclose(self) -> None:
        """Close every connection."""
        await super().aclose()
        await self._frontier.aclose()


def question(hole: Hole) -> Question:
    """A hole as a question for a model that answers questions."""
    context = "".join(f"<file path={path!r}>\n{text}\n</file>\n" for path, text in hole.snippets)
    asked = (
        f"The file is {hole.path}.\n<before_cursor>{hole.prefix}</before_cursor>\n"
        f"<after_cursor>{hole.suffix}</after_cursor>"
    )
    return Question(_TASK, context, (Message("user", asked),), _TOKENS)
