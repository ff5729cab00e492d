"""What the commands `costs` and `sent` say: the ledger, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from firsthand import paths, settings
from firsthand.fault import CommandFault
from firsthand.ledger import Entry, Ledger, Sent, Shown, Spent, Sum
from firsthand.settings import PRESETS, Budget, Model, is_loopback

_T = TypeVar("_T")

# What a request for a completion sends where nothing was measured, and what a token of code is.
_PROMPT_TOKENS, _CHARACTERS_A_TOKEN = 1_500, 3.0


@dataclass(frozen=True, slots=True)
class Compared:
    """What completions would have cost from a frontier model.

    Attributes:
        model: the model.
        completions: how many were shown.
        usd: about what each of them asked of it would have cost together.
    """

    model: str
    completions: int
    usd: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What was spent.

    Attributes:
        today: the local day that the caps are about.
        budget: the caps of the person's own file.
        spent: what counts towards them.
        sums: by day, purpose and model, the newest day first.
        compared: what the frontier would have cost for the same completions; None where no model
            with a price is configured for escalations, or nothing was shown.
    """

    today: str
    budget: Budget
    spent: Spent
    sums: tuple[Sum, ...]
    compared: Compared | None = None

    @property
    def sentence(self) -> str:
        """A line for the caps and one for each sum."""
        spent, budget = self.spent, self.budget
        lines = [
            f"Today {usd(spent.day_usd)} of {budget.day_usd:.2f} USD, "
            f"this month {usd(spent.month_usd)} of {budget.month_usd:.2f} USD."
        ]
        lines += [
            f"{each.day}  {each.feature:<10}  {each.model:<28}  {each.requests:>6} requests  "
            f"{each.prompt_tokens:>9,} in ({each.cached_tokens:,} cached)  "
            f"{each.completion_tokens:>8,} out  {usd(each.usd)} USD" + _unfinished(each.open)
            for each in self.sums
        ]
        if not self.sums:
            lines.append("Nothing was sent to other machines.")
        if self.compared:
            lines.append(
                f"The same {self.compared.completions:,} completions by {self.compared.model} "
                f"would have cost about {usd(self.compared.usd)} USD."
            )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "schema": 1,
            "today": self.today,
            **asdict(self.spent),
            "day_cap_usd": self.budget.day_usd,
            "month_cap_usd": self.budget.month_usd,
            "sums": [asdict(each) for each in self.sums],
            "compared": asdict(self.compared) if self.compared else None,
        }


def costs(days: int, today: date | None = None) -> Costs:
    """What was spent in so many days up to today.

    Raises:
        CommandFault: the ledger can't be read.
    """
    today = today or datetime.now().astimezone().date()
    loaded = settings.load(paths.config_file(), named=paths.config_named())

    def read(ledger: Ledger) -> Costs | None:
        first = today - timedelta(days=days - 1)
        spent, sums, shown = ledger.spent(today), ledger.costs(first), ledger.shown(first)
        if spent is None or sums is None or shown is None:
            return None
        compared = _compared(loaded.escalation_models, shown)
        return Costs(today.isoformat(), loaded.settings.budget, spent, sums, compared)

    return from_ledger(read)


def sent(most: int) -> tuple[Sent, ...]:
    """The newest requests that left the machine.

    Raises:
        CommandFault: the ledger can't be read.
    """
    return from_ledger(lambda ledger: ledger.sent(most))


def body(id_: str) -> str:
    """Exactly what a request sent, JSON laid out to be read.

    Raises:
        CommandFault: it is not kept.
    """
    found = from_ledger(lambda ledger: ledger.body(Entry(id_)) or b"")
    if not found:
        raise CommandFault(
            f"No text is kept of a request {id_[:40]!r}: `firsthand sent` lists those that are, "
            "and privacy.keep_sent_days says for how long."
        )
    text = found.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def reply(id_: str) -> str:
    """The reply to a request that could not be used, of no id the last one.

    Raises:
        CommandFault: it is not kept.
    """
    found = from_ledger(lambda ledger: ledger.reply(Entry(id_)) or "")
    if not found:
        raise CommandFault(
            f"No reply {f'to a request {id_[:40]!r}' if id_ else 'of a frontier model'} is kept: "
            "only those that could not be used are, for privacy.keep_sent_days."
        )
    return found


def listed(requests: tuple[Sent, ...]) -> str:
    """Requests for people, one a line."""
    if not requests:
        return "Nothing was sent to other machines."
    return "\n".join(map(_line, requests))


def prices() -> tuple[dict[str, Any], ...]:
    """What known models cost, in USD per million tokens, and when that was looked up."""
    return tuple(
        {
            "provider": provider,
            "model": model,
            "in": each.prompt,
            "cached_in": each.cached,
            "out": each.answer,
            "context": each.context,
            "url": preset.url,
            "api_key_env": preset.api_key_env,
            "date": preset.priced,
        }
        for provider, preset in PRESETS.items()
        for model, each in preset.prices.items()
    )


def price_list() -> str:
    """The same for people, one model a line."""
    heading = "USD per million tokens: of the prompt, of its cached part, of the answer."
    lines = [
        f"{each['provider']:<10}  {each['model']:<40}  {each['in']:>6.2f}  "
        f"{each['cached_in']:>6.3f}  {each['out']:>6.2f}  "
        f"{each['context'] or 'unknown':>9} tokens  {each['url']}  {each['api_key_env']}  "
        f"{each['date']}"
        for each in prices()
    ]
    rest = (
        "No price is known of any other model or server elsewhere, and none is asked before its "
        "table has price_in and price_out, 0 if it is free."
    )
    own = "The person's own servers, which cost nothing on this machine:"
    local = [
        f"{provider:<10}  {each.url}  {each.api_key_env}".rstrip()
        for provider, each in PRESETS.items()
        if is_loopback(each.url)
    ]
    overridden = "A model's own table may say otherwise: price_in, price_cached_in, price_out."
    return "\n".join([heading, overridden, *lines, "", rest, "", own, *local])


def _compared(models: tuple[Model, ...], shown: Shown) -> Compared | None:
    """What the first model with a price would have cost for completions that were shown.

    Each counts as a request as large as those that were sent on average, else as a usual one.
    """
    for each in models:
        if each.price_in and each.price_out and shown.completions:
            prompt = (shown.prompt_tokens or _PROMPT_TOKENS) * shown.completions
            answer = shown.characters / _CHARACTERS_A_TOKEN
            cost = (prompt * each.price_in + answer * each.price_out) / 1e6
            return Compared(each.model or each.name, shown.completions, cost)
    return None


def usd(amount: float) -> str:
    """An amount with as many digits as say something of it."""
    return f"{amount:.2f}" if amount >= 1 or not amount else f"{amount:.4f}"


def _line(each: Sent) -> str:
    price = (
        f"at most {usd(each.estimate_usd)} USD"
        if each.cost_usd is None
        else f"{usd(each.cost_usd)} USD"
    )
    kept = "" if each.kept else "  (text not kept)"
    return (
        f"{each.id}  {each.time}  {each.feature:<10}  {each.model:<28}  {each.url}  "
        f"{each.size:,} bytes  {each.outcome or 'not finished'}  {price}{kept}"
    )


def _unfinished(count: int) -> str:
    return f"  ({count} not finished, at their estimate)" if count else ""


def from_ledger(ask: Callable[[Ledger], _T | None]) -> _T:
    """What the ledger gives.

    Raises:
        CommandFault: it can't be read.
    """
    said: list[str] = []
    ledger = Ledger(paths.data_folder(), tell=said.append)
    try:
        found = ask(ledger)
    finally:
        ledger.close()
    if found is None:
        raise CommandFault(" ".join(said))
    return found
