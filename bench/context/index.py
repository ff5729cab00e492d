"""The index of code: what building it, keeping it up to date and asking it cost."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from tests.index.code.shop import age
from tests.index.trees import GIT, git

from firsthand.index.code.database import code_file
from firsthand.index.code.update import CodeIndex
from firsthand.index.code.view import CodeReader
from firsthand.index.files import Limits, list_files, read_file
from firsthand.index.git import Git
from firsthand.index.languages import PROSE_AND_DATA

_ALL = Limits(files=1_000_000, total_bytes=10**10, names=10**7)
_EDITS = 60
_SWITCHED = 1_000
_ASKED = 300
_NAME = re.compile(r"[^\W\d]\w*")
# In a fresh process: its start, then an opened index and its first answer.
_WARM = """
import sys, time
from pathlib import Path
began = time.perf_counter(), time.process_time()
from firsthand.index.code.view import CodeReader
with CodeReader(Path(sys.argv[1])).view() as view:
    found = view.definitions(sys.argv[2])
print(time.perf_counter() - began[0], time.process_time() - began[1], len(found))
"""


def add_to(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the part to the command line."""
    parser = parts.add_parser("index", help=__doc__, description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="sources to make a project of")
    parser.add_argument("--lines", type=int, default=1_000_000, help="of the project (1000000)")
    parser.add_argument("--files", type=int, default=0, help="make up so many small files instead")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the results")
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(os.path.realpath(scratch)) / "project"
        lines = made_up(root, given.files) if given.files else copied(root, given)
        if GIT:
            git(root, "init", "-q")
            git(root, "add", "-f", "--all")
        figures = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
            "lines": lines,
            **measured(root, Path(scratch), random.Random(given.seed)),
        }
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def copied(root: Path, given: argparse.Namespace) -> int:
    """A project of copies of folders' code, so many lines of it, in a random order; its lines."""
    folders = given.folders or [Path(json.__file__).parent.parent]
    found = [
        (number, folder, file.path)
        for number, folder in enumerate(folders)
        for file in list_files(folder, limits=_ALL).files
        if file.language not in PROSE_AND_DATA
    ]
    random.Random(given.seed).shuffle(found)
    lines = 0
    for number, folder, path in found:
        text = read_file(folder, path)
        if lines >= given.lines:
            break
        if isinstance(text, str):
            target = root / f"part{number}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", errors="replace")
            lines += text.count("\n") + 1
    return lines


def made_up(root: Path, files: int) -> int:
    """A project of many small files; its lines."""
    for number in range(files):
        folder = root / f"part{number // 1000}" / f"group{number // 50 % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number}.py").write_text(
            f"from part{number % 97} import helper{number % 997}\n\n\n"
            f"class Item{number}:\n    def total(self, price):\n"
            f"        return helper{number % 997}(price, {number})\n",
            encoding="utf-8",
        )
    return 6 * files


def measured(root: Path, scratch: Path, dice: random.Random) -> dict[str, Any]:
    """All figures about a project's index."""
    age(root)
    file = code_file(root, {"FIRSTHAND_HOME": str(scratch / "home")})
    figures: dict[str, Any] = {}
    with indexing(file, root) as index:
        with costing(figures, "build"):
            figures["files"] = index.scan().files
        figures["database_mb"] = round(index.measure()[0] / 1e6, 1)
    with indexing(file, root) as index, costing(figures, "nothing_changed"):
        index.scan()
    figures["warm_start"] = warm(file)
    with indexing(file, root) as index:
        figures["edit"] = edits(index, root, file, dice)
        changed = chosen(file, _SWITCHED, dice)
        for path in changed:
            edit(root / path, dice)
        with costing(figures, "switch"):
            figures["switch_files"] = index.refresh(set(changed)).changed
    figures["reads_ms"], figures["reader_mb"] = reads(file, dice)
    return figures


@contextmanager
def indexing(file: Path, root: Path) -> Iterator[CodeIndex]:
    """The index while it is written."""
    index = CodeIndex(file, root, git=Git.found())
    try:
        yield index
    finally:
        index.close()


@contextmanager
def costing(figures: dict[str, Any], name: str) -> Iterator[None]:
    """Note what is done meanwhile: seconds, CPU seconds of all processes, their memory at most."""
    before, began = os.times(), time.perf_counter()
    process, peak = psutil.Process(), 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            total = process.memory_info().rss
            for child in process.children():
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak = max(peak, total)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        seconds = time.perf_counter() - began
        done.set()
        watching.join()
        after = os.times()
        cpu = sum(after[:4]) - sum(before[:4])
        figures[name] = {
            "s": round(seconds, 2),
            "cpu_s": round(cpu, 2),
            "memory_mb": round(peak / 1e6) or None,
        }


def warm(file: Path) -> dict[str, float]:
    """An index that is there, opened and asked in a fresh process; medians of five."""
    times = []
    for _ in range(5):
        command = [sys.executable, "-c", _WARM, str(file), "main"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        times.append(tuple(map(float, said.split()[:2])))
    return {
        "ms": round(1000 * median(each[0] for each in times), 1),
        "cpu_ms": round(1000 * median(each[1] for each in times), 1),
    }


def edits(index: CodeIndex, root: Path, file: Path, dice: random.Random) -> dict[str, float]:
    """A line more in a file, and it is in the index; CPU milliseconds over some files."""
    paths = chosen(file, _EDITS, dice)
    times, sizes = [], []
    for path in paths:
        edit(root / path, dice)
        began = time.process_time()
        index.refresh({path})
        times.append(1000 * (time.process_time() - began))
        sizes.append((root / path).read_bytes().count(b"\n"))
    return {"lines_p50": median(sizes), **spread(times)}


def edit(path: Path, dice: random.Random) -> None:
    """Write one more line into a file, after a blank one where there is one."""
    lines = path.read_text(encoding="utf-8").split("\n")
    blank = [number for number, line in enumerate(lines) if not line] or [0]
    lines.insert(dice.choice(blank), f"edited_{dice.randrange(10**6)} = 1")
    path.write_text("\n".join(lines), encoding="utf-8")


def chosen(file: Path, count: int, dice: random.Random) -> list[str]:
    """Some files that hold code."""
    return dice.sample(paths := indexed(file), min(count, len(paths)))


def indexed(file: Path) -> list[str]:
    """The paths of all files that hold code."""
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT path FROM file WHERE digest <> x'' ORDER BY path").fetchall()
    connection.close()
    return [os.fsdecode(path) for (path,) in rows]


def reads(file: Path, dice: random.Random) -> tuple[dict[str, dict[str, float]], float]:
    """CPU milliseconds of each question, and how much memory asking them took."""
    before = psutil.Process().memory_info().rss
    reader = CodeReader(file)
    paths = chosen(file, _ASKED, dice)
    with reader.view() as view:
        outlines = {path: view.outline(path) for path in paths}
        names = [each.name for found in outlines.values() for each in found[:2]]
        containers = [each.container for found in outlines.values() for each in found[-1:]]
        imports = [(path, module) for path in paths for module, _ in view.imports(path)[:2]]
        asked_for = windows(file, dice)
        asked: dict[str, tuple[Callable[[Any], object], Iterable[Any]]] = {
            "definitions": (view.definitions, names),
            "members": (view.members, filter(None, containers)),
            "outline": (view.outline, paths),
            "imports": (view.imports, paths),
            "module": (lambda it: view.module(*it), imports),
            "references": (view.references, names),
            "rarity": (lambda it: view.rarity(list(it)[:20]), asked_for),
            "similar": (lambda it: view.similar(it, "none"), asked_for),
            "akin": (lambda it: view.akin(it, "none"), asked_for),
            "names": (view.names, paths),
        }
        figures = {name: timed(ask, items) for name, (ask, items) in asked.items()}
        figures["edges"] = timed(lambda _: list(view.edges()), range(3))
    memory = (psutil.Process().memory_info().rss - before) / 1e6
    reader.close()
    return figures, round(memory, 1)


def windows(file: Path, dice: random.Random) -> list[dict[str, float]]:
    """The first names of some chunks, as somebody would ask for code like theirs."""
    connection = sqlite3.connect(file)
    (most,) = connection.execute("SELECT max(id) FROM chunk").fetchone()
    rows = connection.execute(
        "SELECT text FROM chunk WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([dice.randrange(most) for _ in range(_ASKED)]),),
    ).fetchall()
    connection.close()
    return [dict.fromkeys(_NAME.findall(text)[:24], 1.0) for (text,) in rows]


def timed(ask: Callable[[Any], object], items: Iterable[Any]) -> dict[str, float]:
    """What asking costs, in CPU milliseconds."""
    times = []
    for item in items:
        began = time.thread_time()
        ask(item)
        times.append(1000 * (time.thread_time() - began))
    return spread(times)


def spread(times: list[float]) -> dict[str, float]:
    """The median, the 95th of a hundred, and how many there were."""
    times.sort()
    if not times:
        return {"n": 0}
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    return {"n": len(times), "p50": round(median(times), 3), "p95": round(p95, 3)}
