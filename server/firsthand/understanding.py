"""The commands `explain` and `quiz`: what code does, and whether the person still knows."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from firsthand.fault import CommandFault
from firsthand.terminal import JSON, faults

if TYPE_CHECKING:
    from firsthand.consult.aim import Aim
    from firsthand.core.quiz import Question
    from firsthand.explaining import Explained
    from firsthand.preparing import Nothing


@click.command()
@click.argument("place", metavar="FILE:RANGE")
@click.argument("instruction", default="")
@click.option("--ask", is_flag=True, help="Ask a model for escalations for its words as well.")
@click.option("--model", default="", help="Ask this configured model alone.")
@JSON
def explain(place: str, instruction: str, ask: bool, model: str, as_json: bool) -> None:
    """Say what is known of some lines: where they are, who calls them, what they use.

    FILE:10 is a line, FILE:10-20 are lines; they count from 1. Nothing leaves this machine without
    --ask.

    Example: firsthand explain src/app.py:42
    """
    from firsthand.consult.aim import aim
    from firsthand.core.explaining import told
    from firsthand.preparing import Nothing

    with faults():
        found = asyncio.run(_explained(aim(place), instruction, model, ask or bool(model)))
        if isinstance(found, Nothing):
            raise CommandFault(found.reason, 3 if found.refused else 1)
    if as_json:
        click.echo(json.dumps({"schema": 1, **asdict(found)}))
        return
    click.echo(told(found.facts))
    if found.words:
        cost = "" if found.cost_usd is None else f", {found.cost_usd:.4f} USD"
        click.echo(f"\n{found.model}{cost}:\n{found.words}")


@click.command()
@click.argument("place", metavar="FILE[:LINE]")
@JSON
def quiz(place: str, as_json: bool) -> None:
    """Ask two or three questions about a function; what is right stands in its code.

    Enter alone skips a question. They are made of Python, JavaScript, TypeScript and Go.

    Example: firsthand quiz src/app.py:42
    """
    from firsthand.consult.aim import aim
    from firsthand.explaining import quiz_of
    from firsthand.index.languages import language_of

    with faults():
        numbered = place.rpartition(":")[2].isdecimal()
        aimed = aim(place if numbered else f"{place}:1")
    found = quiz_of(language_of(aimed.file), aimed.text, aimed.range.start.line)
    if as_json:
        about = found.function.path if found.function else ""
        listed = [asdict(each) for each in found.questions]
        shown = {"function": about, "questions": listed, "reason": found.reason}
        click.echo(json.dumps({"schema": 1, **shown}))
    elif not found.questions:
        click.echo(found.reason, err=True)
    else:
        right = [_answered(each) for each in found.questions]
        given = [each for each in right if each is not None]
        click.echo(f"{sum(given)} of {len(given)} right, {len(right) - len(given)} skipped.")


def _answered(question: Question) -> bool | None:
    """Put a question; whether the answer was right, None where it was skipped."""
    click.echo(question.prompt)
    for number, option in enumerate(question.options, 1):
        click.echo(f"  {number}. {option}")
    numbers = [str(number) for number in range(1, len(question.options) + 1)]
    answer = click.prompt(
        "Your answer (Enter skips)",
        default="",
        show_default=False,
        type=click.Choice(("", *numbers)),
        show_choices=False,
    )
    where = ", ".join(str(line + 1) for line in question.lines)
    right = f"{question.answer + 1}. {question.options[question.answer]} (line {where})"
    if not answer:
        click.echo(f"It is {right}.\n")
        return None
    hit = int(answer) == question.answer + 1
    click.echo(f"Yes: {right}.\n" if hit else f"No, it is {right}.\n")
    return hit


async def _explained(aimed: Aim, instruction: str, model: str, ask: bool) -> Explained | Nothing:
    from firsthand import codebase, explaining, paths, startup
    from firsthand.index.languages import language_of
    from firsthand.named import project
    from firsthand.preparing import Wanted
    from firsthand.session import Session
    from firsthand.telling import Telling

    def say(message: str, *, warning: bool = True) -> None:
        click.echo(message, err=True)

    session = Session(tell=lambda _method, _params: None)
    session.folders.append(str(project(aimed.file)))
    uri = paths.path_to_uri(aimed.file)
    session.open(uri, language_of(aimed.file), 0, aimed.text.string)
    try:
        await startup.prepare_to_ask(session, say)
        await codebase.once(session, session.folders[0])
        await session.settled()
        wanted = Wanted(uri, aimed.range, instruction, model=model)
        quiet = Telling("", None, lambda _method, _params: None, time.monotonic)
        return await explaining.explain(session, wanted, ask, quiet)
    finally:
        await session.end()
