"""How a model's server does: whether to leave it alone for a while, and how fast it begins."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from firsthand.backends.base import Misconfigured, Refused, TooLong
from firsthand.ledger import Refused as NotPermitted
from firsthand.router.breaker import Breaker, Call

_MEASURED = 50  # times to the first text that are kept
_HISTORY = 5  # of them make a history that later ones are measured by
_SLOW = 4.0  # times the 95th percentile of the history is slow, if it is
_SLOW_AT_LEAST = 1.0  # seconds
_NOTICED = 0.1  # seconds without a piece, from which on they count
_OVERDUE = 0.15  # seconds, and twice the 90th percentile of the history
_REMEMBERED = 200  # waits for the first text that are kept
_HEDGE_AFTER = 20  # of them, from which on a share of them is worth something
_LATE = 0.96  # of them are shorter than what is late: one of twenty commands may be hedged


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from a request to its first text, of the last requests, in rising order."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Half of the answers began within this many seconds."""
        return self.quantile(0.5)

    @property
    def p90(self) -> float:
        """Nine of ten answers began within this many seconds."""
        return self.quantile(0.9)

    @property
    def p95(self) -> float:
        """Nineteen of twenty answers began within this many seconds."""
        return self.quantile(0.95)

    def share_within(self, seconds: float) -> float:
        """The share of answers that began within some seconds, 0 to 1."""
        return sum(each <= seconds for each in self.seconds) / len(self.seconds)

    def quantile(self, share: float) -> float:
        """The least of these times that a share of them does not exceed."""
        return self.seconds[max(0, math.ceil(share * len(self.seconds)) - 1)]


@dataclass(slots=True)
class Health:
    """What a server's last calls showed.

    A call that a server did not accept says nothing of the server. A key or an address that can't
    be used stays so until the configuration or the key changes. Where the server asks to wait
    (Retry-After), nobody asks it before. A call that is slow, by what the server needed before,
    counts as a failure; how slow is `slow`.

    Attributes:
        patient: seconds that an answer may take to begin while there is no history.
        most: seconds that it may take by any history.
        unpaid: seconds until the ledger is asked again after it did not permit a call.
        reason: the last failure's sentence; empty once an answer was of use.
        doubted: the last call failed, or its answer is overdue: nobody should wait for the next.
    """

    patient: float = 2.0
    most: float = 10.0
    unpaid: float = 5.0
    reason: str = ""
    doubted: bool = False
    _breaker: Breaker = field(default_factory=Breaker)
    _unheard: float = 0.0
    _first: deque[float] = field(default_factory=lambda: deque(maxlen=_MEASURED))
    _waits: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    @property
    def locked(self) -> bool:
        """Whether only another configuration or key can help."""
        return self._breaker.locked

    @property
    def slow(self) -> float:
        """Seconds without any text after which a call counts as failed."""
        if len(self._first) < _HISTORY:
            return self.patient
        usual = _SLOW * Latency(tuple(sorted(self._first))).p95
        return min(max(usual, _SLOW_AT_LEAST), self.most)

    @property
    def overdue_after(self) -> float:
        """Seconds without any text after which nobody should wait for a call."""
        latency = self.latency()
        return max(_OVERDUE, 2 * latency.p90) if latency else _OVERDUE

    def overdue(self) -> None:
        """A call's answer does not come when it should."""
        self.doubted = True

    @property
    def hedge_after(self) -> float | None:
        """Seconds after which an answer is late, as one of 25 is; None if nobody can know.

        Were it one of twenty, as many as may be hedged, chance would often leave nothing to hedge
        the latest ones with.
        """
        if len(self._waits) < _HEDGE_AFTER:
            return None
        return Latency(tuple(sorted(self._waits))).quantile(_LATE)

    def usable(self, now: float) -> bool:
        """Whether it may be asked."""
        return self._breaker.allows(now)

    def begin(self) -> Call:
        """It is asked."""
        return self._breaker.begin()

    def answered(self, call: Call, seconds: float, now: float, slowly: str) -> None:
        """An answer begins after some seconds; `slowly` is the sentence if that is too many."""
        self._waits.append(seconds)
        probing = self._breaker.open
        if seconds > self.slow and len(self._first) >= _HISTORY:
            self.reason = slowly
            self._breaker.failed(call, now)
            if not probing:
                return
            # A server that stays slow is by and by known as one, and asked again.
        else:
            self._breaker.answered(call, now)
        self._first.append(seconds)

    def failed(self, call: Call, error: Exception, now: float) -> None:
        """A call failed."""
        status = error.status if isinstance(error, Refused) else None
        if status == 400 or isinstance(error, TooLong):
            self._breaker.abandoned(call)
            return
        self.reason, self.doubted, self._unheard = str(error), True, 0.0
        if isinstance(error, Misconfigured) or status in (401, 402, 403):
            self._breaker.lock(call)
        elif isinstance(error, NotPermitted):
            self._breaker.rest(call, now, self.unpaid)
        elif isinstance(error, Refused) and error.retry_after:
            self._breaker.rest(call, now, error.retry_after)
        else:
            self._breaker.failed(call, now)

    def unheard(self, seconds: float) -> None:
        """Nobody waits any more for an answer that did not begin within some seconds.

        Of one that was late that says enough. Without those, what is late would seem to be rarer
        the more often somebody else was quicker.
        """
        late = self.hedge_after
        if late is not None and seconds >= late:
            self._waits.append(seconds)

    def worked(self, call: Call, now: float) -> None:
        """An answer was of use: what was waited for in vain before says nothing any more."""
        self._unheard, self.doubted = 0.0, False
        self._breaker.succeeded(call, now)
        if not call.failed and not self._breaker.open:
            self.reason = ""

    def given_up(self, call: Call, seconds: float) -> bool:
        """Nobody waits any more for a call that was silent for some seconds; whether it failed.

        While a person types, each call is given up long before a server has failed by itself. What
        was waited for in vain adds up until an answer is of use.
        """
        if seconds >= _NOTICED:
            self._unheard += seconds
        self.doubted = self.doubted or self._unheard >= self.overdue_after
        if self._unheard >= self.slow:
            self._unheard = 0.0
            return True
        self._breaker.abandoned(call)
        return False

    def unlock(self) -> None:
        """What only another configuration or key could help has changed."""
        if self.locked:
            self._breaker, self.reason, self.doubted = Breaker(), "", False

    def abandoned(self, call: Call) -> None:
        """A call ended without saying anything of the server."""
        self._breaker.abandoned(call)

    def latency(self) -> Latency | None:
        """How fast it begins; None if that is not known."""
        return Latency(tuple(sorted(self._first))) if self._first else None
