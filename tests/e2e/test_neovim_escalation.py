"""Escalations in Neovim: asked by the command, read in a diff, applied by hunk or not at all."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial

import pytest
from tests.e2e import neovim
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import SHOP, Editor
from tests.e2e.plugin import KNOWN, anew, plugged, status

pytestmark = pytest.mark.e2e

REPLY = """\
<<<<<<< SEARCH
        self.customer = customer
=======
        self.customer = customer.strip()
>>>>>>> REPLACE
<<<<<<< SEARCH
        self.articles.append((article, quantity))
=======
        self.articles.append((article, quantity))
        return quantity
>>>>>>> REPLACE

Names lose their spaces, and adding says how much.
CHECK `customer.strip()`: a customer may be None
"""
STRIPPED = "        self.customer = customer.strip()"
RETURNS = "        return quantity"
ESCALATE = "<Esc>:1,14Firsthand escalate strip the name, return the quantity<CR>"


@pytest.fixture(scope="module")
def model() -> Iterator[Knowing]:
    """A model for both tiers."""
    with knowing(KNOWN) as model:
        yield model


@pytest.fixture(scope="module", params=["newest", "older"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: Knowing
) -> Iterator[Editor]:
    """Neovim with the plugin, with a server that can escalate."""
    config = model.config + model.frontier
    folder = tmp_path_factory.mktemp("neovim")
    with plugged(folder, config, getattr(neovim, request.param)) as editor:
        yield editor


@pytest.fixture
def editor(running: Editor, model: Knowing) -> Editor:
    """The file as it was, nothing proposed, and a server that completes."""
    model.reply = REPLY
    anew(running)
    return running


def tabs(editor: Editor) -> int:
    return int(editor.lua("return #vim.api.nvim_list_tabpages()"))


def file_lines(editor: Editor) -> list[str]:
    """The file's buffer, wherever the cursor is."""
    return list(
        editor.lua("return vim.api.nvim_buf_get_lines(vim.fn.bufnr('shop.py'), 0, -1, true)")
    )


def shown_text(editor: Editor) -> str:
    """All that the windows of the tab page hold."""
    return str(
        editor.lua(
            """
            local all = {}
            for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
              local buffer = vim.api.nvim_win_get_buf(window)
              vim.list_extend(all, vim.api.nvim_buf_get_lines(buffer, 0, -1, true))
            end
            return table.concat(all, '\\n')
            """
        )
    )


def review(editor: Editor) -> None:
    """Ask, and wait for the diff; a file is judged before any of it is sent."""
    for _ in range(20):
        editor.press(ESCALATE)
        editor.until(
            lambda: tabs(editor) == 2 or "is private" in editor.messages, "a proposal or a refusal"
        )
        if tabs(editor) == 2:
            return
        editor.lua("vim.cmd('messages clear'); vim.wait(200)")
    raise AssertionError("the file stayed private")


def test_a_way_to_ask_is_chosen_and_what_would_be_sent_is_shown(
    editor: Editor, model: Knowing
) -> None:
    review(editor)  # the file is judged now
    editor.lua("require('firsthand.review').discard()")
    asked = len(model.questions)
    editor.press("<Esc>:1,14Firsthand escalate ++preview strip the name<CR>")
    editor.until(lambda: "The request: strip the name" in shown_text(editor), "what would be sent")
    assert len(model.questions) == asked
    editor.press("q")
    editor.press("<Esc>:1,14Firsthand escalate ++panel strip the name<CR>")
    editor.until(lambda: tabs(editor) == 2, "a proposal")
    assert len(model.questions) == asked + 2
    assert "2 candidates agree" in shown_text(editor)


def test_one_hunk_of_two_is_accepted_and_undone(editor: Editor) -> None:
    review(editor)
    said = shown_text(editor)
    assert "2 changes by large, $0.00" in said
    assert "Names lose their spaces, and adding says how much." in said
    assert "Check line 6: customer.strip(): a customer may be None" in said
    assert file_lines(editor) == SHOP.splitlines()
    assert editor.lua("return vim.wo.diff")
    editor.press("a")
    editor.until(lambda: STRIPPED in file_lines(editor), "the first hunk in the file")
    assert RETURNS not in file_lines(editor)
    editor.press("]ca")
    editor.until(lambda: RETURNS in file_lines(editor), "the second hunk in the file")
    editor.until(lambda: tabs(editor) == 1, "the review to be closed")
    editor.press("u")
    editor.until(lambda: RETURNS not in file_lines(editor), "one undo")
    assert STRIPPED in file_lines(editor)
    editor.press("u")
    editor.until(lambda: file_lines(editor) == SHOP.splitlines(), "another undo")
    assert "Firsthand" not in editor.messages
    assert "Error" not in editor.messages


def test_all_hunks_are_accepted_and_one_undo_takes_them_back(editor: Editor) -> None:
    review(editor)
    editor.press("A")
    editor.until(lambda: RETURNS in file_lines(editor), "both hunks in the file")
    assert STRIPPED in file_lines(editor)
    editor.until(lambda: tabs(editor) == 1, "the review to be closed")
    editor.press("u")
    editor.until(lambda: file_lines(editor) == SHOP.splitlines(), "one undo")


def test_discarded_and_left_for_later(editor: Editor) -> None:
    review(editor)
    editor.press("q")
    editor.until(lambda: tabs(editor) == 1, "the review to be closed")
    editor.press(":Firsthand review<CR>")
    editor.until(lambda: tabs(editor) == 2, "the review again")
    editor.press("x")
    editor.until(lambda: tabs(editor) == 1, "the review to be closed")
    editor.press(":Firsthand accept all<CR>")
    editor.until(lambda: "nothing is proposed" in editor.messages, "that it is gone")
    assert file_lines(editor) == SHOP.splitlines()


def test_code_that_was_changed_meanwhile_is_left_alone(editor: Editor) -> None:
    review(editor)
    editor.press("q")
    editor.until(lambda: tabs(editor) == 1, "the review to be closed")
    editor.press(":6<CR>A  # mine<Esc>:Firsthand accept all<CR>")
    editor.until(lambda: "was changed where the proposal belongs" in editor.messages, "a message")
    assert STRIPPED not in file_lines(editor)
    assert editor.messages.count("was changed where") == 1


def held(editor: Editor, model: Knowing) -> None:
    """Ask once more, of a model that never replies."""
    review(editor)
    editor.press("x")
    model.reply = ""
    asked = len(model.questions)
    editor.press(ESCALATE)
    editor.until(lambda: len(model.questions) > asked, "a question")


def test_a_running_one_is_shown_and_cancelled(editor: Editor, model: Knowing) -> None:
    held(editor, model)
    editor.until(lambda: "escalation" in status(editor), "progress")
    assert "Firsthand cancel" in shown_text(editor)
    editor.press(":Firsthand cancel<CR>")
    editor.until(lambda: "escalation" not in status(editor), "no progress")
    editor.until(lambda: model.questions[-1].closed.is_set(), "a closed connection")
    assert "Firsthand cancel" not in shown_text(editor)


def test_the_file_is_closed_meanwhile(editor: Editor, model: Knowing) -> None:
    """It is cancelled as any other, and the file stays as it is."""
    held(editor, model)
    name = editor.nvim.current.buffer.name
    editor.press(":bwipeout!<CR>:Firsthand cancel<CR>")
    editor.until(lambda: model.questions[-1].closed.is_set(), "a closed connection")
    editor.until(lambda: "escalation" not in status(editor), "no progress")
    assert tabs(editor) == 1
    assert "Error" not in editor.messages
    editor.press(f":edit {name}<CR>")
    editor.until(lambda: editor.lines == SHOP.splitlines(), "the file as it was")


def test_an_instruction_is_asked_for_where_none_is_given(editor: Editor, model: Knowing) -> None:
    editor.lua(
        """
        vim.ui.input = function(options, done)
          _G.prompt = options.prompt
          done('strip it')
        end
        """
    )
    review(editor)
    editor.press("x")
    asked = len(model.questions)
    editor.press(":5,6Firsthand escalate<CR>")
    editor.until(lambda: len(model.questions) > asked, "a question")
    assert "these lines" in editor.lua("return _G.prompt")
    assert "strip it" in str(model.questions[-1].body["messages"])


def test_text_at_the_cursor_becomes_ghost_text(editor: Editor, model: Knowing) -> None:
    review(editor)
    editor.press("x")
    model.reply = "```python\n    # counted\n```"
    editor.press("Go<C-u>    <Esc>:Firsthand escalate a comment<CR>")
    editor.until(lambda: editor.ghost, "ghost text")
    editor.until(lambda: editor.mode == "i", "insert mode")
    before, ghost = editor.lines[-1], editor.ghost
    assert "# counted" in ghost
    editor.press("<Tab>")
    editor.until(lambda: editor.lines[-1] == before + ghost, "the text")


def test_costs_and_what_was_sent(editor: Editor) -> None:
    float_ = partial(editor.lua, "return vim.api.nvim_win_get_config(0).relative")
    editor.press("<Esc>:Firsthand costs<CR>")
    editor.until(lambda: any("day_usd" in each for each in editor.lines), "the costs")
    editor.press("q:Firsthand sent<CR>")
    editor.until(lambda: float_() == "editor", "what was sent")
    assert "othing" in "\n".join(editor.lines)
    assert not editor.messages


def test_the_server_is_killed_in_the_middle(editor: Editor, model: Knowing) -> None:
    review(editor)
    editor.press("q")
    model.reply = ""
    editor.press(ESCALATE)
    editor.until(lambda: "escalation" in status(editor), "progress")
    (server,) = editor.servers()
    os.kill(server, signal.SIGKILL)
    editor.until(lambda: "in the middle of an escalation" in editor.messages, "a message")
    assert "Firsthand cancel" not in shown_text(editor)
    editor.press(":Firsthand review<CR>")
    editor.until(lambda: tabs(editor) == 2, "the first proposal")
    editor.press("A")
    editor.until(lambda: "has ended, so it is not applied" in editor.messages, "a message")
    assert file_lines(editor) == SHOP.splitlines()
