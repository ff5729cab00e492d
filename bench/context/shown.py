"""What is shown of real projects, and the weights that decide it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from bench.context.coverage import coverage, project, typing
from bench.context.fit import examples, fitted
from bench.context.places import LINES, holes


def add_to(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two parts to the command line."""
    for name, run, told in (
        ("coverage", _coverage, "how much of what the next lines need is shown"),
        ("fit", _fit, "print the weights of the sources, fitted on some projects"),
    ):
        parser = parts.add_parser(name, help=told, description=told)
        parser.add_argument("folders", nargs="+", type=Path, help="projects")
        parser.add_argument("--places", type=int, default=200, help="drawn from each (200)")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the results")
        parser.set_defaults(run=run)


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
    rows, needed = [], []
    for folder in given.folders:
        with project(folder) as it:
            for row, answer in examples(
                it.view, holes(it.files, it.view, given.places, given.seed)
            ):
                rows.append(row)
                needed.append(answer)
        print(it.name, f"{sum(needed):.0f} names needed so far", flush=True)
    if not any(needed):
        raise SystemExit("Nothing is needed in these places. Mend: more of them, by --places.")
    table, files = fitted(np.array(rows), np.array(needed))
    text = json.dumps({"weights": table, "files": files}, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
