"""The extension in the real VS Code, over the server that it installs and starts."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e import vscode
from tests.e2e.debian import CACHE
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import SHOP
from tests.e2e.vscode_editor import ACCEPT_LINE, Editor

# A browser on a busy machine loses a click or a key now and then, which is no fault of the
# extension; what fails three times in a row is one. What was run again is printed as such.
pytestmark = [pytest.mark.e2e, pytest.mark.flaky(reruns=2)]

TYPED = "            raise Val"
REST = 'ueError("the quantity must be positive")'
PRINTED = '        print("größer 😀", self.articles)'
HEADER = "        for number, (each, count) in enumerate(self.articles):"
REPLACED = """
            if each == article:
                self.articles[number] = (article, quantity)
                return True"""
LATE = "        self.quantities[article] = quantity"
KNOWN = f"{SHOP}{TYPED}{REST}\n{PRINTED}\n{HEADER}{REPLACED}\n        return False\n{LATE}\n"
# What the model was wrong about in one test must not keep its texts from being shown in the next.
EAGER = {"firsthand.aggression": 0.9}
Start = Callable[..., AbstractContextManager[Editor]]


@pytest.fixture(scope="module")
def model() -> Iterator[Knowing]:
    """A model that knows the file as it will be.

    It says it at once: VS Code is not told of what comes while a part of it is shown.
    """
    with knowing(KNOWN, told=600, piece=600) as model:
        yield model


@pytest.fixture(scope="module")
def start(
    browser: Browser, model: Knowing, environments: Path, tmp_path_factory: pytest.TempPathFactory
) -> Start:
    """Starts VS Code on a file of a small project."""

    def started(
        name: str = "shop.py", content: str = SHOP, **settings: object
    ) -> AbstractContextManager[Editor]:
        folder = tmp_path_factory.mktemp("vscode")
        (folder / "project/.git").mkdir(parents=True)
        file = folder / "project" / name
        file.write_text(content, encoding="utf-8")
        home = folder / "home"
        return vscode.editing(
            browser, file, home, config=model.config, environments=environments, settings=settings
        )

    return started


@pytest.fixture(scope="module")
def window(start: Start) -> Iterator[Editor]:
    """One window for all tests; its first start has made the server's environment."""
    with start() as editor:
        told = "Firsthand sets up its server, once"
        editor.until(lambda: told in editor.messages, "a first start that says what it does")
        editor.until(lambda: ready(editor), "a server that completes", patience=vscode.FIRST_START)
        configured(editor)
        yield editor


@pytest.fixture
def editor(window: Editor, model: Knowing, request: pytest.FixtureRequest) -> Editor:
    """A fresh copy of the file, with the cursor on its last line, which is empty."""
    model.delay = 0.0
    name = request.node.name.removeprefix("test_")
    run = getattr(request.node, "execution_count", 1)
    for other in window.file.parent.glob("*.py"):
        if other != window.file:  # the explorer has rows only for what fits on the screen
            other.unlink()
    file = window.file.with_name(f"{name}_{run}.py")
    file.write_text(SHOP, encoding="utf-8")
    editor = window.show(file)
    editor.click_end()
    return editor


def ready(editor: Editor) -> bool:
    return "qwen2.5-coder-1.5b" in editor.status


def configured(window: Editor, **settings: object) -> None:
    """Change settings, and wait until the server has them: its status says whether it is off."""
    window.configure({"firsthand.enabled": False})
    window.until(lambda: window.status == "off", "no completions")
    window.configure(EAGER | {f"firsthand.{name}": value for name, value in settings.items()})
    window.until(lambda: ready(window), "completions")


def typed_below(editor: Editor, *lines: str) -> None:
    """Type lines, without the margin that the editor gives each."""
    for number, line in enumerate(lines):
        if number:
            editor.press("Escape", "End", "Enter", "Shift+Home")
        editor.type(line, pause=0.01)


def accepted(editor: Editor) -> int:
    """How many acceptances the server has noted."""
    (database,) = editor.home.rglob("ledger.sqlite3")
    question = "select count(*) from event where kind = 'accepted'"
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(question).fetchone()[0])


def test_typing_through_never_flickers_and_tab_accepts_all(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.seen()
    editor.type("ueE")
    editor.until_ghost(REST[3:])
    assert editor.seen() == [REST, REST[1:], REST[2:]]
    editor.press("Tab")
    assert editor.saved()[-1] == TYPED + REST
    assert not editor.messages


def test_undo_takes_back_what_was_accepted(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("Tab")
    assert editor.saved()[-1] == TYPED + REST
    editor.press("Control+z")
    assert editor.saved()[-1] == TYPED


def test_a_contradicted_suggestion_is_gone_and_tab_is_a_tab(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.type("7")
    editor.until_ghost("")
    editor.press("Tab")
    assert editor.saved()[-1].rstrip() == TYPED + "7"


def test_accepting_words_is_recognised(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    before = accepted(editor)
    editor.press("Control+ArrowRight")
    editor.until_ghost(REST.removeprefix("ueError"))
    assert editor.saved()[-1] == TYPED + "ueError"
    editor.until(lambda: accepted(editor) == before + 1, "an acceptance in the ledger")


def test_before_a_bracket_that_was_closed_already(editor: Editor) -> None:
    typed_below(editor, TYPED + REST, '        print("größer 😀", self.art')
    editor.until_ghost("icles")
    editor.press("Tab")
    assert editor.saved()[-1] == PRINTED


def test_several_lines(editor: Editor) -> None:
    typed_below(editor, TYPED + REST, PRINTED, HEADER)
    editor.until_ghost(REPLACED)
    editor.page.screenshot(path=CACHE / "vscode.png")
    editor.press("Tab")
    assert "\n".join(editor.saved()).endswith(HEADER + REPLACED)


def test_accepting_lines(editor: Editor) -> None:
    typed_below(editor, TYPED + REST, PRINTED, HEADER)
    editor.until_ghost(REPLACED)
    editor.press(ACCEPT_LINE)  # VS Code takes the end of this line for a line
    editor.until_ghost(REPLACED[1:])
    editor.press(ACCEPT_LINE)
    first, rest = REPLACED[1:].split("\n", 1)
    editor.until_ghost(rest)
    assert "\n".join(editor.saved()).endswith(f"{HEADER}\n{first}\n")


def test_the_next_suggestion_comes_without_a_key(window: Editor, editor: Editor) -> None:
    configured(window, max_lines=1)
    typed_below(editor, TYPED + REST, PRINTED, HEADER)
    for line in REPLACED.split("\n")[1:]:
        editor.until_ghost(f"\n{line}")
        editor.press("Tab")
    assert "\n".join(editor.saved()).endswith(HEADER + REPLACED)
    configured(window)


def test_the_menu_and_the_ghost_text_agree(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("Control+Space")
    entry = editor.page.locator(".suggest-widget.visible .monaco-list-row.focused")
    editor.until(lambda: "ValueError" in (entry.text_content() or ""), "the menu")
    editor.page.wait_for_timeout(500)
    assert REST.startswith(editor.ghost)
    assert editor.ghost.startswith("ueError")
    editor.press("Tab")
    editor.until(lambda: not entry.count(), "no menu")
    editor.page.wait_for_timeout(500)
    assert editor.saved()[-1] == TYPED + "ueError"


def test_a_late_answer_is_shown_where_nothing_was(editor: Editor, model: Knowing) -> None:
    typed_below(editor, "        return False", "")
    model.delay = 1.0
    editor.type("        self.quan")
    editor.seen()
    editor.until_ghost("tities[article] = quantity")
    assert editor.seen() == [""]
    editor.press("Tab")
    assert editor.saved()[-1] == LATE


def test_renamed_while_a_model_thinks(editor: Editor, model: Knowing) -> None:
    asked = len(model.server.wanted)
    model.delay = 1.0
    editor.type(TYPED)
    editor.until(lambda: len(model.server.wanted) > asked, "a question")
    model.delay = 0.0
    name = f"also_{editor.file.name}"
    entry = editor.page.locator(
        ".explorer-folders-view .monaco-list-row", has_text=editor.file.name
    )
    entry.click()
    editor.press("F2")
    field = editor.page.locator(".explorer-folders-view input")
    field.fill(name)
    editor.press("Enter")
    editor.until(lambda: name in editor.tab, "the new name")
    renamed = replace(editor, file=editor.file.with_name(name))
    renamed.click_end()
    renamed.type("ue")
    renamed.until_ghost(REST[2:])
    renamed.press("Tab")
    assert renamed.saved()[-1] == TYPED + REST
    assert not renamed.messages


def test_pausing_and_going_on(editor: Editor) -> None:
    choose(editor, "15 Minutes")
    editor.until(lambda: editor.status == "paused", "a pause")
    editor.click_end()
    editor.type(TYPED)
    assert not editor.ghost
    editor.run("Firsthand: Pause for 15 Minutes")
    editor.until(lambda: ready(editor), "no pause")
    editor.type("u")
    editor.until_ghost(REST[1:])


def test_why(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.run("Firsthand: Why This Suggestion")
    editor.until(lambda: "tier: inline" in editor.text, "the reasons")
    editor.close("Why this suggestion")


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("What Was Sent", "Nothing was sent to other machines."),
        ("Costs", "Today 0"),
        ("Check Everything (Doctor)", "model local: answers"),
        ("Open Configuration", "[models.local]"),
    ],
)
def test_pages_of_the_menu(editor: Editor, title: str, says: str) -> None:
    choose(editor, title)
    editor.until(lambda: says in editor.text, f"the page of {title}")
    editor.press("Control+w")


def test_the_log_is_shown(editor: Editor) -> None:
    choose(editor, "Show Log")
    channel = editor.page.locator(".part.panel select")
    editor.until(channel.count, "the panel of logs")
    chosen = "each => each.selectedOptions[0].text"
    editor.until(lambda: channel.first.evaluate(chosen) == "Firsthand", "the log of Firsthand")
    editor.run("View: Toggle Panel Visibility")


@pytest.mark.parametrize("scope", ["in This File", "for This Language"])
def test_pausing_here_and_going_on(editor: Editor, model: Knowing, scope: str) -> None:
    choose(editor, f"Pause {scope}")
    editor.until(lambda: "Firsthand pauses" in editor.bar, "a pause")
    editor.click_end()
    asked = len(model.server.wanted)
    editor.type(TYPED)
    editor.settle()
    assert not editor.ghost
    assert len(model.server.wanted) == asked
    choose(editor, f"Pause {scope}")
    editor.until(lambda: "Firsthand goes on" in editor.bar, "no pause")
    editor.click_end()
    editor.type("u")
    editor.until_ghost(REST[1:])


def test_less_is_shown_when_the_person_wants_less(window: Editor, editor: Editor) -> None:
    choose(editor, "Show More or Fewer Suggestions")
    editor.choose("almost certain")
    settings = editor.home / "data/User/settings.json"
    editor.until(lambda: '"firsthand.aggression": 0.2' in settings.read_text("utf-8"), "a setting")
    configured(window)


def test_a_key_is_asked_for_in_a_terminal(editor: Editor) -> None:
    choose(editor, "Store a Key in the Keyring")
    editor.page.locator(".quick-input-widget:visible input").fill("mistral")
    editor.press("Enter")
    rows = editor.page.locator(".terminal .xterm-rows")
    editor.until(lambda: "mistral" in (rows.text_content() or ""), "a question for the key")
    assert "mistral" not in editor.file.read_text("utf-8")
    editor.run("Terminal: Kill the Active Terminal Instance")
    editor.until(lambda: not rows.count(), "no terminal")


def test_composed_characters_are_inserted_once(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.compose("u", "ü", commit="ue")
    editor.until_ghost(REST[2:])
    editor.compose("n", "ni", "ni h", commit="你好")
    editor.until_ghost("")
    assert editor.saved()[-1] == f"{TYPED}ue你好"


def test_two_cursors_insert_nothing_twice(editor: Editor) -> None:
    typed_below(editor, "x", "x")
    editor.run("Add Cursor Above")
    editor.press("Backspace")
    editor.type(TYPED)
    editor.settle()
    assert editor.saved()[-2:] == [TYPED, TYPED]
    shown = editor.ghost
    editor.press("Tab")
    after = [line.rstrip() for line in editor.saved()[-2:]]
    assert set(after) <= {TYPED, TYPED + shown}


def test_settings_change_at_once(window: Editor, editor: Editor) -> None:
    window.configure({"firsthand.enabled": False})
    editor.until(lambda: editor.status == "off", "no completions")
    editor.type(TYPED)
    assert not editor.ghost
    window.configure(EAGER)
    editor.until(lambda: ready(editor), "completions")
    editor.type("u")
    editor.until_ghost(REST[1:])


def test_a_killed_server_comes_back(window: Editor, editor: Editor) -> None:
    (server,) = window.servers()
    server.kill()
    editor.until(lambda: not ready(editor), "no server")
    editor.until(lambda: ready(editor), "a new server")
    assert [each.pid for each in window.servers()] != [server.pid]
    editor.type(TYPED)
    editor.until_ghost(REST)


def choose(editor: Editor, title: str) -> None:
    """Choose an entry of the menu that the status bar opens."""
    editor.page.locator('.statusbar-item[id*="firsthand.status"]').click()
    heading = editor.page.locator(".quick-input-title", has_text="Firsthand")
    editor.until(heading.count, "the menu")
    editor.page.locator(".quick-input-widget input").first.fill(title)
    editor.choose(title)


def test_the_log_holds_no_fault_and_no_code(window: Editor) -> None:
    assert list(window.home.rglob("server.log"))
    assert "Traceback" not in window.logs
    assert "ValueError" not in window.logs


def test_a_server_that_is_not_there(start: Start) -> None:
    with start(**{"firsthand.serverPath": "/no/such/firsthand"}) as editor:
        editor.until(lambda: "/no/such/firsthand is no server" in editor.messages, "what is wrong")
        editor.until(lambda: "Firsthand" in editor.status, "the status")
        editor.click_end()
        editor.type("x = 1")
        editor.until(lambda: editor.saved()[-1] == "x = 1", "what was typed")
