"""A comparison, and the history of the gap, as pages that need nothing else. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from firsthand import __version__
from firsthand.drawing import figure, html, plots
from firsthand.evaluate.report import percent
from firsthand.evaluate.tally import percentile, share
from firsthand.evaluate.tiers.comparison import Comparison
from firsthand.evaluate.tiers.counts import Counts, correct, saved
from firsthand.evaluate.tiers.gap import Measured, told
from firsthand.evaluate.tiers.table import rows, sentences

_SAVED = "The share of keys that suggestions saved, and of shown texts that were right in full."
_WAITED = (
    "How long each text that was shown took to come, from the fastest to the slowest. Most people "
    "type the next key after some 200 to 300 ms."
)
_PERCENTS = (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99)
_SLOWEST = 2_000.0  # milliseconds at the top of the plot


def page(found: Comparison) -> str:
    """The comparison."""
    lead = "".join(f"<p>{escape(each)}</p>" for each in sentences(found))
    parts = [
        f"<h1>What each model saves</h1>{lead}",
        _table(found),
        '<div class="plots">',
        figure("Saved and right", _bars(found), _SAVED),
        *(
            figure(f"How fast: {name}", _waits(name, counts), _WAITED)
            for name, counts in found.counts.items()
        ),
        "</div>",
        _languages(found),
        f"<footer>firsthand {escape(__version__)}, eval; seed {found.seed}.</footer>",
    ]
    return html(f"{found.folder} - firsthand eval", parts)


def gap_page(folder: str, measured: Sequence[Measured]) -> str:
    """The history of the gap."""
    parts = [
        f"<h1>Small against frontier</h1><p>{escape(folder)}</p>",
        '<div class="plots">',
        figure(
            "Rests of lines that were right",
            _legend("frontier", "small") + _over_time(measured),
            "Each mark is a measurement, in the order they were made.",
        ),
        "</div>",
        _history(measured),
        f"<footer>firsthand {escape(__version__)}, eval --watch-gap.</footer>",
    ]
    return html(f"{folder} - firsthand eval --watch-gap", parts)


def _table(found: Comparison) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in found.counts)
    body = "".join(
        f"<tr><th>{escape(title)}</th>"
        + "".join(f"<td>{escape(text(each))}</td>" for each in found.counts.values())
        + "</tr>"
        for title, text in rows(found)
    )
    return (
        f'<div class="wide"><table><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _bars(found: Comparison) -> str:
    def main(counts: Counts) -> float | None:
        return saved(counts) if found.mode == "keys" else share(counts.ends)

    body = "".join(
        f"<tr><th>{escape(name)}</th><td>{percent(main(each))}</td>"
        f"<td>{plots.bar(main(each), 'two')}</td><td>{percent(correct(each))}</td>"
        f"<td>{plots.bar(correct(each), 'one')}</td></tr>"
        for name, each in found.counts.items()
    )
    title = "keys saved" if found.mode == "keys" else "rest of line"
    return (
        f"<table><thead><tr><th></th><th>{title}</th><th></th><th>right</th><th></th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _waits(name: str, counts: Counts) -> str:
    points = [
        (each / 100, min(1.0, value / _SLOWEST))
        for each in _PERCENTS
        if (value := percentile(counts.waited, each)) is not None
    ]
    ys = [(each / _SLOWEST, f"{each:g} ms") for each in (0, 300, 1_000, 2_000)]
    drawn = plots.line(points, "one")
    return plots.plot(f"time until shown by {name}", "shown texts", plots.FIFTHS, ys, drawn)


def _languages(found: Comparison) -> str:
    languages = next(iter(found.languages.values()), {})
    if len(languages) < 2:
        return ""
    body = "".join(
        f"<tr><th>{escape(language)}</th>"
        + "".join(
            f"<td>{percent(saved(each[language]))}</td><td>{percent(correct(each[language]))}</td>"
            for each in found.languages.values()
        )
        + "</tr>"
        for language in languages
    )
    heads = "".join(f"<th>{escape(name)}</th><th>right</th>" for name in found.languages)
    return (
        f'<h2>By language</h2><div class="wide"><table><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _over_time(measured: Sequence[Measured]) -> str:
    last = max(1, len(measured) - 1)
    lines = []
    for series, side in (("one", "frontier"), ("two", "small")):
        points = [
            (number / last, getattr(each, side).exact) for number, each in enumerate(measured)
        ]
        lines.append(plots.line(points, series))
    xs = [(0.0, measured[0].time[:10]), (1.0, measured[-1].time[:10])] if measured else []
    return plots.plot("rests of lines right", "measured", xs, plots.FIFTHS, *lines)


def _legend(one: str, two: str) -> str:
    return f'<p class="legend"><span class="one">{one}</span> <span class="two">{two}</span></p>'


def _history(measured: Sequence[Measured]) -> str:
    head, *lines = told(measured)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines
    )
    heads = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
