"""The plugin for Neovim on a file of a small project, set up by the README's own lines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.e2e import neovim
from tests.e2e.neovim import SHOP, Editor

INIT = """
vim.g.loaded_python3_provider = 0
vim.o.expandtab, vim.o.shiftwidth, vim.o.swapfile = true, 4, false
"""
# The README's own lines.
SETUP = neovim.lua_in("README.md")[0]
TYPED = "            raise Val"
REST = 'ueError("the quantity must be positive")'
KNOWN = (
    SHOP
    + TYPED
    + REST
    + """
        print("größer 😀", self.articles)
        for number, (each, count) in enumerate(self.articles):
            if each == article:
                self.articles[number] = (article, quantity)
                return True
        return False
"""
)
Start = Callable[..., AbstractContextManager[Editor]]
Program = Callable[[Path], tuple[Path, Path | None]]


def plugged(
    folder: Path,
    config: str,
    program: Program,
    options: str = "{}",
    before: str = "",
    text: str = SHOP,
) -> AbstractContextManager[Editor]:
    """Neovim with the plugin.

    Args:
        folder: an empty one, for the project and what Neovim keeps.
        config: the person's configuration file.
        program: finds Neovim.
        options: what `setup` takes.
        before: Lua that runs before it.
        text: the file's.
    """
    project = folder / "project"
    (project / ".git").mkdir(parents=True)
    file = project / "shop.py"
    file.write_text(text, encoding="utf-8")
    return neovim.editing(
        file,
        INIT + before + SETUP.replace("setup()", f"setup({options})"),
        folder / "home",
        program=program,
        ghosts="firsthand",
        config=config,
    )


def ready(editor: Editor) -> None:
    """Begin to insert on a new last line once the server completes."""
    completes(editor)
    editor.press("Go<C-u>")


def anew(editor: Editor) -> None:
    """The file as it was, alone, with nothing proposed or said, and a server that completes."""
    editor.lua(
        """
        vim.cmd('stopinsert | silent! tabonly! | silent! only! | buffer shop.py | edit!')
        if vim.lsp.get_clients()[1] then require('firsthand.review').discard() end
        """
    )
    completes(editor)
    editor.lua("vim.cmd('messages clear')")


def completes(editor: Editor) -> None:
    """Wait for a server that completes by the model."""
    editor.until(lambda: status(editor).startswith("qwen"), "a server that completes")


def status(editor: Editor) -> str:
    """What the plugin has for a statusline."""
    return str(editor.lua("return require('firsthand').statusline()"))


def lines_are(editor: Editor, *last: str) -> None:
    """Wait for the buffer's last lines."""
    editor.until(lambda: editor.lines[-len(last) :] == list(last), f"the lines {last}")
