"""A frontier model asked from the real VS Code: what it proposes is read there, and decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator
from tests.e2e import vscode
from tests.e2e.debian import CACHE
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.vscode_editor import Editor
from tests.lsp.talking import SHOP

pytestmark = [pytest.mark.e2e, pytest.mark.flaky(reruns=2)]

REPLY = """\
<<<<<<< SEARCH
        return 0
=======
        return sum(prices)
>>>>>>> REPLACE
<<<<<<< SEARCH
        self.open = False
=======
        self.open = False
        self.till.lock()
>>>>>>> REPLACE

The prices are added up, and a closed shop is locked.
CHECK `sum(prices)`: an empty list gives 0
"""
ADDED = SHOP.replace("return 0", "return sum(prices)")
LOCKED = "        self.till.lock()\n"
ACCEPT = "Accept this change"
MARK = "frontier, to read"


@pytest.fixture(scope="module")
def model() -> Iterator[Knowing]:
    with knowing("") as model:
        yield model


@pytest.fixture(scope="module")
def window(
    browser: Browser, model: Knowing, environments: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("vscode")
    (folder / "project/.git").mkdir(parents=True)
    file = folder / "project/shop.py"
    file.write_text(SHOP, encoding="utf-8")
    config = model.config + model.frontier
    with vscode.editing(
        browser, file, folder / "home", config=config, environments=environments
    ) as editor:
        editor.until(lambda: "qwen2.5-coder" in editor.status, "a server", vscode.FIRST_START)
        yield editor


@pytest.fixture
def editor(window: Editor, model: Knowing, request: pytest.FixtureRequest) -> Editor:
    """A fresh copy of the file; messages of the test before are gone."""
    model.reply = REPLY
    window.run("Notifications: Clear All Notifications")
    file = window.file.with_name(request.node.name.removeprefix("test_") + ".py")
    file.write_text(SHOP, encoding="utf-8")
    editor = window.show(file)
    editor.click_end()
    return editor


def ask(editor: Editor, instruction: str = "add them up") -> None:
    """Select everything, and ask for something."""
    editor.click_end()
    editor.press("Control+a", "Control+Alt+Enter")
    box = editor.page.locator(".quick-input-widget:visible input")
    title = editor.page.locator(".quick-input-title", has_text="Firsthand asks a frontier model")
    editor.until(title.count, "the question what should be done")
    box.fill(instruction)
    editor.press("Enter")


def proposed(editor: Editor) -> None:
    """Wait for a proposal of two hunks."""
    editor.until(lambda: editor.lenses.count(ACCEPT) == 2, "two hunks to accept")


def accept(editor: Editor) -> Locator:
    return editor.page.locator(".codelens-decoration a", has_text=ACCEPT)


def test_one_hunk_of_two(editor: Editor, model: Knowing) -> None:
    ask(editor)
    proposed(editor)
    asked = str(model.questions[-1].body["messages"])
    assert "The request: add them up" in asked
    for said in (
        "large, $0.00: The prices are added up, and a closed shop is locked.",
        "check sum(prices): an empty list gives 0",
        "Accept all",
        "Discard",
    ):
        assert said in editor.lenses
    assert editor.file.read_text("utf-8") == SHOP
    editor.page.screenshot(path=CACHE / "vscode-proposal.png")
    accept(editor).first.click()
    editor.until(lambda: editor.lenses.count(ACCEPT) == 1, "one hunk left")
    editor.run("Firsthand: Discard the Proposal")
    editor.until(lambda: ACCEPT not in editor.lenses, "no proposal")
    editor.click_end()
    assert "\n".join(editor.saved()) == ADDED
    editor.press("Control+z")
    assert "\n".join(editor.saved()) == SHOP


def test_the_other_hunk_is_accepted_later(editor: Editor) -> None:
    ask(editor)
    proposed(editor)
    accept(editor).last.click()
    editor.until(lambda: editor.lenses.count(ACCEPT) == 1, "one hunk left")
    accept(editor).first.click()
    editor.until(lambda: ACCEPT not in editor.lenses, "no proposal")
    assert "\n".join(editor.saved()) == ADDED + LOCKED


def test_all_of_it_is_accepted_from_the_title_bar(editor: Editor) -> None:
    ask(editor)
    proposed(editor)
    editor.page.locator(".editor-actions a[aria-label*='Accept All Changes']").first.click()
    editor.until(lambda: ACCEPT not in editor.lenses, "no proposal")
    assert "\n".join(editor.saved()) == ADDED + LOCKED


def test_a_mark_stays_until_it_was_read(editor: Editor) -> None:
    """One of the two is clicked, the command reads what is left."""
    editor.configure({"firsthand.marks": True})
    editor.show(editor.file)
    ask(editor)
    proposed(editor)
    editor.run("Firsthand: Accept All Changes")
    editor.until(lambda: editor.text.count(MARK) == 2, "two marks")
    mark = editor.page.locator(".view-line span", has_text=MARK)
    mark.last.hover()
    editor.page.keyboard.down("Control")
    mark.last.click()
    editor.page.keyboard.up("Control")
    editor.until(lambda: editor.text.count(MARK) == 1, "one mark")
    editor.run("Firsthand: Mark the Frontier's Text in This File as Read")
    editor.until(lambda: MARK not in editor.text, "no mark")
    editor.saved()
    editor.configure({})


def test_what_to_check_is_explained(editor: Editor) -> None:
    ask(editor)
    proposed(editor)
    editor.page.locator(".codelens-decoration a", has_text="large, $0.00").click()
    editor.until(lambda: "To check:" in editor.text, "the explanation")
    assert "Nothing left this machine for it." in editor.text
    editor.run("View: Close All Editors")


def test_an_edit_meanwhile_is_said_once(editor: Editor) -> None:
    ask(editor)
    proposed(editor)
    editor.show(editor.file)
    editor.click_end()
    editor.press("Control+Home")
    editor.type("x")
    editor.press("Control+Tab")
    editor.until(lambda: editor.lenses.count(ACCEPT) == 2, "the proposal again")
    accept(editor).first.click()
    editor.until(lambda: editor.messages, "why it can't be applied")
    assert editor.messages.count("was changed where the proposal belongs") == 1
    editor.show(editor.file).saved()  # or VS Code asks what to do with it
    editor.run("View: Close All Editors")


def test_cancelling_closes_the_connection(editor: Editor, model: Knowing) -> None:
    model.reply = ""
    before = len(model.questions)
    ask(editor)
    editor.until(lambda: "asking large" in editor.messages, "the progress")
    editor.until(lambda: len(model.questions) > before, "a question")
    cancel = editor.page.locator(".notification-list-item a.monaco-button", has_text="Cancel")
    cancel.first.click()
    editor.until(model.questions[-1].closed.is_set, "a closed connection")
    editor.until(lambda: "asking large" not in editor.messages, "no progress")
    assert ACCEPT not in editor.lenses


def test_a_server_killed_meanwhile_is_said_once(editor: Editor, model: Knowing) -> None:
    model.reply = ""
    ask(editor)
    editor.until(lambda: "asking large" in editor.messages, "the progress")
    (server,) = editor.servers()
    server.kill()
    editor.until(lambda: "the server ended while a model was asked" in editor.messages, "a word")
    editor.until(lambda: "asking large" not in editor.messages, "no progress")
    editor.until(lambda: "qwen2.5-coder" in editor.status, "a new server")
    assert editor.told().count("ask again") == 1


def test_a_window_reloaded_meanwhile_says_so(editor: Editor, model: Knowing) -> None:
    model.reply = ""
    ask(editor)
    editor.until(lambda: "asking large" in editor.messages, "the progress")
    editor.page.reload()
    said = "the window was reloaded while a model was asked"
    editor.until(lambda: said in editor.messages, "a word")
    editor.until(model.questions[-1].closed.is_set, "a closed connection")
    assert editor.told().count("ask again") == 1


def test_the_log_holds_no_fault_and_no_code(window: Editor) -> None:
    assert not window.faults
    assert "sum(prices)" not in window.logs
