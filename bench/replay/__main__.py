"""`python -m bench.replay`: type function bodies back, print the table, write the figures."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.keystroke.__main__ import machine
from bench.replay.late import late
from bench.replay.report import table
from bench.replay.runs import BASELINES, RUNS, measure
from bench.replay.script import FILES, Script, workspace

PARTS = [*RUNS, "late", "real"]


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--keys", type=int, default=909, help="keys to type (909)")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this one; repeatable")
    parser.add_argument("--real", action="store_true", help="also on a real llama.cpp server")
    parser.add_argument("--misses", action="store_true", help="print where nothing right was shown")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="put the figures there",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "project"
        folder.mkdir()
        scripts = workspace(folder, options.keys)
        parts = options.only or PARTS[:-1]
        found = asyncio.run(replay(folder, scripts, [*parts, *["real"] * options.real]))
    for name, row in _rows(found):
        misses = row.pop("misses")
        if options.misses and not name.endswith(tuple(BASELINES)):
            print(f"{name}:", *misses, "", sep="\n")
    print(table(found))
    if options.json:
        if options.only and options.json.exists():
            found = joined(json.loads(options.json.read_text(encoding="utf-8")), found)
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def replay(folder: Path, scripts: list[Script], only: list[str]) -> dict[str, Any]:
    """Make some of the runs, one after another."""
    began = time.monotonic()
    packages = [file.partition("/")[0] for file in FILES]
    found: dict[str, Any] = {
        "schema": 1,
        "machine": machine(),
        "files": {file: version(package) for file, package in zip(FILES, packages, strict=True)},
        "runs": {},
    }
    for name in only:

        def say(progress: str, name: str = name) -> None:
            seconds = time.monotonic() - began
            print(f"{seconds:5.0f} s  {name}, {progress}", file=sys.stderr, flush=True)

        if name in RUNS:
            found["runs"][name] = await measure(RUNS[name], folder, scripts, say)
        elif name == "late":
            found["late"] = await late(folder, scripts, say)
        else:
            from bench.replay.real import real  # needs what `make e2e` installs

            found["real"] = await real(folder, scripts, say)
    found["bench_seconds"] = round(time.monotonic() - began)
    return found


def joined(earlier: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Figures of before with those that were measured anew in their places."""
    seconds = earlier["bench_seconds"] + found["bench_seconds"]
    runs = {**earlier["runs"], **found["runs"]}
    return {**earlier, **found, "runs": runs, "bench_seconds": seconds}


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was found of each engine that was typed into."""
    for run, engines in found["runs"].items():
        for name, row in engines.items():
            yield f"{run}, {name}", row
    if "real" in found:
        yield "real", found["real"]


if __name__ == "__main__":
    main()
