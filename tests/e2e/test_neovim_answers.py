"""Answers as the plugin for Neovim gets them: several at once, too late, or no more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
from tests.e2e import late_server, neovim
from tests.e2e.knowing import Knowing, knowing
from tests.e2e.neovim import Editor
from tests.e2e.plugin import KNOWN, Start, plugged, ready

pytestmark = pytest.mark.e2e

WAIT = 10.0


@pytest.fixture
def model() -> Iterator[Knowing]:
    """A model that knows the file as it will be."""
    with knowing(KNOWN, told=600, piece=600) as model:
        yield model


@pytest.fixture(params=["newest", "older"])
def start(request: pytest.FixtureRequest, tmp_path: Path, model: Knowing) -> Start:
    """Starts Neovim with the plugin on a file of a small project, with both tiers."""

    def started(options: str = "{}") -> AbstractContextManager[Editor]:
        program = getattr(neovim, request.param)
        return plugged(tmp_path, model.server.config(), program, options)

    return started


def test_the_next_one_and_the_one_before(start: Start) -> None:
    with start() as editor:
        ready(editor)
        editor.type("        self.articles.")
        editor.press("<M-]>")
        editor.until(lambda: editor.ghost, "ghost text")
        first = editor.ghost
        editor.press("<M-]>")
        editor.until(lambda: editor.ghost not in ("", first), "another one")
        second = editor.ghost
        editor.press("<M-[>")
        editor.until(lambda: editor.ghost == first, "the first one again")
        editor.press("<M-]><Tab>")
        whole = "        self.articles." + second.split("\n")[0]
        editor.until(lambda: whole in editor.lines, "the second one in the buffer")
        assert not editor.messages


def late(*arguments: str) -> str:
    """The options that name another server, which answers late or not at all."""
    command = ", ".join(f"'{each}'" for each in (sys.executable, late_server.__file__, *arguments))
    return f"{{ cmd = {{ {command} }} }}"


def test_an_older_answer_comes_after_a_newer_one(start: Start) -> None:
    with start(late()) as editor:
        ready(editor)
        editor.type("xy")
        editor.until(lambda: late_server.SAID in editor.messages, "both answers")
        assert editor.ghost == late_server.NEWER.removeprefix("xy")
        editor.press("<Tab>")
        editor.until(lambda: editor.lines[-1] == late_server.NEWER, "the newer one")


def test_a_server_that_answers_no_more(start: Start) -> None:
    """Typing goes on, and nothing of it is left when Neovim ends."""
    with start(late(late_server.HUNG)) as editor:
        ready(editor)
        editor.type("xy")
        editor.press("<Tab>")
        editor.until(lambda: editor.lines[-1].startswith("xy  "), "a tab")
        editor.lua("vim.wait(2500)")  # as long as a busy machine may take to answer
        assert not editor.messages
        (server,) = editor.servers()
        hung = psutil.Process(server)
    gone, _alive = psutil.wait_procs([hung], timeout=WAIT)
    assert gone
