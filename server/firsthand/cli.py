"""The command line: arguments only; each command calls one function."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
        os.getcwd()
    except FileNotFoundError:
        click.echo("The current folder is gone; change to one that exists.", err=True)
        sys.exit(1)
    try:
        commands.main(standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)


def _in_a_folder(context: object, parameter: object, file: Path | None) -> Path | None:
    """Refuse a file that can't be written before the work for it is done."""
    if file is not None and (not file.name or not file.absolute().parent.is_dir()):
        raise click.BadParameter(f"{str(file)!r} is not a file in a folder that exists.")
    return file


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
@click.option("--explain", is_flag=True, help="Print what the model was shown, and why.")
@_JSON
def complete(place: str, as_json: bool, explain: bool) -> None:
    """Print the rest of a line; line and column count from 1.

    What follows in the line is taken as not written yet.

    Example: firsthand complete src/app.py:42:9
    """
    from firsthand import single

    with _faults(), _progress("Learning the project") as on_progress:
        completed = single.complete_at(place, on_progress)
    for warning in completed.warnings:
        click.echo(warning, err=True)
    if as_json:
        context = {"context": completed.context} if explain else {}
        click.echo(json.dumps({**completed.to_json(), **context}))
        return
    click.echo(completed.text)
    click.echo(completed.origin, err=True)
    if explain:
        click.echo(completed.explanation)


@commands.command()
@_JSON
def doctor(as_json: bool) -> None:
    """Check everything, each configured model with a test prompt, and say the mend.

    Example: firsthand doctor
    """
    from firsthand import doctor as checks

    with _faults():
        report = checks.examine()
    click.echo(json.dumps(report.to_json()) if as_json else report.to_text())
    sys.exit(0 if report.healthy else 1)


@commands.command()
@click.option("--prices", is_flag=True, help="List what known models cost instead.")
@_JSON
def models(as_json: bool, prices: bool) -> None:
    """List the models that are configured or were found here, and why others are passed over.

    What is wrong with the configuration is said as well, and makes the exit status 1.

    Example: firsthand models --json
    """
    from firsthand import doctor as checks

    if prices:
        from firsthand import accounts

        listed = {"schema": 1, "prices": accounts.prices()}
        click.echo(json.dumps(listed) if as_json else accounts.price_list())
        return
    with _faults():
        report = checks.models()
    click.echo(json.dumps(report.to_json()) if as_json else report.to_text())
    sys.exit(1 if report.faults else 0)


@commands.command()
@_FOLDER
@_JSON
def index(folder: Path, as_json: bool) -> None:
    """Build the index of a folder now, or say that it is up to date.

    Example: firsthand index ~/src/project
    """
    from firsthand import housekeeping

    with _faults(), _progress("Learning the project") as on_progress:
        built = housekeeping.index(folder, on_progress)
    click.echo(json.dumps(built.to_json()) if as_json else built.sentence)


@commands.command("eval")
@_FOLDER
@click.option(
    "--lines",
    default=300,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="How many lines to type, drawn from all files.",
)
@click.option("--seed", default=1, show_default=True, help="Another one draws other lines.")
@_JSON
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=_in_a_folder,
    help="Write a page with plots as well.",
)
def evaluate_folder(folder: Path, lines: int, seed: int, as_json: bool, html: Path | None) -> None:
    """Measure the embedded model on a folder: it types the code and counts what it saves.

    Example: firsthand eval ~/src/project --html eval.html
    """
    from rich.console import Console

    from firsthand import evaluate

    with _faults():
        found = evaluate.run(folder, lines, seed, _progress)
        if as_json:
            click.echo(json.dumps(found.to_json()))
        else:
            Console(highlight=False).print(evaluate.report(found), soft_wrap=True)
        if html is not None:
            evaluate.write(html, found)
    if not found.complete:
        click.echo(found.interruption, err=True)
        sys.exit(130)


@commands.command()
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 400), help="How far back."
)
@_JSON
def costs(days: int, as_json: bool) -> None:
    """Print what requests to other machines cost, by day, purpose and model, and the caps.

    Example: firsthand costs --days 7
    """
    from firsthand import accounts

    with _faults():
        found = accounts.costs(days)
    click.echo(json.dumps(found.to_json()) if as_json else found.sentence)


@commands.command()
@click.argument("request", metavar="[ID]", required=False)
@click.option("--last", default=20, show_default=True, help="How many to list.")
@_JSON
def sent(request: str | None, last: int, as_json: bool) -> None:
    """List what left this machine; with a request's ID print exactly what it sent.

    Example: firsthand sent 1f0c2b7a9d3e4f56
    """
    from dataclasses import asdict

    from firsthand import accounts

    with _faults():
        if request is not None:
            click.echo(accounts.body(request))
            return
        found = accounts.sent(last)
    listed = {"schema": 1, "sent": [asdict(each) for each in found]}
    click.echo(json.dumps(listed) if as_json else accounts.listed(found))


@commands.group()
def keys() -> None:
    """Keep the keys of models in the system's keyring; no file of Firsthand's holds one."""


@keys.command("set")
@click.argument("name")
def keys_set(name: str) -> None:
    """Ask for a key, without showing it, and keep it under a name.

    Example: firsthand keys set mistral
    """
    from firsthand import keys as ring

    secret = click.prompt(f"The key for {name}", hide_input=True, prompt_suffix=": ", err=True)
    with _faults():
        click.echo(ring.put(name, secret))


@keys.command("list")
def keys_list() -> None:
    """Print which configured models have their key, and where it is looked for; never a key.

    Example: firsthand keys list
    """
    from firsthand import keys as ring

    with _faults():
        click.echo(ring.listed())


@keys.command("remove")
@click.argument("name")
def keys_remove(name: str) -> None:
    """Forget the key of a name.

    Example: firsthand keys remove mistral
    """
    from firsthand import keys as ring

    with _faults():
        click.echo(ring.remove(name))


@commands.group()
def cache() -> None:
    """Look at the completions and indexes that were kept, or forget them."""


@cache.command("size")
@_JSON
def cache_size(as_json: bool) -> None:
    """Print how much is kept.

    Example: firsthand cache size
    """
    from firsthand import housekeeping

    with _faults():
        kept = housekeeping.size()
    click.echo(json.dumps(kept.to_json()) if as_json else kept.sentence)


@cache.command("clear")
def cache_clear() -> None:
    """Forget every kept completion and every index; both are made again when needed.

    Example: firsthand cache clear
    """
    from firsthand import housekeeping

    with _faults():
        click.echo(housekeeping.clear())


@commands.group()
def config() -> None:
    """Look at the configuration."""


@config.command("path")
def config_path() -> None:
    """Print where the configuration file is, or would be.

    Example: firsthand config path
    """
    from firsthand import paths

    with _faults():
        click.echo(paths.config_file())


@config.command("schema")
def config_schema() -> None:
    """Print the JSON schema of the configuration file.

    Example: firsthand config schema > firsthand.schema.json
    """
    from firsthand.settings import schema

    click.echo(schema.text(schema.schema()), nl=False)


@config.command("show")
@_FOLDER
def config_show(folder: Path) -> None:
    """Print the settings in force in a folder, and where each comes from.

    What is wrong with them is said as well, and makes the exit status 1.

    Example: firsthand config show ~/src/project
    """
    from firsthand import paths, settings
    from firsthand.settings import show

    with _faults():
        loaded = settings.load(paths.config_file(), folder=folder, named=paths.config_named())
    click.echo(show.show(loaded), nl=False)
    for fault in loaded.faults:
        click.echo(str(fault), err=True)
    sys.exit(1 if loaded.faults else 0)


@contextmanager
def _faults() -> Iterator[None]:
    """Say a fault in one sentence and end with its exit status."""
    from firsthand.fault import CommandFault
    from firsthand.paths import StateError

    try:
        yield
    except (CommandFault, StateError) as fault:
        click.echo(str(fault), err=True)
        sys.exit(getattr(fault, "status", 1))


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for what takes longer than a moment; none without a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, visible=False)

        def on_progress(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, visible=True)

        yield on_progress
