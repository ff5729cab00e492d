"""What is due before and after text goes to another machine: secrets out, ledger in, price known.

Every call may block for some milliseconds and belongs away from the event loop.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from firsthand.backends.base import Backend, Endpoint, Request, Usage
from firsthand.core.fim import Hole
from firsthand.core.redact import Redacted, redact
from firsthand.ledger import Entry, Ledger, Refused
from firsthand.settings import Budget, Privacy

# Placeholders are this process's own: nobody else can tell whether two texts have the same secret.
_SALT = os.urandom(16)

_KEY = re.compile(r".*(?:API_?KEY|ACCESS_?KEY|SECRET|SECRET_?KEY|TOKEN|PASSWORD)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Toll:
    """The rules in force for requests to other machines.

    Attributes:
        ledger: where they are entered; without one none is sent.
        feature: what requests for completions are for, as the ledger calls it.
    """

    ledger: Ledger | None
    budget: Budget
    privacy: Privacy
    feature: str = "inline"

    def enter(
        self, endpoint: Endpoint, backend: Backend, request: Request
    ) -> tuple[Request, Entry]:
        """The request as it may be sent, once it is entered.

        Raises:
            Refused: it may not be sent, as `admit` says.
        """
        request = self.cleaned(request)
        body = backend.body(request)
        return request, self.admit(self.feature, endpoint, body, request.max_tokens)

    def admit(self, feature: str, endpoint: Endpoint, body: bytes, max_tokens: int) -> Entry:
        """Enter a body that is about to be sent, as it is, for an answer of so many tokens.

        Raises:
            Refused: it may not be sent: its price is not known, a cap would be passed, or it
                cannot be entered.
        """
        if reason := unpriced(endpoint):
            raise Refused(reason)
        if self.ledger is None:
            raise Refused(f"{endpoint.name} is not asked: what leaves cannot be recorded here.")
        return self.ledger.begin(
            feature,
            endpoint.model,
            endpoint.url,
            body,
            estimate(endpoint, body, max_tokens),
            budget=self.budget,
            keep_sent_days=self.privacy.keep_sent_days,
        )

    def cleaned(self, request: Request) -> Request:
        """A request with the secrets in its texts blanked out, where that is wanted."""
        if not self.privacy.redact:
            return request
        return replace(request, hole=without_secrets(request.hole))

    def keep_reply(self, entry: Entry, reply: str, known: frozenset[str]) -> bool:
        """Keep a reply that could not be used, without the secrets in it; whether it is kept."""
        if self.privacy.redact:
            reply = salted(reply, known).text
        return bool(
            self.ledger and self.ledger.keep_reply(entry, reply, self.privacy.keep_sent_days)
        )

    def leave(self, endpoint: Endpoint, entry: Entry, outcome: str, usage: Usage | None) -> None:
        """Enter what became of a request; without a usage all that was reserved for it stays."""
        taken = usage or Usage()
        if self.ledger:
            self.ledger.finish(
                entry,
                outcome,
                prompt_tokens=taken.prompt,
                cached_tokens=taken.cached,
                completion_tokens=taken.completion,
                cost_usd=None if usage is None else price(endpoint, usage),
            )


def most(body: bytes, max_tokens: int) -> Usage:
    """The most tokens that a body and its answer can take.

    No tokenizer makes more tokens of a text than it has bytes; of code they make a quarter of
    that, of letters at random two thirds, of control characters and rare signs nearly as many.
    What a server puts around the texts takes less than their JSON does. All of it may be put into
    the server's cache.
    """
    return Usage(len(body), 0, max_tokens, len(body))


def estimate(endpoint: Endpoint, body: bytes, max_tokens: int) -> float:
    """The most that a body and its answer can cost, in USD."""
    return price(endpoint, most(body, max_tokens))


def unpriced(endpoint: Endpoint) -> str:
    """Why an endpoint may not be asked, as nobody knows its price; empty where it may.

    The caps are always in force, and one that counts an amount that was guessed would be none.
    """
    if not endpoint.remote or None not in (endpoint.price_in, endpoint.price_out):
        return ""
    return (
        f"{endpoint.name} has no known price, so no cap could hold: "
        f"set price_in and price_out in [models.{endpoint.name}], 0 if it is free."
    )


def price(endpoint: Endpoint, usage: Usage) -> float:
    """What tokens cost at an endpoint, in USD; nothing where no price is known (`unpriced`)."""
    price_in, price_out = endpoint.price_in or 0.0, endpoint.price_out or 0.0
    price_cached = price_in if endpoint.price_cached_in is None else endpoint.price_cached_in
    cached = min(usage.cached, usage.prompt)
    written = min(usage.written, usage.prompt - cached)
    # Writing into a cache costs as much more as the provider says.
    computed = usage.prompt - cached + written * (endpoint.preset.written - 1)
    return (computed * price_in + cached * price_cached + usage.completion * price_out) / 1e6


@lru_cache(maxsize=64)  # from key to key only the prefix differs
def salted(text: str, known: frozenset[str] = frozenset()) -> Redacted:
    """A text without its secrets, which a `Restorer` can put back into what comes for it.

    Args:
        text: any text.
        known: secrets that are known by their values, beside those of the environment.
    """
    return redact(text, _SALT, known | _of_environment())


@cache
def _of_environment() -> frozenset[str]:
    """The values of variables whose names say that they hold a key."""
    return frozenset(value.strip() for name, value in os.environ.items() if _KEY.fullmatch(name))


def without_secrets(hole: Hole) -> Hole:
    """A hole with the secrets in its texts blanked out."""
    return replace(
        hole,
        prefix=salted(hole.prefix).text,
        suffix=salted(hole.suffix).text,
        snippets=tuple((path, salted(text).text) for path, text in hole.snippets),
    )


def secrets_of(hole: Hole) -> tuple[tuple[str, str], ...]:
    """The placeholders in a hole without its secrets, and the secrets."""
    texts = (hole.prefix, hole.suffix, *(text for _, text in hole.snippets))
    return tuple(pair for text in texts for pair in salted(text).secrets)
