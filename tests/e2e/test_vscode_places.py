"""The extension in workspaces of several folders, in notebooks, and where nobody is trusted."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e import repeated, vscode
from tests.e2e.debian import CACHE
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import SHOP
from tests.e2e.vscode_editor import ASK, Editor

pytestmark = [pytest.mark.e2e, pytest.mark.flaky(reruns=2)]

BEGUN = "total_of_all_prices = first_price + sec"
REST = "ond_price + third_price"
BOTH = "both_windows.py"
LONG = "value = 1  # as it was\n" * 50_000
CELL: dict[str, object] = {
    "cell_type": "code",
    "execution_count": None,
    "metadata": {},
    "outputs": [],
    "source": [],
}
NOTEBOOK = {
    "cells": [CELL],
    "metadata": {"language_info": {"name": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture(scope="module")
def model() -> Iterator[Knowing]:
    with knowing(f"{BEGUN}{REST}\n", told=600, piece=600) as model:
        yield model


def ready(editor: Editor) -> bool:
    return "qwen2.5-coder-1.5b" in editor.status


@pytest.fixture(scope="module")
def window(
    browser: Browser, model: Knowing, environments: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Editor]:
    """A workspace of two folders, beside another extension that shows ghost text."""
    folder = tmp_path_factory.mktemp("vscode")
    for name in ("one", "two"):
        (folder / name / ".git").mkdir(parents=True)
        (folder / name / f"{name}.py").write_text("", encoding="utf-8")
    (folder / "two" / BOTH).write_text("", encoding="utf-8")
    (folder / "two/long.py").write_text(LONG, encoding="utf-8")
    (folder / "two/plots.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    workspace = folder / "both.code-workspace"
    folders = [{"path": str(folder / name)} for name in ("one", "two")]
    workspace.write_text(json.dumps({"folders": folders}), encoding="utf-8")
    with vscode.editing(
        browser,
        folder / "one/one.py",
        folder / "home",
        config=model.config,
        environments=environments,
        workspace=workspace,
        others=["Supermaven.supermaven"],
    ) as editor:
        editor.until(lambda: ready(editor), "a server", vscode.FIRST_START)
        yield editor


def test_a_fault_that_no_extension_handles_is_heard(window: Editor) -> None:
    window.until(lambda: any(vscode.FAULT in each for each in window.heard), "the other's fault")
    assert not window.faults
    assert not window.unhandled


def test_another_extension_with_ghost_text_is_said_once(window: Editor) -> None:
    said = "Supermaven shows ghost text, too"
    told = window.told()
    assert told.count(said) == 1
    assert "supermaven.enable" in told
    window.page.reload()
    window.until(lambda: ready(window), "a server")
    assert said not in window.told()
    window.run("Notifications: Clear All Notifications")


def test_the_walkthrough_of_the_first_minute(window: Editor) -> None:
    window.run("Welcome: Open Walkthrough...")
    window.choose("Get Started with Firsthand")
    page = window.page.locator(".gettingStartedContainer")
    for step in ("Type", "See What Completes", "Add a Model of Your Own"):
        window.until(lambda: step in (page.text_content() or ""), step)  # noqa: B023
    window.page.screenshot(path=CACHE / "vscode-walkthrough.png")
    window.close("Welcome")


@pytest.mark.parametrize("name", ["one", "two"])
def test_each_folder_of_a_workspace(window: Editor, name: str) -> None:
    folder = window.file.parents[1] / name
    expand(window, name)
    editor = window.show(folder / f"{name}.py")
    editor.click_end()
    editor.type(BEGUN)
    editor.until_ghost(REST)
    editor.press("Tab")
    assert editor.saved() == [BEGUN + REST]


def test_a_file_of_50_000_lines(window: Editor) -> None:
    expand(window, "two")
    editor = window.show(window.file.parents[1] / "two/long.py")
    editor.click_end()
    editor.type(BEGUN)
    editor.until_ghost(REST)
    editor.press("Tab")
    assert "\n".join(editor.saved()) == f"{LONG}{BEGUN}{REST}"
    assert not editor.messages


def test_the_cells_of_a_notebook(window: Editor) -> None:
    expand(window, "two")
    editor = window.show(window.file.parents[1] / "two/plots.ipynb")
    cell = editor.page.locator(".cell .view-lines")
    editor.until(cell.count, "a cell")
    cell.first.click()
    editor.type(BEGUN)
    editor.until_ghost(REST)
    editor.press("Tab")
    (saved,) = json.loads("\n".join(editor.saved()))["cells"]
    assert saved["source"] == [BEGUN + REST]


def test_two_windows_on_one_folder(window: Editor) -> None:
    file = window.file.parents[1] / "two" / BOTH
    other = replace(window, page=window.page.context.new_page())
    other.page.goto(window.page.url)
    other.until(lambda: ready(other), "a server of the other window's own")
    window.until(lambda: len(window.servers()) == 2, "two servers")
    expected: list[str] = []
    for each in (window, other):
        expand(each, "two")
        editor = each.show(file)
        editor.until(lambda: "".join(expected) in editor.text, "what the other one wrote")  # noqa: B023
        editor.click_end()
        if expected:
            editor.press("Enter")
        editor.type(BEGUN)
        editor.until_ghost(REST)
        editor.press("Tab")
        expected.append(BEGUN + REST)
        assert editor.saved() == expected
        assert not editor.messages
    other.page.close()


def test_a_server_that_answers_no_more(window: Editor) -> None:
    """It is held where it is: typing goes on, and a new one takes its place."""
    expand(window, "one")
    editor = window.show(window.file.parents[1] / "one/one.py")
    (server,) = window.servers()
    server.suspend()
    editor.click_end()
    editor.press("Enter")
    editor.type("x = 1")
    editor.press("Tab")
    editor.until(lambda: editor.saved()[-1].startswith("x = 1 "), "what was typed, and a tab")
    editor.run("Firsthand: Restart Server")
    editor.until(lambda: server.pid not in [each.pid for each in window.servers()], "its end")
    editor.until(lambda: ready(editor), "a new server")


def expand(window: Editor, folder: str) -> None:
    """Show what lies in a folder of the workspace."""
    entry = window.page.locator(
        ".explorer-folders-view .monaco-list-row[aria-level='1']", has_text=folder
    ).first
    window.until(entry.count, f"the folder {folder}")
    if entry.get_attribute("aria-expanded") == "false":
        entry.click()
    window.until(lambda: entry.get_attribute("aria-expanded") == "true", "what lies in it")


Alone = Callable[..., AbstractContextManager[Editor]]


@pytest.fixture
def alone(browser: Browser, model: Knowing, tmp_path: Path) -> Alone:
    """Starts VS Code on a folder with one file, which is empty unless said otherwise."""

    def started(
        environments: Path,
        *,
        text: str = "",
        config: str = model.config,
        settings: Mapping[str, object] = {},
        variables: Mapping[str, str] = {},
    ) -> AbstractContextManager[Editor]:
        (tmp_path / "project").mkdir()
        file = tmp_path / "project/shop.py"
        file.write_text(text, encoding="utf-8")
        return vscode.editing(
            browser,
            file,
            tmp_path / "home",
            config=config,
            environments=environments,
            settings=settings,
            variables=variables,
        )

    return started


def test_the_next_one_and_the_one_before(alone: Alone, environments: Path, model: Knowing) -> None:
    begun = "        self.articles."
    with alone(environments, text=SHOP, config=model.server.config()) as editor:
        editor.until(lambda: "qwen" in editor.status, "a server", vscode.FIRST_START)
        editor.click_end()
        editor.type(begun)
        editor.press(ASK)
        editor.until(lambda: editor.ghost, "ghost text")
        first = editor.ghost
        editor.press("Alt+]")
        editor.until(lambda: editor.ghost not in ("", first), "another one")
        second = editor.ghost
        editor.press("Alt+[")
        editor.until_ghost(first)
        editor.press("Alt+]", "Tab")
        editor.until(lambda: editor.saved()[-1] == begun + second, "the other one in the file")


def test_the_embedded_model_goes_on_without_a_key(alone: Alone, environments: Path) -> None:
    # Many short pieces, and nothing behind them.
    many = {"firsthand.aggression": 1.0, "editor.autoClosingBrackets": "never"}
    text, config = f"{repeated.TEXT}\n", repeated.CONFIG
    with alone(environments, text=text, config=config, settings=many) as editor:
        editor.until(lambda: "embedded" in editor.status, "a server", vscode.FIRST_START)
        editor.click_end()
        editor.type(repeated.BEGUN)
        shown = ""
        for _ in range(3):
            before = shown
            editor.until(lambda: editor.ghost not in ("", before), "the next piece")  # noqa: B023
            shown = editor.ghost
            editor.press("Tab")
        last = editor.saved()[-1]
        assert (repeated.BEGUN + repeated.REST).startswith(last)
        assert last.endswith(shown)


def test_a_folder_for_state_that_nobody_may_write_to(alone: Alone, environments: Path) -> None:
    """Not even who may do everything can make a folder there."""
    with alone(environments, variables={"FIRSTHAND_HOME": "/sys/firsthand"}) as editor:
        editor.until(lambda: ready(editor), "a server", vscode.FIRST_START)
        editor.until(lambda: "/sys/firsthand" in editor.messages, "what is wrong")
        editor.click_end()
        editor.type(BEGUN)
        editor.until_ghost(REST)
        editor.press("Tab")
        assert editor.saved() == [BEGUN + REST]


@pytest.fixture
def refusing() -> Iterator[tuple[int, list[str]]]:
    """A proxy that lets nothing through: its port, and what it was asked for."""
    asked: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response_only(403)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_address[1], asked
        server.shutdown()


def test_no_python_then_an_old_one_then_no_network(
    alone: Alone, refusing: tuple[int, list[str]], tmp_path: Path
) -> None:
    """Pip goes where the person's settings for it say, and nowhere else."""
    port, asked = refusing
    index = "http://packages.example/simple/"
    pip = tmp_path / "pip.conf"
    proxy = f"proxy = http://127.0.0.1:{port}\ntrusted-host = packages.example\nretries = 0\n"
    pip.write_text(f"[global]\n{proxy}", encoding="utf-8")
    old, none = tmp_path / "old", tmp_path / "environments"
    old.write_text("#!/bin/sh\necho Python 3 9\n", encoding="utf-8")
    old.chmod(0o755)
    none.mkdir()
    offline = {
        "PIP_CONFIG_FILE": str(pip),
        "PIP_INDEX_URL": index,
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_NO_CACHE_DIR": "1",
    }
    named = {"firsthand.python": "/no/such/python"}
    with alone(none, settings=named, variables=offline) as editor:
        missing = "Python 3.11 or later was not found: install it, or name one in the setting"
        editor.until(lambda: missing in editor.messages, "what is missing")
        old_one = f"Python 3.11 or later is needed, and {old} is 3.9"
        without = "pip could not install what the server needs: the log has pip's words"
        for python, told in ((str(old), old_one), (sys.executable, without)):
            editor.configure({"firsthand.python": python}, "Machine")
            editor.until(lambda: told in editor.messages, told, vscode.FIRST_START)  # noqa: B023
    assert asked
    assert all(each.startswith(index) for each in asked)


def test_a_server_that_never_answers(alone: Alone, environments: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    silent.write_text('#!/bin/sh\n[ "$1" = --version ] && exec echo firsthand\nexec sleep 600\n')
    silent.chmod(0o755)
    with alone(environments, settings={"firsthand.serverPath": str(silent)}) as editor:
        editor.until(lambda: editor.status, "the status")
        editor.click_end()
        editor.type("x = 1")
        editor.press("Tab")
        editor.until(lambda: editor.saved()[0].startswith("x = 1 "), "what was typed, and a tab")
        editor.run("Firsthand: Why This Suggestion")
        editor.until(lambda: "no server runs" in editor.messages, "that there is none yet")


def test_a_hostile_workspace_that_nobody_trusts(
    browser: Browser, model: Knowing, environments: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / ".vscode").mkdir()
    ran = tmp_path / "ran"
    program = root / "firsthand"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n", encoding="utf-8")
    program.chmod(0o755)
    named = {"firsthand.serverPath": str(program), "firsthand.python": str(program)}
    (root / ".vscode/settings.json").write_text(json.dumps(named), encoding="utf-8")
    file = root / "shop.py"
    file.write_text("", encoding="utf-8")
    with knowing(f"{BEGUN}stolen\n") as evil:
        (root / ".firsthand.toml").write_text(evil.config, encoding="utf-8")
        with vscode.editing(
            browser,
            file,
            tmp_path / "home",
            config=model.config,
            environments=environments,
            settings={"security.workspace.trust.startupPrompt": "never"},
            trusted=False,
        ) as editor:
            editor.until(lambda: "Restricted Mode" in editor.bar, "no trust")
            editor.until(lambda: ready(editor), "a server", vscode.FIRST_START)
            editor.told()
            editor.until(lambda: ".firsthand.toml" in editor.messages, "what is refused")
            editor.click_end()
            editor.type(BEGUN)
            editor.until_ghost(REST)
        assert not evil.server.asked
    assert not ran.exists()
