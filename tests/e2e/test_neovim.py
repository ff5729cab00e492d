"""Neovim's own inline completion over the real server, set up with the lines of the README."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.neovim import SHOP, Editor, editing, lua_in

pytestmark = pytest.mark.e2e

TYPED = "            raise Val"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    """Inserting on a new last line of a file in a small project, with the server ready."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    file = project / "shop.py"
    file.write_text(SHOP, encoding="utf-8")
    with editing(file, lua_in("README.md")[1], tmp_path / "home") as editor:
        editor.until(lambda: level(editor) == "embedded", "a server that completes")
        editor.press("Go<C-u>")
        yield editor


def level(editor: Editor) -> str:
    """The level that the server says it completes at."""
    return str(
        editor.lua(
            """
            local client = vim.lsp.get_clients({ name = 'firsthand' })[1]
            if not (client and client.initialized) then return '' end
            local status = { command = 'firsthand.status' }
            local answer = client:request_sync('workspace/executeCommand', status, 1000)
            return answer and answer.result and answer.result.level or ''
            """
        )
    )


def type_until_ghost(editor: Editor, text: str) -> str:
    """Type, and give the ghost text that appears."""
    editor.type(text)
    editor.until(lambda: editor.ghost, "ghost text")
    return editor.ghost


def test_tab_accepts_the_ghost_text_and_typing_goes_on(editor: Editor) -> None:
    ghost = type_until_ghost(editor, TYPED)
    assert "\n" not in ghost
    editor.press("<Tab>")
    accepted = TYPED + ghost
    editor.until(lambda: editor.lines[-1] == accepted, "the accepted text in the buffer")
    assert not editor.ghost
    editor.type("  # so\n")
    assert editor.lines[-2:-1] == [accepted + "  # so"]
    again = type_until_ghost(editor, "raise Val")
    editor.press("<Tab>")
    editor.until(lambda: editor.lines[-1].endswith("raise Val" + again), "a second one")
    assert not editor.messages


def test_positions_after_characters_of_several_bytes(editor: Editor) -> None:
    editor.type(TYPED + 'ueError("the quantity must be positive")\n')
    editor.press("<C-u>")
    typed = '        print("größer 😀", self.art'
    ghost = type_until_ghost(editor, typed)
    editor.press("<Tab>")
    accepted = typed + ghost
    editor.until(lambda: editor.lines[-1] == accepted, "the accepted text in the buffer")


def test_tab_without_ghost_text_is_a_tab(editor: Editor) -> None:
    editor.press("<Tab>")
    editor.until(lambda: editor.lines[-1] == "    ", "an indented line")


def test_keys_typed_since_the_answer_belong_to_what_is_accepted(editor: Editor) -> None:
    ghost = type_until_ghost(editor, TYPED)
    editor.press(ghost[:2] + "<Tab>")
    accepted = TYPED + ghost
    editor.until(lambda: editor.lines[-1] == accepted, "the accepted text, once")


def test_ghost_text_that_a_key_contradicts_is_not_accepted(editor: Editor) -> None:
    type_until_ghost(editor, TYPED)
    editor.press("7<Tab>")
    editor.until(lambda: editor.lines[-1].startswith(TYPED + "7 "), "a tab")
    assert editor.lines[-1].strip() == "raise Val7"


def test_one_undo_takes_back_what_was_accepted(editor: Editor) -> None:
    ghost = type_until_ghost(editor, TYPED)
    editor.press("<Tab>")
    accepted = TYPED + ghost
    editor.until(lambda: editor.lines[-1] == accepted, "the accepted text in the buffer")
    editor.press("<Esc>u")
    editor.until(lambda: editor.lines[-1] == TYPED, "the typed text alone")
    editor.press("<C-r>")
    editor.until(lambda: editor.lines[-1] == accepted, "the accepted text again")


def test_escape_hides_the_ghost_text(editor: Editor) -> None:
    type_until_ghost(editor, TYPED)
    editor.press("<Esc>")
    editor.until(lambda: editor.mode == "n" and not editor.ghost, "no ghost text")
    assert editor.lines[-1] == TYPED


def test_a_killed_server_does_not_disturb_typing(editor: Editor) -> None:
    type_until_ghost(editor, TYPED)
    (server,) = editor.servers()
    os.kill(server, signal.SIGKILL)
    editor.until(lambda: editor.lua("return #vim.lsp.get_clients()") == 0, "a client that is gone")
    editor.type("ueError(quantity)\n")
    editor.press("<Tab>")
    editor.until(lambda: editor.lines[-1] == " " * 12, "a tab after the indentation")
    assert editor.lines[-2] == "            raise ValueError(quantity)"
    assert editor.mode == "i"


def test_checkhealth_finds_nothing_wrong(editor: Editor) -> None:
    editor.press("<Esc>:checkhealth vim.lsp<CR>")
    editor.until(lambda: "- firsthand:" in editor.lines, "the report")
    (headline,) = (line for line in editor.lines if line.startswith("vim.lsp:  "))
    assert headline.endswith("✅")
    assert "- firsthand (id: 1)" in editor.lines


def test_the_further_lines_of_the_docs(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_text(SHOP, encoding="utf-8")
    init = lua_in("README.md")[1] + lua_in("docs/editors.md")[0]
    with editing(file, init, tmp_path / "home") as editor:
        editor.until(lambda: editor.lua("return vim.g.firsthand") == "embedded", "a status")
        editor.press("Go<C-u>")
        type_until_ghost(editor, TYPED)
        editor.press("<M-]><Esc>:Firsthand why<CR>")
        editor.until(lambda: "confidence" in editor.messages, "an explanation")
        editor.press(":Firsthand pause<CR>")
        editor.until(lambda: editor.lua("return vim.g.firsthand") == "paused", "a pause")
