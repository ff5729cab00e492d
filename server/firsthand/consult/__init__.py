"""One escalation from the terminal: asked, read, and applied by hunk or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firsthand import codebase, escalate, panel, paths, startup
from firsthand.consult.aim import Aim, aim, write
from firsthand.consult.page import hunk_told, outgoing_told, to_json, told, visible
from firsthand.core.proposal import Hunk, Proposal, apply, last_first
from firsthand.core.text import Edit
from firsthand.fault import CommandFault
from firsthand.index.languages import language_of
from firsthand.named import project
from firsthand.preparing import Nothing, Wanted, prepare
from firsthand.session import Session
from firsthand.telling import Telling

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from firsthand.escalate import Outgoing
    from firsthand.settings import Strategy

T = TypeVar("T")

_TAIL = 60  # characters of what a model is writing
_REFUSED = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How to ask, and what to do with the answer.

    Attributes:
        instruction: in the person's words; may be empty.
        model: the name of the model to ask; empty for those that are configured.
        strategy: how to ask; None for what is configured.
        show: print what would be sent, and ask before it is.
        dry_run: print it and send nothing.
        as_json: print the answer for scripts, and change nothing.
    """

    instruction: str = ""
    model: str = ""
    strategy: Strategy | None = None
    show: bool = False
    dry_run: bool = False
    as_json: bool = False


def run(place: str, options: Options) -> None:
    """Ask about FILE:RANGE and apply what the person says yes to.

    Raises:
        CommandFault: there is no such place, nobody may be asked or answers, or the file can't be
            written.
    """
    from rich.console import Console

    aimed, console = aim(place), Console(highlight=False)
    proposal = asyncio.run(_ask(aimed, options, console))
    if proposal is None:
        return
    path = os.path.relpath(aimed.file, project(aimed.file))
    if options.as_json:
        click.echo(json.dumps(to_json(proposal, path, aimed.text)))
        return
    told(console, proposal, path, aimed.text)
    chosen = _chosen(console, proposal, path, aimed)
    if chosen:
        write(aimed, apply(aimed.text, chosen))
        _attribute(aimed, chosen)
    _record(proposal, chosen, language_of(aimed.file))
    done = f"{len(chosen)} of {len(proposal.hunks)} hunks were applied to {aimed.file}."
    click.echo(done if chosen else "Nothing was changed.", err=True)


def _chosen(console: Console, proposal: Proposal, path: str, aimed: Aim) -> tuple[Hunk, ...]:
    """The hunks that the person says yes to, one after the other."""
    count, taken = len(proposal.hunks), list[Hunk]()
    for number, hunk in enumerate(proposal.hunks):
        if count > 1:
            hunk_told(console, hunk, count, path, aimed.text)
        answer = click.prompt(
            "Apply it? (y)es, (n)o, (a)ll that are left, (q)uit",
            type=click.Choice(("y", "n", "a", "q"), case_sensitive=False),
            show_choices=False,
            err=True,
        )
        if answer == "a":
            return (*taken, *proposal.hunks[number:])
        if answer == "q":
            break
        if answer == "y":
            taken.append(hunk)
    return tuple(taken)


async def _ask(aimed: Aim, options: Options, console: Console) -> Proposal | None:
    """What is proposed; None where the person only looked at what would be sent.

    Raises:
        CommandFault: nobody may be asked, or nobody gave an answer that can be used.
    """
    session = Session(tell=lambda _method, _params: None)
    session.folders.append(str(project(aimed.file)))
    uri = paths.path_to_uri(aimed.file)
    session.open(uri, language_of(aimed.file), 0, aimed.text.string)
    with _aloud() as telling:
        try:
            await startup.prepare_to_ask(session, _say)
            frontier = session.escalations.frontier
            if frontier is not None and frontier.endpoints:
                await codebase.once(session, session.folders[0])
            await session.settled()
            wanted = Wanted(
                uri, aimed.range, options.instruction, (), options.model, options.strategy
            )
            brief = _something(await prepare(session, wanted))
            if options.show or options.dry_run:
                telling.hush()
                requests = _something(await escalate.outgoing(brief))
                if not _sends(requests, options, console):
                    return None
            decided = _something(await panel.decide(session, brief, telling))
            return escalate.proposed(brief, decided, 1)
        finally:
            await session.end()


def _sends(requests: tuple[Outgoing, ...], options: Options, console: Console) -> bool:
    """Show what would be sent; whether it is to be."""
    if options.as_json and options.dry_run:
        preview = {"schema": 1, "preview": [asdict(each) for each in requests]}
        click.echo(json.dumps(preview))
    else:
        outgoing_told(console, requests)
    return not options.dry_run and click.confirm("Send it?", err=True)


def _something(found: T | Nothing) -> T:
    """What was found.

    Raises:
        CommandFault: it is nothing, for a reason.
    """
    if isinstance(found, Nothing):
        raise CommandFault(found.reason, _REFUSED if found.refused else 1)
    return found


def _record(proposal: Proposal, chosen: tuple[Hunk, ...], language: str) -> None:
    """Enter in the ledger what became of a proposal."""
    from firsthand.ledger import Ledger, records

    ledger = Ledger(paths.data_folder(), tell=_say)
    try:
        ledger.record(records.proposed(proposal, language))
        for event in records.decided(proposal, {each.id for each in chosen}, language):
            ledger.record(event)
    finally:
        ledger.close()


def _attribute(aimed: Aim, chosen: tuple[Hunk, ...]) -> None:
    """Keep that a frontier model wrote what was applied."""
    from firsthand.provenance.store import Store, write_proposed

    folder = project(aimed.file)
    key = str(folder), aimed.file.relative_to(folder).as_posix()
    store = Store(paths.data_folder(), _say)
    try:
        edits = [Edit(each.range, each.new_text) for each in last_first(chosen)]
        write_proposed(store, key, aimed.text, edits, time.time_ns() // 1_000_000)
    finally:
        store.close()


def _say(message: str, *, warning: bool = True) -> None:
    click.echo(message, err=True)


@dataclass(slots=True)
class _Aloud(Telling):
    """Tells a terminal how far it is, and the end of what a model is writing."""

    status: Status | None = None
    _written: str = ""

    def heard(self, text: str) -> None:
        """Take note of a piece of an answer."""
        self._written = (self._written + text)[-200:]
        Telling.heard(self, text)

    def hush(self) -> None:
        """Leave the terminal to what is printed now, until there is more to say."""
        if self.status:
            self.status.stop()

    def show(self, _method: str, params: Mapping[str, Any]) -> None:
        """Show a message where progress is shown."""
        if self.status and (message := params["value"].get("message")):
            tail = visible(" ".join(self._written.split())[-_TAIL:])
            self.status.update(f"{message}  {tail}".replace("[", "\\["))
            self.status.start()


@contextmanager
def _aloud() -> Iterator[_Aloud]:
    from rich.console import Console

    async def agrees(_method: str, _params: Mapping[str, Any]) -> None:
        return None

    console = Console(stderr=True, highlight=False)
    status = console.status("looking at the code") if console.is_terminal else None
    telling = _Aloud("terminal", agrees, clock=time.monotonic, status=status)
    telling.tell = telling.show
    with status or nullcontext(), telling.shown():
        yield telling
