"""The figures as a person reads them in a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from firsthand.evaluate.corpus import reasons
from firsthand.evaluate.evaluation import (
    Evaluation,
    correct,
    milliseconds,
    saved,
    shown_per_line,
)
from firsthand.evaluate.faults import Fault
from firsthand.evaluate.tally import (
    GROUPS,
    Tally,
    calibration_error,
    faulty,
    mean_reciprocal_rank,
    percentile,
    share,
    top_1,
)

_FEW = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the aggressions; all of them are in the JSON


def report(found: Evaluation) -> Group:
    """The table."""
    tally = found.total
    parts: list[RenderableType] = [Text(each) for each in sentences(found)]
    parts += [_places(tally), _replays(found, tally), Text(_last(tally))]
    if len(found.languages) > 1:
        parts.append(_languages(found))
    return Group(*parts)


def sentences(found: Evaluation) -> list[str]:
    """What was measured, and on how much."""
    tally = found.total
    said = [
        f"{found.folder}: typed {_count(tally.lines, 'line')} of {_count(len(found.files), 'file')}"
        f"; learned {_count(found.learned, 'file')}, but never the one that is typed."
    ]
    if found.passed:
        said.append(f"Not typed: {reasons(found.passed)}.")
    if found.note:
        said.append(found.note)
    if found.learned == 1:
        said.append("There is one file alone: all that is known of it is what stands above.")
    return said


def percent(value: float | None, digits: int = 0) -> str:
    """A share in percent, with so many digits after the point."""
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def number(value: float | None, digits: int = 2) -> str:
    """A figure with so many digits after the point."""
    return "-" if value is None else f"{value:.{digits}f}"


def _places(tally: Tally) -> Table:
    drawn = _table("the likeliest is right", "of all", "code", "names", "prose")
    ranks = [tally.ranks[group] for group in GROUPS]
    drawn.add_row("next token", *(percent(top_1(each)) for each in ranks))
    drawn.add_row("  MRR@10", *(number(mean_reciprocal_rank(each)) for each in ranks))
    drawn.add_row("  places", *(f"{len(each):,}" for each in ranks))
    drawn.add_row("rest of the line", percent(share(tally.rests["any"])), "", "", "")
    drawn.add_row("  from its start", percent(share(tally.rests["start"])), "", "", "")
    return drawn


def _replays(found: Evaluation, tally: Tally) -> Table:
    drawn = _table("typed key by key, aggression", "keys saved", "right", "shown a line")
    for aggression, replay in sorted(tally.replays.items()):
        mine = aggression == found.aggression
        if not mine and aggression not in _FEW:
            continue
        drawn.add_row(
            f"{aggression:g}{' (your setting)' if mine else ''}",
            percent(saved(tally, replay)),
            percent(correct(replay)),
            number(shown_per_line(tally, replay), 1),
            style="bold" if mine else "",
        )
    return drawn


def _languages(found: Evaluation) -> Table:
    drawn = _table("by language", "lines", "names", "keys saved", "right")
    for name, tally in found.languages.items():
        replay = tally.replay(found.aggression)
        drawn.add_row(
            name,
            f"{tally.lines:,}",
            percent(top_1(tally.ranks["names"])),
            percent(saved(tally, replay)),
            percent(correct(replay)),
        )
    return drawn


def _last(tally: Tally) -> str:
    p50, p99 = (milliseconds(percentile(tally.cpu, each)) for each in (50, 99))
    syntax, name = (percent(faulty(tally.faults, each), 1) for each in Fault)
    return (
        f"Shown with a fault of syntax {syntax}, with an unknown name {name}.\n"
        f"Calibration error {number(calibration_error(tally.met), 3)} over {len(tally.met):,} "
        f"answers. CPU a suggestion: p50 {number(p50, 1)} ms, p99 {number(p99, 1)} ms."
    )


def _table(first: str, *others: str) -> Table:
    drawn = Table(box=box.SIMPLE, header_style="dim")
    drawn.add_column(first)
    for name in others:
        drawn.add_column(name, justify="right")
    return drawn


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
