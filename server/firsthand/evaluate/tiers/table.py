"""A comparison as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from firsthand.evaluate.corpus import reasons
from firsthand.evaluate.report import number, percent
from firsthand.evaluate.tally import percentile, share
from firsthand.evaluate.tiers.comparison import Comparison
from firsthand.evaluate.tiers.counts import Counts, correct, saved, soon

Row = tuple[str, Callable[[Counts], str]]


def report(found: Comparison) -> Group:
    """The table: a column for each configuration."""
    parts: list[RenderableType] = [Text(each) for each in sentences(found)]
    drawn = Table(box=box.SIMPLE, header_style="dim")
    drawn.add_column("")
    for name in found.counts:
        drawn.add_column(name, justify="right")
    for title, figure in rows(found):
        drawn.add_row(title, *(figure(each) for each in found.counts.values()))
    return Group(*parts, drawn)


def sentences(found: Comparison) -> list[str]:
    """What was replayed, and how much of it."""
    lines = next(iter(found.counts.values())).lines
    source = f" that {found.commits:,} commits added" if found.commits is not None else ""
    how = "key by key" if found.mode == "keys" else "and asked once in each"
    said = [f"{found.folder}: typed {lines:,} lines{source}, {how}."]
    if found.again:
        said.append("A part of it was typed before this was ended the last time.")
    if found.passed:
        said.append(f"Passed over: {reasons(found.passed)}.")
    if found.ended:
        said.append(
            f"Ended after {found.done:,} of {found.stints:,} passages ({found.ended}): the figures "
            "are of those. The same command goes on from there."
        )
    return said


def rows(found: Comparison) -> list[Row]:
    """The figures by their titles."""
    quality: Sequence[Row] = (
        (("rest of the line right", lambda each: percent(share(each.ends))),)
        if found.mode == "places"
        else (("keys saved", lambda each: percent(saved(each))),)
    )
    return [
        *quality,
        ("right", lambda each: percent(correct(each))),
        ("shown a line", lambda each: number(_each(each.shown, each.lines), 1)),
        ("of these a model's", lambda each: percent(_each(each.by_model, each.shown))),
        ("ms until shown, p50", lambda each: number(percentile(each.waited, 50), 0)),
        ("  p90", lambda each: number(percentile(each.waited, 90), 0)),
        ("  within 300 ms", lambda each: percent(soon(each))),
        ("requests", lambda each: f"{each.requests:,}"),
        ("tokens in", _tokens),
        ("  out", lambda each: f"{each.completion:,}"),
        ("USD", lambda each: f"{each.usd:.4f}"),
        ("  per 1,000 keys saved", _dear),
    ]


def _tokens(counts: Counts) -> str:
    """The tokens of the prompts; about so many where servers did not count all of them."""
    about = "~" if counts.estimated else ""
    return f"{about}{counts.prompt:,}"


def _dear(counts: Counts) -> str:
    return number(_each(1000 * counts.usd, counts.keys - counts.typed), 4)


def _each(amount: float, number_of: int) -> float | None:
    return amount / number_of if number_of > 0 else None
