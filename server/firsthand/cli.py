"""The command line: arguments only; each command calls one function."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firsthand import __version__, groups, measuring, reviews, understanding
from firsthand.terminal import FOLDER, JSON, faults, progress

if TYPE_CHECKING:
    from firsthand.settings import Strategy


def main() -> None:
    """Run the command line; the exit status is the program's."""
    # Source code and paths may hold what a terminal's encoding lacks.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # text streams
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
    except click.Abort:  # what click makes of Ctrl-C
        raise KeyboardInterrupt from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="firsthand")
def commands() -> None:
    """Autocomplete-first coding assistant: fast inline completions that leave you the author.

    Exit status: 0 done (also when there is nothing to show), 1 a fault was found, 2 wrong usage,
    3 refused (budget, privacy), 130 interrupted.

    Example: firsthand demo
    """


@commands.command()
@click.option("--stdio", is_flag=True, help="As without it; many editors add it.")
def serve(stdio: bool) -> None:
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
@click.argument("models", metavar="[MODEL]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Let every model stop answering.")
@click.option(
    "--file", type=click.Path(path_type=Path), help="Type a function of this file; else the last."
)
@JSON
def drill(models: tuple[str, ...], every: bool, file: Path | None, as_json: bool) -> None:
    """Let models stop answering, to see what would be left.

    Stand-ins on this machine play your models: nothing is sent and nothing is spent. It takes less
    than a minute.

    Example: firsthand drill codestral
    """
    from firsthand import drill as drills

    with faults(), progress("Drilling") as on_progress:
        drilled = drills.run(models, every, file, on_progress)
    click.echo(json.dumps(drilled.to_json()) if as_json else drilled.to_text())


@commands.command()
@click.argument("place", metavar="FILE:LINE:COL")
@click.option("--explain", is_flag=True, help="Print what the model was shown, and why.")
@JSON
def complete(place: str, as_json: bool, explain: bool) -> None:
    """Print the rest of a line; line and column count from 1.

    What follows in the line is taken as not written yet.

    Example: firsthand complete src/app.py:42:9
    """
    from firsthand import single

    with faults(), progress("Learning the project") as on_progress:
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
@click.argument("place", metavar="FILE:RANGE")
@click.argument("instruction", default="")
@click.option("--model", default="", help="Ask this configured model alone.")
@click.option("--strategy", type=click.Choice(("first", "panel", "auto")), help="How to ask.")
@click.option("--show", is_flag=True, help="Print what would be sent, and ask before it is.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@JSON
def escalate(
    place: str,
    instruction: str,
    model: str,
    strategy: Strategy | None,
    show: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask a frontier model to change lines of a file, and apply of it what you say yes to.

    FILE:10-20 are lines, FILE:10:5-12:1 is from one column to before another, FILE:10:5 a cursor;
    all count from 1. With --json the answer is printed, and nothing is changed.

    Example: firsthand escalate src/app.py:10-20 "read the file only once"
    """
    from firsthand import consult

    options = consult.Options(instruction, model, strategy, show, dry_run, as_json)
    with faults():
        consult.run(place, options)


@commands.command()
@JSON
def doctor(as_json: bool) -> None:
    """Check everything, each configured model with a test prompt, and say the mend.

    Example: firsthand doctor
    """
    from firsthand import doctor as checks

    with faults():
        report = checks.examine()
    click.echo(json.dumps(report.to_json()) if as_json else report.to_text())
    sys.exit(0 if report.healthy else 1)


@commands.command()
@click.option("--prices", is_flag=True, help="List what known models cost instead.")
@JSON
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
    with faults():
        report = checks.models()
    click.echo(json.dumps(report.to_json()) if as_json else report.to_text())
    sys.exit(1 if report.faults else 0)


@commands.command()
@FOLDER
@JSON
def index(folder: Path, as_json: bool) -> None:
    """Build the index of a folder now, or say that it is up to date.

    Example: firsthand index ~/src/project
    """
    from firsthand import housekeeping

    with faults(), progress("Learning the project") as on_progress:
        built = housekeeping.index(folder, on_progress)
    click.echo(json.dumps(built.to_json()) if as_json else built.sentence)


@commands.command()
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 400), help="How far back."
)
@click.option("--load", is_flag=True, help="Print what an active minute asks of servers instead.")
@click.option("--computes", type=click.FloatRange(1), help="Prompt tokens a second of a server.")
@click.option("--generates", type=click.FloatRange(1), help="Answer tokens a second of it.")
@JSON
def costs(
    days: int, load: bool, computes: float | None, generates: float | None, as_json: bool
) -> None:
    """Print what requests to other machines cost, by day, purpose and model, and the caps.

    With --load: requests and tokens in a minute of your work, to plan a team's servers; with a
    server's speeds how many people it serves.

    Example: firsthand costs --days 7
    """
    from firsthand import accounts

    if load:
        from firsthand import capacity

        with faults():
            measured = capacity.measured(days)
        told = measured.to_json(computes, generates)
        click.echo(json.dumps(told) if as_json else measured.to_text(computes, generates))
        return
    with faults():
        found = accounts.costs(days)
    click.echo(json.dumps(found.to_json()) if as_json else found.sentence)


@commands.command()
@click.argument("request", metavar="[ID]", required=False)
@click.option("--last", default=20, show_default=True, help="How many to list.")
@click.option("--reply", is_flag=True, help="Print a reply that could not be used; the last one.")
@JSON
def sent(request: str | None, last: int, reply: bool, as_json: bool) -> None:
    """List what left this machine; with a request's ID print exactly what it sent.

    Example: firsthand sent 1f0c2b7a9d3e4f56
    """
    from dataclasses import asdict

    from firsthand import accounts

    with faults():
        if reply:
            click.echo(accounts.reply(request or ""))
            return
        if request is not None:
            click.echo(accounts.body(request))
            return
        found = accounts.sent(last)
    listed = {"schema": 1, "sent": [asdict(each) for each in found]}
    click.echo(json.dumps(listed) if as_json else accounts.listed(found))


for command in (
    *(groups.keys, groups.cache, groups.data, groups.config, groups.learned),
    *(measuring.evaluate, measuring.dataset),
    *(reviews.grip, reviews.report, understanding.explain, understanding.quiz),
):
    commands.add_command(command)
