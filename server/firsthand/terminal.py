"""What the commands share: options, and what the person is told while they run or fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

FOLDER = click.argument(
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


def in_a_folder(context: object, parameter: object, file: Path | None) -> Path | None:
    """Refuse a file that can't be written before the work for it is done."""
    if file is not None and (not file.name or not file.absolute().parent.is_dir()):
        raise click.BadParameter(f"{str(file)!r} is not a file in a folder that exists.")
    return file


HTML = click.option(
    "--html",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=in_a_folder,
    help="Write a page with plots as well.",
)


def write_page(file: Path, content: str) -> None:
    """Write a page.

    Raises:
        CommandFault: the disk refuses.
    """
    from firsthand.fault import CommandFault

    try:
        file.write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise CommandFault(f"{file} can't be written ({reason}): name another file.") from fault


@contextmanager
def faults() -> Iterator[None]:
    """Say a fault in one sentence and end with its exit status."""
    from firsthand.fault import CommandFault
    from firsthand.paths import StateError

    try:
        yield
    except (CommandFault, StateError) as fault:
        click.echo(str(fault), err=True)
        sys.exit(getattr(fault, "status", 1))


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for what takes longer than a moment; none without a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, visible=False)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield on_progress
