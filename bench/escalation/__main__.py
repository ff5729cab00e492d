"""`python -m bench.escalation`: what a panel solves, what is read of replies, times, and money."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.escalation import money, panel, server
from tests.replies import cases


def corpus() -> dict[str, object]:
    """What becomes of the awkward replies of `tests/replies.toml`."""
    found: Counter[str] = Counter()
    for case in cases():
        new, _ = case.got()
        right = not case.wrong()
        found["parsed" if new is not None else "refused"] += right
        found["applied_wrongly"] += not right and new is not None
        found["refused_wrongly"] += not right and new is None
    total = len(cases())
    return {
        "replies": total,
        **found,
        "parsed_or_refused_with_reason_percent": round(
            100 * (found["parsed"] + found["refused"]) / total, 2
        ),
    }


PARTS: dict[str, Callable[[], dict[str, object]]] = {
    "corpus": corpus,
    "server": server.figures,
    "ledger": money.ledger_error,
    "cap": money.overruns,
    "panel": panel.figures,
}


def main() -> None:
    """Run the parts and print what they say."""
    parser = argparse.ArgumentParser(prog="python -m bench.escalation", description=main.__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), help="one part")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    figures = {}
    for name, part in PARTS.items():
        if asked.only in (None, name):
            figures[name] = part()
            print(json.dumps({name: figures[name]}, indent=1), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
