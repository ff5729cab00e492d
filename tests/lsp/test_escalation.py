"""An escalation through the real server: asked by a command, read, and applied or not."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from tests.lsp.editor import PATIENCE
from tests.lsp.model_server import Asked, refuses, silence
from tests.lsp.talking import ALONE, BETTER, NAME, PLUGIN, SHOP, ask, says, session

from firsthand.convert import to_actions
from firsthand.paths import data_folder

pytestmark = pytest.mark.asyncio

CLOSED = """\
<<<<<<< SEARCH
        self.open = False
=======
        self.shut = not False
>>>>>>> REPLACE
"""


async def test_a_proposal_is_applied_only_when_the_person_says_so(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, models):
        answer = await ask(this, instruction="add them up")
        note = await this.until("firsthand/proposal", id=answer["proposal"])
        (hunk,) = note.hunks
        assert (hunk.newText, hunk.check) == (
            "        return sum(prices)\n",
            "sum(prices): an empty list gives 0",
        )
        assert (note.summary, note.model, note.version) == ("The prices are added up.", "large", 1)
        assert "The request: add them up" in models.asked[0].body["messages"][-1]["content"]
        assert not this.applied
        assert await this.command("firsthand.applyProposal", {"id": note.id}) == {"applied": True}
        assert this.text.string == SHOP.replace("return 0", "return sum(prices)")
        (edit,) = this.applied
        (change,) = edit.document_changes or ()
        assert isinstance(change, lsp.TextDocumentEdit)
        assert change.text_document.version == 1
        assert (edit.change_annotations or {})["firsthand"].description == (
            f"{note.summary}\nCheck line 3: sum(prices): an empty list gives 0"
        )
        again = await this.command("firsthand.applyProposal", {"id": note.id})
        assert "no such proposal any more" in again["reason"]


async def test_a_hunk_is_applied_and_the_other_one_later(tmp_path: Path) -> None:
    both = f"{BETTER}{CLOSED}"
    async with session(tmp_path, says(both), PLUGIN) as (this, _):
        answer = await ask(this, first=1, last=6)
        note = await this.until("firsthand/proposal", id=answer["proposal"])
        first, second = note.hunks
        for chosen in (first, second):
            argument = {"id": note.id, "hunks": [chosen.id]}
            assert await this.command("firsthand.applyProposal", argument) == {"applied": True}
            this.cursor = type(this.cursor)(0, 0)
            this.type("\n")
        after = SHOP.replace("return 0", "return sum(prices)").replace("open = ", "shut = not ")
        assert this.text.string == "\n\n" + after
        gone = await this.command("firsthand.applyProposal", {"id": note.id})
        assert "no such proposal any more" in gone["reason"]


@pytest.mark.parametrize("chosen", ["Apply", "Discard", None])
async def test_a_plain_client_reads_a_file_and_is_asked(tmp_path: Path, chosen: str | None) -> None:
    async with session(tmp_path, says(BETTER)) as (this, _):
        this.choice = chosen
        await ask(this)
        async with asyncio.timeout(PATIENCE):
            while not this.questions or list((tmp_path / "home").rglob("*.diff")):
                await asyncio.sleep(0.01)
        (question,) = this.questions
        assert [each.title for each in question.actions or ()] == ["Apply", "Discard"]
        assert ("return sum(prices)" in this.text.string) is (chosen == "Apply")
        assert "+        return sum(prices)" in this.read
        assert "Check line 3: sum(prices): an empty list gives 0" in this.read
    assert (tmp_path / "project" / NAME).read_text(encoding="utf-8") == SHOP


async def test_an_edit_beside_the_range_moves_the_proposal(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, _):
        answer = await ask(this)
        this.cursor = type(this.cursor)(0, 0)
        this.type("\n\n")
        applied = await this.command("firsthand.applyProposal", {"id": answer["proposal"]})
        assert applied == {"applied": True}
        assert this.text.string == "\n\n" + SHOP.replace("return 0", "return sum(prices)")


async def test_edits_above_and_below_move_the_proposal(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, _):
        answer = await ask(this)
        for line in (5, 0):
            this.cursor = type(this.cursor)(line, 0)
            this.type("# a note\n")
        applied = await this.command("firsthand.applyProposal", {"id": answer["proposal"]})
        assert applied == {"applied": True}
        lines = SHOP.replace("return 0", "return sum(prices)").splitlines(keepends=True)
        noted = ["# a note\n", *lines[:5], "# a note\n", *lines[5:]]
        assert this.text.string == "".join(noted)


async def test_an_edit_of_the_range_ends_it(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, _):
        answer = await ask(this)
        this.type("1")
        refused = await this.command("firsthand.applyProposal", {"id": answer["proposal"]})
        assert "was changed where the proposal belongs" in refused["reason"]
        assert not this.applied


async def test_a_reply_that_is_not_understood_is_asked_for_once_more(tmp_path: Path) -> None:
    async with session(tmp_path, says("Sure! Add them up.", BETTER), PLUGIN) as (this, models):
        assert "proposal" in await ask(this)
        last = models.asked[1].body["messages"][-1]["content"]
        assert last.startswith("That can't be used: The reply holds no edit.")


BROKEN = BETTER.replace("return sum(prices)", "return sum((prices")
NO_GOOD = {
    "Sure!": "large gave no usable answer: The reply holds no edit.",
    "": "large gave no usable answer: The reply holds no edit.",
    BROKEN: "does not parse after the change",
    BETTER.replace("        return 0", "        self.open = False"): "does not stand in the",
    BETTER.replace("return sum(prices)", "return 0"): "The reply changes nothing.",
}


async def test_a_reply_that_is_no_good_is_refused(tmp_path: Path) -> None:
    async with session(tmp_path, silence, PLUGIN) as (this, models):
        for number, (reply, reason) in enumerate(NO_GOOD.items(), 1):
            models.script = says(reply)
            answer = await ask(this)
            assert reason in answer["reason"]
            assert len(models.asked) == 2 * number
            assert any(reason in each for each in this.messages)
            why = await this.command("firsthand.why")
            assert why.get("reply", "") == reply
            assert json.loads(why["asked"]) == models.asked[-1].body
        assert not this.applied


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("401 Unauthorized", "did not accept the key"),
        ("402 Payment Required", "has no credit left"),
        ("404 Not Found", "knows no such address or model"),
        ("429 Too Many Requests", "asks to wait"),
        ("529 Overloaded", "has too much to do"),
    ],
)
async def test_a_refusal_says_the_mend(tmp_path: Path, status: str, reason: str) -> None:
    async with session(tmp_path, refuses(status), PLUGIN) as (this, _):
        assert reason in (await ask(this))["reason"]


async def test_a_cancel_closes_the_connection(tmp_path: Path) -> None:
    async with session(tmp_path, silence, PLUGIN) as (this, models):
        asking = asyncio.ensure_future(ask(this))
        asked = await models.next(1)
        token, begun = await this.until_progress()
        assert (begun.kind, begun.cancellable) == ("begin", True)
        this.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token))
        assert (await asking)["reason"] == "It was cancelled."
        async with asyncio.timeout(PATIENCE):
            await asked.closed.wait()
        assert getattr(this.client.progress_reports[token][-1], "kind", "") == "end"


async def test_text_at_the_cursor_is_offered_as_a_completion(tmp_path: Path) -> None:
    async with session(tmp_path, says("```python\n + sum(prices)\n```"), PLUGIN) as (this, _):
        this.cursor = type(this.cursor)(2, len(this.text.line(2)))
        at = this.cursor.character
        await ask(this, 2, 2, character=at, end=at)
        await this.until("firsthand/refresh")
        assert await this.shown() == " + sum(prices)"


async def test_text_at_the_cursor_is_shown_whole(tmp_path: Path) -> None:
    lines = [f"        self.part_{number} = {number}" for number in range(20)]
    reply = (
        "```python\n" + "\n".join(lines).removeprefix("        ") + "\n\n        assert self\n```"
    )
    async with session(tmp_path, says(reply), PLUGIN) as (this, _):
        this.cursor = type(this.cursor)(1, len(this.text.line(1)))
        this.type("\n        ")
        await ask(this, 2, 2, character=8, end=8)
        await this.until("firsthand/refresh")
        shown = await this.shown()
        assert shown.splitlines()[0] == "self.part_0 = 0"
        assert shown.splitlines()[-1] == "        assert self"
        assert shown.count("\n") == 21


@pytest.mark.parametrize("hindered", ["text", "manual", "paused"])
async def test_what_would_not_be_shown_is_a_proposal(tmp_path: Path, hindered: str) -> None:
    code = "sum(prices) + " if hindered == "text" else " + sum(prices)"
    reply = says(f"```python\n{code}\n```")
    tuned = {**PLUGIN, "trigger": "manual"} if hindered == "manual" else PLUGIN
    async with session(tmp_path, reply, tuned) as (this, _):
        line = this.text.line(2)
        at = line.index("0") if hindered == "text" else len(line)
        this.cursor = type(this.cursor)(2, at)
        if hindered == "paused":
            await this.command("firsthand.pause", {"minutes": 5})
        answer = await ask(this, 2, 2, character=at, end=at)
        await this.until("firsthand/proposal", id=answer["proposal"])


async def test_without_a_refresh_it_is_a_proposal(tmp_path: Path) -> None:
    options = {"client": {"name": "test", "proposals": True}}
    async with session(tmp_path, says("```\nmax(1, 2) + \n```"), options) as (this, _):
        line = this.text.line(2)
        answer = await ask(this, 2, 2, character=line.index("0"), end=line.index("0"))
        note = await this.until("firsthand/proposal", id=answer["proposal"])
        assert note.hunks[0].newText == "        return max(1, 2) + 0\n"


async def test_code_actions_carry_only_the_command(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, models):
        at = lsp.Range(lsp.Position(2, 0), lsp.Position(3, 0))
        problem = lsp.Diagnostic(at, "it is always 0")
        await ask(this, model="none")  # there are none before it is known whom to ask
        params = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(this.uri), at, lsp.CodeActionContext([problem])
        )
        found = await this.client.text_document_code_action_async(params)
        actions = to_actions(params)
        # The client's library takes an action for its command, so only titles are told apart.
        assert [each.title for each in found or ()] == [each.title for each in actions]
        assert [each.edit for each in actions] == [None, None]
        assert not models.asked
        command = actions[0].command
        assert command is not None
        argument: Any = (command.arguments or [{}])[0]
        answer = await ask(this, **{key: argument[key] for key in ("instruction", "problems")})
        assert "proposal" in answer
        assert "- it is always 0" in models.asked[0].body["messages"][-1]["content"]


async def test_what_is_not_open_or_not_configured_is_said(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, models):
        answer = await this.command("firsthand.escalate", {"textDocument": {"uri": "file:///no"}})
        assert "is not open" in answer["reason"]
        assert "No model may be asked" in (await ask(this, model="other"))["reason"]
        nothing = await this.command("firsthand.escalate", {"textDocument": {"uri": this.uri}})
        assert "needs a range" in nothing["reason"]
        assert not models.asked


async def test_where_candidates_differ_is_said(tmp_path: Path) -> None:
    other = BETTER.replace("sum(prices)", "max(prices)")
    async with session(tmp_path, says(BETTER, other, "CHOOSE 2"), PLUGIN) as (this, models):
        answer = await ask(this, instruction="add them up", strategy="panel")
        note = await this.until("firsthand/proposal", id=answer["proposal"])
        assert len(models.asked) == 3
        (hunk,), (place,) = note.hunks, note.disagreements
        chosen, left = place.choices
        assert (chosen.text, chosen.chosen, left.chosen) == (hunk.newText, True, False)
        assert (place.range.start.line, place.range.end.line) == (2, 3)
        assert place.note.count("return") == 2
        assert "large judged between them." in note.reason


async def test_what_would_be_sent_can_be_seen_before(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, models):
        answer = await ask(this, instruction="add them up", preview=True)
        (request,) = answer["preview"]
        assert (request["model"], request["url"]) == ("large", models.url)
        assert not models.asked
        assert "proposal" in await ask(this, instruction="add them up")
        assert json.loads(request["body"]) == models.asked[0].body
        answer = await ask(this, preview=True, model="other")
        assert "No model may be asked" in answer["reason"]


async def test_other_models_leave_an_escalation_that_runs_alone(tmp_path: Path) -> None:
    configured, said = asyncio.Event(), says(BETTER)

    async def script(asked: Asked) -> None:
        await configured.wait()
        await said(asked)

    async with session(tmp_path, script, PLUGIN) as (this, models):
        asking = asyncio.ensure_future(ask(this))
        asked = await models.next(1)
        config = ALONE + models.asked_to_change("another")
        (tmp_path / "home" / "config.toml").write_text(config, encoding="utf-8")
        this.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({}))
        async with asyncio.timeout(PATIENCE):
            while (await ask(this, preview=True))["preview"][0]["model"] != "another":
                await asyncio.sleep(0.01)
        assert not asked.closed.is_set()
        configured.set()
        assert "proposal" in await asking


async def test_what_becomes_of_a_proposal_is_in_the_ledger(tmp_path: Path) -> None:
    async with session(tmp_path, says(BETTER), PLUGIN) as (this, _):
        answer = await ask(this)
        assert await this.command("firsthand.discardProposal", {"id": answer["proposal"]})
        answer = await ask(this)
        await this.command("firsthand.applyProposal", {"id": answer["proposal"]})
    file = data_folder({"FIRSTHAND_HOME": str(tmp_path / "home")}) / "ledger.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT kind, tier, model FROM event WHERE tier = 'frontier'")
        assert list(rows) == [
            (kind, "frontier", "large") for kind in ("proposed", "discarded", "proposed", "applied")
        ]
