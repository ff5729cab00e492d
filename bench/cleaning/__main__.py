"""`python -m bench.cleaning`: faults that are caught and good texts left alone, by kind.

The cases are those of `tests/core/postprocess_cases.toml`: half of them are faults as models write
them, half good texts that look as if they had one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.core.test_postprocess_cases import BAD, GOOD, Case

GOALS = {"caught": 0.95, "left_alone": 0.99}


def measured() -> dict[str, Any]:
    """The counts and shares, of all cases and by kind of fault."""
    kinds = dict.fromkeys(case.kind for case in BAD)
    by_kind = {kind: _counts(BAD, GOOD, kind) for kind in kinds}
    right = {
        "caught": sum(each["caught"] for each in by_kind.values()) / len(BAD),
        "left_alone": sum(each["left_alone"] for each in by_kind.values()) / len(GOOD),
    }
    shares = {name: round(share, 4) for name, share in right.items()}
    return {"faults": len(BAD), "good": len(GOOD), **shares, "kinds": by_kind}


def _counts(bad: Sequence[Case], good: Sequence[Case], kind: str) -> dict[str, int]:
    faults = [case.got() == case.wanted() for case in bad if case.kind == kind]
    texts = [case.got() == case.wanted() for case in good if case.kind == kind]
    return {
        "faults": len(faults),
        "caught": sum(faults),
        "good": len(texts),
        "left_alone": sum(texts),
    }


def main() -> None:
    """Print the table, write the figures, and fail where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.cleaning", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    file = parser.parse_args().json
    found = measured()
    for kind, row in found["kinds"].items():
        caught, alone = (
            f"{row[one]} of {row[all_]}"
            for one, all_ in (("caught", "faults"), ("left_alone", "good"))
        )
        print(f"{kind:<24} caught {caught:<12} left alone {alone}")
    missed = False
    for name, goal in GOALS.items():
        missed |= found[name] < goal
        word = "MISS" if found[name] < goal else "ok"
        print(f"{word:<5} {name.replace('_', ' ')}: {found[name]:.1%} (at least {goal:.0%})")
    if file:
        file.write_text(json.dumps({"schema": 1, **found}, indent=2) + "\n", encoding="utf-8")
    sys.exit(missed)


if __name__ == "__main__":
    main()
