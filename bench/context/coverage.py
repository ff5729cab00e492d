"""How much of what the next lines need is in what a model is shown, and what finding it costs."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any

from bench.context.places import File, Hole, files_of, holes, needed

from firsthand.context import BUDGET, NOVEL
from firsthand.core.codeview import CodeView
from firsthand.core.excerpt import Excerpt, excerpt
from firsthand.core.listing import CALLABLE
from firsthand.core.snippets import Chosen, novelty, speaks
from firsthand.core.sources.place import NAME, Place
from firsthand.core.text import Position
from firsthand.core.tokens import estimate
from firsthand.index.code.update import CodeIndex
from firsthand.index.code.view import CodeReader
from firsthand.index.files import list_files
from firsthand.index.git import Git
from firsthand.relevance.choose import Known, choose, know, outdated, settled

BUDGETS = (512, 1024, 2048)
STRETCHES, STRETCH = 30, 30
"""How many stretches of a project are typed, and the lines of code in each."""

_PREFIX, _SUFFIX = 3_000, 400  # as much as a model reads of the document


Viewing = Callable[[], AbstractContextManager[CodeView]]


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its index.

    Attributes:
        name: of its folder.
        files: its files.
        view: the codebase as it is.
        without: makes the index of a project in which some lines of a file, from one to the one
            behind the last, are not written yet; and gives what makes views of that.
    """

    name: str
    files: tuple[File, ...]
    view: CodeView
    without: Callable[[File, int, int], AbstractContextManager[Viewing]]


@contextmanager
def project(root: Path) -> Iterator[Project]:
    """Index a copy of a folder into a temporary database."""
    with TemporaryDirectory() as folder:
        copy, database = Path(folder) / "files", Path(folder) / "code.db"
        listed = [each.path for each in list_files(root, git=Git.found()).files]
        for path in listed:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, copy / path)
        index = CodeIndex(database, copy)
        index.scan()

        @contextmanager
        def without(file: File, line: int, end: int) -> Iterator[Viewing]:
            text = file.without(line, end).string.encode("utf-8", "surrogatepass")
            (copy / file.path).write_bytes(text)
            index.refresh([file.path])
            try:
                yield others.view
            finally:
                shutil.copyfile(root / file.path, copy / file.path)
                index.refresh([file.path])

        with (
            closing(index),
            closing(CodeReader(database)) as reader,
            closing(CodeReader(database)) as others,
            reader.view() as view,
        ):
            yield Project(root.name, tuple(files_of(copy, listed)), view, without)


def coverage(project: Project, count: int, seed: int) -> dict[str, Any]:
    """The shares of what is needed that are shown, at each budget.

    Returns:
        for each budget `shown` and `with_signature`, both shares of all that is needed; and the
        same of what is needed and not introduced by the lines themselves (`used_...`).
    """
    found: Counter[str] = Counter()
    for each in holes(project.files, project.view, count, seed):
        if each.needed:
            with project.without(each.file, each.line, each.end) as viewing, viewing() as view:
                _count(project.view, view, each, found)
    every, used = max(found["needed"], 1), max(found["used"], 1)
    return {
        "places": count,
        "needed": found["needed"],
        "needed_callables": found["callables"],
        "introduced": found["needed"] - found["used"],
        "budgets": {
            str(budget): {
                "shown": round(found[f"shown {budget}"] / every, 3),
                "with_signature": round(found[f"signed {budget}"] / every, 3),
                "used_shown": round(found[f"used shown {budget}"] / used, 3),
                "used_with_signature": round(found[f"used signed {budget}"] / used, 3),
                "tokens": round(found[f"tokens {budget}"] / max(found["holes"], 1)),
            }
            for budget in BUDGETS
        },
    }


def _count(entire: CodeView, view: CodeView, each: Hole, found: Counter[str]) -> None:
    """Add up what is shown of what one place needs.

    Args:
        entire: the codebase with the lines that were taken out.
        view: the codebase without them.
        each: the place.
        found: what is added to.
    """
    file = each.file
    text, position = each.text, Position(each.line, 0)
    place = Place.at(file.path, file.language, text, position)
    known = know(view, place, text.string)
    introduced = {
        it.name for it in entire.outline(file.path) if each.line <= it.first_line < each.end
    }
    used = each.needed - introduced
    known.consider(view, sorted(each.needed), place)
    kinds = {name: known.offers[name].whole.kind for name in each.needed}
    found["holes"] += 1
    found["needed"] += len(each.needed)
    found["used"] += len(used)
    found["callables"] += sum(kind in CALLABLE for kind in kinds.values())
    for budget in BUDGETS:
        chosen = choose(view, place, known, budget)
        shown, signed = _shown(chosen)
        for name in each.needed:
            # Of what is no callable there is no more to show than its name.
            whole = name in signed or (name in shown and kinds[name] not in CALLABLE)
            found[f"shown {budget}"] += name in shown
            found[f"signed {budget}"] += whole
            found[f"used shown {budget}"] += name in shown and name in used
            found[f"used signed {budget}"] += whole and name in used
        found[f"tokens {budget}"] += round(sum(estimate(text) for _, text in chosen.snippets))


def _shown(chosen: Chosen) -> tuple[set[str], set[str]]:
    """The names that stand in what is shown, and those that stand there with their signature."""
    names = {name for _, text in chosen.snippets for name in NAME.findall(text)}
    signed = {each.name for each in chosen.entries if each.signed and each.text != each.name}
    return names, signed


@dataclass(slots=True)
class Typing:
    """What is kept from line to line while a stretch is typed."""

    known: Known | None = None
    newest: Chosen | None = None
    shown: Chosen = field(default_factory=Chosen)
    window: Excerpt | None = None


@dataclass(slots=True)
class Spent:
    """CPU seconds: of each look in a line, of those that chose anew, and of knowing a document."""

    looking: list[float] = field(default_factory=list)
    choosing: list[float] = field(default_factory=list)
    knowing: list[float] = field(default_factory=list)


def typing(project: Project, seed: int) -> dict[str, Any]:
    """Type stretches of files line by line: what is found anew, what is lost by not doing so."""
    found: Counter[str] = Counter()
    spent = Spent()
    chance = random.Random(seed)
    long = [each for each in project.files if len(each.code_lines) >= STRETCH]
    for file in chance.choices(long, k=STRETCHES) if long else ():
        code = file.code_lines
        start = chance.randrange(len(code) - STRETCH + 1)
        state = Typing()
        end = code[start + STRETCH - 1] + 1
        with project.without(file, code[start], end) as viewing:
            for line in range(code[start], end):
                if file.lines[line].strip():
                    _type(project.view, viewing, file, line, end, state, found, spent)
    lines, wanted = max(found["lines"], 1), max(found["fresh"], 1)
    return {
        "lines": found["lines"],
        "lines_in_need": round(found["in need"] / lines, 3),
        "not_code": round(found["silent"] / lines, 3),
        "skipped": round(1 - found["anew"] / lines, 3),
        "recall_lost": round(1 - found["kept"] / wanted, 3),
        "recall_fresh": round(found["fresh"] / max(found["needed"], 1), 3),
        "look_ms": _percentiles(spent.looking),
        "chosen_anew": round(len(spent.choosing) / lines, 3),
        "choose_ms": _percentiles(spent.choosing),
        "know_ms": _percentiles(spent.knowing),
        "know_every_lines": round(lines / max(len(spent.knowing), 1), 1),
    }


def _type(
    entire: CodeView,
    viewing: Viewing,
    file: File,
    line: int,
    end: int,
    state: Typing,
    found: Counter[str],
    spent: Spent,
) -> None:
    """Look at one line before it is typed, as `firsthand.context` does."""
    text, position = file.without(line, end), Position(line, 0)
    place = Place.at(file.path, file.language, text, position)
    found["lines"] += 1
    before = state.window.start if state.window else None
    state.window = excerpt(text, position, _PREFIX, _SUFFIX, state.window)
    if not speaks(place):
        found["silent"] += 1
        return
    if state.known is None or outdated(state.known, place):
        began = thread_time()
        with viewing() as view:
            state.known = know(view, place, text.string)
        spent.knowing.append(thread_time() - began)
        state.newest = None
    moved = before != state.window.start
    began = thread_time()
    serves = state.newest and not moved and settled(state.newest, place, state.known)
    if not serves:
        with viewing() as view:
            state.newest = choose(view, place, state.known, BUDGET)
    spent.looking.append(thread_time() - began)
    if not serves:
        spent.choosing.append(spent.looking[-1])
    newest = state.newest or Chosen()
    fresh = newest
    if serves:
        with viewing() as view:
            fresh = choose(view, place, state.known, BUDGET)
    if novelty(newest, state.shown) >= NOVEL or moved:
        found["anew"] += 1
        state.shown = newest
    wanted = needed(entire, file, line, line + 1, end)
    found["needed"] += len(wanted)
    found["in need"] += bool(wanted)
    found["fresh"] += len(wanted & _shown(fresh)[0])
    found["kept"] += len(wanted & _shown(state.shown)[0])


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {
        "p50": round(1000 * median(ordered), 2),
        "p95": round(1000 * ordered[int(0.95 * len(ordered))], 2),
    }
