"""The command line: arguments only; each command calls one function."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from firsthand import __version__

_FOLDER = click.argument(
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


def main() -> None:
    """Run the command line; the exit status is the program's."""
    # Source code and paths may hold what a terminal's encoding lacks.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        commands.main(standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="firsthand")
def commands() -> None:
    """Autocomplete-first coding assistant: fast inline completions that leave you the author.

    Exit status: 0 done (also when there is nothing to show), 1 a fault was found, 2 wrong usage,
    3 refused (budget, privacy), 130 interrupted.
    """


@commands.command()
def serve() -> None:
    """Speak LSP on standard input and output; editors start this.

    Example: vim.lsp.config('firsthand', { cmd = { 'firsthand', 'serve' } })
    """
    from firsthand import server

    sys.exit(server.serve())


@commands.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--plain", is_flag=True, help="Print without animation.")
def demo(file: Path | None, plain: bool) -> None:
    """Type a function of a real file back, with the embedded model's suggestions.

    Example: firsthand demo src/app.py
    """
    from firsthand.demo import run

    sys.exit(run(file, plain))


@commands.command()
@click.argument("place", metavar="FILE:LINE:COL")
@_JSON
def complete(place: str, as_json: bool) -> None:
    """Print one completion; line and column count from 1.

    Example: firsthand complete src/app.py:42:9
    """
    from firsthand import single

    completed = _fault_to_exit(single.complete_at, place)
    if as_json:
        click.echo(json.dumps(completed.to_json()))
        return
    click.echo(completed.text)
    click.echo(completed.origin, err=True)


@commands.command()
@_JSON
def doctor(as_json: bool) -> None:
    """Check everything, each configured model with a test prompt, and say the mend.

    Example: firsthand doctor
    """
    from firsthand import doctor as checks

    report = checks.examine()
    click.echo(json.dumps(report.to_json()) if as_json else report.to_text())
    sys.exit(0 if report.healthy else 1)


@commands.command()
@_JSON
def models(as_json: bool) -> None:
    """List the models that are configured or were found here, and why others are passed over.

    Example: firsthand models --json
    """
    from firsthand import doctor as checks

    report = checks.models()
    click.echo(json.dumps(report.to_json()) if as_json else report.to_text())


@commands.command()
@_FOLDER
@_JSON
def index(folder: Path, as_json: bool) -> None:
    """Build the index of a folder now, or say that it is up to date.

    Example: firsthand index ~/src/project
    """
    from firsthand import indexing

    _print(_fault_to_exit(indexing.build, folder), as_json)


@commands.group()
def cache() -> None:
    """Look at the completions that were kept, or forget them."""


@cache.command("size")
@_JSON
def cache_size(as_json: bool) -> None:
    """Print how much is kept.

    Example: firsthand cache size
    """
    from firsthand import keeping

    _print(_fault_to_exit(keeping.size), as_json)


@cache.command("clear")
def cache_clear() -> None:
    """Forget every kept completion and every index.

    Example: firsthand cache clear
    """
    from firsthand import keeping

    _print(_fault_to_exit(keeping.clear), False)


@commands.group()
def config() -> None:
    """Look at the configuration."""


@config.command("path")
def config_path() -> None:
    """Print where the configuration file is, or would be.

    Example: firsthand config path
    """
    from firsthand import paths

    click.echo(_fault_to_exit(paths.config_file))


@config.command("schema")
def config_schema() -> None:
    """Print the JSON schema of the configuration file.

    Example: firsthand config schema > firsthand.schema.json
    """
    from firsthand.settings import schema

    click.echo(schema.text())


@config.command("show")
@_FOLDER
@_JSON
def config_show(folder: Path, as_json: bool) -> None:
    """Print the settings in force in a folder, and where each comes from.

    Example: firsthand config show ~/src/project
    """
