"""The commands of the command line that look back: `grip`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from firsthand.terminal import JSON, faults


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
