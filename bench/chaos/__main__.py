"""Keys typed while model servers fail: what the person waits for, and what is lost.

Each editor has a server process of its own, with models that stand-ins play. One editor has no
model: what the others wait for is compared with it, at the same time on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.chaos.editors import KINDS, Turn, at_once, compared, faulty
from bench.chaos.hedging import hedging
from bench.keystroke.__main__ import machine
from bench.keystroke.script import Script, workspace, write

RUNS = ("faults", "storm", "hedging")
_AT_ONCE = 2  # kinds of faults beside an editor without models; more would be a load of its own
_QUIET = 10.0  # milliseconds to the embedded model's guess, half of the time, on such a machine
_TIMES = (
    *("ms", "key_ms", "without_models_ms", "p99_more_ms", "p99_more_between_ms"),
    *("command_s", "seconds"),
)
_COUNTS = ("faults", "keys", "commands", "commands_past_deadline", "unanswered", "crashed")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--only", choices=RUNS, action="append", help="run this one; repeatable")
    parser.add_argument("--kind", choices=KINDS, action="append", help="of fault; repeatable")
    parser.add_argument("--seconds", type=float, default=150.0, help="of each fault (150)")
    parser.add_argument("--faults", type=int, default=10_000, help="in the storm (10,000)")
    parser.add_argument(
        "--within", type=float, default=math.inf, help="seconds of the storm, a part of one then"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="add the figures to those that stand there"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "library"
        folder.mkdir()
        found = asyncio.run(_measure(folder, asked))
    if "hedging" in (asked.only or RUNS):
        found["hedging"] = hedging()
    print(json.dumps({each: found[each] for each in found if each != "faults"}, indent=2))
    for kind, row in found.get("faults", {}).items():
        print(f"{kind:10} {row}")
    if asked.json:
        whole = added(asked.json, found)
        asked.json.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def added(file: Path, found: dict[str, Any]) -> dict[str, Any]:
    """What a file of figures has, with new ones: storms add up, the rest takes the place of old."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    new = {kind: _quiet(row) for kind, row in found.get("faults", {}).items()}
    faults = known.get("faults", {}) | new
    storm = found.pop("storm", None)
    storms = [*known.get("storms", []), *([_quiet(storm)] if storm else [])]
    found.pop("bench_seconds")
    whole = known | found | {"faults": faults, "storms": storms}
    if storms:
        whole["storm"] = {name: sum(each[name] for each in storms) for name in _COUNTS}
    return whole


def _quiet(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its times where the machine had so much to do that they say nothing."""
    if row["without_models_ms"]["p50"] <= _QUIET:
        return row
    return {name: row[name] for name in row if name not in _TIMES} | {"too_busy_for_times": True}


async def _measure(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    script = write(workspace(folder), 2000)
    began, only = time.monotonic(), asked.only or RUNS
    found: dict[str, Any] = {"schema": 1, "machine": machine()}

    def say(progress: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {progress}", file=sys.stderr, flush=True)

    if "faults" in only:
        found["faults"] = await _each(folder, script, asked, say)
    if "storm" in only:
        # Nine servers that learn a whole library would be a storm of another kind.
        small = folder.parent / "small"
        small.mkdir()
        copied = Path(shutil.copy(script.path, small))
        found["storm"] = await at_once(
            small, replace(script, path=copied), asked.faults, asked.within, say
        )
    found["bench_seconds"] = round(time.monotonic() - began)
    return found


async def _each(
    folder: Path, script: Script, asked: argparse.Namespace, say: Callable[[str], None]
) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    turns: list[Turn] = []
    wanted = asked.kind or KINDS
    for first in range(0, len(wanted), _AT_ONCE):
        kinds = wanted[first : first + _AT_ONCE]
        say(f"faults: {', '.join(kinds)}")
        figures, typed = await faulty(folder, script, kinds, asked.seconds)
        rows |= figures
        turns += typed
    if len(wanted) > 1:
        rows["any"] = compared(turns)
    return rows


if __name__ == "__main__":
    main()
