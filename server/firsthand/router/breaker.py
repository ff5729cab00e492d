"""A circuit breaker: whether a server may be asked, by what became of the last calls to it.

Pure: time comes in as a number of seconds, monotonic. The pattern is Michael Nygard's ("Release
It!", 2007): closed while calls work; open, so that nobody is asked, once too many fail; half-open
after a while, when one call may try.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

_WINDOW = 60.0  # seconds for which a call counts
_KEPT = 20  # calls that count, at most
_LEAST = 5  # calls that have to be known before any share of them says something
_SHARE = 0.5  # of failed calls, from which on it opens
_SHORTEST, _LONGEST = 5.0, 60.0  # seconds of a cool-down: the first, and what it doubles up to


@dataclass(slots=True, eq=False)
class Call:
    """One call to a server.

    Attributes:
        ended: when its outcome was first known; None before.
        failed: what became of it; None while nobody knows.
    """

    ended: float | None = None
    failed: bool | None = None


@dataclass(slots=True)
class Breaker:
    """The state for one server; each call is begun, and ends by one of the other methods."""

    _calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _probe: Call | None = None
    _open_until: float = -math.inf
    _openings: int = 0

    @property
    def open(self) -> bool:
        """Whether it opened and no answer has been of use since; also while half-open."""
        return self._open_until > -math.inf

    @property
    def locked(self) -> bool:
        """Whether only another configuration or key can close it."""
        return self._open_until == math.inf

    def allows(self, now: float) -> bool:
        """Whether a call may be made: always while closed, one at a time after a cool-down."""
        return self._open_until <= now and self._probe is None

    def begin(self) -> Call:
        """A call is made, which had been allowed."""
        call = Call()
        if self.open:
            self._probe = call
        return call

    def answered(self, call: Call, now: float) -> None:
        """An answer begins. It may still fail, when it breaks off."""
        if not self.open:
            self._note(call, now, failed=False)

    def succeeded(self, call: Call, now: float) -> None:
        """An answer was of use, which ends a fault: servers that break off all answers begin them.

        What had failed before, as it came late, stays a failure.
        """
        if self.open and call is self._probe:  # others began before the fault
            self._probe, self._open_until, self._openings = None, -math.inf, 0
            self._calls.clear()
        if call.failed is None:
            self.answered(call, now)

    def failed(self, call: Call, now: float) -> None:
        """A call failed."""
        if self.open:
            if call is self._probe:
                self._cool_down(now)
            return
        self._note(call, now, failed=True)
        since = now - _WINDOW
        recent = [each for each in self._calls if each.ended is not None and each.ended >= since]
        failures = sum(bool(each.failed) for each in recent)
        if len(recent) >= _LEAST and failures >= _SHARE * len(recent):
            self._cool_down(now)

    def abandoned(self, call: Call) -> None:
        """A call ended without saying anything of the server."""
        if call is self._probe:
            self._probe = None

    def rest(self, call: Call, now: float, seconds: float) -> None:
        """Nobody may be asked for some seconds, whatever became of other calls."""
        self.abandoned(call)
        if seconds > 0:
            self._open_until = max(self._open_until, now + seconds)

    def lock(self, call: Call) -> None:
        """Nobody may be asked until `Breaker` begins anew, with another configuration or key."""
        self.abandoned(call)
        self._open_until = math.inf

    def _note(self, call: Call, now: float, *, failed: bool) -> None:
        if call.ended is None:
            call.ended = now
            self._calls.append(call)
        call.failed = failed

    def _cool_down(self, now: float) -> None:
        pause = min(_SHORTEST * 2.0 ** min(self._openings, 10), _LONGEST)
        self._openings += 1
        self._probe, self._open_until = None, now + pause
