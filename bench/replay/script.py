"""What is typed: bodies of functions of real files, and a person's rhythm."""

from __future__ import annotations

import ast
import importlib.util
import math
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.replay.known import Known

from firsthand.core.text import Text

FILES = ("httpx/_models.py", "click/core.py", "diskcache/core.py", "pygls/feature_manager.py")

_SHORTEST, _LONGEST = 100, 500  # characters of a body
_MEDIAN_GAP, _SPREAD = 0.150, 0.5  # seconds between two keys; their logarithm's deviation
_THINKS = 0.25  # of the lines begin with a pause
_SHORTEST_THOUGHT, _LONGEST_THOUGHT = 1.0, 3.0  # seconds
_SEED = 4


@dataclass(frozen=True, slots=True)
class Script:
    """A file in a workspace, without some bodies of its functions.

    Attributes:
        path: where it lies.
        known: the whole file, and where the bodies stand.
        text: it without them.
        keys: how many characters of them are typed.
    """

    path: Path
    known: Known
    text: Text
    keys: int

    @property
    def places(self) -> list[int]:
        """Where each key goes, in the whole file."""
        return [at for hole in self.known.holes for at in range(*hole)][: self.keys]


def workspace(folder: Path, keys: int) -> list[Script]:
    """Copy some installed packages into a folder and take bodies out of one file of each.

    A body is all of a function below its signature and its docstring, from the line feed on. In
    each file they follow one another, as many as hold its share of the keys.

    Args:
        folder: an empty folder.
        keys: how many keys are to be typed in all files together.

    Raises:
        ValueError: the files have not that many keys in such functions.
    """
    scripts = []
    share = math.ceil(keys / len(FILES))
    for file in FILES:
        package = file.partition("/")[0]
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise ValueError(f"{package} is not installed")
        shutil.copytree(Path(spec.origin).parent, folder / package, ignore=_no_bytecode)
        path = folder / file
        source = path.read_text(encoding="utf-8")
        known = Known(file, source, tuple(_consecutive(source, share)))
        ends = [0, *(at for hole in known.holes for at in hole), len(source)]
        text = "".join(source[begin:end] for begin, end in list(pairwise(ends))[::2])
        path.write_text(text, encoding="utf-8", newline="\n")
        scripts.append(Script(path, known, Text.of(text), share))
    return scripts


def rhythm() -> Iterator[tuple[float, float]]:
    """Seconds before each key, and before one that begins a line's code: the same at every run."""
    chance = random.Random(_SEED)
    while True:
        gap = chance.lognormvariate(math.log(_MEDIAN_GAP), _SPREAD)
        thinks = chance.random() < _THINKS
        thought = chance.uniform(_SHORTEST_THOUGHT, _LONGEST_THOUGHT)
        yield gap, max(gap, thought) if thinks else gap


def begins_line(source: str, at: int) -> bool:
    """Whether the first character of a line's code stands at a place."""
    begin = source.rfind("\n", 0, at) + 1
    return not source[begin:at].strip() and not source[at : at + 1].isspace()


def bodies(source: str) -> Iterator[tuple[int, int]]:
    """Where the bodies of functions begin and end that are neither nested nor huge."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for node in sorted(_functions(ast.parse(source)), key=lambda each: each.lineno):
        body = node.body[ast.get_docstring(node, clean=False) is not None :]
        if not body or body[0].lineno == node.lineno or any(map(_strange, body)):
            continue
        begin = starts[body[0].lineno - 1] - 1
        end = starts[body[-1].end_lineno or 0] - 1
        if _SHORTEST <= end - begin <= _LONGEST and "\t" not in source[begin:end]:
            yield begin, end


def _consecutive(source: str, keys: int) -> Iterator[tuple[int, int]]:
    """Bodies from the middle of a file on that hold so many characters."""
    found = [each for each in bodies(source) if each[0] > len(source) // 3]
    typed = 0
    for begin, end in found:
        if typed >= keys:
            return
        yield begin, end
        typed += end - begin
    if typed < keys:
        raise ValueError("the files' functions hold too few keys")


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that lie in no other one."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        else:
            yield from _functions(node)


def _strange(statement: ast.stmt) -> bool:
    """Whether a statement holds a function or a text of several lines."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.Constant) and node.lineno != node.end_lineno)
        for node in ast.walk(statement)
    )


def _no_bytecode(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]
