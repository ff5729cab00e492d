"""A long session of scripted editing in a real Neovim: what grows, what is left, what went wrong.

`python -m bench.soak.neovim`; the exit status is 1 where it found a fault.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from bench.pixels.neovim import rest, session
from tests.e2e.neovim import Editor

_SAMPLES = 20
_GROWTH = 1.25  # of resident memory, from the first half of a session to its end
_SLACK_MB = 16  # what an allocator may hold on to
# In what the person is told and in logs.
_FAULT = re.compile(r"\bERROR\b|Error|Traceback|\bE\d{3,4}:|fault|ended")


def main() -> int:
    """Edit, look, and print; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak.neovim")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    with session(plugin=True) as (editor, home):
        nvim = psutil.Process(int(editor.lua("return vim.fn.getpid()")))
        figures = _edited(editor, nvim, 60 * arguments.minutes)
        editor.press("<Esc>")
        told = editor.messages.splitlines()
        figures["faults_told"] = [line for line in told if _FAULT.search(line)]
        figures["faults_in_logs"] = _faults_in(home)
        family = nvim.children(recursive=True)
    _gone, left = psutil.wait_procs(family, timeout=10)
    figures["processes"] = {"while_editing": len(family), "left": len(left)}
    figures["faults"] = _faults(figures)
    print(json.dumps(figures, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 1 if figures["faults"] else 0


def _edited(editor: Editor, nvim: psutil.Process, seconds: float) -> dict[str, Any]:
    """Edit for so long: typing, accepting, undoing, moving, pausing; memory on the way."""
    chance, lines = random.Random(7), [line for line in rest().split("\n") if line.strip()]
    begin = time.monotonic()
    samples: list[dict[str, float]] = []
    done = dict.fromkeys(("lines", "accepted", "undone", "pauses"), 0)
    while (passed := time.monotonic() - begin) < seconds:
        if passed >= len(samples) * seconds / _SAMPLES:
            samples.append({"second": round(passed), **_memory(nvim)})
        line = chance.choice(lines)
        for key in line[: chance.randint(4, len(line)) if len(line) > 4 else None]:
            editor.press(key.replace("<", "<lt>"))
            time.sleep(chance.uniform(0.03, 0.09))
        done["lines"] += 1
        if editor.ghost:
            editor.press(chance.choice(("<Tab>", "<M-Right>", "<M-End>")))
            done["accepted"] += 1
        act = chance.random()
        if act < 0.2:
            editor.press("<Esc>u<C-r>u")
            done["undone"] += 1
        elif act < 0.25:
            editor.press("<Esc>:silent Firsthand pause<CR>:silent Firsthand pause<CR>")
            done["pauses"] += 1
        elif act < 0.35:
            editor.press("<C-w><BS><BS><C-]>")
        # The buffer stays about as long as it was.
        editor.press("<Esc>" + ("5dk" if len(editor.lines) > 400 else "") + "Go<C-u>")
        editor.until(lambda: editor.mode == "i", "insert mode")
    samples.append({"second": round(time.monotonic() - begin), **_memory(nvim)})
    return {"seconds": round(seconds), **done, "memory_mb": samples}


def _memory(nvim: psutil.Process) -> dict[str, float]:
    """Resident memory in MB, and how many processes there are below the editor."""
    family = nvim.children(recursive=True)
    sizes = []
    for each in family:
        with suppress(psutil.NoSuchProcess):
            sizes.append(each.memory_info().rss)
    editor = nvim.memory_info().rss
    return {
        "editor": round(editor / 2**20, 1),
        "server": round(sum(sizes) / 2**20, 1),
        "processes": len(family),
    }


def _faults_in(home: Path) -> list[str]:
    """What the logs of Neovim and of the server say went wrong."""
    return [
        f"{file.name}: {line[:200]}"
        for file in home.rglob("*.log")
        for line in file.read_text("utf-8", errors="replace").splitlines()
        if _FAULT.search(line)
    ]


def _faults(figures: Mapping[str, Any]) -> list[str]:
    """What must not be, a sentence each."""
    last = figures["memory_mb"][-1]
    # The process that indexes comes and goes.
    alike = [each for each in figures["memory_mb"] if each["processes"] == last["processes"]]
    middle = alike[len(alike) // 2]
    faults = [
        f"the {who} grew from {middle[who]} MB to {last[who]} MB in the second half"
        for who in ("editor", "server")
        if last[who] > middle[who] * _GROWTH + _SLACK_MB
    ]
    if figures["processes"]["left"]:
        faults.append("a process outlived the editor")
    if figures["faults_in_logs"]:
        faults.append("a log tells of a fault")
    if figures["faults_told"]:
        faults.append("the person was told of a fault")
    return faults


if __name__ == "__main__":
    sys.exit(main())
