"""The plugin for Neovim over the real server: in the newest, an older and the oldest Neovim."""

import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from tests.e2e import neovim
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import SHOP, Editor
from tests.e2e.plugin import KNOWN, REST, TYPED, Start, completes, lines_are, plugged, ready

pytestmark = pytest.mark.e2e

EVERYWHERE = pytest.mark.parametrize("start", ["newest", "older", "oldest"], indirect=True)


@pytest.fixture
def model() -> Iterator[Knowing]:
    """A model that knows the file as it will be."""
    with knowing(KNOWN) as model:
        yield model


@pytest.fixture(params=["newest", "older"])
def start(request: pytest.FixtureRequest, tmp_path: Path, model: Knowing) -> Start:
    """Starts Neovim with the plugin on a file of a small project."""

    def started(options: str = "{}", before: str = "") -> AbstractContextManager[Editor]:
        program = getattr(neovim, request.param)
        return plugged(tmp_path, model.config, program, options, before)

    return started


@pytest.fixture
def editor(start: Start) -> Iterator[Editor]:
    """Inserting on a new last line, with the server ready."""
    with start() as editor:
        ready(editor)
        yield editor


def test_a_model_is_shown_what_others_report(start: Start, model: Knowing) -> None:
    found = "{ { lnum = 3, col = 0, message = 'nobody asks for this', severity = 2 } }"
    with start() as editor:
        completes(editor)
        # Before the first key: what is found out later is shown once it says much that is new.
        editor.lua(f"vim.diagnostic.set(vim.api.nvim_create_namespace('other'), 0, {found})")
        editor.press("Go<CR>")
        names = (f"self.a{number}" for number in range(10_000))

        def shown() -> bool:
            # What is found out while a line is written goes with a question about another one, and
            # what was answered once is not asked again.
            for last_but in (0, 1):
                editor.press(f"<Esc>G{'k' * last_but}S")
                editor.type(next(names))
            return any("nobody asks for this" in each.prompt for each in model.server.asked)

        editor.until(shown, "a prompt with what was reported")


@EVERYWHERE
def test_typing_through_and_accepting_all(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.type("ueE")
    editor.until(lambda: editor.ghost == REST[3:], "what is left of the ghost text")
    editor.press("<Tab>")
    lines_are(editor, TYPED + REST)
    assert not editor.ghost
    editor.type("  # so")
    assert editor.lines[-1] == TYPED + REST + "  # so"
    assert not editor.messages


def test_keys_typed_at_once_keep_the_ghost_text_true(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("ueErr<Tab>")
    lines_are(editor, TYPED + REST)


def test_a_contradicted_suggestion_is_gone_and_tab_is_a_tab(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("7<Tab>")
    editor.until(lambda: editor.lines[-1].startswith(TYPED + "7 "), "a tab")
    assert editor.lines[-1].strip() == "raise Val7"


@EVERYWHERE
def test_accepting_words_and_a_line(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<M-Right>")
    lines_are(editor, TYPED + "ueError")
    editor.press("<M-Right>")
    lines_are(editor, TYPED + 'ueError("')
    editor.press("<M-End>")
    lines_are(editor, TYPED + REST)
    assert not editor.messages


@EVERYWHERE
def test_one_undo_takes_back_what_was_accepted(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<Tab>")
    lines_are(editor, TYPED + REST)
    editor.press("<Esc>u")
    lines_are(editor, TYPED)
    editor.press("<C-r>")
    lines_are(editor, TYPED + REST)


@EVERYWHERE
def test_what_was_accepted_is_repeated(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<Tab>")
    lines_are(editor, TYPED + REST)
    count = len(editor.lines)
    editor.press("<Esc>.")
    editor.until(lambda: len(editor.lines) > count, "one more line")
    assert editor.lines[-1].strip() == (TYPED + REST).strip()


def test_characters_of_several_bytes(editor: Editor) -> None:
    editor.type(TYPED + REST + "\n")
    editor.press("<C-u>")
    editor.type('        print("größer 😀", self.art')
    editor.until_ghost("icles")
    ghost = editor.ghost
    editor.press("<Tab>")
    lines_are(editor, '        print("größer 😀", self.art' + ghost)


@EVERYWHERE
def test_before_a_bracket_that_was_closed_already(editor: Editor) -> None:
    editor.press('            raise ValueError("the quan")<Left><Left>')
    editor.until(lambda: editor.lines[-1].endswith('quan")'), "the line")
    editor.type("t")
    editor.until_ghost("ity must be positive")
    editor.press("<Tab>")
    lines_are(editor, '            raise ValueError("the quantity must be positive")')


def test_escape_hides_the_ghost_text_and_insert_mode_shows_it(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<Esc>")
    editor.until(lambda: editor.mode == "n" and not editor.ghost, "no ghost text")
    assert editor.lines[-1] == TYPED
    editor.press("A")
    editor.until_ghost(REST)


def test_dismissed_until_the_next_key(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<C-]>")
    editor.until(lambda: not editor.ghost, "no ghost text")
    assert editor.mode == "i"
    editor.type("u")
    editor.until_ghost(REST[1:])


def test_another_suggestion_on_request(editor: Editor) -> None:
    editor.type("            raise ")
    editor.press("<M-]>")
    editor.until(lambda: editor.ghost, "ghost text")
    assert not editor.messages


@EVERYWHERE
def test_a_killed_server_comes_back(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    (server,) = editor.servers()
    os.kill(server, signal.SIGKILL)
    editor.until(lambda: editor.lua("return #vim.lsp.get_clients()") == 0, "no client")
    editor.type("u")
    assert editor.ghost == REST[1:]
    editor.press("<BS>")
    editor.until(
        lambda: editor.lua("return require('firsthand').statusline()").startswith("qwen"),
        "a new server",
    )
    for key in REST[:12]:  # a file is judged before any of it is sent
        editor.type(key)
        editor.lua("vim.wait(300)")
        if editor.ghost:
            break
    assert (TYPED + REST).endswith(editor.ghost)
    assert editor.ghost


@EVERYWHERE
def test_the_menu_wins(editor: Editor) -> None:
    editor.lua("vim.o.completeopt = 'menuone'")
    editor.press("            raise Va<C-n>")
    editor.until(lambda: editor.lua("return vim.fn.pumvisible()") == 1, "the menu")
    editor.until(lambda: not editor.ghost, "no ghost text beside a selected entry")
    word = editor.lines[-1]
    editor.press("<Tab>")
    editor.until(lambda: editor.lua("return vim.fn.pumvisible()") == 0, "no menu")
    assert editor.lines[-1] == word


def test_what_tab_was_before(start: Start) -> None:
    before = "vim.keymap.set('i', '<Tab>', function() return '<<' end, { expr = true })"
    with start(before=before) as editor:
        ready(editor)
        editor.type(TYPED)
        editor.until_ghost(REST)
        editor.press("<Tab>")
        lines_are(editor, TYPED + REST)
        editor.press("7<Tab>")
        lines_are(editor, TYPED + REST + "7<<")


@EVERYWHERE
def test_commands(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<Esc>:Firsthand why<CR>")
    editor.until(lambda: any("tier: inline" in each for each in editor.lines), "the reasons")
    editor.press("q:Firsthand pause<CR>")
    level = partial(editor.lua, "return require('firsthand').statusline()")
    editor.until(lambda: level() == "paused", "a pause")
    editor.press(":Firsthand pause<CR>")
    editor.until(lambda: level().startswith("qwen"), "no pause")
    editor.press(":Firsthand status<CR>")
    editor.until(lambda: any("level: inline" in each for each in editor.lines), "the status")
    editor.press("q:Firsthand nonsense<CR>")
    editor.until(lambda: 'no command "nonsense"' in editor.messages, "a clear message")


@EVERYWHERE
def test_checkhealth(editor: Editor) -> None:
    editor.press("<Esc>:checkhealth firsthand<CR>")
    editor.until(lambda: any("a server runs for" in each for each in editor.lines), "the report")
    report = "\n".join(editor.lines)
    assert "<Tab> accepts a suggestion" in report
    assert "ERROR" not in report
    assert "WARNING" not in report


def test_a_server_that_is_not_there(start: Start) -> None:
    with start(options="{ cmd = { 'no-such-program' } }") as editor:
        editor.until(lambda: "not on your PATH" in editor.messages, "a message")
        editor.press("Go<C-u>")
        editor.type("x = 1")
        editor.press("<Tab>")
        editor.until(lambda: editor.lines[-1].startswith("x = 1 "), "a tab")


def test_options_that_are_none(start: Start) -> None:
    with start(options="{ colour = 1, keys = 7 }") as editor:
        editor.until(lambda: 'no option "colour"' in editor.messages, "what is wrong")
        assert "setup{ keys } must be a table, not a number" in editor.messages
        ready(editor)


def test_a_late_answer_is_shown_while_nobody_types(start: Start, model: Knowing) -> None:
    with start() as editor:
        ready(editor)
        model.delay = 0.6
        editor.type(TYPED)
        editor.until_ghost(REST)
        assert not editor.messages


@EVERYWHERE
def test_several_lines(editor: Editor) -> None:
    header = "        for number, (each, count) in enumerate(self.articles):"
    editor.type(TYPED + REST + "\n")
    editor.press("<C-u>")
    editor.type('        print("größer 😀", self.articles)\n')
    editor.press("<C-u>")
    editor.type(header)
    editor.until(lambda: "\n" in editor.ghost, "several lines")
    before, whole = editor.lines[:-1], header + editor.ghost
    assert whole in KNOWN
    editor.press("<Tab>")
    editor.until(lambda: editor.lines == before + whole.split("\n"), "all of them, as they were")
    editor.press("<Esc>u")
    editor.until(lambda: editor.lines == [*before, header], "none of them")


@EVERYWHERE
def test_settings_change_while_it_runs(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<Esc>")
    editor.lua("require('firsthand').setup({ settings = { enabled = false } })")
    editor.until(
        lambda: editor.lua("return require('firsthand').statusline()") == "off", "no completions"
    )
    editor.lua("require('firsthand').setup()")
    editor.until(
        lambda: editor.lua("return require('firsthand').statusline()").startswith("qwen"),
        "completions again",
    )
    assert not editor.messages


def test_what_is_pasted_is_there_once(editor: Editor) -> None:
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.nvim.request("nvim_paste", REST, True, -1)
    lines_are(editor, TYPED + REST)
    assert editor.lines.count(TYPED + REST) == SHOP.count(TYPED + REST) + 1
    assert not editor.ghost.startswith(REST)


def test_two_windows_on_one_buffer(editor: Editor) -> None:
    editor.press("<Esc>:vsplit<CR>A")
    editor.type(TYPED)
    editor.until_ghost(REST)
    editor.press("<Tab>")
    lines_are(editor, TYPED + REST)
    assert editor.lines.count(TYPED + REST) == SHOP.count(TYPED + REST) + 1
    assert not editor.messages


CMP = """
local state = { visible = false, active = nil }
local function waits() error('the public functions wait for a filter that runs') end
package.loaded['cmp'] = {
  visible = waits,
  get_active_entry = waits,
  core = {
    view = {
      visible = function() return state.visible end,
      get_active_entry = function() return state.active end,
    },
  },
}
_G.menu = function(visible, active) state.visible, state.active = visible, active end
"""
BLINK = """
local state = { visible = false, active = nil }
package.loaded['blink.cmp'] = {
  is_menu_visible = function() return state.visible end,
  get_selected_item = function() return state.active end,
}
_G.menu = function(visible, active) state.visible, state.active = visible, active end
"""


@pytest.mark.parametrize("menu", [CMP, BLINK], ids=["nvim-cmp", "blink.cmp"])
def test_beside_the_menu_of_another_plugin(start: Start, menu: str) -> None:
    """Stand-ins of what the two plugins tell of their menus; they themselves can't be had here."""
    with start(before=menu) as editor:
        ready(editor)
        editor.lua("_G.menu(true, nil)")
        editor.type(TYPED)
        editor.until_ghost(REST)
        editor.lua("_G.menu(true, { id = 1 })")
        editor.type(REST[0])
        editor.until(lambda: not editor.ghost, "no ghost text beside a selected entry")
        editor.lua("_G.menu(false, nil)")
        editor.type(REST[1])
        editor.until_ghost(REST[2:])
        editor.press("<Tab>")
        lines_are(editor, TYPED + REST)
        assert not editor.messages


OTHERS = """
package.loaded['copilot'] = {}
package.loaded['copilot.suggestion'] = { is_visible = function() return false end }
package.loaded['supermaven-nvim'] = {}
vim.g.loaded_codeium = 1
vim.g.loaded_copilot = 1
"""


def test_another_source_of_ghost_text_is_named_once(start: Start) -> None:
    with start(before=OTHERS) as editor:
        ready(editor)
        editor.press("<Esc>A")
        editor.type("x")
        for name in ("copilot.vim", "copilot.lua", "supermaven-nvim", "codeium"):
            assert editor.messages.count(f"{name} shows ghost text") == 1


def test_no_menu_is_offered_beside_ghost_text(editor: Editor) -> None:
    offered = "return vim.lsp.get_clients()[1].server_capabilities.completionProvider == nil"
    assert editor.lua(offered)
