"""Sums by day, kept up by the database itself as rows come, so that a year is read in a moment.

They outlive the rows that they were made of, and say the same to the unit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from firsthand.ledger.records import Survived

# Upper bounds of what latencies are counted by, in milliseconds; the last class has none.
BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_OPEN_END = 1_000_000
# Seconds in which a request that follows one that failed, to another model, takes its place.
_FOLLOWS = 10

_BOUND = (
    "CASE "
    + " ".join(f"WHEN {{row}}latency_ms <= {each} THEN {each}" for each in BOUNDS)
    + f" ELSE {_OPEN_END} END"
)
_TABLES = """
CREATE TABLE event_day(
    day TEXT NOT NULL, kind TEXT NOT NULL, tier TEXT NOT NULL, model TEXT NOT NULL,
    events INTEGER NOT NULL, characters INTEGER NOT NULL,
    PRIMARY KEY(day, kind, tier, model)) WITHOUT ROWID;
CREATE TABLE latency_day(
    day TEXT NOT NULL, tier TEXT NOT NULL, bound INTEGER NOT NULL, events INTEGER NOT NULL,
    PRIMARY KEY(day, tier, bound)) WITHOUT ROWID;
CREATE TABLE sent_day(
    day TEXT NOT NULL, feature TEXT NOT NULL, model TEXT NOT NULL, url TEXT NOT NULL,
    requests INTEGER NOT NULL, failed INTEGER NOT NULL, nano INTEGER NOT NULL,
    PRIMARY KEY(day, feature, model, url)) WITHOUT ROWID;
CREATE TABLE outage(
    minute INTEGER NOT NULL, model TEXT NOT NULL, url TEXT NOT NULL, day TEXT NOT NULL,
    PRIMARY KEY(minute, model, url)) WITHOUT ROWID;
CREATE TABLE failover(
    day TEXT NOT NULL, model TEXT NOT NULL, requests INTEGER NOT NULL,
    PRIMARY KEY(day, model)) WITHOUT ROWID;
"""
_TRIGGERS = f"""
CREATE TRIGGER event_counted AFTER INSERT ON event BEGIN
    INSERT INTO event_day VALUES (date(NEW.time, 'unixepoch', 'localtime'), NEW.kind, NEW.tier,
        NEW.model, 1, NEW.characters)
    ON CONFLICT DO UPDATE SET events = events + 1, characters = characters + NEW.characters;
END;
CREATE TRIGGER event_timed AFTER INSERT ON event WHEN NEW.kind = 'shown' BEGIN
    INSERT INTO latency_day VALUES (date(NEW.time, 'unixepoch', 'localtime'), NEW.tier,
        {_BOUND.format(row="NEW.")}, 1)
    ON CONFLICT DO UPDATE SET events = events + 1;
END;
CREATE TRIGGER sent_counted AFTER INSERT ON sent BEGIN
    INSERT INTO sent_day VALUES (NEW.day, NEW.feature, NEW.model, NEW.url, 1, 0, NEW.estimate)
    ON CONFLICT DO UPDATE SET requests = requests + 1, nano = nano + NEW.estimate;
END;
CREATE TRIGGER sent_followed AFTER INSERT ON sent WHEN EXISTS (
    SELECT 1 FROM sent WHERE time BETWEEN NEW.time - {_FOLLOWS} AND NEW.time
    AND outcome = 'failed'
    AND feature = NEW.feature AND model != NEW.model) BEGIN
    INSERT INTO failover VALUES (NEW.day, NEW.model, 1)
    ON CONFLICT DO UPDATE SET requests = requests + 1;
END;
CREATE TRIGGER sent_ended AFTER UPDATE OF outcome ON sent BEGIN
    UPDATE sent_day SET nano = nano + COALESCE(NEW.cost - NEW.estimate, 0),
        failed = failed + (NEW.outcome = 'failed')
    WHERE day = NEW.day AND feature = NEW.feature AND model = NEW.model AND url = NEW.url;
END;
CREATE TRIGGER sent_failed AFTER UPDATE OF outcome ON sent WHEN NEW.outcome = 'failed' BEGIN
    INSERT OR IGNORE INTO outage
    VALUES (CAST(NEW.time / 60 AS INTEGER), NEW.model, NEW.url, NEW.day);
END;
"""  # noqa: S608 (all of it is ours)
SCHEMA = _TABLES + _TRIGGERS
"""What a new ledger has beside its rows."""

UPGRADE = f"""
{_TABLES}
INSERT INTO event_day SELECT date(time, 'unixepoch', 'localtime') AS day, kind, tier, model,
    COUNT(*), SUM(characters) FROM event GROUP BY day, kind, tier, model;
INSERT INTO latency_day SELECT date(time, 'unixepoch', 'localtime') AS day, tier,
    {_BOUND.format(row="")} AS bound, COUNT(*) FROM event WHERE kind = 'shown'
    GROUP BY day, tier, bound;
INSERT INTO sent_day SELECT day, feature, model, url, COUNT(*),
    COALESCE(SUM(outcome = 'failed'), 0), SUM(COALESCE(cost, estimate)) FROM sent
    GROUP BY day, feature, model, url;
INSERT OR IGNORE INTO outage SELECT CAST(time / 60 AS INTEGER), model, url, day FROM sent
    WHERE outcome = 'failed';
{_TRIGGERS}
"""  # noqa: S608 (all of it is ours)
"""What makes a ledger of the first version one that has sums."""


@dataclass(frozen=True, slots=True)
class EventSum:
    """The events of one kind of a local day, by what they are about."""

    day: str
    kind: str
    tier: str
    model: str
    events: int
    characters: int


@dataclass(frozen=True, slots=True)
class SentSum:
    """The requests of a local day to one model at one address for one purpose."""

    day: str
    feature: str
    model: str
    url: str
    requests: int
    failed: int
    usd: float


@dataclass(frozen=True, slots=True)
class Days:
    """All sums from a day on.

    Attributes:
        events: what became of suggestions.
        latencies: by tier and upper bound in milliseconds, how many answers that were shown came
            in that time; a bound beyond all of `BOUNDS` is that of those which took longer.
        sent: what was sent.
        outages: minutes in which requests to a model failed, by day and model.
        failovers: requests that took the place of one that failed, by day and model.
    """

    events: tuple[EventSum, ...]
    latencies: tuple[tuple[str, int, int], ...]
    sent: tuple[SentSum, ...]
    outages: tuple[tuple[str, str, int], ...]
    failovers: tuple[tuple[str, str, int], ...]


def days(database: sqlite3.Connection, first: date) -> Days:
    """The sums from a local day on."""
    since = (first.isoformat(),)

    def rows(query: str) -> Iterable[tuple[Any, ...]]:
        return database.execute(query, since)

    return Days(
        events=tuple(
            EventSum(*row)
            for row in rows(
                "SELECT day, kind, tier, model, events, characters FROM event_day"
                " WHERE day >= ? ORDER BY day"
            )
        ),
        latencies=tuple(
            (tier, bound, count)
            for tier, bound, count in rows(
                "SELECT tier, bound, SUM(events) FROM latency_day WHERE day >= ?"
                " GROUP BY tier, bound ORDER BY tier, bound"
            )
        ),
        sent=tuple(
            SentSum(*row)
            for row in rows(
                "SELECT day, feature, model, url, requests, failed, nano / 1e9 FROM sent_day"
                " WHERE day >= ? ORDER BY day"
            )
        ),
        outages=tuple(
            (day, model, count)
            for day, model, count in rows(
                "SELECT day, model, COUNT(DISTINCT minute) FROM outage WHERE day >= ?"
                " GROUP BY day, model ORDER BY day"
            )
        ),
        failovers=tuple(
            (day, model, count)
            for day, model, count in rows(
                "SELECT day, model, requests FROM failover WHERE day >= ? ORDER BY day"
            )
        ),
    )


def survived(database: sqlite3.Connection) -> tuple[Survived, ...]:
    """What became of accepted text, by tier and while."""
    rows: Iterable[tuple[str, str, int]] = database.execute(
        "SELECT tier, kind, SUM(characters) FROM event_day"
        " WHERE kind LIKE 'survived%' OR kind LIKE 'lost%' GROUP BY tier, kind"
    )
    counts = {(tier, kind): count for tier, kind, count in rows}
    found = dict.fromkeys((tier, kind.partition("_")[2]) for tier, kind in counts)
    return tuple(
        Survived(
            tier,
            after,
            counts.get((tier, f"survived_{after}"), 0),
            counts.get((tier, f"lost_{after}"), 0),
        )
        for tier, after in found
    )
