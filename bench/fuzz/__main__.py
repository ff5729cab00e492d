"""`python -m bench.fuzz`: so many inputs for each reader of text from outside, guided by coverage.

Then messages to the real server (see `protocol.py`). Anything unexpected ends it, with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.fuzz.protocol import talk
from bench.fuzz.seeds import seeds
from bench.fuzz.targets import TARGETS

_LONGEST = 600  # bytes of an input: what is varied often finds more than what is long
# Their shares of all inputs, by what one takes.
_SHARES = {"stream": 2, "records": 70, "patch": 20, "configuration": 2, "redaction": 6}
_RAN = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")


def main() -> None:
    """Fuzz all and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=main.__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for the readers, in all")
    parser.add_argument("--messages", type=int, default=20_000, help="for the server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[*TARGETS, "protocol"])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    for name in TARGETS:
        if asked.only in (None, name):
            figures[name] = _fuzzed(name, asked.inputs * _SHARES[name] // 100, asked.seed)
            print(name, figures[name], flush=True)
    if asked.only in (None, "protocol"):
        figures["protocol"] = asyncio.run(talk(asked.messages, asked.seed))
    figures["inputs_in_all"] = sum(each["inputs"] for each in figures.values() if "inputs" in each)
    print(json.dumps(figures, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _fuzzed(name: str, inputs: int, seed: int) -> dict[str, float]:
    """Run one target in a process of its own: libFuzzer ends the process it runs in."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(seeds(name)):
            Path(folder, f"seed-{number}").write_bytes(content[:_LONGEST])
        options = (f"-runs={inputs}", f"-max_len={_LONGEST}", f"-seed={seed}", "-timeout=20")
        command = [sys.executable, "-m", "bench.fuzz.one", name, folder, *options]
        done = subprocess.run(
            [*command, "-print_final_stats=1", "-rss_limit_mb=2048"],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    ran, covered = _RAN.search(done.stderr), _COVERED.findall(done.stderr)
    if ran is None or not covered:
        raise SystemExit(f"{name}: nothing was run\n{done.stderr[-2000:]}")
    return {
        "inputs": int(ran[1]),
        "edges_covered": int(covered[-1][0]),
        "kept_inputs": int(covered[-1][2]),
        "faults": 0,
        "wall_s": round(time.monotonic() - began, 1),
    }


if __name__ == "__main__":
    main()
