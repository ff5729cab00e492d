"""Late answers to questions that no request of the editor's put."""

import asyncio
import time
from pathlib import Path

import pytest
from tests.lsp.editor import PATIENCE
from tests.lsp.model_server import Asked, ModelServer, answers
from tests.lsp.modelled import FRESH, Held, session, until_asked

pytestmark = pytest.mark.asyncio

CODE = {"client": {"name": "code", "refresh": "empty"}}
REFRESH = "firsthand/refresh"


async def test_what_is_typed_while_a_model_finds_nothing_is_asked_about(tmp_path: Path) -> None:
    script = Held()
    async with session(tmp_path, answers(""), CODE) as (this, models):
        models.script = script
        this.open("a.py", "║")
        await until_asked(this, models, 1)
        this.type("zebra = ")
        assert await this.shown() == ""  # what is asked about the empty file may become anything
        assert len(models.wanted) == 1
        models.script = answers("open(name)")
        script.go.set()
        await this.until(REFRESH)
        assert "zebra = " in models.wanted[1].prompt
        assert await this.shown() == "open(name)"


async def test_a_late_answer_after_the_first_question_of_all(tmp_path: Path) -> None:
    script = Held("open(name)")
    async with session(tmp_path, answers(""), CODE) as (this, models):
        models.script = script
        this.open("a.py", FRESH)
        await this.ask()  # before it is known whether it may go to a model; it is not asked again
        asked = await _first(models)
        began = time.monotonic()
        while time.monotonic() - began < 0.8:
            assert (await this.command("firsthand.status"))["thinking"]
        assert not asked.closed.is_set()
        script.go.set()
        await this.until(REFRESH)
        assert await this.shown() == "open(name)"


async def _first(models: ModelServer) -> Asked:
    async with asyncio.timeout(PATIENCE):
        while not models.wanted:
            await asyncio.sleep(0.01)
    return models.wanted[0]
