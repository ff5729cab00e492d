"""Code is explained, and asked about, through the real server."""

from pathlib import Path
from typing import Any

import pytest
from tests.lsp.editor import Editor
from tests.lsp.talking import NAME, PLUGIN, says, session

pytestmark = pytest.mark.asyncio

NOTHING = "no answer was given"


async def explain(this: Editor, line: int = 2, **more: Any) -> Any:
    place = {"line": line, "character": 0}
    document, range_ = {"uri": this.uri}, {"start": place, "end": place}
    return await this.command(
        "firsthand.explain", {"textDocument": document, "range": range_, **more}
    )


async def test_what_is_known_is_said_without_a_model(tmp_path: Path) -> None:
    async with session(tmp_path, says(NOTHING), PLUGIN) as (this, models):
        found = await explain(this)
        assert found["text"].startswith("`def total(self")
        assert NAME in found["text"]
        assert (found["words"], found["model"], found["cost_usd"]) == ("", "", None)
        assert not models.asked


async def test_a_model_is_asked_where_that_is_wanted(tmp_path: Path) -> None:
    async with session(tmp_path, says("It adds up nothing."), PLUGIN) as (this, models):
        found = await explain(this, ask=True, instruction="Why zero?")
        assert (found["words"], found["model"]) == ("It adds up nothing.", "large")
        told = models.asked[0].body["messages"][-1]["content"]
        assert "<facts>" in told
        assert told.endswith("Why zero?")
        assert not this.applied


async def test_what_cannot_be_explained(tmp_path: Path) -> None:
    async with session(tmp_path, says(NOTHING), PLUGIN) as (this, _):
        nowhere: dict[str, Any] = {}
        for argument in (nowhere, {"textDocument": {"uri": "file:///none.py"}}):
            assert "is not open" in (await this.command("firsthand.explain", argument))["reason"]
        range_less = {"textDocument": {"uri": this.uri}}
        assert "needs a range" in (await this.command("firsthand.explain", range_less))["reason"]
        nobody = await explain(this, ask=True, model="none")
        assert "No model may be asked" in nobody["reason"]


async def test_a_quiz(tmp_path: Path) -> None:
    async with session(tmp_path, says(NOTHING), PLUGIN) as (this, models):
        this_uri = {"textDocument": {"uri": this.uri}}
        nothing = await this.command("firsthand.quiz", this_uri)
        assert nothing["questions"] == []
        assert nothing["reason"]
        elsewhere = {"textDocument": {"uri": "file:///none.py"}}
        assert "not open" in (await this.command("firsthand.quiz", elsewhere))["reason"]
        assert not models.asked
