"""One window of the real VS Code, as a test reads it and types into it."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page
from tests.e2e.debian import CACHE

_PATIENCE = 30.0
_FAULT = re.compile(r" (ERROR|CRITICAL) |^Traceback")
_ACTIVE = ".editor-group-container.active"
SETTINGS = {
    "workbench.startupEditor": "none",
    "chat.disableAIFeatures": True,
    "workbench.editor.useModal": "off",
    "extensions.autoUpdate": "off",
    "editor.minimap.enabled": False,
    # What is written into the file of settings stays as it was written.
    "[jsonc]": {
        "editor.autoClosingBrackets": "never",
        "editor.autoClosingQuotes": "never",
        "editor.autoSurround": "never",
    },
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "editor.quickSuggestions": {"other": "off"},
    "terminal.integrated.gpuAcceleration": "off",
    "editor.fontFamily": "DejaVu Sans Mono",
    "files.hotExit": "off",
    "files.autoSave": "off",
    "remote.autoForwardPorts": False,
    "telemetry.telemetryLevel": "off",
}
"""What keeps VS Code quiet."""
ACCEPT_LINE, ASK = "Control+Alt+l", "Control+Alt+y"
KEYS = [
    {"key": "ctrl+alt+l", "command": "editor.action.inlineSuggest.acceptNextLine"},
    {"key": "ctrl+alt+y", "command": "editor.action.inlineSuggest.trigger"},
]
"""What VS Code has no key for."""


@dataclass(frozen=True, slots=True)
class Editor:
    """VS Code with one file open; every wait has an end, and then says what it waited for.

    Attributes:
        page: its window.
        file: what is open.
        home: what VS Code and the server keep.
        server: the process of the editor's own server, parent of all others.
        heard: the faults that its window was told of, those of extensions included.
    """

    page: Page
    file: Path
    home: Path
    server: subprocess.Popen[bytes]
    heard: list[str]

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
    def tab(self) -> str:
        """The name of the tab that is active."""
        return self.page.locator(f"{_ACTIVE} .tab.active").first.text_content() or ""

    @property
    def status(self) -> str:
        """The extension's item in the status bar."""
        item = self.page.locator('.statusbar-item[id*="firsthand.status"]')
        return (item.first.text_content() or "").strip() if item.count() else ""

    @property
    def bar(self) -> str:
        """All that the status bar says."""
        return " | ".join(self.page.locator(".statusbar-item").all_text_contents())

    @property
    def messages(self) -> str:
        """What the person is told."""
        return " | ".join(self.page.locator(".notification-list-item-message").all_text_contents())

    @property
    def lenses(self) -> str:
        """What stands above lines of code."""
        found = self.page.locator(".codelens-decoration").all_text_contents()
        return "\n".join(found).replace("\u00a0", " ")

    @property
    def logs(self) -> str:
        """What the server logged. VS Code's part that writes an extension's log is not built."""
        file = self.home / "firsthand/log/server.log"
        return file.read_text("utf-8") if file.exists() else ""

    @property
    def faults(self) -> list[str]:
        """What the server logged of faults; that it has no log is one."""
        none = [] if (self.home / "firsthand/log").exists() else ["the server has no log"]
        return none + [line for line in self.logs.split("\n") if _FAULT.search(line)]

    @property
    def unhandled(self) -> list[str]:
        """What the extension left for nobody to handle."""
        return [each for each in self.heard if "firsthand.firsthand" in each]

    def told(self) -> str:
        """All that the person was told so far, what is no longer on the screen included."""
        self.run("Notifications: Show Notifications")
        center = self.page.locator(".notifications-center.visible")
        self.until(center.count, "the list of messages")
        return self.messages

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

    def configure(self, settings: Mapping[str, Any], place: str = "User") -> None:
        """Change the person's settings, besides those that keep VS Code quiet, as a person does.

        Args:
            settings: the new ones.
            place: `User`, or `Machine` for those that name a program.
        """
        file = self.home / f"data/{place}/settings.json"
        written = json.dumps({**SETTINGS, **settings})
        kind = "User" if place == "User" else "Remote"
        self.run(f"Preferences: Open {kind} Settings (JSON)")
        tab = self.page.locator(f"{_ACTIVE} .tab.active", has_text="settings.json")
        self.until(tab.count, "the settings")
        self.click_end()
        self.press("Control+a")
        self.page.keyboard.insert_text(written)
        self.press("Control+s")
        self.until(lambda: file.read_text("utf-8") == written, "saved settings")
        self.until(lambda: "dirty" not in (tab.get_attribute("class") or ""), "nothing to save")
        self.close("settings.json")

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

    def compose(self, *steps: str, commit: str) -> None:
        """Write text with an input method: what it shows on the way, and what it is at last."""
        devtools = self.page.context.new_cdp_session(self.page)
        for step in steps:
            at = {"selectionStart": len(step), "selectionEnd": len(step)}
            devtools.send("Input.imeSetComposition", {"text": step, **at})
        devtools.send("Input.insertText", {"text": commit})
        devtools.detach()

    def choose(self, entry: str) -> None:
        """Choose an entry of the list that is open."""
        row = self.page.locator(".quick-input-list .monaco-list-row", has_text=entry)
        self.until(row.count, f"the entry {entry}")
        row.first.click()

    def settle(self) -> None:
        """Wait until the server has answered all that was asked of it."""
        self.run("Firsthand: Why This Suggestion")
        self.until(lambda: "Why this suggestion" in self.tab, "the reasons")
        self.close("Why this suggestion")

    def close(self, name: str) -> None:
        """Close the tab of this name, and no other one, whatever has the focus."""
        tab = self.page.locator(f"{_ACTIVE} .tab", has_text=name)

        def closed() -> bool:
            if tab.count():
                tab.first.click(button="middle")
            return not tab.count()

        self.until(closed, f"no tab {name}")

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
        dirty = self.page.locator(f"{_ACTIVE} .tab.active.dirty")

        def saved() -> bool:
            self.press("Control+s")
            return not dirty.count()

        self.until(saved, "a saved file")
        return self.file.read_text("utf-8").split("\n")

    def servers(self) -> list[psutil.Process]:
        """The language servers that run."""
        children = psutil.Process(self.server.pid).children(recursive=True)
        return [each for each in children if _is_server(each)]


def _is_server(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return [Path(each).name for each in process.cmdline()[-2:]] == ["firsthand", "serve"]
    return False
