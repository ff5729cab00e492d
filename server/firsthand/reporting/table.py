"""The report for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from firsthand.reporting import AFTER, Report, Tally


def table(found: Report) -> str:
    """A few tables, one below the other."""
    return "\n".join(_lines(found))


def percent(share: float | None) -> str:
    """A share, 0 to 1, as a percentage; a dash where there is none."""
    return "-" if share is None else f"{100 * share:.0f} %"


def usd(amount: float | None) -> str:
    """An amount of USD, with as many digits as say something of it."""
    if amount is None:
        return "-"
    return f"{amount:.2f}" if amount >= 1 or not amount else f"{amount:.2g}"


def _lines(found: Report) -> Iterator[str]:
    yield f"{found.first} to {found.last}, from this machine's ledger."
    if not found.periods and not found.spendings:
        yield "Nothing happened in that time."
        return
    total = found.total
    yield (
        f"You typed {total.typed:,} characters and accepted {total.accepted_characters:,}: "
        f"{percent(total.first_hand)} first hand, {total.saved:,} keystrokes saved "
        f"({percent(total.saved_share)})."
    )
    if total.interruptions is not None:
        yield f"Contradicted suggestions a line: {total.interruptions:.2f}."
    yield ""
    yield f"{'tier':<10}{'shown':>9}{'accepted':>10}{'characters':>12}" + "".join(
        f"{'after ' + after:>13}" for after in AFTER
    )
    for tier, tally in found.tiers.items():
        yield _tier(tier, tally)
    yield from _models(found)
    if found.providers:
        yield ""
        yield f"{'from':<32}{'accepted':>10}{'requests':>10}{'USD':>10}"
        whole = sum(size for size, _, _ in found.providers.values())
        for name, (size, requests, cost) in found.providers.items():
            share = percent(size / whole if whole else None)
            yield f"{name:<32}{share:>10}{requests:>10,}{usd(cost):>10}"


def _tier(tier: str, tally: Tally) -> str:
    stood = "".join(f"{percent(tally.stood(after)):>13}" for after in AFTER)
    return (
        f"{tier:<10}{tally.shown:>9,}{tally.accepted:>10,}{tally.accepted_characters:>12,}{stood}"
    )


def _models(found: Report) -> Iterator[str]:
    if not found.spendings:
        return
    yield ""
    yield (
        f"{'model':<32}{'requests':>10}{'failed':>8}{'bad minutes':>13}{'took over':>11}"
        f"{'USD':>10}{'USD a character that stood':>28}"
    )
    for each in found.spendings:
        yield (
            f"{each.model:<32}{each.requests:>10,}{each.failed:>8,}{each.outage_minutes:>13,}"
            f"{each.took_over:>11,}{usd(each.usd):>10}{usd(each.usd_a_character):>28}"
        )
