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
import sysconfig
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clients.vscode.npm import node, npm
from playwright.sync_api import Browser, sync_playwright
from tests.e2e.debian import CACHE, Missing
from tests.e2e.vscode_editor import KEYS, SETTINGS, Editor

CLIENT = Path(__file__).resolve().parents[2] / "clients/vscode"
VSIX = CLIENT / "dist/firsthand.vsix"
_PARTS = Path(__file__).with_name("vscode_parts")
_ENTRY = "node_modules/code-server/out/node/entry.js"
_INSTALL = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
FIRST_START = 300.0
"""Seconds that a first start may take: it installs what the server needs."""
OURS = {"firsthand.serverPath": str(Path(sysconfig.get_path("scripts")) / "firsthand")}
"""Settings that name the server of this checkout, so that nothing has to be installed."""
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FAULT = "a fault that nobody handles"
_FAILING = f"exports.activate = () => {{ Promise.reject(new Error('{FAULT}')); }};\n"
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
    workspace: Path | None = None,
    trusted: bool = True,
    others: Collection[str] = (),
    extension: bool = True,
    variables: Mapping[str, str] = {},
) -> Iterator[Editor]:
    """VS Code with the extension, and a file of a workspace open.

    Args:
        browser: where it is shown.
        file: what to open; its folder is the workspace.
        home: an empty folder; what VS Code and the server keep goes there.
        config: the person's configuration file.
        environments: what the extension keeps of its own, as its first start makes it.
        settings: the person's settings of VS Code, besides those that keep it quiet.
        workspace: the workspace's own file, where it is not the folder of the file.
        trusted: whether the person trusts who wrote the workspace.
        others: the names of other extensions; all that they do is to fail.
        extension: whether ours is there.
        variables: what the environment says besides.
    """
    user = home / "data/User"
    (user / "globalStorage").mkdir(parents=True)
    for place in (user, home / "data/Machine"):  # the second holds what names a program
        place.mkdir(exist_ok=True)
        written = json.dumps({**SETTINGS, **settings})
        (place / "settings.json").write_text(written, encoding="utf-8")
    (user / "keybindings.json").write_text(json.dumps(KEYS), encoding="utf-8")
    (user / "globalStorage/firsthand.firsthand").symlink_to(environments)
    (home / "config.toml").write_text(config, encoding="utf-8")
    extensions = _extensions() if extension else home / "extensions"
    if others:
        extensions = _beside(extensions, others, home)
    server = _start(home, extensions, trusted, variables)
    try:
        url = _address(home, server)
        context = browser.new_context(viewport={"width": 1000, "height": 640})
        context.add_init_script(_WATCH)
        page = context.new_page()
        heard: list[str] = []
        page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: heard.append(f"{fault.message}\n{fault.stack}"))
        payload = json.dumps([["openFile", f"vscode-remote://{url.split('/')[2]}{file}"]])
        opened = f"workspace={quote(str(workspace))}" if workspace else _folder(file)
        page.goto(f"{url}?{opened}&payload={quote(payload)}")
        yield Editor(page, file, home, server, heard)
        context.close()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _folder(file: Path) -> str:
    return f"folder={quote(str(file.parent))}"


def _start(
    home: Path, extensions: Path, trusted: bool, variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """The editor's server, on a port that is free."""
    command: list[str | Path] = [
        *(node(), parts() / _ENTRY, "--auth", "none", "--bind-addr", "127.0.0.1:0"),
        *("--user-data-dir", home / "data", "--extensions-dir", extensions),
        *("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"),
        *(["--disable-workspace-trust"] if trusted else []),
    ]
    with (home / "code-server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            env={**_variables(home), **variables},
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


def _beside(extensions: Path, names: Collection[str], home: Path) -> Path:
    """A folder of extensions with those of another one, and some that only fail."""
    folder = home / "extensions"
    shutil.copytree(extensions, folder)
    list_ = folder / "extensions.json"
    listed = json.loads(list_.read_text("utf-8"))
    for id_ in names:
        publisher, _, name = id_.partition(".")
        place = folder / f"{id_.lower()}-1.0.0"
        place.mkdir()
        package = {"publisher": publisher, "name": name, "version": "1.0.0"}
        needs = {"engines": {"vscode": "^1.91.0"}, "main": "main.js", "activationEvents": ["*"]}
        (place / "package.json").write_text(json.dumps({**package, **needs}), encoding="utf-8")
        (place / "main.js").write_text(_FAILING, encoding="utf-8")
        listed.append(
            {
                "identifier": {"id": id_.lower()},
                "version": "1.0.0",
                "location": {"$mid": 1, "path": str(place), "scheme": "file"},
                "relativeLocation": place.name,
            }
        )
    list_.write_text(json.dumps(listed), encoding="utf-8")
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
