import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firsthand.cli import commands
from firsthand.ledger import Entry, Event, Ledger
from firsthand.paths import data_folder
from firsthand.settings import Budget

NOTHING = "Nothing was sent to other machines."


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments, env={"FIRSTHAND_HOME": str(home)})


def check(home: Path, *arguments: str) -> str:
    """What a command says."""
    result = run(home, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture
def entries(tmp_path: Path) -> list[Entry]:
    """Three requests: one done, one of yesterday, one on its way without a kept text."""
    now = [datetime.now().astimezone() - timedelta(days=1)]
    folder = data_folder({"FIRSTHAND_HOME": str(tmp_path)})
    ledger = Ledger(folder, tell=pytest.fail, clock=lambda: now[0])

    def begin(feature: str, model: str, usd: float, kept: int = 7) -> Entry:
        body = b'{"prompt":"caf\xc3\xa9"}'
        url = "https://example.com"
        return ledger.begin(feature, model, url, body, usd, budget=Budget(), keep_sent_days=kept)

    old = begin("inline", "small", 0.25)
    now[0] += timedelta(days=1)
    done = begin("escalate", "large", 1.0)
    ledger.finish(
        done, "done", prompt_tokens=900, cached_tokens=400, completion_tokens=90, cost_usd=0.5
    )
    open_ = begin("inline", "small", 0.125)
    ledger.close()
    return [old, done, open_]


def test_costs_say_the_caps_and_each_sum(tmp_path: Path, entries: list[Entry]) -> None:
    said = check(tmp_path, "costs", "--days", "1").splitlines()
    assert said[0].startswith("Today 0.6250 of 2.00 USD, this month ")
    assert [line.split()[1:4] for line in said[1:]] == [
        ["escalate", "large", "1"],
        ["inline", "small", "1"],
    ]
    assert "900 in (400 cached)" in said[1]
    assert said[2].endswith("0.1250 USD  (1 not finished, at their estimate)")


def test_costs_for_scripts(tmp_path: Path, entries: list[Entry]) -> None:
    told = json.loads(check(tmp_path, "costs", "--json"))
    assert (told["schema"], told["day_usd"], told["day_cap_usd"]) == (1, 0.625, 2.0)
    assert [(each["feature"], each["usd"]) for each in told["sums"]] == [
        ("escalate", 0.5),
        ("inline", 0.125),
        ("inline", 0.25),
    ]


def test_sent_lists_the_newest_first(tmp_path: Path, entries: list[Entry]) -> None:
    said = check(tmp_path, "sent").splitlines()
    assert [line.split()[0] for line in said] == [each.id for each in reversed(entries)]
    assert "done" in said[1]
    assert said[0].endswith("not finished  at most 0.1250 USD")
    told = json.loads(check(tmp_path, "sent", "--last", "1", "--json"))
    assert [each["kept"] for each in told["sent"]] == [True]


def test_a_body_is_shown_as_it_was_sent(tmp_path: Path, entries: list[Entry]) -> None:
    assert check(tmp_path, "sent", entries[1].id) == '{\n  "prompt": "café"\n}'
    refused = run(tmp_path, "sent", "nonsense")
    assert refused.exit_code == 1
    assert "No text is kept of a request 'nonsense'" in refused.stderr


def test_a_reply_that_could_not_be_used_is_shown(tmp_path: Path, entries: list[Entry]) -> None:
    assert "No reply of a frontier model is kept" in run(tmp_path, "sent", "--reply").stderr
    with closing(Ledger(data_folder({"FIRSTHAND_HOME": str(tmp_path)}), tell=pytest.fail)) as kept:
        kept.keep_reply(entries[1], "Sure!", 7)
    assert check(tmp_path, "sent", "--reply") == "Sure!"
    assert check(tmp_path, "sent", "--reply", entries[1].id) == "Sure!"
    assert "to a request 'none'" in run(tmp_path, "sent", "--reply", "none").stderr


def test_before_anything_was_sent(tmp_path: Path) -> None:
    assert check(tmp_path, "sent") == NOTHING
    assert check(tmp_path, "costs").splitlines()[1:] == [NOTHING]


def test_a_ledger_that_cannot_be_read(tmp_path: Path) -> None:
    folder = data_folder({"FIRSTHAND_HOME": str(tmp_path)})
    (folder / "ledger.sqlite3").mkdir(parents=True)
    for command in ("costs", "sent"):
        result = run(tmp_path, command)
        assert result.exit_code == 1
        assert "can't keep its ledger" in result.stderr


def test_times_are_local(tmp_path: Path, entries: list[Entry]) -> None:
    told = json.loads(check(tmp_path, "sent", "--json"))["sent"]
    times = [datetime.fromisoformat(each["time"]).astimezone(UTC) for each in told]
    assert timedelta(0) <= datetime.now(UTC) - times[0] < timedelta(minutes=5)
    assert times[0] - times[2] >= timedelta(hours=23)


def test_prices_have_their_date(tmp_path: Path) -> None:
    told = json.loads(check(tmp_path, "models", "--prices", "--json"))["prices"]
    (claude,) = (each for each in told if each["model"] == "claude-opus-5-5")
    assert (claude["provider"], claude["api_key_env"]) == ("anthropic", "ANTHROPIC_API_KEY")
    said, rest, own = check(tmp_path, "models", "--prices").strip().split("\n\n")
    for line, each in zip(said.splitlines()[2:], told, strict=True):
        assert line.split()[-3:] == [each["url"], each["api_key_env"], each["date"]]
    assert "price_in and price_out, 0 if it is free" in rest
    assert "llamacpp    http://127.0.0.1:8012" in own.splitlines()


def test_costs_compare_with_the_frontier(tmp_path: Path, entries: list[Entry]) -> None:
    assert len(check(tmp_path, "costs").splitlines()) == 4  # no model to compare with
    folder = data_folder({"FIRSTHAND_HOME": str(tmp_path)})
    ledger = Ledger(folder, tell=pytest.fail)
    for tier, kind in (("embedded", "shown"), ("inline", "shown"), ("inline", "accepted")):
        ledger.record(Event(kind, tier, "small", "python", 300, 1.0))  # type: ignore[arg-type]
    ledger.finish(entries[2], "done", prompt_tokens=1000, completion_tokens=9, cost_usd=0.001)
    ledger.close()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        '[escalation]\nmodels = ["big"]\n[models.big]\nprovider = "openai"\nmodel = "large"\n'
        'url = "https://example.com"\nprice_in = 5.0\nprice_out = 20.0\n',
        encoding="utf-8",
    )
    # Two shown, each like the one request that was sent: 1,000 tokens in, 100 out.
    assert check(tmp_path, "costs").splitlines()[-1] == (
        "The same 2 completions by large would have cost about 0.0140 USD."
    )
    compared = json.loads(check(tmp_path, "costs", "--json"))["compared"]
    assert compared == {"model": "large", "completions": 2, "usd": pytest.approx(0.014)}
