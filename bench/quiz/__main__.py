"""`python -m bench.quiz [FOLDER ...]`: questions about all functions, held against Python's parser.

Without a folder it is the standard library and every ninth file of the installed packages.
"""

from __future__ import annotations

import argparse
import json
import sys
import sysconfig
import tokenize
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.quiz.oracle import Oracle

from firsthand.core.quiz import questions
from firsthand.core.text import Text
from firsthand.syntax.functions import functions

_LARGEST = 80_000  # bytes of a file


def measured(files: Iterable[Path]) -> dict[str, Any]:
    """How many questions are asked about how many functions, and how many answers are wrong."""
    kinds: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for path in files:
        try:
            with tokenize.open(path) as file:
                source = file.read()
            oracle = Oracle(source)
        except (SyntaxError, UnicodeDecodeError):
            continue  # no file of this Python
        module = functions("python", Text.of(source))
        found["files"] += 1
        for function in module.functions if module else ():
            asked = questions(module, function, 4) if module else []
            found["functions"] += 1
            found["with_questions"] += bool(asked)
            for each in asked:
                kinds[each.kind] += 1
                found["wrong"] += oracle.right(each, function) != {each.options[each.answer]}
    return {**found, "wrong": found["wrong"], "questions": dict(sorted(kinds.items()))}


def main() -> None:
    """Print the figures, and fail where an answer is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.quiz", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--json", type=Path, help="where the figures are written")
    given = parser.parse_args()
    files = [path for each in given.folders for path in sorted(each.rglob("*.py"))] or _usual()
    figures = measured(path for path in files if path.stat().st_size < _LARGEST)
    said = json.dumps({"schema": 1, "python": sys.version.split()[0], **figures}, indent=1)
    print(said)
    if given.json:
        given.json.write_text(f"{said}\n", encoding="utf-8")
    sys.exit(1 if figures["wrong"] else 0)


def _usual() -> list[Path]:
    library, packages = (Path(sysconfig.get_path(each)) for each in ("stdlib", "purelib"))
    return [*sorted(packages.rglob("*.py"))[::9], *library.glob("*.py"), *library.glob("*/*.py")]


if __name__ == "__main__":
    main()
