"""The real VS Code with the extension, in a real browser without a screen, typed into key by key.

It is the one that code-server brings. The browser and the editor come from npm into the cache
folder, and the extension is the one that `make vsix` made.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from clients.vscode.npm import node, npm
from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e.debian import CACHE, Missing

CLIENT = Path(__file__).resolve().parents[2] / "clients/vscode"
VSIX = CLIENT / "dist/firsthand.vsix"
_PARTS = Path(__file__).with_name("vscode_parts")
_ENTRY = "node_modules/code-server/out/node/entry.js"
_INSTALL = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
_PATIENCE = 30.0
_ACTIVE = ".editor-group-container.active"
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SETTINGS = {
    "workbench.startupEditor": "none",
    "chat.disableAIFeatures": True,
    "workbench.editor.useModal": "off",
    "extensions.autoUpdate": False,
    "editor.minimap.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "editor.quickSuggestions": {"other": "off"},
    "editor.fontFamily": "DejaVu Sans Mono",
    "files.hotExit": "off",
    "telemetry.telemetryLevel": "off",
}
# What is on the screen of ghost text, as it changes from frame to frame.
_WATCH = """
window.firsthandSeen = [];
const texts = (selector) => [...document.querySelectorAll(selector)]
  .map((each) => each.textContent.replaceAll('\\u00a0', ' '));
const look = () => {
  const [first, rest] = ['.ghost-text-decoration', '.suggest-preview-text .view-line'].map(texts);
  const now = [first.join(''), ...rest].join('\\n');
  if (window.firsthandSeen.at(-1) !== now) window.firsthandSeen.push(now);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@dataclass(frozen=True, slots=True)
class Editor:
    """VS Code with one file open; every wait has an end, and then says what it waited for.

    Attributes:
        page: its window.
        file: what is open.
        home: what VS Code and the server keep.
        server: the process of the editor's own server, parent of all others.
    """

    page: Page
    file: Path
    home: Path
    server: subprocess.Popen[bytes]

    @property
    def ghost(self) -> str:
        """The ghost text on the screen, all its lines; empty where there is none."""
        return str(self.page.evaluate("window.firsthandSeen.at(-1) ?? ''"))

    @property
    def text(self) -> str:
        """The lines on the screen of what is open."""
        lines = self.page.locator(f"{_ACTIVE} .view-lines").first.text_content() or ""
        return lines.replace("\u00a0", " ")

    @property
    def status(self) -> str:
        """The extension's item in the status bar."""
        item = self.page.locator('.statusbar-item[id*="firsthand.status"]')
        return (item.first.text_content() or "").strip() if item.count() else ""

    @property
    def messages(self) -> str:
        """What the person is told."""
        return " | ".join(self.page.locator(".notification-list-item-message").all_text_contents())

    @property
    def logs(self) -> str:
        """What the extension logged."""
        files = self.home.rglob("firsthand.firsthand/*.log")
        return "\n".join(each.read_text("utf-8") for each in files)

    def show(self, file: Path) -> Editor:
        """This window, with another file of its workspace open."""
        entry = self.page.locator(".explorer-folders-view .monaco-list-row", has_text=file.name)
        self.until(entry.count, f"the file {file.name} in the explorer")
        entry.dblclick()
        tab = self.page.locator(f"{_ACTIVE} .tab.active", has_text=file.name)
        self.until(tab.count, f"{file.name} open")
        return replace(self, file=file)

    def click_end(self) -> None:
        """Put the cursor at the end of what is open."""
        self.page.locator(f"{_ACTIVE} .view-lines").first.click()
        self.press("Control+End")

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Change the person's settings, besides those that keep VS Code quiet, as a person does."""
        self.run("Preferences: Open User Settings (JSON)")
        tab = self.page.locator(f"{_ACTIVE} .tab.active", has_text="settings.json")
        self.until(tab.count, "the settings")
        self.click_end()
        self.press("Control+a")
        self.page.keyboard.insert_text(json.dumps({**_SETTINGS, **settings}))
        self.press("Control+s")
        self.until(lambda: "dirty" not in (tab.get_attribute("class") or ""), "saved settings")
        self.press("Control+w")
        self.until(lambda: not tab.count(), "the settings closed")

    def seen(self) -> list[str]:
        """Each ghost text that was on the screen since this was last asked, empty ones too."""
        return list(self.page.evaluate("window.firsthandSeen.splice(0, firsthandSeen.length - 1)"))

    def press(self, *keys: str) -> None:
        """Press keys, one after another; a key's name is Playwright's."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str, pause: float = 0.04) -> None:
        """Type text a key at a time, with so many seconds between two."""
        self.page.keyboard.type(text, delay=1000 * pause)

    def run(self, title: str) -> None:
        """Run a command of the palette."""
        self.press("F1")
        self.page.locator(".quick-input-widget input").first.fill(f">{title}")
        entry = self.page.locator(".quick-input-list .monaco-list-row").first
        self.until(lambda: title in (entry.text_content() or ""), f"the command {title}")
        self.press("Enter")

    def until(self, holds: Callable[[], object], what: str, patience: float = _PATIENCE) -> None:
        """Wait for something to hold, so many seconds.

        Raises:
            AssertionError: it does not, even after a while.
        """
        end = time.monotonic() + patience
        while not holds():
            if time.monotonic() > end:
                self.page.screenshot(path=CACHE / "vscode-in-vain.png")
                raise AssertionError(
                    f"in vain: {what}\nghost: {self.ghost!r}\nstatus: {self.status!r}\n"
                    f"messages: {self.messages}\nlog: {self.logs[-2000:]}"
                )
            self.page.wait_for_timeout(30)

    def until_ghost(self, text: str) -> None:
        """Wait for ghost text that is this."""
        self.until(lambda: self.ghost == text, f"ghost text {text!r}")

    def saved(self) -> list[str]:
        """The lines of the file, after it was saved."""
        before = self.file.stat().st_mtime_ns
        self.press("Control+s")
        self.until(lambda: self.file.stat().st_mtime_ns != before, "a saved file")
        return self.file.read_text("utf-8").split("\n")

    def servers(self) -> list[psutil.Process]:
        """The language servers that run."""
        children = psutil.Process(self.server.pid).children(recursive=True)
        return [each for each in children if _is_server(each)]


def _is_server(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.cmdline()[-2:] == ["firsthand", "serve"])
    return False


@contextmanager
def browsing() -> Iterator[Browser]:
    """The browser, for as long as the context lasts."""
    unpacked = parts() / "browser"
    (unpacked / "fonts.conf").write_text(
        f"<fontconfig><dir>{unpacked}/fonts</dir><cachedir>{unpacked}/cache</cachedir></fontconfig>",
        encoding="utf-8",
    )
    variables: dict[str, str | float | bool] = {
        "LD_LIBRARY_PATH": str(unpacked / "lib"),
        "FONTCONFIG_FILE": str(unpacked / "fonts.conf"),
        "HOME": str(unpacked),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=unpacked / "chromium", args=_QUIET, env=variables
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def editing(
    browser: Browser,
    file: Path,
    home: Path,
    *,
    config: str,
    environments: Path,
    settings: Mapping[str, Any] = {},
) -> Iterator[Editor]:
    """VS Code with the extension, and a file of a workspace open.

    Args:
        browser: where it is shown.
        file: what to open; its folder is the workspace.
        home: an empty folder; what VS Code and the server keep goes there.
        config: the person's configuration file.
        environments: what the extension keeps of its own, as its first start makes it.
        settings: the person's settings of VS Code, besides those that keep it quiet.
    """
    user = home / "data/User"
    (user / "globalStorage").mkdir(parents=True)
    for place in (user, home / "data/Machine"):  # the second holds what names a program
        place.mkdir(exist_ok=True)
        written = json.dumps({**_SETTINGS, **settings})
        (place / "settings.json").write_text(written, encoding="utf-8")
    (user / "globalStorage/firsthand.firsthand").symlink_to(environments)
    (home / "config.toml").write_text(config, encoding="utf-8")
    server = _start(home)
    try:
        url = _address(home, server)
        context = browser.new_context(viewport={"width": 1000, "height": 640})
        context.add_init_script(_WATCH)
        page = context.new_page()
        payload = json.dumps([["openFile", f"vscode-remote://{url.split('/')[2]}{file}"]])
        page.goto(f"{url}?folder={quote(str(file.parent))}&payload={quote(payload)}")
        yield Editor(page, file, home, server)
        context.close()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _start(home: Path) -> subprocess.Popen[bytes]:
    """The editor's server, on a port that is free; the extension is installed in it."""
    command: list[str | Path] = [
        *(node(), parts() / _ENTRY, "--auth", "none", "--bind-addr", "127.0.0.1:0"),
        *("--user-data-dir", home / "data", "--extensions-dir", _extensions()),
        *("--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"),
        "--disable-getting-started-override",
    ]
    with (home / "code-server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            env=_variables(home),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _variables(home: Path) -> dict[str, str]:
    """The environment of the editor: what it keeps goes to its home, pip stays as it is set."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("VIRTUAL")},
        "FIRSTHAND_HOME": str(home / "firsthand"),
        "FIRSTHAND_CONFIG": str(home / "config.toml"),
    }


def _address(home: Path, server: subprocess.Popen[bytes]) -> str:
    """Where the editor's server listens."""
    log = home / "code-server.log"
    while server.poll() is None:
        if found := re.search(r"listening on (http://127\.0\.0\.1:\d+/)", log.read_text("utf-8")):
            return found[1]
        time.sleep(0.05)
    raise Missing(f"code-server did not start:\n{log.read_text('utf-8')[-2000:]}")


def _extensions() -> Path:
    """A folder of extensions in which ours is the only one."""
    digest = hashlib.sha256(VSIX.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"vscode-extensions-{digest}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            made = Path(scratch) / "extensions"
            command: list[str | Path] = [
                *(node(), parts() / _ENTRY, "--install-extension", VSIX),
                *("--extensions-dir", made, "--user-data-dir", Path(scratch) / "data"),
            ]
            subprocess.run(command, check=True)
            made.rename(folder)
    return folder


def parts() -> Path:
    """The folder with code-server and the browser, made the first time."""
    locked = (_PARTS / "package-lock.json").read_bytes()
    folder = CACHE / f"vscode-{hashlib.sha256(locked).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        root = Path(scratch) / "root"
        shutil.copytree(_PARTS, root)
        # code-server's own part has a lock of its own, and what it is made of.
        inner = root / "node_modules/code-server/lib/vscode"
        if npm(["ci", *_INSTALL], root) or npm(["install", "--omit=dev", *_INSTALL], inner):
            raise Missing("npm could not install code-server and a browser")
        browser = root / "browser"
        browser.mkdir()
        environment = {**os.environ, "TMPDIR": str(browser)}
        subprocess.run([node(), "unpack.js"], cwd=root, env=environment, check=True)
        root.rename(folder)
    return folder
