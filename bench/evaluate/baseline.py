"""The embedded model's figures on a small folder that never changes, for `make test`.

No library is learned, so that the figures are the same whatever is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from firsthand import evaluate

HERE = Path(__file__).resolve().parent
CORPUS, BASELINE = HERE / "corpus", HERE / "baseline.json"
_LINES, _SEED = 30, 1


def measured() -> dict[str, Any]:
    """The figures now."""
    with TemporaryDirectory() as name:
        folder = Path(shutil.copytree(CORPUS, Path(name, CORPUS.name)))
        for file in folder.iterdir():  # files are read by their age, which no copy keeps
            os.utime(file, (0, 0))
        found = evaluate.run(folder, _LINES, _SEED, quiet, library_bytes=0)
    return {**found.to_json(), "folder": CORPUS.name}


@contextmanager
def quiet(title: str) -> Iterator[Callable[[int, int], None]]:
    """No bar."""
    yield lambda done, total: None


def add_to(parts: Any) -> None:
    """Add the part to the command line."""
    parser = parts.add_parser("baseline", help="write the figures that the tests hold others to")
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> None:
    BASELINE.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")
