"""How a model's server does: whether to leave it alone for a while, and how fast it begins."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from firsthand.backends.base import Misconfigured, Refused

_SHORTEST, _LONGEST = 5.0, 60.0  # seconds for which a server that failed is left alone
_SILENT = 10.0  # seconds that requests waited in a row, none of which got any text
_MEASURED = 50  # times to the first text that are kept


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from a request to its first text, of the last requests, in rising order."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Half of the answers began within this many seconds."""
        return self._quantile(0.5)

    @property
    def p90(self) -> float:
        """Nine of ten answers began within this many seconds."""
        return self._quantile(0.9)

    def share_within(self, seconds: float) -> float:
        """The share of answers that began within some seconds, 0 to 1."""
        return sum(each <= seconds for each in self.seconds) / len(self.seconds)

    def _quantile(self, share: float) -> float:
        return self.seconds[max(0, math.ceil(share * len(self.seconds)) - 1)]


@dataclass(slots=True)
class Health:
    """What an endpoint's last requests showed.

    After a failure it is left alone for 5 s, twice as long after each further one up to 60 s, or
    for as long as its server asks (Retry-After). A key or an address that cannot be used stays so
    until the configuration changes. A request that the server did not accept says nothing of it.

    Attributes:
        reason: the last failure's sentence; empty while it works.
    """

    reason: str = ""
    _failures: int = 0
    _alone_until: float = -math.inf
    _unheard: float = 0.0
    _first: deque[float] = field(default_factory=lambda: deque(maxlen=_MEASURED))

    def usable(self, now: float) -> bool:
        """Whether it may be asked."""
        return self._alone_until <= now

    def worked(self, seconds: float) -> None:
        """An answer began after some seconds."""
        self._failures, self._alone_until, self.reason, self._unheard = 0, -math.inf, "", 0.0
        self._first.append(seconds)

    def failed(self, error: Exception, now: float) -> None:
        """A request failed."""
        status = error.status if isinstance(error, Refused) else None
        if status == 400:
            return
        self.reason, self._unheard = str(error), 0.0
        if isinstance(error, Misconfigured) or status in (401, 403):
            self._alone_until = math.inf
            return
        asked = error.retry_after if isinstance(error, Refused) else None
        pause = min(_SHORTEST * 2**self._failures, _LONGEST) if asked is None else asked
        self._failures = min(self._failures + 1, 10)
        self._alone_until = now + pause

    def unheard(self, seconds: float) -> bool:
        """A request was given up after some seconds in which no text came; whether it is enough.

        While a person types, each request is given up long before the server has failed by itself.
        """
        self._unheard += seconds
        return self._unheard >= _SILENT

    def latency(self) -> Latency | None:
        """How fast it begins; None if that is not known."""
        return Latency(tuple(sorted(self._first))) if self._first else None
