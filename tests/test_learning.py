"""What was learned is read from the ledger, shown, and forgotten."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firsthand import adapting, learning, paths
from firsthand.cli import commands
from firsthand.core.leaning import Decided
from firsthand.core.text import Text
from firsthand.embedded import EmbeddedModel
from firsthand.embedded.calibration import Experience
from firsthand.ledger import Event, Ledger
from firsthand.ledger.records import EventKind

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))


class Clock:
    """Says when events are entered."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def ledger(clock: Clock) -> Ledger:
    return Ledger(paths.data_folder(), tell=lambda _sentence: None, clock=clock)


def enter(ledger: Ledger, kind: EventKind, times: int = 1, characters: int = 10) -> None:
    for _ in range(times):
        ledger.record(Event(kind, "inline", "m", "python", characters, 1.0))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["learned", *arguments])


def test_events_are_counted_from_a_moment_on() -> None:
    clock = Clock(NOW - timedelta(days=adapting.DAYS + 2))
    kept = ledger(clock)
    enter(kept, "rejected", 50)  # too long ago
    clock.now = NOW - timedelta(days=3)
    enter(kept, "accepted", 4)
    enter(kept, "survived_10min", characters=30)
    enter(kept, "lost_10min", characters=10)
    enter(kept, "survived_2min", characters=99)
    enter(kept, "shown", 9)
    clock.now = NOW - timedelta(hours=1)
    enter(kept, "rejected", 3)
    key = ("inline", "python")
    # What is three days old counts for 0.86 of it.
    assert adapting.leanings(kept, NOW).decided == {key: Decided(3, 3, 26, 9)}
    # What was forgotten today does not take with it what came after it.
    adapting.Since((NOW - timedelta(hours=2)).timestamp()).write()
    assert adapting.leanings(kept, NOW).decided == {key: Decided(0, 3)}
    adapting.Since((NOW - timedelta(minutes=30)).timestamp()).write()
    assert adapting.leanings(kept, NOW).decided == {}
    kept.close()


def test_rejections_are_remembered_over_a_restart_and_fade() -> None:
    clock = Clock(NOW)
    kept = ledger(clock)
    enter(kept, "rejected", 40)
    kept.close()
    again, key, dearer = ledger(clock), ("inline", "python"), []
    for days, left in ((0, 40), (14, 20), (28, 10), (56, 2)):
        found = adapting.leanings(again, NOW + timedelta(days=days))
        assert found.decided[key] == Decided(rejected=left)
        dearer.append(found.dearer(*key))
    assert dearer == sorted(dearer, reverse=True)
    assert adapting.leanings(again, NOW + timedelta(days=61)).dearer(*key) == 1.0
    again.close()


@pytest.mark.parametrize("content", ["", "[]", '{"since": "x"}', '{"since": -1}', '{"since": NaN}'])
def test_a_moment_that_cannot_be_read_forgets_nothing(content: str) -> None:
    adapting.Since(5.0).write()
    assert adapting.Since.read().at == 5.0
    (paths.data_folder() / "learned.json").write_text(content, encoding="utf-8")
    assert adapting.Since.read().at == 0.0


def test_it_is_shown_and_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    nothing = run(str(folder))
    assert nothing.exit_code == 0
    assert "nothing was learned yet" in nothing.stdout
    assert "mixing: as when the folder was indexed" in nothing.stdout
    kept = ledger(Clock(datetime.now(UTC)))
    enter(kept, "rejected", 60)
    kept.close()
    state = paths.make_folder(paths.workspace_folder(folder))
    Experience(shift=0.5).write(state)
    (state / adapting.MIXER).write_bytes(_mixer())
    said = run(str(folder)).stdout
    assert "python, models: 0 accepted, 60 rejected; showing costs 1.60 times as much" in said
    assert "words have a weight of their own" in said
    assert "shifted by +0.50, times 1.00" in said
    found = json.loads(run(str(folder), "--json").stdout)
    assert found["showing"][0]["price"] == 1.6
    assert found["mixing"]["words"] > 0
    assert found["confidence"] == {"shift": 0.5, "slope": 1.0}

    assert "Forgot" in run("--reset").stdout
    after = json.loads(run(str(folder), "--json").stdout)
    assert (after["showing"], after["mixing"]["words"], after["confidence"]) == ([], 0, None)
    assert after["since"]
    assert not any((state / name).exists() for name in (adapting.MIXER, "experience.json"))


def test_a_damaged_file_is_nothing_learned(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    state = paths.make_folder(paths.workspace_folder(folder))
    (state / adapting.MIXER).write_bytes(b"no zip")
    assert learning.told(folder).words == 0


def _mixer() -> bytes:
    """What a mixer learned of some lines."""
    model, uri = EmbeddedModel(), "file:///a.py"
    model.attach("", None)
    lines = [f"zebra_{number % 3} = lion({number})\n" for number in range(30)]
    for _ in model.learning(uri, "a.py", "python", Text()):
        pass
    from firsthand.core.text import Position

    for number, line in enumerate(lines):
        for at in range(len(line)):
            text = Text((*lines[:number], line[:at]))
            model.edit(uri, text, number, 1, 1)
            model.suggest(uri, text, Position(number, at))
        model.edit(uri, Text((*lines[: number + 1], "")), number, 1, 2)
        for _ in model.pending(uri):
            pass
    learned = model.learned("")
    assert learned is not None
    return learned.raw()
