"""`firsthand demo`: a function of a real file is typed back over the real server, in a terminal.

Nothing of the person's is used or changed: the server works on a temporary copy of the source
without that function, with state and configuration of its own, and with the embedded model only.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from firsthand.core.text import Position, Text, advance
from firsthand.demo.client import SERVE, Client, Editor, ResponseError, ServerGoneError
from firsthand.demo.play import StuckError, Tally, play
from firsthand.demo.screen import Lines, Nothing, Window, table
from firsthand.demo.workspace import Source, UnusableError, build, default_file, read

WHOLE = 52.0  # seconds until the typing stops, so that all ends in under a minute
_STARTING = 10.0  # seconds for the server to start and to learn the workspace
_SETTLING = 1.5  # seconds in which a server that has something to learn says so


class FailedError(Exception):
    """The demo could not go on; the message is one sentence for the person."""


def run(file: Path | None, plain: bool, *, command: Sequence[str] = SERVE) -> int:
    """Run the demo.

    Args:
        file: the file to take a function from; none for code of a library that is installed.
        plain: print the accepted suggestions as lines, without animation.
        command: the server.

    Returns:
        The exit status: 0 when it came to its end or its time limit, 1 when the server failed,
        2 when the file can't be used, 130 when it was interrupted.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # source may hold what a console can't show
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        source = read(file or default_file())
        asyncio.run(_until_ended(source, plain, command))
    except UnusableError as error:
        errors.print(str(error), markup=False)
        return 2
    except FailedError as error:
        errors.print(str(error), markup=False)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return 0


async def demonstrate(
    source: Source,
    console: Console,
    plain: bool,
    *,
    command: Sequence[str] = SERVE,
    seconds: float = WHOLE,
) -> Tally:
    """Type a source's function back and print the table.

    Args:
        source: what to type.
        console: where to draw; without a terminal the table alone is printed.
        plain: lines in place of the animation.
        command: the server.
        seconds: the limit for the start and the typing together.

    Raises:
        FailedError: the server ended, refused or stopped answering, or the disk refused.
    """
    until = time.monotonic() + seconds
    with temporary_folder() as folder:
        workspace = folder / "workspace" / (source.root.name or "project")
        try:
            path = build(source, workspace)
        except OSError as error:
            raise FailedError(f"The demo can't write to {folder}: {error.strerror}.") from error
        home = folder / "home"
        home.mkdir()
        with (home / "stderr.txt").open("wb") as stderr:
            client = await Client.start(command, environment=_settings(home), stderr=stderr)
            try:
                await start(client, workspace)
                left = until - time.monotonic()
                tally = await _type(client, source, path, console, plain, left)
            except (ServerGoneError, StuckError, ResponseError) as error:
                reason = reason_of(error, await client.close())
                raise FailedError(f"{reason}; its log: {keep_log(home)}") from error
            finally:
                await client.close()
    console.print(table(tally, f"{source.hole.name} ({source.path.name}:{source.hole.line})"))
    return tally


async def _until_ended(source: Source, plain: bool, command: Sequence[str]) -> None:
    """The demo, tidied away also when its terminal is closed."""
    task = asyncio.ensure_future(
        demonstrate(source, Console(highlight=False), plain, command=command)
    )
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


async def _type(
    client: Client, source: Source, path: Path, console: Console, plain: bool, seconds: float
) -> Tally:
    hole = source.hole
    editor = Editor(client, path, source.language, Text.of(hole.head + hole.tail))
    editor.cursor = advance(Position(0, 0), hole.head)
    if not console.is_terminal and not plain:
        return await play(editor, hole, Nothing(), seconds=seconds)
    if plain or console.is_dumb_terminal:
        console.print("Suggestions accepted with Tab are in [brackets].", markup=False)
        return await play(editor, hole, Lines(console), seconds=seconds)
    with Window(console, f"{hole.name} ({source.path.name})", str(source.path)) as window:
        return await play(editor, hole, window, seconds=seconds)


async def start(client: Client, workspace: Path) -> None:
    """Shake hands, and wait until the server has learned the workspace.

    A server with little to learn may be done before its first word about it, so that a quiet one
    counts as done after `_SETTLING` seconds.
    """
    began, learned = asyncio.Event(), asyncio.Event()

    def hear(status: dict[str, Any]) -> None:
        if status["indexing"] is not None:
            began.set()
        elif began.is_set():
            learned.set()

    client.on("firsthand/status", hear)
    try:
        async with asyncio.timeout(_STARTING):
            await client.initialize(workspace, {"client": {"name": "firsthand-demo"}})
    except TimeoutError as error:
        raise StuckError from error
    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLING):
            await began.wait()
        async with asyncio.timeout(_STARTING):
            await learned.wait()


def _settings(home: Path) -> dict[str, str]:
    """Variables that keep a server to a folder of its own and to the embedded model."""
    config = home / "config.toml"
    config.write_text(
        "[inline]\nembedded = true\nmodels = []\ndiscover = false\n", encoding="utf-8"
    )
    return {"FIRSTHAND_HOME": str(home), "FIRSTHAND_CONFIG": str(config)}


def reason_of(error: Exception, status: int) -> str:
    """What a person is told of a server that failed, and its exit status."""
    if isinstance(error, ServerGoneError):
        return f"The server ended while it was typed into (exit status {status})"
    if isinstance(error, StuckError):
        return "The server did not answer in time"
    return f"The server refused a request ({error})"


def keep_log(home: Path) -> Path:
    """Copy what the server wrote to a file that outlives the demo."""
    with tempfile.NamedTemporaryFile(
        "wb", prefix="firsthand-demo-", suffix=".log", delete=False
    ) as kept:
        for path in (home / "stderr.txt", *sorted((home / "log").glob("*"))):
            kept.write(path.read_bytes())
    return Path(kept.name)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, though the server's index may still be closing files."""
    folder = Path(tempfile.mkdtemp(prefix="firsthand-demo-")).resolve()
    try:
        yield folder
    finally:
        for _ in range(30):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)
