"""The plugin for Neovim where something is out of the ordinary, and what follows without a key."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
from tests.e2e import neovim, repeated
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import SHOP, Editor
from tests.e2e.plugin import (
    INIT,
    KNOWN,
    REST,
    SETUP,
    TYPED,
    Program,
    Start,
    lines_are,
    plugged,
    ready,
)

pytestmark = pytest.mark.e2e

HEADER = "        for number, (each, count) in enumerate(self.articles):"
BODY = [
    "            if each == article:",
    "                self.articles[number] = (article, quantity)",
    "                return True",
]
LONG = "value = 1  # as it was\n" * 50_000
SILENT = "import time; time.sleep(600)"
WAIT = 10.0


@pytest.fixture
def model() -> Iterator[Knowing]:
    """A model that knows the file as it will be, and says it at once."""
    with knowing(KNOWN, told=600, piece=600) as model:
        yield model


@pytest.fixture(params=["newest", "older"])
def start(request: pytest.FixtureRequest, tmp_path: Path, model: Knowing) -> Start:
    """Starts Neovim with the plugin on a file of a small project."""

    def started(
        options: str = "{}", before: str = "", text: str = SHOP
    ) -> AbstractContextManager[Editor]:
        program = getattr(neovim, request.param)
        return plugged(tmp_path, model.config, program, options, before, text)

    return started


def test_the_next_suggestion_comes_without_a_key(start: Start, model: Knowing) -> None:
    with start("{ settings = { max_lines = 1 } }", text=f"{KNOWN.partition(HEADER)[0]}") as editor:
        ready(editor)
        editor.type(HEADER)
        for line in BODY:
            editor.until_ghost("\n" + line)
            # The model takes its time for what comes after what it said at first.
            model.delay = 0.25
            editor.press("<Tab>")
            lines_are(editor, line)
        assert not editor.messages


@pytest.mark.parametrize("program", [neovim.newest, neovim.older])
def test_the_embedded_model_goes_on_without_a_key(tmp_path: Path, program: Program) -> None:
    options = "{ settings = { aggression = 1.0 } }"  # many short pieces
    text = f"{repeated.TEXT}\n"
    with plugged(tmp_path, repeated.CONFIG, program, options, text=text) as editor:
        level = "return require('firsthand').statusline()"
        editor.until(lambda: editor.lua(level) == "embedded", "a server that completes")
        editor.press("Go<C-u>")
        editor.type(repeated.BEGUN)
        line, shown = repeated.BEGUN, ""
        for _ in range(3):
            before = shown
            editor.until(lambda: editor.ghost not in ("", before), "the next piece")  # noqa: B023
            shown = editor.ghost
            line += shown
            editor.press("<Tab>")
            lines_are(editor, line)
        assert (repeated.BEGUN + repeated.REST).startswith(line)
        assert not editor.messages


def test_a_place_in_a_snippet_comes_before_the_ghost_text(start: Start) -> None:
    with start() as editor:
        ready(editor)
        editor.lua("vim.snippet.expand('${1:first}, ${2:second}')")
        editor.until(lambda: editor.mode == "s", "a place that is chosen")
        editor.type("one")
        editor.press("<Tab>")
        editor.until(lambda: editor.mode == "s", "the next place")
        editor.type("two")
        lines_are(editor, "one, two")


def test_what_an_input_method_commits_is_there_once(start: Start) -> None:
    """A terminal composes by itself; Neovim gets what was committed, several characters at once."""
    with start() as editor:
        ready(editor)
        editor.type(TYPED)
        editor.until_ghost(REST)
        editor.press("ueE")
        editor.until(lambda: editor.ghost == REST[3:], "what is left")
        editor.press("你好")
        lines_are(editor, f"{TYPED}ueE你好")
        editor.until(lambda: not editor.ghost, "nothing that is contradicted")
        assert not editor.messages


def test_a_file_of_50_000_lines(start: Start) -> None:
    with start(text=LONG + KNOWN.partition(TYPED + REST)[0]) as editor:
        ready(editor)
        editor.type(TYPED)
        editor.until_ghost(REST)
        editor.press("<Tab>")
        lines_are(editor, TYPED + REST)
        assert len(editor.lines) > 50_000
        assert "Firsthand" not in editor.messages


def test_renamed_while_a_model_thinks(start: Start, model: Knowing, tmp_path: Path) -> None:
    with start() as editor:
        ready(editor)
        model.delay = 0.5
        asked = len(model.server.wanted)
        editor.type(TYPED)
        editor.until(lambda: len(model.server.wanted) > asked, "a question")
        editor.press(f"<C-o>:saveas {tmp_path}/project/other.py<CR>")
        model.delay = 0.0
        editor.until(lambda: editor.lua("return vim.fn.expand('%:t')") == "other.py", "a name")
        editor.until(lambda: editor.mode == "i", "inserting")
        editor.type("ue")
        editor.until_ghost(REST[2:])
        editor.press("<Tab>")
        lines_are(editor, TYPED + REST)
        assert "rror" not in editor.messages.replace("ValueError", "")


def test_a_server_that_never_answers(start: Start) -> None:
    with start(f"{{ cmd = {{ '{sys.executable}', '-c', '{SILENT}' }} }}") as editor:
        editor.until(editor.servers, "a process")
        editor.press("Go<C-u>")
        editor.type("x = 1")
        editor.press("<Tab>")
        editor.until(lambda: editor.lines[-1].startswith("x = 1 "), "a tab")
        editor.press("<Esc>:Firsthand stop<CR>")
        editor.until(lambda: not editor.servers(), "no process")
        editor.press(":Firsthand start<CR>")
        editor.until(editor.servers, "another one")
        silent = psutil.Process(editor.servers()[0])
        assert not editor.messages
    # It ends with Neovim, which does not wait for it.
    gone, _alive = psutil.wait_procs([silent], timeout=WAIT)
    assert gone


def test_a_folder_for_state_that_nobody_may_write_to(start: Start) -> None:
    """Not even who may do everything can make a folder there."""
    with start(before="vim.env.FIRSTHAND_HOME = '/sys/firsthand'\n") as editor:
        ready(editor)
        editor.type(TYPED)
        editor.until_ghost(REST)
        editor.press("<Tab>")
        lines_are(editor, TYPED + REST)
        assert "/sys/firsthand" in editor.messages
        assert "Traceback" not in editor.messages


@pytest.mark.parametrize("program", [neovim.newest, neovim.older])
def test_two_editors_on_one_folder(tmp_path: Path, model: Knowing, program: Program) -> None:
    """Two servers keep what they know in the same place."""
    state = f"vim.env.FIRSTHAND_HOME = '{tmp_path.as_posix()}/state'\n"
    with (
        plugged(tmp_path, model.config, program, before=state) as first,
        neovim.editing(
            tmp_path / "project/shop.py",
            INIT + state + SETUP,
            tmp_path / "second",
            program=program,
            ghosts="firsthand",
            config=model.config,
        ) as second,
    ):
        for editor in (first, second):
            ready(editor)
        for editor in (second, first):
            editor.type(TYPED)
            editor.until_ghost(REST)
            editor.press("<Tab>")
            lines_are(editor, TYPED + REST)
            assert not editor.messages


def test_a_hostile_workspace(start: Start, tmp_path: Path) -> None:
    with knowing(f"{SHOP}{TYPED}stolen\n") as evil, start() as editor:
        place = tmp_path / "project/.firsthand.toml"
        place.write_text(evil.config, encoding="utf-8")
        ready(editor)
        editor.until(lambda: ".firsthand.toml" in editor.messages, "what is refused")
        editor.type(TYPED)
        editor.until_ghost(REST)
        assert not evil.server.asked
