"""What the person can see of the server's state: the level in use, why, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from firsthand.contract import StatusNote

Level = Literal["frontier", "inline", "embedded", "paused", "off"]

# Seconds between two notifications: at most five a second.
_INTERVAL = 0.2
# Seconds from a change to its notification: what a key is waiting for goes out before it, and so
# does the question to a model.
_SOON = 0.015


@dataclass(frozen=True, slots=True)
class Status:
    """The state as the notification `firsthand/status` carries it.

    Attributes:
        level: what completes now.
        reason: why it is this level, or why the last request was answered with nothing.
        model: the model of the inline tier, if one is in use.
        latency_ms: how long the last answer took.
        thinking: a model is writing.
        indexing: files done and files in all while the index is built.
        day_usd: spent today.
        cap_usd: the cap for a day; None without one.
    """

    level: Level = "off"
    reason: str = ""
    model: str = ""
    latency_ms: float = 0.0
    thinking: bool = False
    indexing: tuple[int, int] | None = None
    day_usd: float = 0.0
    cap_usd: float | None = None

    def to_wire(self) -> StatusNote:
        """The parameters of the notification."""
        done = self.indexing
        return {
            "schema": 1,
            "level": self.level,
            "reason": self.reason,
            "model": self.model,
            "latency_ms": round(self.latency_ms, 1),
            "thinking": self.thinking,
            "indexing": {"done": done[0], "total": done[1]} if done else None,
            "day_usd": self.day_usd,
            "cap_usd": self.cap_usd,
        }


@dataclass(slots=True)
class Board:
    """Tells the editor the status when it changed, at most five times a second.

    Attributes:
        tell: sends a notification's method and parameters to the editor.
        status: the state now.
    """

    tell: Callable[[str, Mapping[str, Any]], None]
    status: Status = field(default_factory=Status)
    _told: Status | None = None
    _timer: asyncio.TimerHandle | None = None

    def update(self, **changes: Any) -> None:
        """Change some of the status; the editor hears of it soon."""
        self.status = replace(self.status, **changes)
        if self._timer is None and not self._same():
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._publish)

    def _publish(self) -> None:
        self._timer = None
        if self._same():
            return
        self._told = self.status
        self.tell("firsthand/status", self.status.to_wire())
        self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._publish)

    def _same(self) -> bool:
        # A latency differs at every key; alone it is not worth a message.
        told = self._told
        return told is not None and replace(told, latency_ms=self.status.latency_ms) == self.status
