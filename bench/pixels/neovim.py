"""`python -m bench.pixels.neovim`: from a key to ghost text in Neovim, and what typing costs there.

A module of the standard library is typed at a steady rate, with the plugin (the embedded tier
alone) and without it, in the newest Neovim and in an older one. Then a model answers late, where
nothing is shown. The clock is Neovim's own and runs in it, so that no connection to it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e import neovim
from tests.e2e.knowing import knowing
from tests.e2e.neovim import Editor

PLUGIN = Path(__file__).resolve().parents[2] / "clients/neovim"
MODULES = ("textwrap", "shlex", "csv", "configparser", "fractions", "gettext", "netrc", "optparse")
TYPED = "textwrap"
_LATE = 0.25  # seconds after which a model answers
EMBEDDED = "[inline]\nmodels = []\ndiscover = false\n"
_LATE_ANSWERS = 30
_MISSED = 5.0  # seconds after which one is not waited for any more
_STILL = 0.3  # seconds without a key
# When a key came, when ghost text was
# drawn for it, and when Neovim had done all that the key's change set off.
_CLOCK = """
vim.g.loaded_python3_provider = 0
vim.o.swapfile, vim.o.autoindent = false, false
vim.cmd('filetype plugin indent off')
local ghosts = vim.api.nvim_create_namespace('firsthand')
_G.keys = {}
local set = vim.api.nvim_buf_set_extmark
vim.api.nvim_buf_set_extmark = function(buffer, namespace, ...)
  local last = _G.keys[#_G.keys]
  if namespace == ghosts and last and not last.drawn then
    last.drawn = vim.uv.hrtime()
  end
  return set(buffer, namespace, ...)
end
vim.on_key(function(_, typed)
  if typed ~= '' and vim.api.nvim_get_mode().mode == 'i' then
    local shown = #vim.api.nvim_buf_get_extmarks(0, ghosts, 0, -1, {}) > 0
    _G.keys[#_G.keys + 1] = { at = vim.uv.hrtime(), shown = shown }
  end
end)
"""
_SETUP = """
vim.opt.runtimepath:prepend('{plugin}')
require('firsthand').setup()
"""
_DONE = """
vim.api.nvim_create_autocmd('TextChangedI', {
  callback = function()
    local last = _G.keys[#_G.keys]
    if last and not last.done then
      last.done = vim.uv.hrtime()
    end
  end,
})
"""


def main() -> None:
    """Type in four sessions, and print how long what took."""
    parser = argparse.ArgumentParser(prog="python -m bench.pixels.neovim")
    parser.add_argument("--keys", type=int, default=1000, help="keys in each run")
    parser.add_argument("--rate", type=float, default=20.0, help="keys a second")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    text = rest()[: arguments.keys]
    figures: dict[str, Any] = {"keys": len(text), "rate": arguments.rate, "load_before": load}
    for name in ("newest", "older"):
        with session(plugin=False, version=name) as (editor, _home):
            off = _typed(editor, text, arguments.rate)
        with session(plugin=True, version=name) as (editor, _home):
            version = str(editor.lua("return tostring(vim.version())"))
            on = _typed(editor, text, arguments.rate)
        late = _late_answers(name)
        figures[f"neovim {version}"] = {"on": on, "off": off, "late_answer_to_screen": late}
    figures["machine"] = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(json.dumps(figures, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _typed(editor: Editor, text: str, rate: float) -> dict[str, Any]:
    """Type at a steady rate, and say how long what took, in milliseconds."""
    before = editor.lines[:-1]
    editor.lua("_G.keys = {}")
    due = time.monotonic()
    for key in text:
        editor.press("<CR>" if key == "\n" else key.replace("<", "<lt>"))
        due += 1 / rate
        time.sleep(max(0.0, due - time.monotonic()))
    editor.until(lambda: len(editor.lua("return _G.keys")) >= len(text), "all keys")
    keys = editor.lua("return _G.keys")
    drawn = [each for each in keys if each.get("drawn")]
    return {
        "as_typed": editor.lines == before + text.split("\n"),
        "to_ghost": _spread([each["drawn"] - each["at"] for each in drawn]),
        "to_new_ghost": _spread(
            [each["drawn"] - each["at"] for each in drawn if not each["shown"]]
        ),
        "to_done": _spread([each["done"] - each["at"] for each in keys if each.get("done")]),
    }


def _late_answers(version: str) -> dict[str, float]:
    """From a model's answer to the screen, a while after the last key, where nothing was shown."""
    call = "(first_of_all, second_of_all, third)"
    lines = [f"the_value_of_part_{number} = compute_{number}" for number in range(_LATE_ANSWERS)]
    epoch = "local s, us = vim.uv.gettimeofday(); return s * 1e9 + us * 1e3 - vim.uv.hrtime()"
    took, missed = [], 0
    with (
        knowing("", told=600, piece=600) as model,
        session(plugin=True, version=version, config=model.config, level="qwen") as (editor, _home),
    ):
        model.delay = _LATE
        begin = editor.lua(epoch)
        for line in lines:
            model.text += f"\n{line}{call}"  # and nothing to follow it
            editor.press(line[:-1])
            time.sleep(0.01)
            editor.press(line[-1])
            end = time.monotonic() + _MISSED
            while editor.ghost != call and time.monotonic() < end:
                time.sleep(0.02)
            if editor.ghost == call:
                drawn = begin + editor.lua("return _G.keys[#_G.keys].drawn")
                took.append(
                    round(drawn - max(1e9 * at for at in model.answered if 1e9 * at < drawn))
                )
            else:
                missed += 1
            editor.press("<Tab>" if editor.ghost == call else call)
            time.sleep(_STILL)
            editor.press("<CR>")
            time.sleep(_STILL)
    return {**_spread(took), "missed": missed}


def _spread(nanoseconds: list[int]) -> dict[str, float]:
    if len(nanoseconds) < 2:
        return {"count": len(nanoseconds)}
    cuts = statistics.quantiles(nanoseconds, n=100, method="inclusive")
    named = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}
    return {
        "count": len(nanoseconds),
        **{name: round(value / 1e6, 2) for name, value in named.items()},
    }


@contextmanager
def session(
    *, plugin: bool, version: str = "newest", config: str = EMBEDDED, level: str = "embedded"
) -> Iterator[tuple[Editor, Path]]:
    """Neovim with the module that is typed open, emptied of its last third; and its home.

    Args:
        plugin: whether Firsthand is set up in it.
        version: which Neovim, as `tests.e2e.neovim` names it.
        config: the person's configuration file; the embedded tier alone if not said.
        level: how the status begins that tells of a server that completes.
    """
    with tempfile.TemporaryDirectory() as folder:
        project, home = Path(folder) / "project", Path(folder) / "home"
        (project / ".git").mkdir(parents=True)
        library = Path(sysconfig.get_path("stdlib"))
        for name in MODULES:
            shutil.copy(library / f"{name}.py", project)
        file = project / f"{TYPED}.py"
        lines = file.read_text("utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[: 2 * len(lines) // 3]), encoding="utf-8")
        init = _CLOCK + (_SETUP.format(plugin=PLUGIN.as_posix()) if plugin else "") + _DONE
        program = getattr(neovim, version)
        with neovim.editing(
            file, init, home, program=program, ghosts="firsthand", config=config
        ) as editor:
            if plugin:
                status = "return require('firsthand').statusline()"
                editor.until(
                    lambda: editor.lua(status).startswith(level), "a server that completes"
                )
            editor.press("Go")
            yield editor, home


def rest() -> str:
    """What is typed: the third of the module that was taken away."""
    library = Path(sysconfig.get_path("stdlib"))
    lines = (library / f"{TYPED}.py").read_text("utf-8").splitlines(keepends=True)
    return "".join(lines[2 * len(lines) // 3 :])


if __name__ == "__main__":
    main()
