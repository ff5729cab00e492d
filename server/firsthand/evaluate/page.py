"""The figures as one page that needs nothing else: no script, no font, no network. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import log10

from firsthand import __version__
from firsthand.drawing import figure, html, plots
from firsthand.evaluate.evaluation import (
    Evaluation,
    Typed,
    correct,
    milliseconds,
    saved,
    shown_per_line,
)
from firsthand.evaluate.report import number, percent, sentences
from firsthand.evaluate.tally import (
    GROUPS,
    Tally,
    calibration_error,
    faulty,
    mean_reciprocal_rank,
    percentile,
    reliability,
    share,
    top_1,
)

_MOST_FILES = 60  # in the table; the others are left to the JSON
_DECADES = (0.01, 100.0)  # milliseconds, from end to end of the histogram
_COLUMNS = 48


def page(found: Evaluation) -> str:
    """The page."""
    tally = found.total
    lead = "".join(f"<p>{escape(each)}</p>" for each in sentences(found))
    if not found.complete:
        lead += f"<p><strong>Interrupted: {found.drawn:,} lines were drawn.</strong></p>"
    parts = [
        f"<h1>How well your code can be completed</h1>{lead}",
        _cards(found, tally),
        '<div class="plots">',
        figure("Saved and right, by aggression", _by_aggression(found, tally), _SAVED),
        figure("Is it right as often as it says?", _reliability(tally), _RELIABLE),
        figure("CPU of a suggestion", _latencies(tally), _FAST),
        figure("The next token", _tokens(tally), _NEXT),
        "</div>",
        "<h2>By language</h2>",
        _rows("language", [(name, each) for name, each in found.languages.items()], found),
        "<h2>By file</h2>",
        _files(found),
        f"<footer>firsthand {escape(__version__)}, eval; seed {found.seed}.</footer>",
    ]
    return html(f"{found.folder} - firsthand eval", parts)


def _cards(found: Evaluation, tally: Tally) -> str:
    """The figures that matter most."""
    replay = tally.replay(found.aggression)
    p50, p99 = (milliseconds(percentile(tally.cpu, each)) for each in (50, 99))
    cards = [
        (percent(saved(tally, replay)), "of the keys saved"),
        (percent(correct(replay)), "of what was shown was right"),
        (number(shown_per_line(tally, replay), 1), "texts shown a line"),
        (percent(faulty(tally.faults), 1), "of it had a fault of syntax or an unknown name"),
        (number(calibration_error(tally.met), 3), "calibration error"),
        (f"{number(p50, 1)} / {number(p99, 1)}", "ms of CPU a suggestion, p50 / p99"),
    ]
    drawn = "".join(f"<li><b>{escape(each)}</b>{escape(what)}</li>" for each, what in cards)
    return f'<p>At your setting, aggression {found.aggression:g}:</p><ul class="cards">{drawn}</ul>'


def _by_aggression(found: Evaluation, tally: Tally) -> str:
    replays = sorted(tally.replays.items())
    xs = [(tick / 5, f"{tick / 5:g}") for tick in range(6)]
    right = [(at, share) for at, each in replays if (share := correct(each)) is not None]
    kept = [(at, share) for at, each in replays if (share := saved(tally, each)) is not None]
    legend = (
        '<p class="legend"><span class="one">right of what was shown</span> '
        '<span class="two">keys saved</span></p>'
    )
    return legend + plots.plot(
        "keys saved and right suggestions by aggression",
        "aggression",
        xs,
        plots.FIFTHS,
        plots.mark(found.aggression, "your setting"),
        plots.line(right, "one"),
        plots.line(kept, "two"),
    )


def _reliability(tally: Tally) -> str:
    points = [
        (
            row.confidence,
            row.right,
            row.answers / len(tally.met),
            f"{row.answers:,} answers that said {percent(row.confidence)}: "
            f"{percent(row.right)} right",
        )
        for row in reliability(tally.met)
    ]
    return plots.plot(
        "share that was right by confidence",
        "confidence",
        plots.FIFTHS,
        plots.FIFTHS,
        plots.diagonal(),
        plots.dots(points, "one"),
    )


def _latencies(tally: Tally) -> str:
    counts = [0] * _COLUMNS
    for each in tally.cpu:
        counts[min(_COLUMNS - 1, int(_decade(each / 1e6) * _COLUMNS))] += 1
    most = max(counts, default=0) or 1
    low, high = _DECADES
    edges = [low * (high / low) ** (column / _COLUMNS) for column in range(_COLUMNS + 1)]
    heights = [
        (0.9 * count / most, f"{left:.3g} to {right:.3g} ms: {count:,}")
        for count, (left, right) in zip(counts, pairwise(edges), strict=True)
    ]
    marks = [
        plots.mark(_decade(value / 1e6), f"p{percent} {value / 1e6:.1f} ms", row=row)
        for row, percent in enumerate((50, 99))
        if (value := percentile(tally.cpu, percent)) is not None
    ]
    xs = [(_decade(each), f"{each:g} ms") for each in (0.01, 0.1, 1, 10, 100)]
    columns = plots.columns(heights, "one")
    return plots.plot("histogram of CPU time", "each key asked", xs, [(0.0, "")], columns, *marks)


def _tokens(tally: Tally) -> str:
    rows = "".join(
        f"<tr><th>{name}</th><td>{len(ranks):,}</td><td>{percent(top_1(ranks))}</td>"
        f"<td>{plots.bar(top_1(ranks), 'one')}</td>"
        f"<td>{number(mean_reciprocal_rank(ranks))}</td></tr>"
        for name, ranks in ((group, tally.ranks[group]) for group in GROUPS)
    )
    any_token, start = (percent(share(tally.rests[each])) for each in ("any", "start"))
    return (
        "<table><thead><tr><th>tokens</th><th>places</th><th>likeliest is right</th><th></th>"
        f"<th>MRR@10</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p>The whole rest of a line: {any_token} right; from the line's start {start}.</p>"
    )


def _files(found: Evaluation) -> str:
    files: Sequence[Typed] = sorted(found.files, key=lambda each: -each.tally.lines)
    rest = len(files) - _MOST_FILES
    said = f"<p>{rest:,} files with fewer lines are left out here.</p>" if rest > 0 else ""
    return _rows("file", [(each.path, each.tally) for each in files[:_MOST_FILES]], found) + said


def _rows(head: str, rows: Sequence[tuple[str, Tally]], found: Evaluation) -> str:
    drawn = "".join(
        f"<tr><th>{escape(name)}</th><td>{tally.lines:,}</td>"
        f"<td>{percent(saved(tally, replay))}</td><td>{plots.bar(saved(tally, replay), 'two')}</td>"
        f"<td>{percent(correct(replay))}</td><td>{plots.bar(correct(replay), 'one')}</td></tr>"
        for name, tally in rows
        for replay in (tally.replay(found.aggression),)
    )
    return (
        f'<div class="wide"><table><thead><tr><th>{head}</th><th>lines</th><th>keys saved</th>'
        f"<th></th><th>right</th><th></th></tr></thead><tbody>{drawn}</tbody></table></div>"
    )


def _decade(milliseconds: float) -> float:
    """Where a time lies between the ends of the histogram, 0 to 1, by its logarithm."""
    low, high = map(log10, _DECADES)
    return min(1.0, max(0.0, (log10(max(milliseconds, 1e-9)) - low) / (high - low)))


_SAVED = (
    "Aggression decides how likely a text must be to be right before it is shown. More of it "
    "saves more keys, and shows more that is wrong."
)
_RELIABLE = (
    "Each dot is the answers of like confidence, its size their number. On the line, they are "
    "right as often as they say; below it, less often."
)
_FAST = "The processor's time for one answer, at every key; the scale is logarithmic."
_NEXT = (
    "Where a token ends, is the likeliest next one the right one? Names are the identifiers of "
    "code; prose is what stands in strings and comments."
)
