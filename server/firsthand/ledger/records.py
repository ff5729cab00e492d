"""What the ledger tells of the past: sums by day, model and purpose, and single requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any


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
        outcome: one word, as "done"; empty while it is on its way or when its process died.
        prompt_tokens, cached_tokens, completion_tokens: as the server counted them.
        estimate_usd: the most it was expected to cost.
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


def newest(database: sqlite3.Connection, most: int) -> tuple[Sent, ...]:
    """The requests that were entered last, the newest first."""
    rows: Iterable[tuple[Any, ...]] = database.execute(
        "SELECT sent.id, strftime('%Y-%m-%dT%H:%M:%S', sent.time, 'unixepoch', 'localtime'),"
        " feature, model, url, size, sha256, COALESCE(outcome, ''), COALESCE(prompt_tokens, 0),"
        " COALESCE(cached_tokens, 0), COALESCE(completion_tokens, 0), estimate / 1e9, cost / 1e9,"
        " body.id IS NOT NULL FROM sent LEFT JOIN body ON body.id = sent.id"
        " ORDER BY sent.time DESC, sent.rowid DESC LIMIT ?",
        (most,),
    )
    return tuple(replace(Sent(*row), kept=bool(row[-1])) for row in rows)
