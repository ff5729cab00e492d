"""Which completions the person has paused, and until when."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

Scope = tuple[Literal["all", "uri", "language"], str]


@dataclass(slots=True)
class Pauses:
    """Pauses of everything, of files and of languages; times are seconds of any one clock."""

    _until: dict[Scope, float] = field(default_factory=dict)

    def toggle(self, scope: Scope, now: float, minutes: float | None) -> bool:
        """Pause a scope, for some minutes or until toggled again; resume it if it was paused.

        Returns:
            Whether it is paused now.
        """
        if self._holds(scope, now) and minutes is None:
            del self._until[scope]
            return False
        self._until[scope] = math.inf if minutes is None else now + minutes * 60
        return self._holds(scope, now)

    def hold(self, uri: str, language: str, now: float) -> bool:
        """Whether a document is paused."""
        scopes: tuple[Scope, ...] = (("all", ""), ("uri", uri), ("language", language))
        return any(self._holds(scope, now) for scope in scopes)

    def _holds(self, scope: Scope, now: float) -> bool:
        return now < self._until.get(scope, -math.inf)
