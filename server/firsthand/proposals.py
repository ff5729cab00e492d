"""What the session keeps of escalations: whom to ask, and what was proposed and not yet decided."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firsthand.core.proposal import Proposal
    from firsthand.core.snippets import Piece
    from firsthand.core.text import Text
    from firsthand.router.frontier import Frontier

Ask = Callable[[str, Mapping[str, Any]], Coroutine[Any, Any, Any]]
"""Sends the editor a request by its method and parameters, and gives its answer."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an editor can do that a proposal has use for (LSP 3.17, "Client capabilities").

    Attributes:
        progress: `window.workDoneProgress`.
        show_document: `window.showDocument`.
        versioned: `workspace.workspaceEdit.documentChanges`.
        annotated: `workspace.workspaceEdit.changeAnnotationSupport`.
    """

    progress: bool = False
    show_document: bool = False
    versioned: bool = False
    annotated: bool = False


async def _nobody(_method: str, _params: Mapping[str, Any]) -> None:
    """There is no editor to ask."""


@dataclass(slots=True)
class Escalations:
    """The state of escalations, changed on the event loop's thread alone.

    Attributes:
        frontier: whom to ask; None while no model is configured for it.
        former: who was asked before and is asked on by escalations that began then.
        ask: sends the editor a request.
        abilities: what the editor can do.
        proposals: those not yet decided, each with the text that its ranges belong to.
        count: how many escalations there were.
        running: those that run, by the tokens of their progress.
        asked: what was sent last, exactly.
        pieces: what the last escalation showed of the codebase.
        reply: the last reply that could not be used, for the person to read.
    """

    frontier: Frontier | None = None
    former: list[Frontier] = field(default_factory=list)
    ask: Ask = _nobody
    abilities: Abilities = field(default_factory=Abilities)
    proposals: dict[int, tuple[Proposal, Text]] = field(default_factory=dict)
    count: int = 0
    running: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    asked: str = ""
    pieces: tuple[Piece, ...] = ()
    reply: str = ""

    @property
    def frontiers(self) -> tuple[Frontier, ...]:
        """All whom escalations that run may have asked: the one of now, and former ones."""
        return (*([self.frontier] if self.frontier else ()), *self.former)

    def number(self) -> int:
        """A number that names something new to the editor."""
        self.count += 1
        return self.count

    async def retire(self, former: Frontier) -> None:
        """Close the connections to former models once all that runs now is over."""
        self.former.append(former)
        if running := list(self.running.values()):
            await asyncio.wait(running)
        await former.aclose()
        self.former.remove(former)

    def cancel(self, token: str) -> None:
        """End the escalation whose progress has a token, if it runs."""
        if token in self.running:
            self.running[token].cancel()
