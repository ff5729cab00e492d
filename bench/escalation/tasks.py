"""Tasks made from functions with tests, and replies to them, right and wrong.

A task is a file with one function whose body is missing, or which is a mutant (`mutants.json`),
and the request to finish or to mend it. Its replies are stored in `replies.jsonl`, in the forms in
which models write them. A wrong one is a mutant that parses, uses no name that is not there, and
fails a test. `python -m bench.escalation.tasks` makes both files.
"""

from __future__ import annotations

import ast
import difflib
import json
import random
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.escalation.mutants import mutants

from firsthand.core.text import Edit, Position, Range, Text
from firsthand.syntax import undefined_names

_FOLDER = Path(__file__).parent
_MUTANTS, _REPLIES = _FOLDER / "mutants.json", _FOLDER / "replies.jsonl"
_SEED = 6
_WRONG = 6  # stored wrong replies a task
_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Function:
    """A function with tests: `check` are examples, and with `tests` they judge an answer."""

    name: str
    code: str
    check: str
    tests: str
    imports: str = ""

    @property
    def suite(self) -> tuple[str, str]:
        """The tests that a person has beside the examples, and those that nobody thought of.

        What is to be refused is among the latter, else the last line of cases.
        """
        lines = self.tests.splitlines(keepends=True)
        tries = (at for at, line in enumerate(lines) if line.startswith(("try:", "for ")))
        end = next(tries, len(lines) - 1)
        return "".join(lines[:end]), "".join(lines[end:])


@dataclass(frozen=True, slots=True)
class Task:
    """A file, the range of it that may be changed, and what is asked."""

    name: str
    function: Function
    text: Text
    range: Range
    instruction: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A reply to a task as a model would send it, and whether it is right."""

    task: str
    right: bool
    reply: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a file passes the examples, these and the person's tests, and all; and ended."""

    examples: bool = False
    suite: bool = False
    right: bool = False
    ended: bool = True


@cache
def functions() -> tuple[Function, ...]:
    """All functions."""
    stored = tomllib.loads((_FOLDER / "functions.toml").read_text(encoding="utf-8"))
    return tuple(Function(**each) for each in stored["function"])


@cache
def tasks() -> tuple[Task, ...]:
    """Two of each function."""
    mutated = json.loads(_MUTANTS.read_text(encoding="utf-8"))
    found = []
    for each in functions():
        found.append(_task(each, "missing", _emptied(each.code), "Write the body."))
        found.append(_task(each, "mutant", mutated[each.name], "It is wrong. Mend it."))
    return tuple(found)


def replies() -> list[Stored]:
    """What is stored."""
    lines = _REPLIES.read_text(encoding="utf-8").splitlines()
    return [Stored(**json.loads(line)) for line in lines]


@cache
def judged(function: Function, code: str) -> Judged:
    """What the tests say of a file, in a process of its own: it may never end."""
    known, hidden = function.suite
    script = f"{code}\n{function.check}\nprint('examples')\n{known}\nprint('suite')\n{hidden}"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", script],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Judged(ended=False)
    return Judged("examples" in done.stdout, "suite" in done.stdout, done.returncode == 0)


def judged_all(asked: list[tuple[Function, str]]) -> list[Judged]:
    """What the tests say of many files."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda each: judged(*each), asked))


def _task(function: Function, kind: str, code: str, instruction: str) -> Task:
    imports = f"{function.imports}\n\n\n" if function.imports else "\n"
    head = f'"""Things that others need."""\n\n{imports}'
    tail = f"\n\ndef used(*given):\n    return {function.name}(*given)\n"
    text = Text.of(head + code + tail)
    first = head.count("\n")
    range_ = Range(Position(first, 0), Position(first + code.count("\n"), 0))
    return Task(f"{function.name}/{kind}", function, text, range_, instruction)


def _emptied(code: str) -> str:
    """A function with its head and its docstring alone."""
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    lines = code.splitlines(keepends=True)[: function.body[0].end_lineno]
    return "".join(lines) + "    raise NotImplementedError\n"


@cache
def _wrong(function: Function) -> tuple[str, ...]:
    """Mutants that fail a test, drawn from all of them, the same ones each time."""
    found = list(dict.fromkeys(mutants(function.code)))
    random.Random(f"{_SEED} {function.name}").shuffle(found)
    results = judged_all([(function, f"{function.imports}\n{each}") for each in found])
    pairs = zip(found, results, strict=True)
    wrong = [code for code, result in pairs if result.ended and not result.right]
    return tuple(wrong[: _WRONG + 1])


def _made() -> Iterator[Stored]:
    """All replies: of each task a right one in two ways to write it, then wrong ones."""
    for task in tasks():
        draw = random.Random(f"{_SEED} {task.name}")
        old = task.text.slice(task.range)
        code = task.function.code
        for right in (code, f"{ast.unparse(ast.parse(code))}\n"):
            yield Stored(task.name, True, _written(draw, old, right))
        wrong = [each for each in dict.fromkeys(_wrong(task.function)) if each != old]
        for each in wrong[:_WRONG]:
            reply = _written(draw, old, each)
            after = task.text.apply(Edit(task.range, each))
            if not undefined_names("python", task.text, after):
                yield Stored(task.name, False, reply)


def _written(draw: random.Random, old: str, new: str) -> str:
    """A new text as a reply: blocks as they are asked for, mostly."""
    said = draw.choice(("", "Here is the function.\n\n", "I looked at the examples first.\n\n"))
    form = draw.random()
    if form < 0.15:
        return f"{said}```python\n{new}```\n"
    was, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
    lines = list(difflib.unified_diff(was, now))
    if form < 0.3:
        return f"{said}```diff\n{''.join(lines)}```\n"
    return said + "".join(_blocks(old, new)) + "\nThe body is as the docstring says.\n"


def _blocks(old: str, new: str) -> Iterator[str]:
    """One block of search and replace: from the first line that differs to the last one."""
    was, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
    same = 0
    while same < min(len(was), len(now)) and was[same] == now[same]:
        same += 1
    after = 0
    while after < min(len(was), len(now)) - same and was[-1 - after] == now[-1 - after]:
        after += 1
    first = max(same - 1, 0)
    while True:  # enough lines to be found once
        search = was[first : len(was) - after]
        if "".join(was).count("".join(search)) == 1 or not first:
            break
        first -= 1
    replace = now[first : len(now) - after]
    yield "<<<<<<< SEARCH\n"
    yield from search
    yield "=======\n"
    yield from replace
    yield ">>>>>>> REPLACE\n"


def main() -> None:
    """Write the mutants and the replies, in some minutes: a mutant may never end."""
    mutated = {each.name: _wrong(each)[0] for each in functions()}
    _MUTANTS.write_text(json.dumps(mutated, indent=1) + "\n", encoding="utf-8")
    lines = [
        json.dumps({"task": each.task, "right": each.right, "reply": each.reply})
        for each in _made()
    ]
    _REPLIES.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(tasks())} tasks, {len(lines)} replies")


if __name__ == "__main__":
    main()
