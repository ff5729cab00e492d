"""What is shown of real projects, and the weights that decide it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from bench.context.coverage import coverage, project, typing
from bench.context.fit import Examples, examples, fitted
from bench.context.places import LINES, holes


def add_to(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two parts to the command line."""
    for name, run, told in (
        ("coverage", _coverage, "how much of what the next lines need is shown"),
        ("fit", _fit, "fit the ranker on some projects"),
    ):
        parser = parts.add_parser(name, help=told, description=told)
        parser.add_argument("folders", nargs="+", type=Path, help="projects")
        parser.add_argument("--places", type=int, default=200, help="drawn from each (200)")
        parser.add_argument("--seed", type=int, default=0)
        parser.set_defaults(run=run)
        if run is _coverage:
            parser.add_argument("--json", type=Path, metavar="FILE", help="where to write results")
        else:
            parser.add_argument("--epochs", type=int, default=20, help="of the fit (20)")
            parser.add_argument(
                "--weights", type=Path, metavar="FILE", help="where to write them", required=True
            )


def _coverage(given: argparse.Namespace) -> None:
    figures: dict[str, object] = {"lines_of_truth": LINES, "seed": given.seed}
    for folder in given.folders:
        with project(folder) as it:
            figures[it.name] = {
                "files": len(it.files),
                "lines": sum(len(each.lines) for each in it.files),
                "language": Counter(each.language for each in it.files).most_common(1)[0][0],
                **coverage(it, given.places, given.seed),
                "typing": typing(it, given.seed),
            }
        print(it.name, json.dumps(figures[it.name], indent=1), flush=True)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _fit(given: argparse.Namespace) -> None:
    found: list[Examples] = []
    for folder in given.folders:
        with project(folder) as it:
            found += examples(it, holes(it.files, it.view, given.places, given.seed))
        print(it.name, f"{sum(each.needed.sum() for each in found):.0f} needed so far", flush=True)
    if not any(each.needed.any() for each in found):
        raise SystemExit("Nothing is needed in these places. Mend: more of them, by --places.")
    rows = np.concatenate([each.rows for each in found])
    weights = fitted(rows, np.concatenate([each.needed for each in found]), given.epochs)
    halves: dict[str, Any] = {name: each.astype(np.float16) for name, each in weights.items()}
    np.savez_compressed(given.weights, **halves)
