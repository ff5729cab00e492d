"""`python -m bench.quiz [FOLDER ...]`: questions about all functions, held against other parsers.

Python's is its own, JavaScript's and TypeScript's acorn and Go's go/parser (`parsers`). Without a
folder it is the standard library and every ninth file of the installed packages.
"""

from __future__ import annotations

import argparse
import json
import sys
import sysconfig
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from bench.quiz.oracle import Oracle
from bench.quiz.parsers import LANGUAGES, said_of

from firsthand.core.quiz import Function, Question, questions
from firsthand.core.text import Text
from firsthand.syntax.functions import functions

_LARGEST = 80_000  # bytes of a file


class Parser(Protocol):
    """One file by a parser that is not ours."""

    def right(self, question: Question, function: Function) -> set[str]:
        """The options that are right."""


def parsed(files: Iterable[Path]) -> Iterator[tuple[str, Text, Parser]]:
    """The language and the text of each file that its own parser can read, and what that says."""
    others = []
    for path in files:
        if path.suffix in LANGUAGES:
            others.append(path)
            continue
        try:
            with tokenize.open(path) as file:
                source = file.read()
            yield "python", Text.of(source), Oracle(source)
        except (SyntaxError, UnicodeDecodeError):
            continue  # no file of this Python
    for path, said in said_of(others).items():
        yield LANGUAGES[path.suffix], Text.of(path.read_text(encoding="utf-8")), said


def measured(files: Iterable[Path]) -> dict[str, Any]:
    """By language, how many questions about how many functions, and how many answers are wrong."""
    figures: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for language, text, parser in parsed(files):
        found, kinds = figures.setdefault(language, (Counter(wrong=0), Counter()))
        module = functions(language, text)
        found["files"] += 1
        for function in module.functions if module else ():
            asked = questions(module, function, 4) if module else []
            found["functions"] += 1
            found["with_questions"] += bool(asked)
            for each in asked:
                kinds[each.kind] += 1
                found["wrong"] += parser.right(each, function) != {each.options[each.answer]}
    return {
        language: {**found, "questions": dict(sorted(kinds.items()))}
        for language, (found, kinds) in sorted(figures.items())
    }


def main() -> None:
    """Print the figures, and fail where an answer is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.quiz", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--json", type=Path, help="where the figures are written")
    given = parser.parse_args()
    files = [path for each in given.folders for path in _within(each)] or _usual()
    figures = measured(path for path in files if path.stat().st_size < _LARGEST)
    said = json.dumps({"schema": 2, "languages": figures}, indent=1)
    print(said)
    if given.json:
        given.json.write_text(f"{said}\n", encoding="utf-8")
    sys.exit(1 if any(each["wrong"] for each in figures.values()) else 0)


def _within(folder: Path) -> list[Path]:
    """The files of a folder whose functions are read.

    Go's examples of faults are left out, and minified files, where a line and a name tell no
    function from another.
    """
    known = (path for path in sorted(folder.rglob("*")) if path.suffix in (".py", *LANGUAGES))
    return [
        path
        for path in known
        if path.is_file() and "testdata" not in path.parts and ".min." not in path.name
    ]


def _usual() -> list[Path]:
    library, packages = (Path(sysconfig.get_path(each)) for each in ("stdlib", "purelib"))
    return [*sorted(packages.rglob("*.py"))[::9], *library.glob("*.py"), *library.glob("*/*.py")]


if __name__ == "__main__":
    main()
