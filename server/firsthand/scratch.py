"""Running the person's own check on a copy of a folder with one file changed.

It runs what a model wrote, as the person who named the command for that folder in their own file
knows. What it is kept from: the folder itself (a copy is used, of files that git tracks), keys (the
environment is a short list), and time (the command and what it started are ended).
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO

from firsthand.index.git import Git

SECONDS = 60.0
"""How long a check may take."""

_MOST_BYTES, _MOST_FILES = 500_000_000, 50_000
_TAIL = 400  # characters of what a check said
_WINDOWS_FLAGS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "CREATE_NO_WINDOW", 0
)
# What commands need to be found and to run; keys are in none of these.
_NEEDED = frozenset(
    ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP")
) | {"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME"}
_NEEDED |= {"APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "PROGRAMDATA", "VIRTUAL_ENV", "JAVA_HOME"}
_NEEDED |= {"GOPATH", "GOROOT", "CARGO_HOME", "RUSTUP_HOME", "NUMBER_OF_PROCESSORS"}


@dataclass(frozen=True, slots=True)
class Check:
    """A command for a folder.

    Attributes:
        folder: the folder, resolved.
        command: the words of the command.
    """

    folder: Path
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a check.

    Attributes:
        passed: whether the command ended with 0; None where it did not run, or not to its end.
        said: why it did not, or the end of what the command said.
    """

    passed: bool | None
    said: str = ""


class Unable(Exception):
    """There is no copy to run a check on; the text is a sentence for the person."""


def check_for(file: str, checks: tuple[tuple[str, str], ...]) -> Check | None:
    """The check of the innermost folder that holds a file; None where there is none."""
    real = Path(os.path.realpath(file))
    found = [
        Check(folder, _words(command))
        for folder, command in (
            (Path(os.path.realpath(os.path.expanduser(path))), command) for path, command in checks
        )
        if folder in real.parents
    ]
    return max(found, key=lambda each: len(each.folder.parts), default=None)


def _words(command: str) -> tuple[str, ...]:
    """The words of a command; on Windows, where paths hold them, backslashes mean themselves."""
    if os.name != "nt":
        return tuple(shlex.split(command))
    words = shlex.split(command, posix=False)
    return tuple(each[1:-1] if each[0] == each[-1] in "\"'" else each for each in words)


async def run(
    check: Check,
    file: str,
    content: bytes,
    *,
    seconds: float = SECONDS,
    environ: Mapping[str, str] = os.environ,
) -> Checked:
    """Run a check on a copy of its folder in which a file has another content.

    Cancelling it ends the command and all that it started in its process group.

    Args:
        check: the command.
        file: the file's path.
        content: what the copy has there.
        seconds: how long the command may take.
        environ: what its environment is chosen from.
    """
    place = Path(mkdtemp(prefix="firsthand-check-"))
    try:
        await asyncio.to_thread(_copy, check.folder, place, file, content)
        with TemporaryFile() as output:
            passed, reason = await _run(check.command, place, seconds, environ, output)
            return Checked(passed, reason or _tail(output))
    except Unable as fault:
        return Checked(None, str(fault))
    finally:
        # What can't be removed is left to the system.
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))


async def _run(
    command: tuple[str, ...],
    place: Path,
    seconds: float,
    environ: Mapping[str, str],
    output: IO[bytes],
) -> tuple[bool | None, str]:
    """Whether a command ended with 0, or why nobody knows.

    Its output is a file: a pipe would stay open as long as anything that it started.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=place,
            env={key: each for key, each in environ.items() if _is_needed(key)},
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            start_new_session=True,
            creationflags=_WINDOWS_FLAGS,
        )
    except OSError as fault:
        return None, f"The check {command[0]!r} can't be run ({fault.strerror})."
    try:
        async with asyncio.timeout(seconds):
            return await process.wait() == 0, ""
    except TimeoutError:
        return None, f"The check took longer than {seconds:.0f} seconds."
    finally:
        await asyncio.shield(_end(process))


def _tail(output: IO[bytes]) -> str:
    output.seek(max(0, output.seek(0, os.SEEK_END) - _TAIL))
    return output.read().decode("utf-8", "replace").strip()


async def _end(process: Process) -> None:
    """End a command and what it started; also what it left behind when it ended by itself."""
    if sys.platform == "win32":
        ending = await asyncio.create_subprocess_exec(
            *("taskkill", "/T", "/F", "/PID", str(process.pid)), stdout=DEVNULL, stderr=DEVNULL
        )
        await ending.wait()
    else:
        # The group's number is its leader's, and is not given anew while any of it lives.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _copy(folder: Path, place: Path, file: str, content: bytes) -> None:
    """Copy what git tracks in a folder, as it is on the disk.

    Raises:
        Unable: it can't be copied.
    """
    git = Git.found()
    tracked = git.tracked(folder) if git else None
    if tracked is None:
        raise Unable(f"The check was not run: {folder} is no git repository, or there is no git.")
    if len(tracked) > _MOST_FILES:
        raise Unable(f"The check was not run: {folder} has more than {_MOST_FILES:,} files.")
    left = _MOST_BYTES
    try:
        for path in tracked:
            source = folder / path
            # A link could lead out of the copy, and what is written through it with it.
            if source.is_symlink() or not source.is_file():
                continue
            left -= source.stat().st_size
            if left < 0:
                raise Unable(f"The check was not run: {folder} is larger than 500 MB.")
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        changed = place / Path(os.path.realpath(file)).relative_to(folder)
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_bytes(content)
    except OSError as fault:
        raise Unable(f"The check was not run: no copy could be made ({fault.strerror}).") from fault


def _is_needed(name: str) -> bool:
    return name.upper() in _NEEDED or name.startswith("LC_")
