"""What was sent and what it cost, what was shown and what was accepted.

A request is entered before it is sent, with its estimated price, in the transaction that checks
the caps. Until it is finished it counts at that estimate: while it is in flight, and for good when
its process died. So the caps hold for several processes on one file and across crashes. What can't
be entered is not sent to another machine.

All calls belong on one thread. A file that another process holds is waited for 50 ms.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from firsthand.ledger import bodies, days, replies
from firsthand.ledger.database import Database, LedgerError, Refused
from firsthand.ledger.days import Days
from firsthand.ledger.records import (
    Event,
    Outcome,
    Sent,
    Shown,
    Sum,
    Survived,
    Table,
    newest,
    outcomes,
    page,
    shown,
    sums,
)
from firsthand.settings import Budget, is_loopback

__all__ = [
    "Days",
    "Entry",
    "Event",
    "Ledger",
    "LedgerError",
    "OverBudget",
    "Refused",
    "Sent",
    "Shown",
    "Spent",
    "Sum",
    "Survived",
]

_T = TypeVar("_T")

_KEEP_ROWS_DAYS = 400
_DAY_SECONDS = 86_400


class OverBudget(Refused):
    """A request would pass a cap."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that was entered; an empty id is one to this machine that could not be."""

    id: str


@dataclass(frozen=True, slots=True)
class Spent:
    """USD spent and reserved in a local calendar day, and in its month."""

    day_usd: float
    month_usd: float


def _now() -> datetime:
    return datetime.now().astimezone()


class Ledger:
    """The ledger in a folder, made when it is first used.

    Args:
        folder: where it lives (`paths.data_folder`).
        tell: takes a sentence for the person, each once; it is called on the caller's thread.
        clock: the local time.
        connect: opens a database, as `sqlite3.connect` does.
        most_kept: bytes of compressed chunks that are kept, those of the newest bodies.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tell: Callable[[str], None],
        clock: Callable[[], datetime] = _now,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        most_kept: int = 200 * 2**20,
    ) -> None:
        self._database = Database(folder / "ledger.sqlite3", self._say, connect)
        self._tell = tell
        self._clock = clock
        self._most_kept = most_kept
        self._told: set[str] = set()
        self._tidied: tuple[str, int] = ("", 0)
        self._added = 0

    def begin(
        self,
        feature: str,
        model: str,
        url: str,
        body: bytes,
        estimate_usd: float,
        *,
        budget: Budget,
        keep_sent_days: int,
    ) -> Entry:
        """Enter a request that is about to be sent and reserve its price.

        Args:
            feature: what it is for, as "inline".
            model: the model's name.
            url: where it goes.
            body: exactly what is sent, without headers.
            estimate_usd: the most it can cost.
            budget: the caps in force.
            keep_sent_days: days for which the body is kept; 0 keeps its hash and size only.

        Raises:
            OverBudget: the estimate would pass a cap.
            LedgerError: the request goes to another machine and can't be entered.
            ValueError: the estimate is no amount of money.
        """
        now, estimate, id_ = self._clock(), _nano(estimate_usd), secrets.token_hex(8)
        row = (
            *(id_, now.timestamp(), now.date().isoformat(), feature, model, url),
            *(hashlib.sha256(body).hexdigest(), len(body), estimate),
        )

        def enter(database: sqlite3.Connection) -> int:
            _reserve(database, now.date(), estimate, budget)
            _enter(database, row)
            return bodies.keep(database, *row[:2], body) if keep_sent_days else 0

        try:
            self._added += self._database.write(enter)
        except LedgerError as error:
            if not is_loopback(url):
                raise
            self._say(str(error))
            return Entry("")
        self._tidy(now, keep_sent_days)
        return Entry(id_)

    def finish(
        self,
        entry: Entry,
        outcome: str,
        *,
        prompt_tokens: int = 0,
        cached_tokens: int = 0,
        completion_tokens: int = 0,
        cost_usd: float | None = None,
    ) -> None:
        """Enter what became of a request; the first time counts.

        Args:
            entry: the request.
            outcome: one word, as "done", "cancelled" or "failed".
            prompt_tokens: tokens of the prompt, those cached included.
            cached_tokens: those that the server had cached.
            completion_tokens: tokens of the answer.
            cost_usd: what it cost; None leaves it at its estimate.

        Raises:
            ValueError: the cost is no amount of money.
        """
        cost = None if cost_usd is None else _nano(cost_usd)
        values = (outcome, prompt_tokens, cached_tokens, completion_tokens, cost, entry.id)

        def enter(database: sqlite3.Connection) -> None:
            row = database.execute(
                "SELECT day, estimate FROM sent WHERE id = ? AND outcome IS NULL", (entry.id,)
            ).fetchone()
            if row is None:
                return
            database.execute(
                "UPDATE sent SET outcome = ?, prompt_tokens = ?, cached_tokens = ?,"
                " completion_tokens = ?, cost = ? WHERE id = ?",
                values,
            )
            if cost is not None:
                _spend(database, row[0], cost - row[1])

        self._attempt(self._database.write, enter)

    def record(self, event: Event) -> None:
        """Enter what became of a suggestion; where that can't be done it is left out."""
        row = (
            *(self._clock().timestamp(), event.kind, event.tier, event.model),
            *(event.language, event.characters, event.latency_ms),
        )

        def enter(database: sqlite3.Connection) -> None:
            database.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", row)

        self._attempt(self._database.write, enter)

    def spent(self, today: date) -> Spent | None:
        """What counts towards the caps; None when the ledger can't be read now."""
        found = self._attempt(self._database.read, lambda database: _spent(database, today))
        return None if found is None else Spent(found[0] / 1e9, found[1] / 1e9)

    def costs(self, first: date) -> tuple[Sum, ...] | None:
        """What was spent from a day on; None when the ledger can't be read now."""
        return self._attempt(self._database.read, lambda database: sums(database, first))

    def sent(self, most: int) -> tuple[Sent, ...] | None:
        """The newest requests, the newest first; None when the ledger can't be read now."""
        now = self._clock().timestamp()
        return self._attempt(self._database.read, lambda database: newest(database, most, now))

    def shown(self, first: date) -> Shown | None:
        """What completions were shown from a day on; None when the ledger can't be read now."""
        return self._attempt(self._database.read, lambda database: shown(database, first))

    def days(self, first: date) -> Days | None:
        """The sums by day from a day on; None when the ledger can't be read now."""
        return self._attempt(self._database.read, lambda database: days.days(database, first))

    def survived(self) -> tuple[Survived, ...] | None:
        """What became of accepted text; None when the ledger can't be read now."""
        return self._attempt(self._database.read, days.survived)

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table, the oldest first; what can't be read is said and left out."""
        last = 0
        while found := self._attempt(self._database.read, partial(page, table=table, after=last)):
            last = found[-1][0]
            yield from (row for _, row in found)

    def outcomes(self, since: float, now: float) -> tuple[Outcome, ...] | None:
        """What became of suggestions from a moment on; None when the ledger can't be read now."""
        return self._attempt(self._database.read, lambda database: outcomes(database, since, now))

    def body(self, entry: Entry) -> bytes | None:
        """Exactly what was sent by a request; None when it is not kept."""
        return self._attempt(self._database.read, lambda database: bodies.read(database, entry.id))

    def keep_reply(self, entry: Entry, reply: str, keep_sent_days: int) -> bool:
        """Keep a reply that could not be used for so many days; whether it is kept."""
        if not keep_sent_days:
            return False
        keep = partial(replies.keep, id_=entry.id, time=self._clock().timestamp(), reply=reply)
        added = self._attempt(self._database.write, keep)
        self._added += added or 0
        return added is not None

    def reply(self, entry: Entry) -> str | None:
        """The reply to a request that could not be used, of no entry the last; None: none is."""
        return self._attempt(self._database.read, partial(replies.read, id_=entry.id))

    def withdraw(self, text: str) -> None:
        """Drop each kept body that shows some of a file's text; its hash and size stay."""
        lines = bodies.telling(text)
        if not lines:
            return

        def drop(database: sqlite3.Connection) -> int:
            return bodies.drop_showing(database, lines)

        if self._attempt(self._database.write, drop):
            self._clean_log()

    def drop_damaged(self) -> None:
        """Delete what was set aside as damaged."""
        self._database.drop_damaged()

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        self._database.close()

    def _tidy(self, now: datetime, keep_sent_days: int) -> None:
        """Drop what is kept no longer: once a day, when the term changes, when much was added."""
        asked = (now.date().isoformat(), keep_sent_days)
        if asked == self._tidied and self._added <= self._most_kept // 16:
            return
        self._tidied, self._added = asked, 0

        def drop(database: sqlite3.Connection) -> int:
            return _drop(database, now.timestamp(), keep_sent_days, self._most_kept)

        if self._attempt(self._database.write, drop):
            self._clean_log()

    def _clean_log(self) -> None:
        """See that what was dropped does not live on in the database's own log."""
        self._attempt(
            self._database.read,
            lambda database: database.execute("PRAGMA wal_checkpoint(TRUNCATE)"),
        )

    def _attempt(
        self,
        run: Callable[[Callable[[sqlite3.Connection], _T]], _T],
        work: Callable[[sqlite3.Connection], _T],
    ) -> _T | None:
        """What the work gives; None, said once, when the file can't be used."""
        try:
            return run(work)
        except LedgerError as error:
            self._say(str(error))
            return None

    def _say(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


def _reserve(database: sqlite3.Connection, today: date, estimate: int, budget: Budget) -> None:
    """Count an amount of nano-dollars as spent, or raise OverBudget if it would pass a cap."""
    if not estimate:
        return
    caps = (("day", "day_usd", budget.day_usd), ("month", "month_usd", budget.month_usd))
    for (word, key, cap), spent in zip(caps, _spent(database, today), strict=True):
        if spent + estimate > _nano(cap):
            raise OverBudget(
                f"A request of up to {estimate / 1e9:.4f} USD was not sent: with "
                f"{spent / 1e9:.4f} USD spent or in flight it would pass the {word}'s cap of "
                f"{cap:.2f} USD, which is set by {key} in [budget]."
            )
    _spend(database, today.isoformat(), estimate)


def _enter(database: sqlite3.Connection, row: tuple[object, ...]) -> None:
    database.execute(
        "INSERT INTO sent(id, time, day, feature, model, url, sha256, size, estimate)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def _spent(database: sqlite3.Connection, today: date) -> tuple[int, int]:
    """Nano-dollars of a day and of its month."""
    day = today.isoformat()
    row: tuple[int, int] = database.execute(
        "SELECT COALESCE(SUM(CASE WHEN day = ? THEN nano END), 0), COALESCE(SUM(nano), 0)"
        " FROM spending WHERE day BETWEEN ? AND ?",
        (day, f"{day[:7]}-01", f"{day[:7]}-31"),
    ).fetchone()
    return row


def _spend(database: sqlite3.Connection, day: str, nano: int) -> None:
    database.execute(
        "INSERT INTO spending VALUES (?, ?) ON CONFLICT(day) DO UPDATE SET nano = nano + ?",
        (day, nano, nano),
    )


def _drop(database: sqlite3.Connection, time: float, keep_sent_days: int, most_kept: int) -> int:
    """Delete bodies past their term and the oldest of too many, and rows past all use.

    Returns:
        How many bodies were deleted.
    """
    dropped = bodies.drop_old(database, time - keep_sent_days * _DAY_SECONDS, most_kept)
    oldest = (time - _KEEP_ROWS_DAYS * _DAY_SECONDS,)
    database.execute("DELETE FROM sent WHERE time < ?", oldest)
    database.execute("DELETE FROM event WHERE time < ?", oldest)
    return dropped


def _nano(usd: float) -> int:
    """Nano-dollars, a part of one counted as one."""
    if not 0 <= usd < math.inf:
        raise ValueError(f"{usd} is no amount of money")
    return math.ceil(round(usd * 1e9, 3))
