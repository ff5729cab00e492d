"""A small model against one that knows the answers, over time."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.evaluate.tiers.oracle import BANK, compared, knows, table
from tests.lsp.model_server import Asked, model_server

from firsthand.evaluate.tiers import Plan, configurations_of, gap, sheet
from firsthand.fault import CommandFault
from firsthand.settings import Loaded, Settings

SIDE = gap.Side("local", "small", 0.5, 12.0, 0.0, None, None)
ONE = gap.Measured("2026-11-26T10:00:00+00:00", "/code", 40, SIDE, SIDE)


@pytest.mark.asyncio
async def test_both_fill_the_same_holes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, folder = tmp_path / "home", tmp_path / "project"
    monkeypatch.setenv("FIRSTHAND_HOME", str(home))
    monkeypatch.setenv("FIRSTHAND_CONFIG", str(home / "config.toml"))
    folder.mkdir()
    (folder / "bank.py").write_text(BANK, encoding="utf-8")

    async def script(asked: Asked) -> None:
        """The small one talks nonsense; the frontier one, asked in a chat, knows the file."""
        messages = asked.body.get("messages")
        if messages is None:
            await knows("")(asked)
            return
        told = messages[-1]["content"]
        prefix = told.partition("<before_cursor>")[2].partition("</before_cursor>")[0]
        rest = BANK.partition(prefix[-60:] or BANK[:1])[2].partition("\n")[0]
        await asked.begin()
        usage = {"prompt_tokens": 100, "completion_tokens": 7}
        for choice, more in (
            ({"delta": {"content": rest}, "finish_reason": None}, {}),
            ({"delta": {}, "finish_reason": "stop"}, {"usage": usage}),
        ):
            await asked.raw(f"data: {json.dumps({'choices': [choice], **more})}\n\n".encode())
        await asked.raw(b"data: [DONE]\n\n")

    async with model_server(script) as models:
        config = models.config() + models.asked_to_change()
        config += table(models.url, "spare", 'model = "qwen2.5-coder-1.5b"')
        plan = Plan(("local", "big"), 6, mode="places", library_bytes=0)
        found, status, _ = await compared(home, config, folder, plan)
    assert status == 0
    assert len(found.counts["big"].ends) == len(found.counts["local"].ends) == 6
    one = gap.measured(found, configurations_of(folder, plan), datetime.now(UTC))
    assert one.small.exact < 0.5 < one.frontier.exact
    # One question a place, and the tokens that its server counted.
    big = found.counts["big"]
    assert (big.requests, big.prompt, big.completion, big.estimated) == (6, 600, 42, 0)
    gap.keep(one)
    gap.keep(one)
    assert gap.history(str(folder.resolve())) == [one, one]
    assert gap.history("/elsewhere") == []
    assert "large" in sheet.gap_page(str(folder), [one, one])


def test_what_was_kept_by_others_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "gap.jsonl"
    gap.keep(ONE, file)
    with file.open("a", encoding="utf-8") as kept:
        kept.write('{"schema": 2, "new": true}\n{"schema": 1, "time": "20\n[]\n')
    gap.keep(ONE, file)
    assert gap.history("/code", file) == [ONE, ONE]
    assert gap.history("/code", tmp_path / "none") == []
    head, small, frontier = gap.told([ONE])
    assert len(head) == len(small) == len(frontier)
    assert (small[0], small[-1], frontier[-1]) == ("2026-11-26 10:00", "", "+0")


def test_which_two() -> None:
    with pytest.raises(CommandFault, match="No frontier model"):
        gap.pair(Loaded())
    loaded = Loaded(Settings(escalation_models=("claude",)))
    assert gap.pair(loaded) == ("embedded", "claude")
    assert gap.pair(loaded, ["found"]) == ("found", "claude")
