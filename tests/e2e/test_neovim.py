"""Neovim's own inline completion over the real server, set up with the lines of the README."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.knowing import knowing
from tests.e2e.neovim import SHOP, Editor, editing, lua_in
from tests.e2e.plugin import KNOWN, REST
from tests.lsp import talking

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
    return editor.until_settled()


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


def test_before_a_bracket_that_was_closed_already(editor: Editor) -> None:
    editor.press('            raise ValueError("the quan")<Left><Left>')
    editor.until(lambda: editor.lines[-1].endswith('quan")'), "the line")
    type_until_ghost(editor, "t")
    editor.press("<Tab>")
    editor.until(lambda: editor.lines[-1] == TYPED + REST, "one quote and one bracket")


def test_several_lines(tmp_path: Path) -> None:
    header = "        for number, (each, count) in enumerate(self.articles):"
    file = tmp_path / "shop.py"
    before = KNOWN.partition(f"{header}\n")[0]
    file.write_text(before, encoding="utf-8")
    with (
        knowing(KNOWN, told=600, piece=600) as model,
        editing(file, lua_in("README.md")[1], tmp_path / "home", config=model.config) as editor,
    ):
        editor.until(lambda: level(editor) == "inline", "a server that completes")
        editor.press("Go<C-u>")
        ghost = type_until_ghost(editor, header)
        assert ghost.count("\n") > 1
        assert f"{header}{ghost}\n" in KNOWN
        editor.press("<Tab>")
        editor.until(lambda: "\n".join(editor.lines) == before + header + ghost, "all of them")
        editor.press("<Esc>u")
        editor.until(lambda: "\n".join(editor.lines) == before + header, "none of them")


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
    init = lua_in("README.md")[1] + lua_in("docs/editors.md")[1]
    with editing(file, init, tmp_path / "home") as editor:
        editor.until(lambda: editor.lua("return vim.g.firsthand") == "embedded", "a status")
        editor.press("Go<C-u>")
        type_until_ghost(editor, TYPED)
        editor.press("<M-]><Esc>:Firsthand why<CR>")
        editor.until(lambda: "confidence" in editor.messages, "an explanation")
        editor.press(":Firsthand pause<CR>")
        editor.until(lambda: editor.lua("return vim.g.firsthand") == "paused", "a pause")


def test_the_configuration_that_comes_with_the_plugin(tmp_path: Path) -> None:
    """Its folder may be on the path of people who want Neovim's own ghost text alone."""
    (tmp_path / ".git").mkdir()
    file = tmp_path / "shop.py"
    file.write_text(SHOP, encoding="utf-8")
    with editing(file, lua_in("docs/editors.md")[0], tmp_path / "home") as editor:
        editor.until(lambda: level(editor) == "embedded", "a server that completes")
        assert editor.lua("return vim.lsp.get_clients()[1].root_dir") == str(tmp_path)
        editor.press("Go<C-u>")
        ghost = type_until_ghost(editor, TYPED)
        editor.lua("vim.lsp.inline_completion.get()")
        editor.until(lambda: editor.lines[-1] == TYPED + ghost, "the accepted text")
        assert not editor.messages


# What is to be chosen from, and a way to choose; many have another picker than Neovim's here, too.
PICKER = """
vim.ui.select = function(items, options, done)
  _G.choices = vim.tbl_map(options.format_item or tostring, items)
  _G.choose = function(number)
    _G.choices = nil
    done(items[number], number)
  end
end
"""


@pytest.mark.parametrize("chosen", ["Apply", "Discard"])
def test_a_frontier_model_is_asked_by_a_code_action(tmp_path: Path, chosen: str) -> None:
    """What it proposes opens as a diff to read, and is applied when the person says so."""
    file = tmp_path / "shop.py"
    file.write_text(talking.SHOP, encoding="utf-8")
    with knowing("") as model:
        model.reply = talking.BETTER
        config, init = model.config + model.frontier, lua_in("README.md")[1] + PICKER
        with editing(file, init, tmp_path / "home", config=config) as editor:
            editor.until(lambda: level(editor) == "inline", "a server that completes")
            editor.press("ggVGgra")
            assert choices(editor)[0] == "Firsthand: finish this"
            editor.lua("_G.choose(1)")
            assert choices(editor) == ["Apply", "Discard"]
            assert "+        return sum(prices)" in beside(editor)
            assert "an empty list gives 0" in beside(editor)
            editor.lua("_G.choose(...)", ["Apply", "Discard"].index(chosen) + 1)
            after = talking.SHOP.replace("return 0", "return sum(prices)")
            expected = after if chosen == "Apply" else talking.SHOP
            editor.until(lambda: editor.lines == expected.splitlines(), chosen)
            editor.until(lambda: not list(tmp_path.rglob("*.diff")), "no diff any more")


def beside(editor: Editor) -> str:
    """What stands in the other window."""
    (other,) = (each for each in editor.nvim.windows if each != editor.nvim.current.window)
    return "\n".join(other.buffer[:])


def choices(editor: Editor) -> list[str]:
    """What the person is to choose from, once they are asked."""
    editor.until(lambda: editor.lua("return _G.choices"), "a question")
    return list(editor.lua("return _G.choices"))
