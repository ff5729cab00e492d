"""How long 1,000 positions take with the embedded model alone.

A position is a place in a line where a completion is asked for, as at each key. The same number is
measured twice: through the engine (`--models embedded`), and in detail (without a model named).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.evaluate.baseline import CORPUS, quiet

from firsthand import evaluate
from firsthand.evaluate import tiers
from firsthand.evaluate.tiers import Plan

POSITIONS = 1_000
_LINES = 70  # takes somewhat more than so many positions


def measured(folder: Path) -> dict[str, Any]:
    """Seconds for 1,000 positions, learning the folder and its libraries included."""
    detailed, asked = _timed(lambda: _in_detail(folder))
    engine, questions = _timed(lambda: _through_the_engine(folder))
    return {"folder": folder.name, "detailed": {"positions": asked, **detailed}} | {
        "engine": {"positions": questions, **engine}
    }


def add_to(parts: Any) -> None:
    """Add the part to the command line."""
    parser = parts.add_parser("speed", help="measure what 1,000 positions take")
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["FIRSTHAND_HOME"] = home
        found = {"schema": 1, "load_before": os.getloadavg()[0], **measured(given.folder)}
    said = json.dumps(found, indent=1)
    print(said)
    if given.json:
        given.json.write_text(f"{said}\n", encoding="utf-8")


def _timed(work: Callable[[], int]) -> tuple[dict[str, float], int]:
    clock, cpu = time.perf_counter(), time.process_time()
    positions = work()
    scale = POSITIONS / positions
    taken, worked = time.perf_counter() - clock, time.process_time() - cpu
    return {
        "s_per_1000": round(taken * scale, 1),
        "cpu_s_per_1000": round(worked * scale, 1),
        "s": round(taken, 1),
    }, positions


def _in_detail(folder: Path) -> int:
    return len(evaluate.run(folder, _LINES, 1, quiet).total.cpu)


def _through_the_engine(folder: Path) -> int:
    plan = Plan(lines=_LINES, fresh=True)
    found, _ = tiers.compare(folder, plan, quiet, lambda _price: False)
    return found.counts["embedded"].asked
