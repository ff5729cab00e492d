"""What is known of who wrote what, and at what cost: `python -m bench.grip`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench.grip import cost, oracle, report, traces

_PARTS = {
    "oracle": oracle.measure,
    "cost": cost.measure,
    "report": report.measure,
    "traces": traces.measure,
}


def main() -> None:
    """Measure the parts that were asked for, and keep the figures of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(_PARTS), action="append")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    options = parser.parse_args()
    figures = {}
    if options.json and options.json.exists():
        figures = json.loads(options.json.read_text(encoding="utf-8"))
    for name in options.only or _PARTS:
        figures[name] = _PARTS[name]()
        print(name, json.dumps(figures[name], indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
