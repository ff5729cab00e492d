"""What the ledger counts, keeps and drops."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.ledger import Entry, Event, Ledger, OverBudget, Spent
from firsthand.settings import Budget

REMOTE = "https://example.com/v1"
BUDGET = Budget(2.0, 20.0)


@dataclass
class Scene:
    """A ledger with a clock that stands still, and the sentences it said."""

    folder: Path
    most_kept: int = 2**20
    now: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(
            self.folder, tell=self.said.append, clock=lambda: self.now, most_kept=self.most_kept
        )

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    def begin(self, usd: float, body: bytes = b"", budget: Budget = BUDGET, days: int = 7) -> Entry:
        return self.ledger.begin(
            "inline", "m", REMOTE, body, usd, budget=budget, keep_sent_days=days
        )

    def spent(self) -> tuple[float, float]:
        found = self.ledger.spent(self.now.date())
        assert found is not None
        return found.day_usd, found.month_usd

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "ledger.sqlite3")) as database:
            return database.execute(query).fetchall()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "data")


def test_a_request_counts_at_its_estimate_until_it_is_finished(scene: Scene) -> None:
    with scene:
        first, second = scene.begin(0.5), scene.begin(0.25)
        assert scene.spent() == (0.75, 0.75)
        scene.ledger.finish(first, "done", cost_usd=0.125)
        assert scene.spent() == (0.375, 0.375)
        scene.ledger.finish(second, "cancelled")  # of unknown cost: it stays at the estimate
        assert scene.spent() == (0.375, 0.375)
    assert scene.said == []


def test_a_request_is_finished_once(scene: Scene) -> None:
    with scene:
        entry = scene.begin(0.5)
        scene.ledger.finish(entry, "done", cost_usd=0.25)
        scene.ledger.finish(entry, "failed", cost_usd=0)
        assert scene.spent() == (0.25, 0.25)
        assert scene.rows("SELECT outcome FROM sent") == [("done",)]


def test_what_its_process_never_finished_is_lost_and_counted(scene: Scene) -> None:
    with scene:
        old = scene.begin(0.5)
        scene.now += timedelta(minutes=20)
        new = scene.begin(0.25)
        said = {each.id: each.outcome for each in scene.ledger.sent(9) or ()}
        assert said == {old.id: "lost", new.id: ""}
        assert scene.spent() == (0.75, 0.75)
        scene.ledger.finish(old, "done", cost_usd=0.125)  # the clock had jumped
        assert [each.outcome for each in scene.ledger.sent(9) or ()] == ["", "done"]
        assert scene.spent() == (0.375, 0.375)


def test_all_of_a_request_is_entered(scene: Scene) -> None:
    with scene:
        entry = scene.begin(0.5, b"the body")
        scene.ledger.finish(
            entry, "done", prompt_tokens=9, cached_tokens=4, completion_tokens=2, cost_usd=1e-9
        )
    digest = hashlib.sha256(b"the body").hexdigest()
    assert scene.rows("SELECT * FROM sent") == [
        (
            *(entry.id, scene.now.timestamp(), "2026-01-15", "inline", "m", REMOTE, digest, 8),
            *(500_000_000, "done", 9, 4, 2, 1),
        )
    ]


def test_a_cap_may_be_reached_but_not_passed(scene: Scene) -> None:
    with scene:
        for _ in range(20):
            scene.begin(0.1)
        with pytest.raises(OverBudget) as refused:
            scene.begin(0.000_000_001)
        assert scene.spent() == (2.0, 2.0)
        scene.begin(0)  # what costs nothing passes no cap
    assert str(refused.value) == (
        "A request of up to 0.0000 USD was not sent: with 2.0000 USD spent or in flight it would "
        "pass the day's cap of 2.00 USD, which is set by day_usd in [budget]."
    )


def test_days_and_months_are_counted_apart(scene: Scene) -> None:
    with scene:
        scene.begin(2)
        scene.now += timedelta(days=1)
        scene.begin(2, budget=Budget(2, 4))
        scene.now += timedelta(days=1)
        assert scene.spent() == (0.0, 4.0)
        with pytest.raises(OverBudget, match=r"the month's cap .* is set by month_usd"):
            scene.begin(0.5, budget=Budget(2, 4))
        scene.now = datetime(2026, 2, 1, tzinfo=UTC)
        scene.begin(2, budget=Budget(2, 4))
        assert scene.spent() == (2.0, 2.0)


def test_a_request_over_midnight_counts_on_its_first_day(scene: Scene) -> None:
    with scene:
        entry = scene.begin(1)
        scene.now += timedelta(days=1)
        scene.ledger.finish(entry, "done", cost_usd=0.5)
        assert scene.spent() == (0.0, 0.5)
        assert scene.ledger.spent(date(2026, 1, 15)) == Spent(0.5, 0.5)


@pytest.mark.parametrize("usd", [-0.1, float("nan"), float("inf")])
def test_what_is_no_amount_of_money_is_an_error(scene: Scene, usd: float) -> None:
    with scene:
        entry = scene.begin(1)
        with pytest.raises(ValueError, match="no amount of money"):
            scene.begin(usd)
        with pytest.raises(ValueError, match="no amount of money"):
            scene.ledger.finish(entry, "done", cost_usd=usd)
        assert scene.spent() == (1.0, 1.0)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "finish", "lose", "day"]), st.integers(0, 1500)),
    max_size=30,
)


@given(_STEPS)
@settings(max_examples=40)
def test_no_order_of_requests_passes_a_cap(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder, Scene(Path(folder)) as scene:
        open_: list[tuple[Entry, int, int]] = []
        day, day_spent, all_spent = 0, 0, 0
        for step, thousandths in steps:
            if step == "begin":
                fits = not thousandths or (
                    day_spent + thousandths <= 2000 and all_spent + thousandths <= 4000
                )
                try:
                    open_.append(
                        (scene.begin(thousandths / 1000, budget=Budget(2, 4)), day, thousandths)
                    )
                    assert fits
                    day_spent, all_spent = day_spent + thousandths, all_spent + thousandths
                except OverBudget:
                    assert not fits
            elif step == "day" and day < 10:
                scene.now += timedelta(days=1)
                day, day_spent = day + 1, 0
            elif open_:
                entry, begun, estimate = open_.pop()
                if step == "finish":
                    cost = min(thousandths, estimate)
                    scene.ledger.finish(entry, "done", cost_usd=cost / 1000)
                    all_spent += cost - estimate
                    day_spent += (cost - estimate) if begun == day else 0
        assert scene.spent() == pytest.approx((day_spent / 1000, all_spent / 1000))


BODY = b'{"prompt": "\xc3\xa9\x00 the exact text"}' * 50


def test_the_exact_body_is_kept(scene: Scene) -> None:
    with scene:
        entry = scene.begin(0.1, BODY)
        assert scene.ledger.body(entry) == BODY
        assert scene.ledger.body(Entry("other")) is None


def test_no_body_is_kept_when_none_is_wanted(scene: Scene) -> None:
    with scene:
        kept = scene.begin(0.1, BODY)
        not_kept = scene.begin(0.1, BODY, days=0)
        assert scene.ledger.body(not_kept) is None
        assert scene.ledger.body(kept) is None  # nor are those of before
    assert len(scene.rows("SELECT id FROM sent WHERE size > 0")) == 2


def test_a_body_is_dropped_after_its_days_and_leaves_no_trace(scene: Scene) -> None:
    noise = os.urandom(9_000)  # which does not compress: it would be found in the file as it is
    with scene:
        entry = scene.begin(0.1, noise, days=3)
        scene.now += timedelta(days=2, hours=23)
        scene.begin(0.1, days=3)
        assert scene.ledger.body(entry) == noise
        scene.now += timedelta(hours=2)
        scene.now += timedelta(days=1)
        scene.begin(0.1, days=3)
        assert scene.ledger.body(entry) is None
        found = b"".join(file.read_bytes() for file in scene.folder.iterdir())
        assert noise[1_000:1_016] not in found


def test_the_oldest_bodies_make_room(tmp_path: Path) -> None:
    with Scene(tmp_path, most_kept=64_000) as scene:
        entries = [scene.begin(0, os.urandom(4_000)) for _ in range(40)]
        kept = [scene.ledger.body(entry) is not None for entry in entries]
    assert 14 <= sum(kept) <= 18
    assert kept == sorted(kept)
    assert len(scene.rows("SELECT id FROM sent")) == 40


@given(st.lists(st.integers(-4000, 4000), max_size=12))
@settings(max_examples=20, deadline=None)
def test_a_clock_that_jumps(days: list[int]) -> None:
    with TemporaryDirectory() as name, Scene(Path(name)) as scene:
        for each in days:
            scene.now = datetime(2026, 1, 15, 12, tzinfo=UTC) + timedelta(days=each)
            before = scene.ledger.spent(scene.now.date())
            entry = scene.begin(0.0, BODY)
            assert scene.ledger.body(entry) == BODY
            scene.ledger.finish(entry, "done", cost_usd=0.001)
            spent = scene.ledger.spent(scene.now.date())
            assert before is not None
            assert spent is not None
            assert spent.day_usd == pytest.approx(before.day_usd + 0.001)
        assert scene.said == []


def test_rows_are_dropped_after_a_year_but_not_what_was_spent(scene: Scene) -> None:
    with scene:
        scene.begin(1)
        scene.ledger.record(Event("shown", "embedded", "", "python", 9, 1.0))
        scene.now += timedelta(days=401)
        scene.begin(0.5)
    assert scene.rows("SELECT estimate FROM sent") == [(500_000_000,)]
    assert scene.rows("SELECT * FROM event") == []
    assert len(scene.rows("SELECT * FROM spending")) == 2


def test_events_are_entered_without_text(scene: Scene) -> None:
    with scene:
        scene.ledger.record(Event("shown", "embedded", "", "python", 12, 0.75))
        scene.ledger.record(Event("accepted", "inline", "qwen", "go", 40, 38.5))
    time = scene.now.timestamp()
    assert scene.rows("SELECT * FROM event") == [
        (time, "shown", "embedded", "", "python", 12, 0.75),
        (time, "accepted", "inline", "qwen", "go", 40, 38.5),
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a person's folder by other means")
def test_only_the_person_can_read_it(scene: Scene) -> None:
    with scene:
        scene.begin(0.1, BODY)
        modes = {oct(file.stat().st_mode & 0o777) for file in scene.folder.iterdir()}
        assert modes == {"0o600"}
        assert scene.folder.stat().st_mode & 0o777 == 0o700
