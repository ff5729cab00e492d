"""What the ledger tells of the past: sums by day, model and purpose, and single requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from firsthand.core.completion import Completion, Tier
from firsthand.core.proposal import Proposal

EventKind = Literal[
    "shown",
    "accepted",
    "rejected",
    "proposed",
    "applied",
    "discarded",
    "survived_15s",
    "survived_2min",
    "survived_10min",
    "survived_commit",
    "lost_15s",
    "lost_2min",
    "lost_10min",
    "lost_commit",
    "typed",
    "lines",
]
Table = Literal["event", "sent"]
_PAGE = 10_000
After = Literal["15s", "2min", "10min", "commit"]
_AFTER: dict[After, tuple[EventKind, EventKind]] = {
    "15s": ("survived_15s", "lost_15s"),
    "2min": ("survived_2min", "lost_2min"),
    "10min": ("survived_10min", "lost_10min"),
    "commit": ("survived_commit", "lost_commit"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a suggestion, or of a hunk of a proposal. It holds no source text.

    Attributes:
        kind: of a completion "shown", "accepted" or "rejected"; of a proposal "proposed", and for
            each of its hunks "applied" or "discarded"; of accepted text how much of it "survived"
            for 15 seconds, 2 minutes, 10 minutes or a commit, and how much of it was "lost"; of the
            person themselves, what they "typed", and as its characters how many "lines" they began.
        tier: what made it.
        model: the model's name; empty for the embedded one.
        language: the LSP language id.
        characters: the length of what was shown, accepted or rejected.
        latency_ms: from the question to the answer.
    """

    kind: EventKind
    tier: Tier | Literal["person"]
    model: str
    language: str
    characters: int
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Shown:
    """Completions that were shown.

    Attributes:
        completions: how many.
        characters: how long they were together.
        prompt_tokens: of a request for a completion, on average, as servers counted; 0 where none
            was sent.
    """

    completions: int
    characters: int
    prompt_tokens: float


@dataclass(frozen=True, slots=True)
class Survived:
    """What became of accepted text after a while.

    Attributes:
        tier: what wrote it.
        after: how long a while, or "commit".
        survived: how many characters stood.
        lost: how many did not.
    """

    tier: str
    after: str
    survived: int
    lost: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The requests of one local day to one model for one purpose.

    Attributes:
        day: the day, as 2026-11-26.
        feature: what they were for, as "inline".
        model: the model's name.
        requests: how many there were.
        open: how many of them were never finished, and count at their estimate.
        prompt_tokens, cached_tokens, completion_tokens: as the servers counted them.
        usd: what they cost, or were expected to where no server said.
    """

    day: str
    feature: str
    model: str
    requests: int
    open: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    usd: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that left the machine, or was about to.

    Attributes:
        id: names it in the ledger.
        time: when, in local time, as 2026-11-26T01:02:03.
        feature: what it was for.
        model: the model's name.
        url: where it went.
        size: bytes of what was sent.
        sha256: the hash of that, in hexadecimal digits.
        outcome: one word, as "done"; empty while it is on its way, "lost" when its process ended
            before it did, after which nobody knows what it cost.
        prompt_tokens, cached_tokens, completion_tokens: as the server counted them.
        estimate_usd: the most it could cost.
        cost_usd: what it cost; None where that is not known.
        kept: whether the exact text is kept.
    """

    id: str
    time: str
    feature: str
    model: str
    url: str
    size: int
    sha256: str
    outcome: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    estimate_usd: float
    cost_usd: float | None
    kept: bool


def sums(database: sqlite3.Connection, first: date) -> tuple[Sum, ...]:
    """The sums from a day on, the newest day first, the dearest first within it."""
    rows: Iterable[tuple[Any, ...]] = database.execute(
        "SELECT day, feature, model, COUNT(*), SUM(outcome IS NULL),"
        " SUM(COALESCE(prompt_tokens, 0)), SUM(COALESCE(cached_tokens, 0)),"
        " SUM(COALESCE(completion_tokens, 0)), SUM(COALESCE(cost, estimate)) / 1e9 AS usd"
        " FROM sent WHERE day >= ? GROUP BY day, feature, model ORDER BY day DESC, usd DESC",
        (first.isoformat(),),
    )
    return tuple(Sum(*row) for row in rows)


def shown(database: sqlite3.Connection, first: date) -> Shown:
    """The completions that were shown from a local day on, by whatever made them."""
    since = datetime(first.year, first.month, first.day).astimezone().timestamp()
    count, characters = database.execute(
        "SELECT COUNT(*), COALESCE(SUM(characters), 0) FROM event"
        " WHERE kind = 'shown' AND tier != 'frontier' AND time >= ?",
        (since,),
    ).fetchone()
    (prompt,) = database.execute(
        "SELECT COALESCE(AVG(prompt_tokens), 0) FROM sent"
        " WHERE feature = 'inline' AND prompt_tokens > 0 AND day >= ?",
        (first.isoformat(),),
    ).fetchone()
    return Shown(count, characters, prompt)


def page(
    database: sqlite3.Connection, table: Table, after: int
) -> list[tuple[int, dict[str, Any]]]:
    """The next rows of a table after one, by the names of their columns, each with its number."""
    query = f"SELECT rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_PAGE}"  # noqa: S608 (one of two names)
    rows = database.execute(query, (after,))
    names = [each[0] for each in rows.description][1:]
    return [(number, dict(zip(names, row, strict=True))) for number, *row in rows]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The events of one kind and age, by what made the suggestions and the language.

    `days` are whole days since then.
    """

    kind: str
    tier: str
    language: str
    days: int
    events: int
    characters: int


# Of the events that decide on suggestions, so many of the newest are counted, in at most 40 ms.
_MOST_DECIDED = 5_000


def outcomes(database: sqlite3.Connection, since: float, now: float) -> tuple[Outcome, ...]:
    """What suggestions came to from a moment on until now, both in seconds since 1970."""
    rows: Iterable[tuple[Any, ...]] = database.execute(
        "SELECT kind, tier, language, days, COUNT(*), SUM(characters) FROM ("
        " SELECT kind, tier, language, characters,"
        " CAST(MAX(0, ? - time) / 86400 AS INTEGER) AS days"
        " FROM event WHERE time >= ?"
        " AND kind IN ('accepted', 'rejected', 'survived_10min', 'lost_10min')"
        " ORDER BY time DESC LIMIT ?) GROUP BY kind, tier, language, days",
        (now, since, _MOST_DECIDED),
    )
    return tuple(Outcome(*row) for row in rows)


def proposed(proposal: Proposal, language: str) -> Event:
    """The event of a proposal that was shown."""
    characters = sum(len(each.new_text) for each in proposal.hunks)
    return Event("proposed", "frontier", proposal.model, language, characters, 0.0)


def decided(proposal: Proposal, applied: Collection[int], language: str) -> tuple[Event, ...]:
    """The events of a decision: one for each hunk, by the ids of those that were applied."""
    return tuple(
        Event(
            "applied" if each.id in applied else "discarded",
            "frontier",
            proposal.model,
            language,
            len(each.new_text),
            0.0,
        )
        for each in proposal.hunks
    )


def survived(
    after: After, completion: Completion, counts: tuple[int, int], language: str
) -> tuple[Event, ...]:
    """The events of a count of accepted text: how many characters stand, and how many do not."""
    kinds = zip(_AFTER[after], counts, strict=True)
    return tuple(
        Event(kind, completion.tier, completion.model, language, characters, 0.0)
        for kind, characters in kinds
        if characters
    )


# Seconds after which a request that was not finished never will be: none of ours takes that long.
_LOST_AFTER = 900.0


def newest(database: sqlite3.Connection, most: int, now: float) -> tuple[Sent, ...]:
    """The requests that were entered last, the newest first; `now` in seconds since 1970."""
    rows: Iterable[tuple[Any, ...]] = database.execute(
        "SELECT sent.id, strftime('%Y-%m-%dT%H:%M:%S', sent.time, 'unixepoch', 'localtime'),"
        " feature, model, url, size, sha256,"
        " COALESCE(outcome, CASE WHEN sent.time < ? THEN 'lost' ELSE '' END),"
        " COALESCE(prompt_tokens, 0),"
        " COALESCE(cached_tokens, 0), COALESCE(completion_tokens, 0), estimate / 1e9, cost / 1e9,"
        " body.id IS NOT NULL FROM sent LEFT JOIN body ON body.id = sent.id"
        " ORDER BY sent.time DESC, sent.rowid DESC LIMIT ?",
        (now - _LOST_AFTER, most),
    )
    return tuple(replace(Sent(*row), kept=bool(row[-1])) for row in rows)
