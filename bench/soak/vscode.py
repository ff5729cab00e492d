"""`python -m bench.soak.vscode`: edit in the real VS Code for half an hour, with a model.

A seeded hand types lines of a real module, accepts what is shown (all of it, a word of it),
undoes, deletes, saves, changes the file, pauses, asks why. It fails where the memory of the server
or of VS Code's side of the extension goes on growing, where a server ended on the way, where a
process is left over, or where the server's log or the window's console tells of a fault.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tests.e2e import vscode
from tests.e2e.debian import CACHE
from tests.e2e.knowing import knowing
from tests.e2e.vscode_editor import Editor
from tests.processes import left_running

_FILES = 3
# Several lines at once would be indented anew, each by all those before it.
_PLAIN = {"editor.autoIndent": "none"}
_EVERY = 10.0  # seconds between two looks at the memory
_GAP = 0.15  # seconds between two keys, as a quick hand has them
_MOST_LOST = 5  # rounds in which the window did not follow
_PATIENCE = 0.5  # seconds in which something may be shown
_BEFORE, _AT_ONCE = 3, 12  # lines that are there, and the most that are typed after them
_GROWN_MB, _GROWN = 60, 1.25  # what the last quarter may be more than the second one
_GONE = 10.0  # seconds after which nothing of a closed editor may be left


@dataclass(slots=True)
class Seen:
    """What was done, and what was seen of the processes, in MB.

    Attributes:
        keys, shown, accepted: keys pressed, suggestions seen, and accepted.
        lost: what the window did not do in time, on a busy machine; the hand then goes on.
        server: resident memory of the language server.
        host: of VS Code's process that the extension runs in.
        page: what the window's own scripts hold.
    """

    keys: int = 0
    shown: int = 0
    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    host: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)


def main() -> None:
    """Edit for some minutes, print what was seen, and fail where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak.vscode", description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--seed", type=int, default=0, help="what the hand does (0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures, faults = soak(Path(scratch), 60 * asked.minutes, asked.seed)
    print(json.dumps(figures, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if faults:
        raise SystemExit("\n".join(faults))


def soak(folder: Path, seconds: float, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Edit for so many seconds; gives the figures, and a sentence for each fault."""
    text = Path(ast.__file__).read_text("utf-8")
    files = _workspace(folder, text)
    (folder / "environments").mkdir()
    seen = Seen()
    with (
        knowing(text, told=120, piece=120) as model,
        vscode.browsing() as browser,
        vscode.editing(
            browser,
            files[0],
            folder / "home",
            config=model.server.config(),
            environments=folder / "environments",
            settings={**vscode.OURS, **_PLAIN},
        ) as editor,
    ):
        model.delay = 0.1
        editor.until(lambda: "qwen2.5-coder" in editor.status, "a server", vscode.FIRST_START)
        server = editor.servers()[0].pid
        began = time.monotonic()
        _edit(editor, files, text, random.Random(seed), began + seconds, seen)
        lasted = time.monotonic() - began
        servers = [each.pid for each in editor.servers()]
        told = editor.faults + editor.unhandled
        tree = psutil.Process(editor.server.pid).children(recursive=True)
    left = left_running(tree, _GONE)
    faults = [f"somebody was told of a fault: {each}" for each in told]
    if servers != [server]:
        faults.append(f"the server {server} did not last: {servers}")
    faults += [f"{each} was left running" for each in left]
    figures = {
        "minutes": round(lasted / 60, 1),
        "keys": seen.keys,
        "suggestions_seen": seen.shown,
        "accepted": seen.accepted,
        "rounds_lost": seen.lost,
        "model_requests": len(model.server.asked),
        "server_mb": _course(seen.server),
        "extension_host_mb": _course(seen.host),
        "window_heap_mb": _course(seen.page),
        "left_running": len(left),
        "faults_told": told,
    }
    for name, values in (("server", seen.server), ("extension host", seen.host)):
        if _grows(values):
            faults.append(f"the memory of the {name} grows: {_course(values)}")
    return figures, faults


def _workspace(folder: Path, text: str) -> list[Path]:
    (folder / "project/.git").mkdir(parents=True)
    files = [folder / f"project/part{number}.py" for number in range(_FILES)]
    lines = text.split("\n")
    for number, file in enumerate(files):
        share = len(lines) // _FILES
        piece = lines[number * share : (number + 1) * share]
        file.write_text("\n".join(piece) + "\n", encoding="utf-8")
    return files


def _edit(
    editor: Editor, files: list[Path], text: str, hand: random.Random, end: float, seen: Seen
) -> None:
    lines = text.split("\n")
    looked = 0.0
    while time.monotonic() < end:
        if time.monotonic() - looked >= _EVERY:
            looked = time.monotonic()
            _look(editor, seen)
        try:
            _round(editor.show(hand.choice(files)), lines, hand, end, seen)
        except AssertionError as lost:
            seen.lost.append(str(lost).split("\n", 1)[0])
            if len(seen.lost) > _MOST_LOST:
                raise
            editor.page.screenshot(path=CACHE / "vscode-soak.png")
            editor.press("Escape", "Escape")


def _round(shown: Editor, lines: list[str], hand: random.Random, end: float, seen: Seen) -> None:
    """Some lines in one file while there is time, and something else."""
    shown.click_end()
    first = hand.randrange(_BEFORE, len(lines) - _AT_ONCE)
    shown.page.keyboard.insert_text("\n".join(lines[first - _BEFORE : first]))
    for line in lines[first : first + hand.randint(_AT_ONCE // 2, _AT_ONCE)]:
        if time.monotonic() < end:
            _write(shown, line, hand, seen)
    hand.choice(_DEEDS)(shown)
    # What was written is taken away again, so that the file stays as long as it was.
    shown.press("Control+a")
    shown.page.keyboard.insert_text(shown.file.read_text("utf-8"))
    shown.saved()


def _write(editor: Editor, line: str, hand: random.Random, seen: Seen) -> None:
    """Type a line, or some of it and then what is shown."""
    editor.press("Enter", "Shift+Home")
    typed = line if hand.random() < 0.5 else line[: hand.randint(0, len(line))]
    editor.type(typed, pause=hand.uniform(0.4, 1.6) * _GAP)
    seen.keys += len(typed)
    end = time.monotonic() + _PATIENCE
    while not editor.ghost and time.monotonic() < end:
        editor.page.wait_for_timeout(30)
    if editor.ghost:
        seen.shown += 1
        key = hand.choice(("Tab", "Tab", "Control+ArrowRight", "Escape"))
        editor.press(key)
        seen.accepted += key != "Escape"
        if hand.random() < 0.2:
            editor.press("Control+z")


def _pause(editor: Editor) -> None:
    editor.run("Firsthand: Pause for 15 Minutes")
    editor.until(lambda: editor.status == "paused", "a pause")
    editor.run("Firsthand: Pause for 15 Minutes")
    editor.until(lambda: editor.status != "paused", "no pause")
    editor.click_end()


def _why(editor: Editor) -> None:
    editor.settle()
    editor.click_end()


def _undo(editor: Editor) -> None:
    editor.press(*["Control+z"] * 5, *["Control+y"] * 5)


def _delete(editor: Editor) -> None:
    editor.press(*["Control+Shift+k"] * 3)


_DEEDS: tuple[Callable[[Editor], None], ...] = (_undo, _undo, _delete, _delete, _why, _pause)


def _look(editor: Editor, seen: Seen) -> None:
    for server in editor.servers():
        seen.server.append(_mb(server.memory_info().rss))
        host = server.parent()
        if host is not None:
            seen.host.append(_mb(host.memory_info().rss))
    seen.page.append(_mb(editor.page.evaluate("performance.memory.usedJSHeapSize")))


def _mb(size: float) -> float:
    return round(size / 1e6, 1)


def _course(values: list[float]) -> dict[str, float]:
    """The medians of the four quarters of the time."""
    quarter = max(1, len(values) // 4)
    parts = [values[at : at + quarter] for at in range(0, 4 * quarter, quarter)]
    return {f"quarter_{n + 1}": statistics.median(part) for n, part in enumerate(parts) if part}


def _grows(values: list[float]) -> bool:
    """Whether the last quarter has clearly more than the second; the first fills what is kept."""
    course = list(_course(values).values())
    if len(course) < 4:
        return False
    return course[3] > course[1] * _GROWN and course[3] > course[1] + _GROWN_MB


if __name__ == "__main__":
    main()
