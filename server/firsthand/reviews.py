"""The commands of the command line that look back: `grip` and `report`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from firsthand.terminal import HTML, JSON, faults, write_page


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@JSON
def grip(path: Path, as_json: bool) -> None:
    """Print how much of the code below a path was written first hand, and what to read again.

    Example: firsthand grip src
    """
    from firsthand import grip as holding

    with faults():
        found = holding.grip(path)
    click.echo(json.dumps(found.to_json()) if as_json else holding.table(found))


@click.command()
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, 4000), help="How far back."
)
@JSON
@HTML
def report(days: int, as_json: bool, html: Path | None) -> None:
    """Print what was shown, accepted and spent, what survived, and how much you typed yourself.

    Example: firsthand report --html report.html
    """
    from firsthand import reporting
    from firsthand.reporting import table

    with faults():
        found = reporting.report(days)
        if html is not None:
            from firsthand.reporting import page

            write_page(html, page.page(found))
    click.echo(json.dumps(found.to_json()) if as_json else table.table(found))
