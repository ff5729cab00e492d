"""Hands that write in a real editor: by keys, or by accepting the next word of what is shown."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tests.e2e import neovim, vscode_editor

_ROOT = Path(__file__).resolve().parents[2]
_SHOWN = 3.0  # seconds that ghost text is waited for
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


class Hand(Protocol):
    """What writes in an editor."""

    def press(self, character: str) -> None:
        """Type a character."""
        ...

    def shown(self, rest: str) -> bool:
        """Whether the rest of a line is offered, after as long as it may take."""
        ...

    def accept(self, rest: str) -> str:
        """Accept the next word of it; returns what that was."""
        ...


@dataclass(frozen=True, slots=True)
class InNeovim:
    """Accepts words as a mapping of a person's does it: Neovim has no command for them."""

    editor: neovim.Editor

    def press(self, character: str) -> None:
        """Type a character."""
        self.editor.press("<CR>" if character == "\n" else character)

    def shown(self, rest: str) -> bool:
        """Whether it is offered: the mapping needs nothing on the screen."""
        return bool(rest)

    def accept(self, rest: str) -> str:
        """Accept the next word; returns what that was."""
        end = 1
        while end < len(rest) and rest[end - 1 : end + 1].replace("_", "a").isalnum():
            end += 1
        self.editor.lua("accept(...)", rest[:end])
        return rest[:end]


@dataclass(frozen=True, slots=True)
class InVSCode:
    """Accepts words by VS Code's own key."""

    editor: vscode_editor.Editor

    def press(self, character: str) -> None:
        """Type a character."""
        self.editor.press("Enter" if character == "\n" else character)

    def shown(self, rest: str) -> bool:
        """Whether it is the ghost text, after as long as that may take."""
        end = time.monotonic() + _SHOWN
        while self.editor.ghost != rest and time.monotonic() < end:
            self.editor.page.wait_for_timeout(10)
        return self.editor.ghost == rest

    def accept(self, rest: str) -> str:
        """Accept the next word; what is left of the ghost text tells what that was."""
        last = not any(map(str.isspace, rest))  # then there may be nothing left to show
        self.editor.press("Control+ArrowRight")
        self.editor.until(
            lambda: self.editor.ghost != rest and (last or self.editor.ghost), "an accepted word"
        )
        left = self.editor.ghost
        if not rest.endswith(left):
            raise AssertionError(f"the rest of {rest!r} is no {left!r}")
        return rest[: len(rest) - len(left)]


@contextmanager
def writing(editor: str, folder: Path, known: Path, trace: Path) -> Iterator[tuple[Hand, Path]]:
    """A hand in an editor that has an empty file open, which is in the folder, and a listener.

    Args:
        editor: older or newest, for Neovim without our plugin; or vscode, with our extension.
        folder: an empty one.
        known: the lines that the listener suggests.
        trace: where it writes down what it hears.
    """
    code = folder / "project/code.py"
    code.parent.mkdir()
    code.write_text("", encoding="utf-8")
    words = (sys.executable, "-m", "bench.grip.listener", str(known), str(trace))
    chosen = _in_vscode if editor == "vscode" else _in_neovim
    with chosen(editor, code, folder, words) as hand:
        yield hand, code


@contextmanager
def _in_neovim(editor: str, code: Path, folder: Path, words: tuple[str, ...]) -> Iterator[Hand]:
    from tests.e2e import neovim

    init = _INIT.format(command=", ".join(f"'{each}'" for each in words), root=_ROOT)
    program = neovim.older if editor == "older" else neovim.newest
    with neovim.editing(code, init, folder / "home", program=program) as opened:
        opened.until(lambda: opened.lua("return #vim.lsp.get_clients() > 0"), "a client")
        time.sleep(1.0)
        opened.press("i")
        yield InNeovim(opened)
        opened.press("<Esc>:w<CR>")
        time.sleep(1.0)


@contextmanager
def _in_vscode(_: str, code: Path, folder: Path, words: tuple[str, ...]) -> Iterator[Hand]:
    from tests.e2e import vscode

    listener = folder / "listener"
    listener.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && exec echo firsthand\n'
        f"cd {shlex.quote(str(_ROOT))} && exec {shlex.join(words)}\n",
        encoding="utf-8",
    )
    listener.chmod(0o755)
    (folder / "environments").mkdir()
    with (
        vscode.browsing() as browser,
        vscode.editing(
            browser,
            code,
            folder / "home",
            config="",
            environments=folder / "environments",
            settings={"firsthand.serverPath": str(listener)},
        ) as opened,
    ):
        opened.until(lambda: opened.status, "the status", vscode.FIRST_START)
        opened.click_end()
        yield InVSCode(opened)
        opened.saved()
        time.sleep(1.0)
