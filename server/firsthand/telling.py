"""Telling the person of an escalation while it runs (LSP 3.17, "Work Done Progress")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from firsthand.proposals import Ask

_EACH = 0.2  # seconds between two reports


@dataclass(slots=True)
class Telling:
    """Tells how far one escalation is; it does nothing where the editor shows no progress.

    Attributes:
        token: names the progress; empty where none is shown.
        ask: sends the editor a request.
        tell: sends it a notification.
        clock: seconds, monotonic.
    """

    token: str = ""
    ask: Ask | None = None
    tell: Callable[[str, Mapping[str, Any]], None] = lambda _method, _params: None
    clock: Callable[[], float] = lambda: 0.0
    _creating: asyncio.Task[None] | None = None
    _doing: str = "looking at the code"
    _characters: int = 0
    _said_at: float = -1.0
    _begun: bool = False

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it as long as the context lasts."""
        if self.token and self.ask is not None:
            self._creating = asyncio.get_running_loop().create_task(self._create(self.ask))
        try:
            yield
        finally:
            if self._creating is not None:
                self._creating.cancel()
            if self._begun:
                self._send({"kind": "end"})

    def say(self, doing: str) -> None:
        """Say what is done now."""
        self._doing, self._characters = doing, 0
        self._report()

    def heard(self, text: str) -> None:
        """Take note of a piece of an answer."""
        self._characters += len(text)
        if self.clock() - self._said_at >= _EACH:
            self._report()

    async def _create(self, ask: Ask) -> None:
        with suppress(ConnectionError):
            await ask("window/workDoneProgress/create", {"token": self.token})
        self._begun = True
        title = "Firsthand: escalation"
        message = self._message()
        self._send({"kind": "begin", "title": title, "cancellable": True, "message": message})

    def _report(self) -> None:
        if self._begun:
            self._said_at = self.clock()
            self._send({"kind": "report", "message": self._message()})

    def _message(self) -> str:
        heard = f", {self._characters:,} characters" if self._characters else ""
        return self._doing + heard

    def _send(self, value: Mapping[str, Any]) -> None:
        self.tell("$/progress", {"token": self.token, "value": value})
