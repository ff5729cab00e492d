"""The report as one page that needs nothing else: no script, no font, no network. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from firsthand import __version__
from firsthand.drawing import figure, html, plots
from firsthand.ledger.days import BOUNDS
from firsthand.reporting import AFTER, Report, Tally
from firsthand.reporting.table import percent, usd

_TICKS = 6


def page(found: Report) -> str:
    """The page."""
    total = found.total
    parts = [
        f"<h1>What you wrote, what was suggested, and what it cost</h1>"
        f"<p>{found.first} to {found.last}, from this machine's ledger alone.</p>",
        _cards(total, sum(each.usd for each in found.spendings)),
        '<div class="plots">',
        *(_tier(found, tier) for tier in found.tiers),
        _over_time(found, "Share first hand", lambda each: each.first_hand, _FIRST_HAND),
        _over_time(found, "Keystrokes saved", lambda each: each.saved_share, _SAVED),
        _interruptions(found),
        *(_latencies(tier, counts) for tier, counts in found.latencies.items()),
        "</div>",
        "<h2>What stood</h2>",
        _survival(found),
        "<h2>Models: money and reliability</h2>",
        _models(found),
        "<h2>On whom you depend</h2>",
        _providers(found),
        f"<footer>firsthand {escape(__version__)}, report.</footer>",
    ]
    return html("firsthand report", parts)


def _cards(total: Tally, cost: float) -> str:
    cards = (
        (percent(total.first_hand), "of all characters typed first hand"),
        (f"{total.saved:,}", "keystrokes saved"),
        (f"{total.shown:,}", "suggestions shown"),
        (percent(total.stood("10min")), "of accepted text stood for ten minutes"),
        (f"{usd(cost)} USD", "for requests to models"),
    )
    drawn = "".join(f"<li><b>{escape(value)}</b>{escape(said)}</li>" for value, said in cards)
    return f'<ul class="cards">{drawn}</ul>'


def _tier(found: Report, tier: str) -> str:
    """Shown, accepted and surviving characters over time."""
    tallies = [each.get(tier, Tally()) for each in found.periods.values()]
    shown = [each.shown_characters for each in tallies]
    accepted = [each.accepted_characters for each in tallies]
    survived = [each.survived.get("10min", 0) for each in tallies]
    most = max([1, *shown, *accepted])
    lines = (
        plots.line(_points([value / most for value in values]), series)
        for values, series in ((shown, "one"), (accepted, "two"), (survived, "three"))
    )
    ys = [(0.0, "0"), (0.5, f"{most / 2:,.0f}"), (1.0, f"{most:,}")]
    drawn = plots.plot(f"characters of the {tier} tier", "", _xs(found), ys, *lines)
    legend = (
        '<div class="legend"><span class="one">shown</span><span class="two">accepted</span>'
        '<span class="three">stood for ten minutes</span></div>'
    )
    return figure(f"Characters: {tier}", legend + drawn, _TIER)


def _over_time(found: Report, title: str, value: Callable[[Tally], float | None], said: str) -> str:
    values = [value(each.get("", Tally())) for each in found.periods.values()]
    line = plots.line(_points(values), "one")
    return figure(title, plots.plot(title, "", _xs(found), plots.FIFTHS, line), said)


def _interruptions(found: Report) -> str:
    values = [each.get("", Tally()).interruptions for each in found.periods.values()]
    most = max([1.0, *(each for each in values if each is not None)])
    points = _points([None if each is None else each / most for each in values])
    ys = [(0.0, "0"), (0.5, f"{most / 2:.1f}"), (1.0, f"{most:.1f}")]
    line = plots.line(points, "two")
    drawn = plots.plot("contradicted suggestions a line", "", _xs(found), ys, line)
    return figure("Interruptions a line", drawn, _INTERRUPTED)


def _latencies(tier: str, found: Mapping[int, int]) -> str:
    bounds = [*BOUNDS, *(each for each in found if each > BOUNDS[-1])]
    most = max([1, *found.values()])
    heights = [
        (0.9 * found.get(bound, 0) / most, f"up to {bound:,} ms: {found.get(bound, 0):,}")
        for bound in bounds
    ]
    xs = [((n + 0.5) / len(bounds), f"{bounds[n]:,}") for n in range(0, len(BOUNDS), 2)]
    columns = plots.columns(heights, "one")
    marks = [
        plots.mark((bounds.index(bound) + 0.5) / len(bounds), f"p{part}: {_within(bound)}", row=row)
        for row, part in enumerate((50, 99))
        if (bound := _percentile(found, part)) is not None
    ]
    title = f"latency of the {tier} tier"
    drawn = plots.plot(title, "milliseconds, up to", xs, [(0.0, "")], columns, *marks)
    return figure(f"How long an answer took: {tier}", drawn, _LATENCY)


def _survival(found: Report) -> str:
    heads = "".join(f"<th>after {each}</th><th></th>" for each in AFTER)
    rows = "".join(
        f"<tr><th>{escape(tier)}</th><td>{tally.shown:,}</td><td>{tally.accepted:,}</td>"
        + "".join(
            f"<td>{percent(tally.stood(after))}</td><td>{plots.bar(tally.stood(after), 'two')}</td>"
            for after in AFTER
        )
        + "</tr>"
        for tier, tally in found.tiers.items()
    )
    return _table(f"<th>tier</th><th>shown</th><th>accepted</th>{heads}", rows)


def _models(found: Report) -> str:
    head = (
        "<th>model</th><th>at</th><th>requests</th><th>failed</th><th>bad minutes</th>"
        "<th>took over</th><th>USD</th><th>USD a character that stood</th>"
    )
    rows = "".join(
        f"<tr><th>{escape(each.model)}</th><td>{escape(each.provider)}</td>"
        f"<td>{each.requests:,}</td><td>{each.failed:,}</td><td>{each.outage_minutes:,}</td>"
        f"<td>{each.took_over:,}</td><td>{usd(each.usd)}</td>"
        f"<td>{usd(each.usd_a_character)}</td></tr>"
        for each in found.spendings
    )
    return _table(head, rows) + f"<p>{_MODELS}</p>"


def _providers(found: Report) -> str:
    whole = sum(size for size, _, _ in found.providers.values())
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{percent(size / whole if whole else None)}</td>"
        f"<td>{plots.bar(size / whole if whole else None, 'one')}</td><td>{requests:,}</td>"
        f"<td>{usd(cost)}</td></tr>"
        for name, (size, requests, cost) in found.providers.items()
    )
    head = "<th>provider</th><th>of what you accepted</th><th></th><th>requests</th><th>USD</th>"
    return _table(head, rows)


def _table(head: str, rows: str) -> str:
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _points(values: Sequence[float | None]) -> list[plots.Point]:
    last = max(1, len(values) - 1)
    return [(at / last, each) for at, each in enumerate(values) if each is not None]


def _xs(found: Report) -> list[plots.Tick]:
    days = list(found.periods)
    step = max(1, len(days) // _TICKS)
    last = max(1, len(days) - 1)
    return [(at / last, days[at][5:]) for at in range(0, len(days), step)]


def _percentile(counts: Mapping[int, int], part: int) -> int | None:
    """The bound within which so many hundredths of all came."""
    left = sum(counts.values()) * part / 100
    for bound in sorted(counts):
        left -= counts[bound]
        if left <= 0:
            return bound
    return None


def _within(bound: int) -> str:
    return f"{bound:,} ms" if bound <= BOUNDS[-1] else f"over {BOUNDS[-1]:,} ms"


_TIER = "What was shown to you, what of it you accepted, and what of that stood for ten minutes."
_FIRST_HAND = "The part of all characters that came into your files which you typed yourself."
_SAVED = "The part of all characters that took no key. Each acceptance counts as a key."
_INTERRUPTED = "Suggestions that you saw and then contradicted, for each line that you began."
_LATENCY = "From a key to an answer that was shown. Each column is a class; they grow by about two."
_MODELS = (
    "A bad minute is one in which a request failed. A request took over where one to another model "
    "had failed in the ten seconds before."
)
