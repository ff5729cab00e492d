"""`python -m bench.keystroke`: run the measurements, print the table, write the figures."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from bench.keystroke.inline import inline
from bench.keystroke.large import large
from bench.keystroke.report import table
from bench.keystroke.runs import building, burst, callbacks, start_up, typist
from bench.keystroke.script import Script, workspace, write
from bench.keystroke.soak import again, soak

RUNS = ("start_up", "inline", "again", "building", "callbacks", "burst", "typist", "large", "soak")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.keystroke", description=__doc__)
    parser.add_argument("--keys", type=int, default=2000, help="keys to type (2000)")
    parser.add_argument("--only", choices=RUNS, action="append", help="run this one; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "library"
        folder.mkdir()
        script = write(workspace(folder), options.keys)
        found = asyncio.run(measure(folder, script, options.only or list(RUNS)))
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def measure(folder: Path, script: Script, only: list[str]) -> dict[str, Any]:
    """Run some of the measurements in a workspace."""
    began = time.monotonic()

    def say(progress: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {progress}", file=sys.stderr, flush=True)

    found: dict[str, Any] = {
        "schema": 1,
        "machine": machine(),
        "file": script.path.name,
        "lines": len(script.text.lines),
        "keys": len(script.keys),
    }
    if "start_up" in only:
        found["start_up"] = await start_up(folder, say)
    for each in (inline, again, building, callbacks, burst, typist, large, soak):
        if each.__name__ in only:
            found[each.__name__] = await each(folder, script, say)
    found["bench_seconds"] = round(time.monotonic() - began)
    return found


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(),
        "python": platform.python_version(),
        "pygls": version("pygls"),
        "firsthand": version("firsthand"),
    }


if __name__ == "__main__":
    main()
