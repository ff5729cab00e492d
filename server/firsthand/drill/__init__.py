"""`firsthand drill`: a brownout of some or all models, to see what is left.

A function is typed back over the real server, as in the demo. Stand-ins on this machine play all
models, so that nothing is sent anywhere and nothing is spent; they know the function. Those that
the drill is about stop answering in the middle.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firsthand import paths, settings
from firsthand.backends.discovery import Found, discover
from firsthand.core.text import Edit, Position, Range, Text, advance
from firsthand.demo import FailedError, keep_log, reason_of, start, temporary_folder
from firsthand.demo.client import SERVE, Client, Editor, ResponseError, ServerGoneError
from firsthand.demo.play import Frame, StuckError, Tally, percentile, play
from firsthand.demo.workspace import Source, UnusableError, build, default_file, read
from firsthand.drill.report import Drilled, Phase
from firsthand.drill.standin import StandIn
from firsthand.fault import CommandFault
from firsthand.index.files import list_files
from firsthand.index.git import Git

__all__ = ["Drilled", "Lengths", "Phase", "drill", "run"]

OnProgress = Callable[[int, int], None]

# What a server in a brownout does, in turn.
_BROWNOUT = ("500", "reset", "silence", "529", "stall", "429")
_LOOKED_AT = 40  # files of the folder, those that were changed last
_READY = 10.0  # seconds for a server to know its models
_KEY = 0.12  # seconds from one key to the next


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of each phase; the last one ends as soon as all is as before."""

    well: float = 8.0
    brownout: float = 14.0
    back: float = 16.0


@dataclass(slots=True)
class _Levels:
    """What completes, by the server's own word, and when that changed."""

    now: tuple[str, str] = ("", "")
    at: float = 0.0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, status: Mapping[str, Any]) -> None:
        found = (str(status["level"]), str(status["model"]))
        if found != self.now:
            self.now, self.at = found, time.monotonic()
            self.changed.set()


class _Paced:
    """A screen that nobody looks at, at a person's pace, until a moment."""

    async def show(self, frame: Frame) -> None:
        del frame
        await asyncio.sleep(_KEY)


def run(
    names: Sequence[str],
    every: bool,
    file: Path | None,
    on_progress: OnProgress,
    *,
    folder: Path | None = None,
    command: Sequence[str] = SERVE,
    lengths: Lengths | None = None,
) -> Drilled:
    """Drill with the person's configuration.

    Args:
        names: the models that stop answering, as the configuration names them; none for the first.
        every: whether all do.
        file: where the function is taken from; none for the folder's file that was changed last.
        on_progress: hears of the seconds that passed, and of all.
        folder: the workspace; the current folder by default.
        command: the server.
        lengths: of the phases.

    Raises:
        CommandFault: there is nothing to drill with, or the server failed.
    """
    here = folder or Path.cwd()
    loaded = settings.load(paths.config_file(), folder=here, named=paths.config_named())
    models = {each.name: each.model or each.name for each in loaded.inline_models}
    if loaded.discovers:
        found = [each for each in asyncio.run(discover()) if isinstance(each, Found)]
        models = {each.endpoint.name: each.endpoint.label for each in found}
    escalations = [each.name for each in loaded.escalation_models]
    unknown = [name for name in names if name not in models and name not in escalations]
    if unknown:
        known = ", ".join((*models, *escalations)) or "none"
        raise CommandFault(f"{unknown[0]} is no model that is asked: name one of {known}.", 2)
    out = [*models, *escalations] if every else [*names] or list(models)[:1]
    left = tuple(name for name in escalations if name not in out)
    source = _source(here, file)
    drilled = asyncio.run(
        drill(source, models, out, on_progress, command=command, lengths=lengths or Lengths())
    )
    return drilled.escalating(tuple(escalations), left)


async def drill(
    source: Source,
    models: Mapping[str, str],
    out: Sequence[str],
    on_progress: OnProgress = lambda _done, _total: None,
    *,
    command: Sequence[str] = SERVE,
    lengths: Lengths,
) -> Drilled:
    """Type through the three phases.

    Args:
        source: what to type.
        models: the models that complete, in order: what the configuration and the server call each.
        out: those that stop answering.
        on_progress: as in `run`.
        command: the server.
        lengths: of the phases.

    Raises:
        CommandFault: the server ended, refused or stopped answering, or the disk refused.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        workspace, home = folder / "workspace" / (source.root.name or "project"), folder / "home"
        try:
            path = build(source, workspace)
            home.mkdir()
        except OSError as error:
            raise CommandFault(f"The drill can't write to {folder}: {error.strerror}.") from error
        hole = source.hole
        standins = {name: StandIn(hole.head + hole.middle + hole.tail) for name in models}
        for each in standins.values():
            await each.open()
            stack.push_async_callback(each.close)
        environment = _configured(home, models, standins)
        with (home / "stderr.txt").open("wb") as stderr:
            client = await Client.start(command, environment=environment, stderr=stderr)
            try:
                levels = _Levels()
                client.on("firsthand/status", levels.hear)
                await start(client, workspace)
                typing = _Typing(client, source, path, levels, on_progress, lengths)
                return await _phases(typing, standins, [name for name in out if name in models])
            except (ServerGoneError, StuckError, ResponseError, FailedError) as error:
                reason = reason_of(error, await client.close())
                raise CommandFault(f"{reason}; its log: {keep_log(home)}") from error
            finally:
                await client.close()


async def _phases(typing: _Typing, standins: Mapping[str, StandIn], out: Sequence[str]) -> Drilled:
    levels, lengths = typing.levels, typing.lengths
    if standins:
        await typing.until_ready("inline")
    well = await typing.phase("all well", lengths.well)
    usual = levels.now
    turn = iter(range(10**9))
    began = time.monotonic()
    for name in out:
        standins[name].fault = lambda: _BROWNOUT[next(turn) % len(_BROWNOUT)]
    brownout = await typing.phase("brownout", lengths.brownout, until=None, since=usual)
    left = typing.moved
    back_at = time.monotonic()
    for name in out:
        standins[name].fault = lambda: ""
    back = await typing.phase("back", lengths.back, until=usual)
    recovered = max(0.0, levels.at - back_at) if levels.now == usual else None
    failover = left - began if left is not None else None
    return Drilled(tuple(standins), tuple(out), (well, brownout, back), failover, recovered)


@dataclass(slots=True)
class _Typing:
    """Types the function over and over, a phase at a time.

    Attributes:
        moved: when, in the last phase, something else than before completed; None if never.
    """

    client: Client
    source: Source
    path: Path
    levels: _Levels
    on_progress: OnProgress
    lengths: Lengths
    moved: float | None = None
    _editor: Editor | None = None
    _passed: float = 0.0
    _rounds: int = 0

    async def until_ready(self, level: str) -> None:
        """Wait until the server has found its models, on a slow machine for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_READY):
                while self.levels.now[0] != level:
                    self.levels.changed.clear()
                    await self.levels.changed.wait()

    async def phase(
        self,
        name: str,
        seconds: float,
        *,
        until: tuple[str, str] | None = None,
        since: tuple[str, str] | None = None,
    ) -> Phase:
        """Type for some seconds, or until something completes as it did before."""
        self.moved = None
        tallies: list[Tally] = []
        watching = asyncio.ensure_future(self._watch(seconds, until, since))
        try:
            while not watching.done():
                tally = await self._round(watching, seconds)
                tallies.append(tally)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        latencies = [each for tally in tallies for each in tally.latencies]
        shown = sum(tally.tiers.total() for tally in tallies)
        p50, p99 = (percentile(latencies, percent) for percent in (50, 99))
        self._passed += seconds
        level, model = self.levels.now
        return Phase(name, level, model, len(latencies), shown / len(latencies), p50, p99)

    async def _round(self, watching: asyncio.Future[None], seconds: float) -> Tally:
        """The function once, from its beginning, as far as the phase goes."""
        hole, self._rounds = self.source.hole, self._rounds + 1
        # Each time at another place, so that no answer is known from the time before.
        above, _, indent = hole.head.rpartition("\n")
        head = above + "\n" * self._rounds + indent
        text = head + hole.tail
        if self._editor is None:
            self._editor = Editor(self.client, self.path, self.source.language, Text.of(text))
        else:
            self._editor.edit(Edit(Range(Position(0, 0), self._editor.text.end), text))
        self._editor.cursor = advance(Position(0, 0), head)

        def clock() -> float:
            return seconds if watching.done() else 0.0

        return await play(self._editor, hole, _Paced(), seconds=seconds, clock=clock)

    async def _watch(
        self, seconds: float, until: tuple[str, str] | None, since: tuple[str, str] | None
    ) -> None:
        begun, total = time.monotonic(), self.lengths
        whole = total.well + total.brownout + total.back
        while (passed := time.monotonic() - begun) < seconds:
            self.on_progress(round(self._passed + passed), round(whole))
            self.levels.changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(0.5, seconds - passed)):
                    await self.levels.changed.wait()
            if since is not None and self.moved is None and self.levels.now != since:
                self.moved = self.levels.at
            if until is not None and self.levels.now == until:
                return


def _configured(
    home: Path, models: Mapping[str, str], standins: Mapping[str, StandIn]
) -> dict[str, str]:
    """Variables that keep a server to a folder of its own and to the stand-ins."""
    lines = [f"[inline]\ndiscover = false\nmodels = {json.dumps([*models])}"]
    lines += [
        f'[models.{json.dumps(name)}]\nprovider = "openai"\nurl = "{standins[name].url}"\n'
        f'model = {json.dumps(model)}\nfim = "qwen"'
        for name, model in models.items()
    ]
    config = home / "config.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"FIRSTHAND_HOME": str(home), "FIRSTHAND_CONFIG": str(config)}


def _source(folder: Path, file: Path | None) -> Source:
    """The file to type in: the one that was named, else the last that was changed and has one."""
    try:
        if file is not None:
            return read(file)
        changed: list[tuple[float, Path]] = []
        for each in list_files(folder, git=Git.found()).files:
            with suppress(OSError):
                changed.append(((folder / each.path).stat().st_mtime, folder / each.path))
        for _, path in sorted(changed, reverse=True)[:_LOOKED_AT]:
            with suppress(UnusableError):
                return read(path)
        return read(default_file())
    except UnusableError as error:
        raise CommandFault(str(error), 2) from error
