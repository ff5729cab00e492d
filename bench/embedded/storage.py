"""What the index costs: `python -m bench.embedded.storage FOLDER...`.

The sources of the folders are copied, with other names in each copy so that no two files are alike,
until there are as many tokens as asked for. Each figure comes from a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from bench.embedded.measure import Figures

_WORD = re.compile(r"\b[a-z_]{4,}\b")
_TOKEN_CHARACTERS = 3.6  # of Python code, about; what is reported was counted
_CHANGED = (1, 10, 1000)
_PLACES, _KEYS = 150, 8  # where something is typed, and how many keys there
_EDITS = 2000


def main() -> None:
    """Measure and print, and write what is printed."""
    parser = argparse.ArgumentParser(prog="python -m bench.embedded.storage", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--millions", nargs="+", type=int, default=[1, 5, 20], help="of tokens")
    parser.add_argument("--json", type=Path, help="where to write the results")
    given = parser.parse_args()
    results: dict[str, object] = {"python": platform.python_version()}
    for size in given.millions:
        figures = results[f"{size}M"] = _of(given.folders, size)
        print(f"{size}M", *(f"{name} {value}" for name, value in figures.items()), sep="\n  ")
    with tempfile.TemporaryDirectory() as scratch:
        results["million_words"] = _alone(_many_words, Path(scratch), Path(scratch))
    print("million words", results["million_words"])
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _of(sources: list[Path], millions: int) -> Figures:
    with tempfile.TemporaryDirectory() as scratch:
        root, home = Path(scratch) / "root", Path(scratch) / "home"
        files = _plant(sources, root, millions * 1_000_000)
        figures = _alone(_build, root, home) | _alone(_tier, root, home)
        for number in _CHANGED:
            if number >= len(files):
                continue
            for file in files[:number]:
                text = file.read_text(encoding="utf-8")
                file.write_text(f"{text}\nchanged = {time.time_ns()}\n", encoding="utf-8")
            update = _alone(_build, root, home)
            figures[f"update_{number}_s"] = update["build_s"]
            figures[f"update_{number}_peak_mb"] = update["peak_mb"]
        figures |= _alone(_first_suggestion, root, home)
        figures |= _alone(_edited_line, root, home)
        figures |= _alone(_library, root, home)
        figures |= _alone(_with_library, root, home)
        shutil.rmtree(root)
    return figures


def _plant(sources: list[Path], root: Path, tokens: int) -> list[Path]:
    """Write copies of the sources' Python files, each with names of its own."""
    left = tokens * _TOKEN_CHARACTERS
    paths = [path for folder in sources for path in sorted(folder.rglob("*.py"))]
    found: list[Path] = []
    for copy in range(1000):
        for number, path in enumerate(paths):
            text = path.read_bytes().decode("utf-8", "replace")
            if not 200 < len(text) < 200_000:
                continue
            if copy:
                text = _WORD.sub(partial(_renamed, copy), text)
            target = root / f"copy{copy}" / f"{number % 97}" / f"{number}_{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            found.append(target)
            left -= len(text)
            if left <= 0:
                return found
    return found


def _renamed(copy: int, match: re.Match[str]) -> str:
    word = match[0]
    return f"{word}_{copy}" if sum(map(ord, word)) % 3 == 0 else word


def _alone(call: Callable[[Path, Path], Figures], root: Path, home: Path) -> Figures:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(call, root, home).result()


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _tier(root: Path, home: Path) -> Figures:
    """Seconds of CPU a million tokens until the tier is there, before any line is rehearsed."""
    from firsthand.embedded import build_tier
    from firsthand.index.build import EMBEDDED, Learner, build

    learner = Learner(build_tier, EMBEDDED.update, EMBEDDED.fault)
    environ = {**os.environ, "FIRSTHAND_HOME": str(home / "tier")}
    start = time.process_time()
    status = build(root, learner=learner, environ=environ).status
    seconds = time.process_time() - start
    assert status is not None
    return {"tier_s_per_million": round(seconds / status.tokens * 1e6, 2)}


def _build(root: Path, home: Path) -> Figures:
    """Seconds of CPU of the index process for one run, and its peak memory."""
    from firsthand.index.build import build

    start = time.process_time()
    result = build(root, environ={**os.environ, "FIRSTHAND_HOME": str(home)})
    seconds = time.process_time() - start
    assert result.status is not None
    tokens = result.status.tokens
    return {
        "tokens": float(tokens),
        "files": float(result.status.files),
        "size_mb": round(result.status.size / 1e6, 1),
        "build_s": round(seconds, 2),
        "peak_mb": _peak_mb(),
    }


def _many_words(folder: Path, _home: Path) -> Figures:
    """A tier of files that hold a million different words together."""
    from firsthand.embedded import ProjectTier, build_tier

    def files() -> Iterator[tuple[str, str, str]]:
        for number in range(60):
            names = ((f"name_{number}_{line}", f"other_{number}_{line}") for line in range(8500))
            text = "".join(f"{name} = {other}(value)\n" for name, other in names)
            yield f"{number}.py", "python", text

    start = time.process_time()
    stats = build_tier(files(), folder / "words")
    seconds = time.process_time() - start
    whole = ProjectTier.load(folder / "words").words.whole
    return {
        "tokens": float(stats.tokens),
        "words_kept_whole": float(whole),
        "build_s": round(seconds, 2),
        "peak_mb": _peak_mb(),
    }


def _library(root: Path, home: Path) -> Figures:
    """Seconds of CPU to make the base tier, its tokens, and the peak memory."""
    from firsthand.index.library import build

    start = time.process_time()
    result = build(root, environ={**os.environ, "FIRSTHAND_HOME": str(home)})
    return {
        "library_s": round(time.process_time() - start, 2),
        "library_tokens": float(result.status.tokens if result.status else 0),
        "library_peak_mb": _peak_mb(),
    }


def _with_library(root: Path, home: Path) -> Figures:
    """What a suggestion costs with the base tier beside the project's."""
    figures = _first_suggestion(root, home)
    return {f"{name}_with_library": value for name, value in figures.items()}


def _loaded(root: Path, home: Path) -> tuple[object, object, float]:
    """A model with the tiers, a document opened in it, and the seconds they took to load."""
    from firsthand.core.text import Text
    from firsthand.embedded import EmbeddedModel, ProjectTier
    from firsthand.index.library import base_folder
    from firsthand.index.state import tier_folder

    model = EmbeddedModel()
    file = max(root.rglob("*.py"), key=lambda path: path.stat().st_size)
    text = Text.of(file.read_text(encoding="utf-8"))
    model.attach(str(root), None)
    for _ in model.learning("uri", str(file), "python", text):
        pass
    start = time.perf_counter()
    environ = {**os.environ, "FIRSTHAND_HOME": str(home)}
    tier, base = ProjectTier.load(tier_folder(root, environ)), base_folder(root, environ)
    model.attach(str(root), tier, ProjectTier.load(base) if base else None)
    return model, text, time.perf_counter() - start


def _first_suggestion(root: Path, home: Path) -> Figures:
    """From the tier's load to its first suggestion, wall clock; then CPU a suggestion."""
    from firsthand.core.text import Position, Text
    from firsthand.embedded import EmbeddedModel

    model, text, loading = _loaded(root, home)
    assert isinstance(model, EmbeddedModel)
    assert isinstance(text, Text)
    places = [
        Position(number, len(line) - len(line.lstrip()) + 2)
        for number in range(40, len(text.lines))
        if len(line := text.line(number)) > 30
    ][:_PLACES]
    start = time.perf_counter()
    costs = []
    first = 0.0
    for place in places:
        whole = text.line(place.line)
        for typed in range(place.character, place.character + _KEYS):
            lines = (*text.lines[: place.line], f"{whole[:typed]}\n", *text.lines[place.line + 1 :])
            now = Text.of("".join(lines))
            model.edit("uri", now, place.line, 1, 1)
            began = time.thread_time()
            model.suggest("uri", now, Position(place.line, typed))
            costs.append((time.thread_time() - began) * 1000)
            first = first or time.perf_counter() - start
    return {
        "first_suggestion_ms": round((loading + first) * 1000, 1),
        "suggestion_ms_p50": round(median(costs), 2),
        "suggestion_ms_p99": round(quantiles(costs, n=100)[98], 2),
        "reader_peak_mb": _peak_mb(),
    }


def _edited_line(root: Path, home: Path) -> Figures:
    """CPU of taking one edited line, of a document of some thousand lines."""
    from firsthand.core.text import Text
    from firsthand.embedded import EmbeddedModel

    model, text, _ = _loaded(root, home)
    assert isinstance(model, EmbeddedModel)
    assert isinstance(text, Text)
    lines = list(text.lines)
    costs = []
    number = 0
    for turn in range(_EDITS):
        # Mostly a few lines on, now and then far away.
        number = (number + turn % 5 if turn % 20 else turn * 7919) % (len(lines) - 1)
        lines[number] = f"    value_{turn} = self.compute(argument_{turn % 9}, {turn})\n"
        after = Text.of("".join(lines))
        began = time.thread_time()
        model.edit("uri", after, number, 1, 1)
        costs.append((time.thread_time() - began) * 1000)
    return {
        "edit_ms_p50": round(median(costs), 3),
        "edit_ms_p99": round(quantiles(costs, n=100)[98], 3),
        "edit_lines": float(len(lines)),
    }


if __name__ == "__main__":
    main()
