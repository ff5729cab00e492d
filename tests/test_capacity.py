"""What a person's work asks of a server, and how many people one serves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.test_accounts import check

from firsthand.capacity import Load, figures
from firsthand.ledger import Ledger
from firsthand.paths import data_folder
from firsthand.settings import Budget

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()


def sent(minute: float, prompt: int | None = 1000, **more: Any) -> dict[str, Any]:
    tokens = {"prompt_tokens": prompt, "cached_tokens": 600, "completion_tokens": 50}
    return {"time": NOON + 60 * minute, "feature": "inline", "model": "m"} | tokens | more


def test_people_share_half_of_a_servers_time() -> None:
    one = Load(6.0, 3000.0, 1000.0, 100.0)
    assert one.people(computes=1000.0, generates=100.0) == 15  # two seconds of a minute each
    assert one.people(computes=10_000.0, generates=1000.0) == 150


def test_a_load_is_for_each_minute_that_was_active() -> None:
    events = [{"time": NOON + 60 * minute} for minute in (0.1, 0.9, 1.5, 65)]
    rows = [
        *(sent(0), sent(0.5), sent(3, model="other")),
        *(sent(4, prompt=None), sent(4.5, feature="escalate"), sent(-60 * 24)),
    ]
    found = figures(1, NOON, rows, events)
    assert (found.minutes, found.uncounted) == (5, 1)  # 0, 1, 3, 4 and 65
    assert found.share == pytest.approx(5 / 120)
    assert found.loads == {
        "m": Load(0.4, 400.0, 160.0, 20.0),
        "other": Load(0.2, 200.0, 80.0, 10.0),
    }
    assert found.loads["m"].cached == pytest.approx(0.6)
    told = found.to_json(160.0, 20.0)["models"]["m"]
    assert (told["people"], told["users"]) == (15, 360)
    assert "15 people type at once" in found.to_text(160.0, 20.0)
    assert "type at once" not in found.to_text(None, 20.0)


def test_it_is_read_from_the_persons_ledger(tmp_path: Path) -> None:
    assert "No tokens of completions" in check(tmp_path, "costs", "--load")
    now = [datetime.now().astimezone() - timedelta(minutes=5)]
    folder = data_folder({"FIRSTHAND_HOME": str(tmp_path)})
    ledger = Ledger(folder, tell=pytest.fail, clock=lambda: now[0])
    for _ in range(2):
        budget = Budget()
        entry = ledger.begin(
            "inline", "team", "https://a.example", b"{}", 0.0, budget=budget, keep_sent_days=0
        )
        ledger.finish(entry, "done", prompt_tokens=800, cached_tokens=500, completion_tokens=40)
    ledger.close()
    said = check(tmp_path, "costs", "--load", "--computes", "600", "--generates", "80")
    assert "team: 2.0 requests, 1600 prompt tokens (62 % cached)".replace(" %", "%") in said
    assert "team: 15 people type at once" in said
    told = json.loads(check(tmp_path, "costs", "--load", "--json"))
    assert (told["schema"], told["active_minutes"]) == (1, 1)
    assert told["models"]["team"]["computed"] == 600.0
