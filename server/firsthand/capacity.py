"""What a person's work asks of model servers, from the ledger, and how many people one serves.

A minute counts as active where completions were asked for, shown or decided on in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from firsthand.accounts import from_ledger
from firsthand.ledger import Ledger

_COUNTED = ("prompt", "cached", "completion")  # tokens, as the ledger calls them
_BUSY = 0.5  # of the time, at the most: a queue that is fuller makes people wait


@dataclass(frozen=True, slots=True)
class Load:
    """What one person who types asks of a server in a minute.

    Attributes:
        requests: how many questions.
        prompt: tokens of their prompts.
        computed: those of them that the server had not in its cache.
        generated: tokens of the answers.
    """

    requests: float
    prompt: float
    computed: float
    generated: float

    @property
    def cached(self) -> float:
        """The share of prompt tokens that came from the server's cache."""
        return 1 - self.computed / self.prompt if self.prompt else 0.0

    def people(self, computes: float, generates: float) -> int:
        """How many people type at once at a server that does so many tokens a second of each."""
        busy = self.computed / computes + self.generated / generates
        return math.floor(60 * _BUSY / busy) if busy else 0


@dataclass(frozen=True, slots=True)
class Measured:
    """A person's load on each model of other machines, in some days.

    Attributes:
        days: how far back.
        minutes: those that were active.
        share: of the minutes of the hours that had any, those that were active, 0 to 1.
        loads: by the model's name.
        uncounted: requests whose server did not count their tokens, which are not in the loads.
    """

    days: int
    minutes: int
    share: float
    loads: Mapping[str, Load]
    uncounted: int

    def to_json(self, computes: float | None, generates: float | None) -> dict[str, Any]:
        """The figures for scripts."""
        models = {
            name: asdict(each) | {"cached": each.cached} | self._served(each, computes, generates)
            for name, each in self.loads.items()
        }
        figures = {"active_minutes": self.minutes, "active_share": self.share}
        return {"schema": 1, "days": self.days, **figures, "models": models} | {
            "uncounted": self.uncounted
        }

    def to_text(self, computes: float | None, generates: float | None) -> str:
        """The same for people."""
        if not self.loads:
            return (
                f"No tokens of completions from other machines were counted in {self.days} days: "
                "the ledger has only what leaves this machine."
            )
        lines = [
            f"{self.minutes} active minutes in {self.days} days, "
            f"{self.share:.0%} of the hours that had any. In one of them:"
        ]
        for name, each in self.loads.items():
            lines.append(
                f"{name}: {each.requests:.1f} requests, {each.prompt:.0f} prompt tokens "
                f"({each.cached:.0%} cached), {each.generated:.0f} generated"
            )
            served = self._served(each, computes, generates)
            if served:
                lines.append(
                    f"{name}: {served['people']} people type at once at such a server, which are "
                    f"{served['users']} users at work, if they type as you do"
                )
        if self.uncounted:
            lines.append(f"{self.uncounted} requests are left out: nobody counted their tokens.")
        return "\n".join(lines)

    def _served(
        self, load: Load, computes: float | None, generates: float | None
    ) -> dict[str, int]:
        if not computes or not generates:
            return {}
        people = load.people(computes, generates)
        return {"people": people, "users": math.floor(people / self.share) if self.share else 0}


def measured(days: int) -> Measured:
    """The load of the last days.

    Raises:
        CommandFault: the ledger can't be read.
    """

    def read(ledger: Ledger) -> Measured | None:
        since = (datetime.now().astimezone() - timedelta(days=days)).timestamp()
        if ledger.outcomes(since, since) is None:
            return None  # it says why
        return figures(days, since, ledger.rows("sent"), ledger.rows("event"))

    return from_ledger(read)


def figures(
    days: int, since: float, sent: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]]
) -> Measured:
    """The load by rows of the ledger from a moment on, in seconds since 1970."""
    active: set[int] = {int(each["time"] // 60) for each in events if each["time"] >= since}
    sums: dict[str, list[float]] = {}
    uncounted = 0
    for each in sent:
        if each["time"] < since or each["feature"] != "inline":
            continue
        active.add(int(each["time"] // 60))
        prompt, cached, answer = (each[f"{name}_tokens"] or 0 for name in _COUNTED)
        if not prompt:
            uncounted += 1
            continue
        found = sums.setdefault(each["model"], [0.0] * 4)
        for at, value in enumerate((1, prompt, prompt - min(cached, prompt), answer)):
            found[at] += value
    minutes = max(1, len(active))
    hours = {minute // 60 for minute in active}
    share = len(active) / (60 * len(hours)) if hours else 0.0
    loads = {name: Load(*(value / minutes for value in found)) for name, found in sums.items()}
    return Measured(days, len(active), share, loads, uncounted)
