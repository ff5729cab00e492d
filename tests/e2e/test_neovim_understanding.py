"""Explanations, questions and marks in Neovim, over the real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e import neovim
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import Editor
from tests.e2e.plugin import KNOWN, anew, plugged

pytestmark = pytest.mark.e2e

CODE = """\
def positive(amount):
    if amount <= 0:
        raise ValueError("not positive")
    if amount > 100:
        return None
    return amount


def deposit(amount):
    return positive(amount) + 1


def first():
    raise KeyError("first")


def second():
    raise LookupError("second")
"""
REPLY = """\
<<<<<<< SEARCH
    return positive(amount) + 1
=======
    checked = positive(amount)
    return checked + 1
>>>>>>> REPLACE

The check has a name.
CHECK `checked`: it may be None
"""
MARK = "frontier, to read: 2 lines"


@pytest.fixture(scope="module")
def model() -> Iterator[Knowing]:
    """A model for both tiers."""
    with knowing(KNOWN) as model:
        yield model


@pytest.fixture(scope="module", params=["newest", "older"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: Knowing
) -> Iterator[Editor]:
    """Neovim with the plugin and marks, with a server that can be asked."""
    config = model.config + model.frontier
    program = getattr(neovim, request.param)
    options = "{ settings = { marks = true } }"
    folder = tmp_path_factory.mktemp("neovim")
    with plugged(folder, config, program, options, text=CODE) as editor:
        yield editor


@pytest.fixture
def editor(running: Editor, model: Knowing) -> Editor:
    """The file as it was, and a server that completes."""
    model.reply = REPLY
    anew(running)
    return running


def asking(editor: Editor) -> bool:
    """Whether Neovim waits for the number of a choice."""
    return str(editor.mode) == "c"


def marks(editor: Editor) -> list[tuple[int, str]]:
    """The line of each mark, from 0, and what it says."""
    found = editor.lua(
        """
        local space = vim.api.nvim_create_namespace('firsthand.marks')
        return vim.tbl_map(function(mark)
          return { mark[2], vim.trim(mark[4].virt_text[1][1]) }
        end, vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true }))
        """
    )
    return [(line, said) for line, said in found]


def explained(editor: Editor) -> bool:
    return str(editor.lua("return vim.bo.filetype")) == "markdown"


def test_an_explanation_is_read_and_closed(editor: Editor) -> None:
    editor.lua("vim.cmd('2Firsthand explain')")
    editor.until(lambda: explained(editor), "an explanation")
    said = "\n".join(editor.lines)
    assert "def positive(amount)" in said
    assert "deposit" in said
    assert not editor.lua("return vim.bo.modifiable")
    editor.press("q")
    editor.until(lambda: editor.lines == CODE.splitlines(), "the file")


def test_a_model_explains_where_a_question_is_put(editor: Editor, model: Knowing) -> None:
    model.reply = "It refuses what is not positive."
    for _ in range(20):
        editor.lua("vim.cmd('2Firsthand explain why this check?')")
        editor.until(lambda: explained(editor) or "is private" in editor.messages, "an answer")
        if explained(editor):
            break
        editor.lua("vim.cmd('messages clear'); vim.wait(200)")
    assert model.reply in editor.lines
    assert "large says:" in editor.lines
    editor.press("q")
    editor.until(lambda: editor.lines == CODE.splitlines(), "the file")


def test_a_quiz_is_answered_with_the_editors_own_picker(editor: Editor) -> None:
    editor.lua("vim.cmd('1 | Firsthand quiz')")
    for number in range(3):
        editor.until(lambda: asking(editor), f"question {number + 1}")
        editor.press("1<CR>")
        said = number + 1
        editor.until(lambda: answers(editor) == said, "a word about the answer")  # noqa: B023
    editor.until(lambda: "of 3 right." in editor.messages, "how many were right")


def answers(editor: Editor) -> int:
    """How many answers Neovim has said something about."""
    return editor.messages.count("says so") + editor.messages.count("say so")


def test_a_quiz_is_left_without_an_answer(editor: Editor) -> None:
    editor.lua("vim.cmd('1 | Firsthand quiz')")
    editor.until(lambda: asking(editor), "a question")
    editor.press("<CR>")
    editor.until(lambda: not asking(editor), "the end")
    assert not answers(editor)


def test_what_nothing_can_be_asked_about_is_said(editor: Editor) -> None:
    editor.lua("vim.cmd('normal! G')")
    editor.press("o<Esc>:2,2Firsthand nonsense<CR>")
    editor.until(lambda: 'no command "nonsense"' in editor.messages, "a word about it")
    assert "quiz" in editor.messages
    assert "explain" in editor.messages


def file_lines(editor: Editor) -> list[str]:
    """The file's buffer, whichever is the current one."""
    lines = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('shop.py'), 0, -1, true)"
    return list(editor.lua(lines))


def accepted(editor: Editor) -> None:
    """Ask for a change, and take it."""
    for _ in range(20):
        editor.press("<Esc>:9,10Firsthand escalate name the check<CR>")
        editor.until(
            lambda: (
                editor.lua("return #vim.api.nvim_list_tabpages()") == 2
                or "is private" in editor.messages
            ),
            "a proposal or a refusal",
        )
        if "is private" not in editor.messages:
            break
        editor.lua("vim.cmd('messages clear'); vim.wait(200)")
    editor.press("A")
    editor.until(lambda: "    checked = positive(amount)" in file_lines(editor), "the change")


def test_a_mark_stays_until_it_was_read(editor: Editor) -> None:
    accepted(editor)
    editor.until(lambda: marks(editor) == [(9, MARK)], "a mark")
    editor.press(":Firsthand read<CR>")
    editor.until(lambda: marks(editor) == [], "no mark")
    editor.press("u")
    editor.until(lambda: file_lines(editor) == CODE.splitlines(), "the file as it was")


def test_a_mark_stays_until_an_edit(editor: Editor) -> None:
    accepted(editor)
    editor.until(lambda: marks(editor) == [(9, MARK)], "a mark")
    editor.press("10Gftx")
    editor.until(lambda: marks(editor) == [], "no mark")
    editor.press("uu")
    editor.until(lambda: file_lines(editor) == CODE.splitlines(), "the file as it was")
