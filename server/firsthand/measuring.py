"""The commands `eval` and `dataset`: their arguments, and what they print and write."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firsthand.fault import CommandFault
from firsthand.terminal import FOLDER, HTML, JSON, faults, progress, write_page

if TYPE_CHECKING:
    from rich.console import RenderableType

    from firsthand.dataset import Format
    from firsthand.evaluate.tiers import Plan

_LINES, _LINES_OF_MODELS, _PLACES = 300, 60, 100


@click.command("eval")
@FOLDER
@click.option(
    "--lines",
    type=click.IntRange(1, 1_000_000),
    help="How many lines to type, drawn from all files: 300, or 60 where models are asked.",
)
@click.option("--seed", default=1, show_default=True, help="Another one draws other lines.")
@click.option(
    "--models", metavar="A,B,embedded", help="Compare these models, through the whole engine."
)
@click.option(
    "--history",
    metavar="COMMITS",
    type=click.IntRange(1, 100_000),
    help="Type what the newest commits added, as the files then were.",
)
@click.option(
    "--watch-gap",
    is_flag=True,
    help="Measure a small model against a frontier one, and keep the figures over time.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Figures of before, as --json printed them; exit status 1 if these are worse.",
)
@click.option(
    "--tolerance",
    default=0.02,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The share that may be lost against the baseline.",
)
@click.option("--fresh", is_flag=True, help="Begin anew where an earlier comparison was ended.")
@click.option("--yes", is_flag=True, help="Agree to the price without being asked.")
@JSON
@HTML
def evaluate(
    folder: Path,
    lines: int | None,
    seed: int,
    models: str | None,
    history: int | None,
    watch_gap: bool,
    baseline: Path | None,
    tolerance: float,
    fresh: bool,
    yes: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Measure completions on a folder: it types the code and counts what they save.

    The embedded model alone is measured in detail; with --models or --history, models are compared
    through the engine that the editor uses.

    Example: firsthand eval ~/src/project --models local,codestral,embedded
    """
    from firsthand.evaluate import tiers
    from firsthand.evaluate.tiers import Plan

    with faults():
        names = _named(models)
        if watch_gap:
            names = names or tiers.pair_of(folder)
            plan = Plan(names, lines or _PLACES, seed, history, "places", fresh)
            status = _watch(folder, plan, yes, as_json, html)
        elif names or history:
            names = names or ("embedded",)
            wanted = lines or (_LINES if names == ("embedded",) else _LINES_OF_MODELS)
            plan = Plan(names, wanted, seed, history, "keys", fresh)
            status = _compare(folder, plan, yes, as_json, html, baseline, tolerance)
        else:
            status = _detailed(folder, lines or _LINES, seed, as_json, html, baseline, tolerance)
    sys.exit(status)


def _detailed(
    folder: Path,
    lines: int,
    seed: int,
    as_json: bool,
    html: Path | None,
    baseline: Path | None,
    tolerance: float,
) -> int:
    """Measure the embedded model; the exit status."""
    from firsthand import evaluate as measuring

    found = measuring.run(folder, lines, seed, progress)
    figures = found.to_json()
    _print(figures if as_json else measuring.report(found))
    if html is not None:
        write_page(html, measuring.page(found))
    if not found.complete:
        click.echo(found.interruption, err=True)
        return 130
    return _held_against(figures, baseline, tolerance)


def _compare(
    folder: Path,
    plan: Plan,
    yes: bool,
    as_json: bool,
    html: Path | None,
    baseline: Path | None,
    tolerance: float,
) -> int:
    """Compare models; the exit status."""
    from firsthand.evaluate import tiers
    from firsthand.evaluate.tiers import sheet, table

    found, status = tiers.compare(folder, plan, progress, lambda price: _agreed(price, yes))
    figures = found.to_json()
    _print(figures if as_json else table.report(found))
    if html is not None:
        write_page(html, sheet.page(found))
    if status:
        click.echo(f"It ended early: {found.ended}.", err=True)
        return status
    return _held_against(figures, baseline, tolerance)


def _watch(folder: Path, plan: Plan, yes: bool, as_json: bool, html: Path | None) -> int:
    """Measure the gap once more, and show how it went over time; the exit status."""
    from datetime import datetime

    from firsthand.evaluate import tiers
    from firsthand.evaluate.tiers import gap, sheet

    if len(plan.models) != 2:
        raise CommandFault("--watch-gap compares two models: --models SMALL,FRONTIER.", 2)
    found, status = tiers.compare(folder, plan, progress, lambda price: _agreed(price, yes))
    if status:
        click.echo(f"It ended early: {found.ended}; nothing is kept of it.", err=True)
        return status
    configurations = tiers.configurations_of(folder, plan)
    gap.keep(gap.measured(found, configurations, datetime.now().astimezone()))
    history = gap.history(found.folder)
    if as_json:
        from dataclasses import asdict

        _print({"schema": 1, "measured": [asdict(each) for each in history]})
    else:
        _print(_table(gap.told(history)))
    if html is not None:
        write_page(html, sheet.gap_page(found.folder, history))
    return 0


def _named(models: str | None) -> tuple[str, ...]:
    if models is None:
        return ()
    names = tuple(name for each in models.split(",") if (name := each.strip()))
    if not names:
        raise CommandFault("--models names no model: write for example --models local,embedded.", 2)
    return names


def _agreed(price: str, yes: bool) -> bool:
    """Whether the person agrees to a price; without a terminal they have to say so before."""
    if yes:
        click.echo(price, err=True)
        return True
    if not sys.stdin.isatty():
        raise CommandFault(f"{price} Say so with --yes.", 3)
    return click.confirm(price, err=True)


def _held_against(figures: dict[str, Any], file: Path | None, tolerance: float) -> int:
    """1 where figures are worse than those of a file, which is said in one sentence; else 0."""
    from firsthand.evaluate.baseline import regressions

    if file is None:
        return 0
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise CommandFault(f"{file} holds no figures: write one with --json.") from fault
    worse = regressions(figures, before, tolerance)
    if worse:
        click.echo(f"Worse than {file}: {'; '.join(worse)}.", err=True)
    return 1 if worse else 0


def _table(lines: list[tuple[str, ...]]) -> RenderableType:
    from rich import box
    from rich.table import Table

    head, *rows = lines
    drawn = Table(*head, box=box.SIMPLE, header_style="dim")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def _print(found: dict[str, Any] | RenderableType) -> None:
    """Print figures as JSON, or what a person reads."""
    from rich.console import Console

    if isinstance(found, dict):
        click.echo(json.dumps(found))
    else:
        Console(highlight=False).print(found, soft_wrap=True)


@click.command()
@FOLDER
@click.option(
    "--out",
    "target",
    metavar="FOLDER",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where train.jsonl and heldout.jsonl are written.",
)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(("text", "prompt", "messages", "alpaca")),
    help="What the tool for fine-tuning reads.",
)
@click.option(
    "--template", default="qwen", show_default=True, help="The family of the model, as in `fim`."
)
@click.option(
    "--held-out",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0, 0.9),
    help="The share of files kept from training.",
)
@click.option("--seed", default=1, show_default=True, help="Another one cuts other holes.")
@click.option("--force", is_flag=True, help="Write over files of before.")
@JSON
def dataset(
    folder: Path,
    target: Path,
    form: Format,
    template: str,
    held_out: float,
    seed: int,
    force: bool,
    as_json: bool,
) -> None:
    """Write your code, and completions that you took, as examples to train a model with.

    Secrets, ignored files, copies and code under another licence are left out. Nothing is sent.

    Example: firsthand dataset ~/src/project --out ~/lora --format text --template qwen
    """
    from firsthand.dataset import Order, export

    with faults():
        order = Order(folder, target, form, template, held_out, seed, force)
        written = export(order, progress)
    click.echo(json.dumps(written.to_json()) if as_json else written.sentence)
