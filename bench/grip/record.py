"""Record what a real Neovim tells a server of typing and of accepted words.

`python -m bench.grip.record older bench/grip/traces/neovim-0.11.jsonl` types with Neovim's built-in
client, at a fast typist's pace, what the server suggests; words are accepted in between as a
mapping of a person's does it. Needs the packages of the extra `e2e`, and for `newest` what `make
e2e` unpacks. The trace says of each act what it was, and of each change what the editor told.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.e2e import neovim

_LINES = 40
_NAMES = ("total", "price", "items", "customer", "basket", "order", "i", "discount", "x", "tax")
_INIT = """
vim.lsp.set_log_level('off')
vim.o.swapfile = false
vim.api.nvim_create_autocmd('FileType', {{ pattern = 'python', callback = function()
  local client = vim.lsp.start({{ name = 'listener', cmd = {{ {command} }}, root_dir = '{root}' }})
  if vim.lsp.inline_completion then vim.lsp.inline_completion.enable(true) end
end }})
function _G.accept(text)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column, {{ text }})
  vim.api.nvim_win_set_cursor(0, {{ row, column + #text }})
end
"""


def main() -> None:
    """Record one trace."""
    version, file = sys.argv[1], Path(sys.argv[2])
    chance = random.Random(7)
    lines = [_line(chance) for _ in range(_LINES)]
    with TemporaryDirectory() as folder:
        root = Path(folder)
        known, trace, code = root / "known.txt", root / "trace.jsonl", root / "code.py"
        known.write_text("\n".join(lines), encoding="utf-8")
        code.write_text("", encoding="utf-8")
        words = (sys.executable, "-m", "bench.grip.listener", str(known), str(trace))
        init = _INIT.format(command=", ".join(f"'{each}'" for each in words), root=Path.cwd())
        program = neovim.older if version == "older" else neovim.newest
        with neovim.editing(code, init, root / "home", program=program) as editor:
            editor.until(lambda: editor.lua("return #vim.lsp.get_clients() > 0"), "a client")
            time.sleep(1.0)
            editor.press("i")
            acts = [act for line in lines for act in _write(editor, line, chance)]
            time.sleep(1.0)
        heard = [json.loads(each) for each in trace.read_text(encoding="utf-8").splitlines()]
    start = acts[0]["at"] - 1
    with open(file, "w", encoding="utf-8") as written:
        written.write(f"{json.dumps({'known': lines})}\n")
        for each in sorted([*acts, *heard], key=lambda one: one["at"]):
            written.write(f"{json.dumps({**each, 'at': round(each['at'] - start, 4)})}\n")


def _line(chance: random.Random) -> str:
    count = chance.randint(2, 5)
    return " = ".join((chance.choice(_NAMES), " + ".join(chance.choices(_NAMES, k=count))))


def _write(editor: neovim.Editor, line: str, chance: random.Random) -> list[dict[str, Any]]:
    """Write a line: typed, or accepted word by word, or both by turns."""
    acts: list[dict[str, Any]] = []
    at, accepting = 0, chance.random() < 0.4
    while at < len(line):
        if chance.random() < 0.08:
            accepting = not accepting
        end = at + 1
        if accepting:
            while end < len(line) and line[end - 1 : end + 1].replace("_", "a").isalnum():
                end += 1
            # People read before they accept; with a word in sight already they go on quickly.
            time.sleep(chance.choice((0.16, 0.22, 0.3, 0.6)))
            acts.append({"at": time.monotonic(), "act": "word", "text": line[at:end]})
            editor.lua("accept(...)", line[at:end])
        else:
            time.sleep(min(0.6, chance.lognormvariate(-2.5, 0.45)))
            acts.append({"at": time.monotonic(), "act": "key", "text": line[at:end]})
            editor.press(line[at:end])
        at = end
    time.sleep(0.3)
    acts.append({"at": time.monotonic(), "act": "key", "text": "\n"})
    editor.press("<CR>")
    return acts


if __name__ == "__main__":
    main()
