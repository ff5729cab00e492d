"""Keys typed while model servers fail: what the person waits for, and what is lost.

Each editor has a server process of its own, with models that stand-ins play. One editor has no
model: what the others wait for is compared with it, at the same time on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.chaos.editors import KINDS, at_once, faulty
from bench.chaos.hedging import hedging
from bench.keystroke.__main__ import machine
from bench.keystroke.script import workspace, write

RUNS = ("faults", "storm", "hedging")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--only", choices=RUNS, action="append", help="run this one; repeatable")
    parser.add_argument("--seconds", type=float, default=75.0, help="of each fault (75)")
    parser.add_argument("--faults", type=int, default=10_000, help="in the storm (10,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
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
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def _measure(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    script = write(workspace(folder), 2000)
    began, only = time.monotonic(), asked.only or RUNS
    found: dict[str, Any] = {"schema": 1, "machine": machine()}

    def say(progress: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {progress}", file=sys.stderr, flush=True)

    if "faults" in only:
        found["faults"] = await _each(folder, script, asked.seconds, say)
    if "storm" in only:
        found["storm"] = await at_once(folder, script, asked.faults, say)
    found["bench_seconds"] = round(time.monotonic() - began)
    return found


async def _each(folder: Path, script: Any, seconds: float, say: Callable[[str], None]) -> Any:
    rows: dict[str, Any] = {}
    for first in range(0, len(KINDS), 5):  # more would be a load of its own
        kinds = KINDS[first : first + 5]
        say(f"faults: {', '.join(kinds)}")
        rows |= await faulty(folder, script, kinds, seconds)
    return rows


if __name__ == "__main__":
    main()
