"""Editors on server processes of their own, typing while their models fail."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.keystroke.script import Script
from bench.keystroke.servers import EMBEDDED_ONLY, Server, running

from firsthand.core.text import Edit, Position, Range
from firsthand.demo.client import Editor, ServerGoneError
from firsthand.demo.play import percentile
from firsthand.drill.standin import FAULTS, StandIn

KINDS = (*FAULTS, "tls", "flapping", "all")
"""Each fault, a TLS server that never shakes hands, one that comes and goes, and all in turn."""

_EDITORS = 8
_GAP, _SPREAD = 0.150, 0.5  # seconds between two keys, and their logarithm's deviation
_STORM_GAP = 0.030  # seconds between two keys where faults are to come fast
_WELL = 4.0  # seconds of typing with models that answer, before they fail
_FLAP = 3.0  # seconds that a server stays as it is
_RECOVERY = 90.0  # seconds after which a model that is back should be in use
_SHARE = 0.45  # of the storm's requests that fail: at half of them nobody would ask
_EXPLICIT = 10  # keys from one command to the next
_DEADLINE = 7.0  # seconds: five for the answer, and for others of it, and what the machine takes
_RESAMPLED = 500
_LOST = 30.0  # seconds after which a request counts as unanswered

_CONFIG = """
[inline]
discover = false
models = [{names}]
{tables}
"""
_TABLE = """
[models.{name}]
provider = "openai"
url = "{url}"
model = "{name}"
fim = "qwen"
"""


@dataclass(slots=True)
class Typist:
    """One person at one editor; milliseconds of each key, and what went wrong.

    Attributes:
        keys: milliseconds from each key to its answer.
        commands: seconds of each completion that was asked for.
        unanswered: requests without an answer within half a minute.
        crashed: the server ended.
    """

    server: Server
    script: Script
    keys: list[float] = field(default_factory=list)
    commands: list[float] = field(default_factory=list)
    unanswered: int = 0
    crashed: bool = False
    level: str = ""
    _editor: Editor | None = None
    _at: int = 0
    _rounds: int = 0

    def __post_init__(self) -> None:
        self.server.client.on("firsthand/status", self._hear)

    def _hear(self, status: dict[str, Any]) -> None:
        self.level = status["level"]

    async def press(self) -> None:
        """Type one key and wait for its answer."""
        editor = self._ready()
        at, key = self.script.keys[self._at % len(self.script.keys)]
        self._at += 1
        if at is not None:
            editor.cursor = Position(at.line + self._rounds, at.character)
        began = time.perf_counter()
        editor.type(key)
        await self._answered(editor.suggestions())
        self.keys.append((time.perf_counter() - began) * 1000)

    async def command(self) -> None:
        """Ask for a completion as by a key of its own."""
        editor = self._ready()
        began = time.perf_counter()
        place = {"line": editor.cursor.line, "character": 0}
        asked = self.server.client.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": self.script.path.as_uri()},
                "position": place,
                "context": {"triggerKind": 1},
            },
        )
        await self._answered(asked)
        self.commands.append(time.perf_counter() - began)

    async def _answered(self, asked: Any) -> None:
        try:
            async with asyncio.timeout(_LOST):
                await asked
        except TimeoutError:
            self.unanswered += 1
        except ServerGoneError:
            self.crashed = True

    def _ready(self) -> Editor:
        """The document; with its holes again once they are filled, and at other lines."""
        if self._editor is None:
            self._editor = self.server.open(self.script.path, self.script.text)
        elif self._at % len(self.script.keys) == 0 and self._at:
            self._rounds += 1
            whole = Range(Position(0, 0), self._editor.text.end)
            self._editor.edit(Edit(whole, "\n" * self._rounds + self.script.text.string))
        return self._editor


Turn = tuple[float, ...]
"""Milliseconds from key to answer: of the editor without models, then of those with faults."""


async def faulty(
    folder: Path, script: Script, kinds: Sequence[str], seconds: float
) -> tuple[dict[str, Any], list[Turn]]:
    """Type with one kind of fault in each editor, beside one that has no model.

    They type in turns, so that no key waits for another editor's, and all of them meet the same
    moments of a machine that may have other things to do.

    Returns:
        For each kind, milliseconds from key to answer and how much more that is than without any
        model, from the first moment of the fault on; and what it took to be back. And each turn,
        without the kind that is waited for while it answers.
    """
    async with AsyncExitStack() as stack:
        alone = Typist(await stack.enter_async_context(running(folder)), script)
        typists, standins = {}, {}
        for kind in kinds:
            standins[kind] = await _standins(stack, script, 1)
            config = _configured(standins[kind], secure=kind == "tls")
            server = await stack.enter_async_context(running(folder, config=config))
            typists[kind] = Typist(server, script)
        await asyncio.gather(*(each.server.learn() for each in (alone, *typists.values())))
        together = (alone, *typists.values())
        await _in_turns(together, _WELL * 2)
        for each in together:
            each.keys.clear()
        failing = [
            asyncio.ensure_future(_fail(standins[kind][0], kind)) for kind in kinds if kind != "tls"
        ]
        await _in_turns(together, seconds)
        for task in failing:
            task.cancel()
        await asyncio.gather(*failing, return_exceptions=True)
        figures = {kind: _figures(typists[kind], alone, standins[kind][0]) for kind in kinds}
        own = (typists[kind].keys for kind in kinds if kind != "flapping")
        turns: list[Turn] = list(zip(alone.keys, *own, strict=False))
        backs = [_back(typists[kind], standins[kind][0]) for kind in kinds if kind != "tls"]
        found = await asyncio.gather(*backs)
        named = [kind for kind in kinds if kind != "tls"]
        for kind, probes in zip(named, found, strict=True):
            figures[kind] |= probes
        return figures, turns


async def at_once(
    folder: Path, script: Script, faults: int, within: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """Eight editors, three models each, nearly half of all requests failing in any way.

    A ninth one has no model, and types as fast: what the others wait for is compared with it.
    """
    chance = random.Random(8)
    async with AsyncExitStack() as stack:
        typists, standins = [], []
        alone = Typist(await stack.enter_async_context(running(folder)), script)
        for _ in range(_EDITORS):
            own = await _standins(stack, script, 3)
            config = _configured(own)
            server = await stack.enter_async_context(running(folder, config=config))
            typists.append(Typist(server, script))
            standins += own
        await _type((alone, *typists), _WELL * 3)
        for typist in (alone, *typists):
            typist.keys.clear()
        for each in standins:
            each.asked.clear()
            each.fault = lambda: chance.choice(FAULTS[1:]) if chance.random() < _SHARE else ""
        stop = asyncio.Event()
        typing = [asyncio.ensure_future(_storm(each, stop)) for each in (alone, *typists)]
        began = time.monotonic()
        while (met := sum(map(_faults, standins))) < faults:
            await asyncio.sleep(5)
            say(f"storm: {met} faults of {faults}")
            if time.monotonic() - began > within or all(each.crashed for each in typists):
                break
        stop.set()
        await asyncio.gather(*typing)
        return _stormed(typists, alone, standins) | {"seconds": round(time.monotonic() - began)}


def _stormed(
    typists: Sequence[Typist], alone: Typist, standins: Sequence[StandIn]
) -> dict[str, Any]:
    keys = [each for typist in typists for each in typist.keys]
    commands = [each for typist in typists for each in typist.commands]
    by_kind: Counter[str] = sum((each.asked for each in standins), Counter())
    well = by_kind.pop("", 0)
    own, others = _percentiles(keys), _percentiles(alone.keys)
    return {
        "editors": len(typists),
        "models_each": len(standins) // len(typists),
        "faults": by_kind.total(),
        "by_kind": dict(by_kind),
        "answered_well": well,
        "keys": len(keys),
        "key_ms": own,
        "without_models_ms": others,
        "p99_more_ms": round(own["p99"] - others["p99"], 2),
        "commands": len(commands),
        "command_s": _percentiles(commands),
        "commands_past_deadline": sum(each > _DEADLINE for each in commands),
        "unanswered": sum(each.unanswered for each in typists),
        "crashed": sum(each.crashed for each in typists),
    }


async def _storm(typist: Typist, stop: asyncio.Event) -> None:
    number = 0
    while not stop.is_set() and not typist.crashed:
        await typist.press()
        number += 1
        if number % _EXPLICIT == 0:
            await typist.command()
        await asyncio.sleep(_STORM_GAP)


async def _type(typists: Sequence[Typist], seconds: float) -> None:
    """All type, each at its own moments."""
    end = time.monotonic() + seconds

    async def one(typist: Typist, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < end and not typist.crashed:
            await typist.press()
            await asyncio.sleep(chance.lognormvariate(math.log(_GAP), _SPREAD))

    await asyncio.gather(*(one(each, seed) for seed, each in enumerate(typists)))


async def _in_turns(typists: Sequence[Typist], seconds: float) -> None:
    """All type at one pace, one key after the other, whoever's turn it is by chance.

    A server has things to do once it has answered: no other one's key comes at the same moment.
    """
    end, chance = time.monotonic() + seconds, random.Random(10)
    while time.monotonic() < end:
        gap = chance.lognormvariate(math.log(_GAP), _SPREAD) / len(typists)
        for typist in chance.sample(typists, len(typists)):
            apart = asyncio.ensure_future(asyncio.sleep(gap))
            if not typist.crashed:
                await typist.press()
            await apart


async def _fail(standin: StandIn, kind: str) -> None:
    """Let a server fail until this is cancelled."""
    if kind not in ("flapping", "all"):
        await standin.behave(kind)
        await asyncio.Event().wait()
    turn = 0
    while True:
        chosen = FAULTS[turn % len(FAULTS)] if kind == "all" else ("refuse", "")[turn % 2]
        await standin.behave(chosen)
        turn += 1
        await asyncio.sleep(_FLAP)


async def _back(typist: Typist, standin: StandIn) -> dict[str, int | None]:
    """Which request to a server that is back was the first to work; None if it is not used.

    One that the editor leaves before an answer began, as the person typed on, says nothing of the
    server and is no failed probe: `left_until_back` counts those.
    """
    await standin.behave("")
    standin.asked.clear()
    standin.began.clear()
    standin.left.clear()
    end, chance = time.monotonic() + _RECOVERY, random.Random(9)
    while time.monotonic() < end:
        await typist.press()
        # Who types on and on is not asked for: a model that was wrong is asked in pauses only.
        await asyncio.sleep(chance.lognormvariate(math.log(_GAP), _SPREAD))
        if standin.began and typist.level == "inline":
            first = standin.began[0]
            left = sum(number < first for number in standin.left)
            return {"probes_until_back": first - left, "left_until_back": left}
    return {"probes_until_back": None, "left_until_back": len(standin.left)}


def compared(turns: Sequence[Turn]) -> dict[str, Any]:
    """How long the keys of editors with faults took, and how much more than without models."""
    own, others = _percentiles(_own(turns)), _percentiles(_others(turns))
    return {
        "keys": len(_own(turns)),
        "ms": own,
        "without_models_ms": others,
        "p99_more_ms": round(own["p99"] - others["p99"], 2),
        "p99_more_between_ms": _between(turns),
    }


def _figures(typist: Typist, alone: Typist, standin: StandIn) -> dict[str, Any]:
    return {
        "requests": standin.asked.total(),
        **compared(list(zip(alone.keys, typist.keys, strict=False))),
        "unanswered": typist.unanswered,
        "crashed": typist.crashed,
    }


def _between(turns: Sequence[Turn]) -> tuple[float, float]:
    """Bounds that hold the difference of the 99th percentiles in nine of ten cases, by resampling.

    Keys of one turn stay together. (Source: Efron, "Bootstrap Methods", 1979.)
    """
    chance, found = random.Random(11), []
    for _ in range(_RESAMPLED):
        drawn = chance.choices(turns, k=len(turns))
        found.append(percentile(_own(drawn), 99) - percentile(_others(drawn), 99))
    return round(percentile(found, 5), 2), round(percentile(found, 95), 2)


def _own(turns: Sequence[Turn]) -> list[float]:
    return [each for turn in turns for each in turn[1:]]


def _others(turns: Sequence[Turn]) -> list[float]:
    return [turn[0] for turn in turns]


async def _standins(stack: AsyncExitStack, script: Script, count: int) -> list[StandIn]:
    text = script.path.read_text(encoding="utf-8")
    made = [StandIn(text) for _ in range(count)]
    for each in made:
        await each.open()
        stack.push_async_callback(each.close)
    return made


def _configured(standins: Sequence[StandIn], *, secure: bool = False) -> str:
    names = [f"m{number}" for number in range(len(standins))]
    urls = [each.url.replace("http:", "https:") if secure else each.url for each in standins]
    tables = [_TABLE.format(name=name, url=url) for name, url in zip(names, urls, strict=True)]
    listed = ", ".join(f'"{name}"' for name in names)
    return _CONFIG.format(names=listed, tables="".join(tables)) if names else EMBEDDED_ONLY


def _faults(standin: StandIn) -> int:
    return standin.asked.total() - standin.asked[""]


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    found = {f"p{percent}": percentile(values, percent) for percent in (50, 95, 99)}
    return {name: round(value, 2) for name, value in {**found, "max": max(values)}.items()}
