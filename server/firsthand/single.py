"""One completion from the command line, by the same path as a keystroke."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firsthand import codebase, context, startup
from firsthand.complete import complete
from firsthand.core.outcome import Answer
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.core.trigger import room
from firsthand.fault import CommandFault
from firsthand.index.languages import language_of
from firsthand.named import decoded, project, quoted, read
from firsthand.paths import path_to_uri
from firsthand.session import Session

if TYPE_CHECKING:
    from firsthand.backends.base import Ending

# From the right, since a path may hold colons itself: C:\a.py:3:7
_PLACE = re.compile(r"(?P<file>.+):(?P<line>\d{1,9}):(?P<column>\d{1,9})", re.DOTALL)
# Seconds that are left to find out what the model is shown: nobody types.
_LOOKING = 5.0


@dataclass(frozen=True, slots=True)
class Completed:
    """What was completed.

    Attributes:
        text: what would be inserted; empty for nothing.
        tier: what made it; empty for nothing.
        model: the model's name; empty for the embedded model.
        reason: why there is nothing.
        latency_ms: how long the answer took, once everything was loaded.
        warnings: what is wrong with the configuration, say.
        tokens: what a model was sent and wrote, in tokens; None where its server does not say.
        cost_usd: what the answer cost; None where the price is not known.
        context: what the model was shown of the codebase, and the prompt: `context.told`.
    """

    text: str
    tier: str
    model: str
    reason: str
    latency_ms: float
    warnings: tuple[str, ...] = ()
    tokens: int | None = None
    cost_usd: float | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """One line for the person: where the text comes from."""
        if not self.tier:
            return f"Nothing to show: {self.reason}."
        model = f" ({self.model})" if self.model else ""
        return f"[{self.tier}{model}, {self.latency_ms:.0f} ms]"

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "schema": 1,
            "text": self.text,
            "tier": self.tier,
            "model": self.model,
            "reason": self.reason,
            "latency_ms": round(self.latency_ms, 1),
            "tokens": self.tokens,
            "cost_usd": self.cost_usd,
        }

    @property
    def explanation(self) -> str:
        """What the model was shown, piece by piece, and the prompt."""
        if not self.context:
            return "No model was asked, so nothing was shown to one."
        lines = []
        for each in self.context["pieces"]:
            lines.append(f"{each['source']}: {each['path']}, {each['tokens']} tokens")
            lines.append(f"    because: {each['reason']}")
        lines += [
            f"names by {source}: {' '.join(names)}"
            for source, names in self.context["names"].items()
        ]
        lines += ["prompt:", self.context["prompt"]]
        return "\n".join(lines)


def complete_at(place: str, on_progress: Callable[[int, int], None]) -> Completed:
    """Complete at FILE:LINE:COL, line and column counting from 1.

    It is done as if what follows in the line were not written yet, but for closing characters,
    as an editor puts them there before they are typed. The project around the file is learned
    first, if it was not yet.

    Raises:
        CommandFault: the place is not written like that, or there is none such: wrong usage.
    """
    parsed = _PLACE.fullmatch(place)
    if parsed is None:
        example = "write for example src/app.py:42:9"
        raise CommandFault(f"{quoted(place)} is not FILE:LINE:COL; {example}.", 2)
    file = Path(os.path.realpath(parsed["file"]))
    text = Text.of(decoded(read(file))[0])
    position = Position(int(parsed["line"]) - 1, int(parsed["column"]) - 1)
    if text.clamp(position) != position:
        lines = len(text.lines)
        where = (
            f"line {position.line + 1} has {len(text.line(position.line)) + 1} columns"
            if 0 <= position.line < lines
            else f"the file has {lines} lines"
        )
        raise CommandFault(f"{file} has no place {parsed['line']}:{parsed['column']}: {where}.", 2)
    if not room(text, position):
        end = Position(position.line, len(text.line(position.line)))
        text = text.apply(Edit(Range(position, end), ""))
    return asyncio.run(_complete(file, text, position, on_progress))


async def _complete(
    file: Path, text: Text, position: Position, on_progress: Callable[[int, int], None]
) -> Completed:
    def told(method: str, params: Mapping[str, Any]) -> None:
        if indexing := params.get("indexing"):
            on_progress(indexing["done"], indexing["total"])

    session = Session(tell=told)
    warnings: list[str] = []

    def say(message: str, *, warning: bool = True) -> None:
        warnings.append(message)

    session.folders.append(str(project(file)))
    uri = path_to_uri(file)
    session.open(uri, language_of(file), 0, text.string)
    try:
        await startup.prepare(session, say)
        if session.router and session.router.endpoints:
            await codebase.once(session, session.folders[0])
        await session.settled()
        document = session.documents[uri]
        if not document.silence:
            snapshot = session.snapshot_at(document, position, explicit=True)
            await context.ready(session, snapshot, _LOOKING)
        began = session.clock()
        answer = (
            Answer(silence=document.silence)
            if document.silence
            else await complete(session, session.snapshot_at(document, position, explicit=True))
        )
        latency_ms = (session.clock() - began) * 1000
        if session.router and session.router.endpoints:
            warnings.extend(filter(None, [session.router.standing().reason]))
        session.last = document
        completed = _completed(answer, latency_ms, tuple(warnings), document.ending)
        return replace(completed, context=context.told(session))
    finally:
        await session.end()


def _completed(
    answer: Answer, latency_ms: float, warnings: tuple[str, ...], ending: Ending | None
) -> Completed:
    if not answer.completions:
        reason = answer.silence.value if answer.silence else "the request was superseded"
        return Completed("", "", "", reason, latency_ms, warnings)
    first = answer.completions[0]
    if first.tier == "embedded":
        return Completed(first.new_text, first.tier, "", "", latency_ms, warnings, 0, 0.0)
    usage = ending.usage if ending else None
    return Completed(
        text=first.new_text,
        tier=first.tier,
        model=first.model,
        reason="",
        latency_ms=latency_ms,
        warnings=warnings,
        tokens=usage.prompt + usage.completion if usage else None,
        cost_usd=ending.cost_usd if ending else None,
    )
