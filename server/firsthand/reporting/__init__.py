"""What the command `report` tells: the ledger's sums over days, as figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from firsthand import paths
from firsthand.fault import CommandFault
from firsthand.ledger import Days, Ledger
from firsthand.ledger.days import EventSum
from firsthand.settings import is_loopback

TIERS = ("embedded", "inline", "frontier")
AFTER = ("15s", "2min", "10min", "commit")
HERE, IN_PROCESS = "this machine", "Firsthand itself"
_ACCEPTED = ("accepted", "applied")
_MOST_DAYS_APART = 62


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of suggestions.

    Attributes:
        shown: suggestions that were seen.
        shown_characters: how long they were.
        accepted: how often something was accepted, hunks of proposals included.
        accepted_characters: how much.
        rejected: suggestions that were seen, and then contradicted.
        survived: by how long a while, how many accepted characters stood.
        lost: likewise, how many did not.
        typed: characters that the person typed.
        lines: lines that the person began.
    """

    shown: int = 0
    shown_characters: int = 0
    accepted: int = 0
    accepted_characters: int = 0
    rejected: int = 0
    survived: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    typed: int = 0
    lines: int = 0

    @classmethod
    def of(cls, events: Iterable[EventSum]) -> Tally:
        """The tally of some sums."""
        count: Counter[str] = Counter()
        size: Counter[str] = Counter()
        for each in events:
            count[each.kind] += each.events
            size[each.kind] += each.characters
        return cls(
            shown=count["shown"],
            shown_characters=size["shown"],
            accepted=sum(count[kind] for kind in _ACCEPTED),
            accepted_characters=sum(size[kind] for kind in _ACCEPTED),
            rejected=count["rejected"],
            survived={after: size[f"survived_{after}"] for after in AFTER},
            lost={after: size[f"lost_{after}"] for after in AFTER},
            typed=size["typed"],
            lines=size["lines"],
        )

    @property
    def saved(self) -> int:
        """Keystrokes that were saved: each acceptance is one itself."""
        return max(0, self.accepted_characters - self.accepted)

    @property
    def saved_share(self) -> float | None:
        """The part of all characters that took no key, 0 to 1."""
        return _share(self.saved, self.typed + self.accepted_characters)

    @property
    def first_hand(self) -> float | None:
        """The part of all characters that the person typed, 0 to 1."""
        return _share(self.typed, self.typed + self.accepted_characters)

    @property
    def interruptions(self) -> float | None:
        """Suggestions that were seen and then contradicted, for each line that was begun."""
        return self.rejected / self.lines if self.lines else None

    def stood(self, after: str) -> float | None:
        """The part of what was accepted that stood after a while, 0 to 1."""
        survived = self.survived.get(after, 0)
        return _share(survived, survived + self.lost.get(after, 0))

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            **asdict(self),
            "saved": self.saved,
            "first_hand": self.first_hand,
            "interruptions_per_line": self.interruptions,
        }


@dataclass(frozen=True, slots=True)
class Spending:
    """What a model cost.

    Attributes:
        model: the model.
        provider: who has it: a host, or this machine.
        requests: how many there were.
        failed: how many of them failed.
        usd: what they cost.
        surviving: accepted characters of it that stood for ten minutes.
        outage_minutes: minutes in which a request to it failed.
        took_over: requests to it that took the place of one that had failed.
    """

    model: str
    provider: str
    requests: int
    failed: int
    usd: float
    surviving: int
    outage_minutes: int
    took_over: int

    @property
    def usd_a_character(self) -> float | None:
        """What an accepted character that stood cost."""
        return self.usd / self.surviving if self.surviving else None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of some days.

    Attributes:
        first: the first day.
        last: the last day.
        total: of all days and tiers.
        tiers: by tier.
        periods: by day, or by the first day of a week where there are many days; by tier in each,
            "" for all together.
        latencies: how many answers that were shown came within so many milliseconds; by tier.
        spendings: by model, the dearest first.
        providers: by provider, accepted characters, requests and USD.
    """

    first: str
    last: str
    total: Tally
    tiers: Mapping[str, Tally]
    periods: Mapping[str, Mapping[str, Tally]]
    latencies: Mapping[str, Mapping[int, int]]
    spendings: tuple[Spending, ...]
    providers: Mapping[str, tuple[int, int, float]]

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "schema": 1,
            "first": self.first,
            "last": self.last,
            "total": self.total.to_json(),
            "tiers": {tier: each.to_json() for tier, each in self.tiers.items()},
            "periods": {
                day: {tier or "all": each.to_json() for tier, each in tallies.items()}
                for day, tallies in self.periods.items()
            },
            "latencies": self.latencies,
            "models": [asdict(each) for each in self.spendings],
            "providers": [
                {"provider": name, "accepted_characters": size, "requests": count, "usd": usd}
                for name, (size, count, usd) in self.providers.items()
            ],
        }


def report(days: int, today: date | None = None) -> Report:
    """The report of so many days up to today.

    Raises:
        CommandFault: the ledger can't be read.
    """
    last = today or datetime.now().astimezone().date()
    first = last - timedelta(days=days - 1)
    said: list[str] = []
    ledger = Ledger(paths.data_folder(), tell=said.append)
    try:
        found = ledger.days(first)
    finally:
        ledger.close()
    if found is None:
        raise CommandFault(" ".join(said))
    return of(found, first, last)


def of(found: Days, first: date, last: date) -> Report:
    """The figures of the sums from a first to a last day."""
    weeks = (last - first).days > _MOST_DAYS_APART
    grouped: dict[str, dict[str, list[EventSum]]] = defaultdict(lambda: defaultdict(list))
    tiers: dict[str, list[EventSum]] = defaultdict(list)
    for each in found.events:
        period = _monday(each.day) if weeks else each.day
        grouped[period][""].append(each)
        grouped[period][each.tier].append(each)
        tiers[each.tier].append(each)
    latencies: dict[str, dict[int, int]] = defaultdict(dict)
    for tier, bound, count in found.latencies:
        latencies[tier][bound] = count
    providers = _hosts(found)
    return Report(
        first.isoformat(),
        last.isoformat(),
        Tally.of(found.events),
        {tier: Tally.of(tiers[tier]) for tier in TIERS if tier in tiers},
        {
            period: {tier: Tally.of(events) for tier, events in by_tier.items()}
            for period, by_tier in sorted(grouped.items())
        },
        latencies,
        _spendings(found, providers),
        _dependence(found, providers),
    )


def _spendings(found: Days, hosts: Mapping[str, str]) -> tuple[Spending, ...]:
    stood: Counter[str] = Counter()
    for each in found.events:
        if each.kind == "survived_10min":
            stood[each.model] += each.characters
    requests: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    usd: dict[str, float] = defaultdict(float)
    for sent in found.sent:
        requests[sent.model] += sent.requests
        failed[sent.model] += sent.failed
        usd[sent.model] += sent.usd
    minutes: Counter[str] = Counter()
    for _, model, count in found.outages:
        minutes[model] += count
    took_over: Counter[str] = Counter()
    for _, model, count in found.failovers:
        took_over[model] += count
    spendings = (
        Spending(
            *(model, hosts[model], requests[model], failed[model], usd[model]),
            *(stood[model], minutes[model], took_over[model]),
        )
        for model in requests
    )
    return tuple(sorted(spendings, key=lambda each: (-each.usd, each.model)))


def _dependence(found: Days, hosts: Mapping[str, str]) -> dict[str, tuple[int, int, float]]:
    """By provider the accepted characters, the requests and the USD, the most accepted first."""
    size: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    usd: dict[str, float] = defaultdict(float)
    for each in found.events:
        if each.kind in _ACCEPTED:
            size[hosts.get(each.model, "unknown") if each.model else IN_PROCESS] += each.characters
    for sent in found.sent:
        requests[hosts[sent.model]] += sent.requests
        usd[hosts[sent.model]] += sent.usd
    names = sorted({*size, *requests}, key=lambda name: (-size[name], name))
    return {name: (size[name], requests[name], usd[name]) for name in names}


def _hosts(found: Days) -> dict[str, str]:
    """Who has each model: where it was asked last."""
    return {
        each.model: HERE if is_loopback(each.url) else urlsplit(each.url).hostname or "unknown"
        for each in found.sent
    }


def _monday(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
