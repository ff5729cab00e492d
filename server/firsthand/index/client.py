"""Building a workspace's tier in a process of its own, and following it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from firsthand.index.jobs import TIER
from firsthand.index.state import Result, Status

# "-P" keeps the current folder, which may be the workspace, from being imported from.
_COMMAND = (sys.executable, "-P", "-m", "firsthand.index")
# On other platforms the process lowers its own priority.
_WINDOWS_FLAGS = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(
    subprocess, "CREATE_NO_WINDOW", 0
)
# Threads of the linear algebra that numpy brings, which learning does not use.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


async def build(
    root: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_result: Callable[[str, Result], None] = lambda job, result: None,
    *,
    ignore: Sequence[str] = (),
    jobs: Sequence[str] = (TIER,),
    git: bool = True,
    command: Sequence[str] = _COMMAND,
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """Learn a workspace anew as far as it has to be, and say how the first job ended.

    While another server has the same done, this waits for it. Cancelling ends the process and
    returns when it is gone.

    Args:
        root: the folder of the workspace.
        on_progress: told the numbers of files read and of all files, at most ten times a second.
        on_result: told how each job ended, as soon as it has; a fault of the process has no name.
        ignore: further patterns for what not to read, as in a .gitignore at the root.
        jobs: what is to be done, by the names in `firsthand.index.jobs`, in that order.
        git: whether git may be run in the workspace.
        command: what to run; the root is appended.
        environ: the environment of the process, which says where state lives.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            os.fspath(root),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**environ, **_ONE_THREAD},
            creationflags=_WINDOWS_FLAGS,
        )
    except (OSError, ValueError) as error:
        return _failed(f"could not be started ({error})")
    try:
        order: dict[str, object] = {"ignore": list(ignore), "jobs": list(jobs), "git": git}
        return await _follow(process, order, on_progress, on_result)
    finally:
        await _end(process)


def build_now(
    root: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    ignore: Sequence[str] = (),
    jobs: Sequence[str] = (TIER,),
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """`build`, for a caller without an event loop."""
    return asyncio.run(build(root, on_progress, ignore=ignore, jobs=jobs, environ=environ))


async def _follow(
    process: Process,
    order: dict[str, object],
    on_progress: Callable[[int, int], None],
    on_result: Callable[[str, Result], None],
) -> Result:
    inputs, outputs = cast(StreamWriter, process.stdin), cast(StreamReader, process.stdout)
    with suppress(BrokenPipeError, ConnectionResetError):
        # This pipe stays open: its end, in whatever way this process ends, ends the other.
        inputs.write(f"{json.dumps(order)}\n".encode())
        await inputs.drain()
    first = None
    try:
        async for line in outputs:
            message = _parsed(line)
            if "done" in message:
                on_progress(message["done"], message["total"])
            elif "outcome" in message:
                told = message["status"]
                status = Status(**told) if told else None
                withdrawn = tuple(message.get("withdrawn", ()))
                result = Result(message["outcome"], status, message["note"], withdrawn)
                first = first or result
                on_result(message["job"] or "", result)
    except ValueError:
        return first or _failed("reported a line without an end")
    code = await process.wait()
    return first or _failed(f"ended early, with code {code}")


async def _end(process: Process) -> None:
    if process.stdin is not None:
        # One that is still open when the loop is closed would complain on standard error. It is not
        # waited for: cancelling that wait would be a fault of asyncio's.
        process.stdin.close()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 1)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _parsed(line: bytes) -> dict[str, Any]:
    """A line of the process; empty when it is none of its reports (a library's word)."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _failed(how: str) -> Result:
    return Result("failed", None, f"The index process {how}; completion goes on without it.")
