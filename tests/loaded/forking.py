"""The process that has everything loaded, and is forked for each that is wanted.

    forking.py LISTENER FOLDER

It has one thread and does nothing but wait: for launchers (`launcher.py`) at a socket, for signals
that they pass on, for the ends of its children, and for the end of its input, with which it ends.
"""

from __future__ import annotations

import gc
import importlib
import io
import marshal
import os
import pkgutil
import runpy
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

# Loaded by the package where they are needed first.
_LATER = (
    *("click", "diskcache", "email.parser", "encodings.idna", "h11", "httpcore", "httpx"),
    *("keyring", "multiprocessing", "numpy.random", "pydantic", "rich.console", "rich.live"),
    *("sqlite3", "unittest", "watchfiles"),
)
_ITSELF = "tests.loaded.itself"
_LOCALE = (b"LANG", b"LC_ALL", b"LC_CTYPE")
# What the streams can be given without a fresh interpreter.
_GIVEN = (b"PYTHONUTF8", b"PYTHONUNBUFFERED")


@dataclass(frozen=True, slots=True)
class Job:
    """A process that is wanted."""

    module: str
    arguments: list[str]
    safe: bool
    environ: dict[bytes, bytes]
    group: int
    umask: int
    nice: int


class Forking:
    """Forks, and says what became of each process."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._read_at_start = _read_at_start(os.environb)
        self._launchers: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._ended, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's is for the launchers
        for each in (listener, self._ended, sys.stdin):
            self._selector.register(each, selectors.EVENT_READ)

    def run(self) -> Job | None:
        """The job, in each process that is forked; nothing when this process is to end."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    return None
                if key.fileobj is self._listener:
                    if job := self._accept():
                        return job
                elif key.fileobj is self._ended:
                    self._ended.recv(4096)
                    self._reap()
                else:
                    self._pass_on(key.data)

    def _accept(self) -> Job | None:
        connection, _ = self._listener.accept()
        descriptors: list[int] = []
        try:
            size, descriptors, _, _ = socket.recv_fds(connection, 4, 4)
            data = connection.recv(int.from_bytes(size, "little"), socket.MSG_WAITALL)
            job = self._job(*marshal.loads(data))
            connection.sendall(b"y" if job else b"n")
        except (OSError, EOFError, ValueError):  # the launcher was killed
            job = None
        if job is None:
            connection.close()
        elif pid := os.fork():
            self._launchers[pid] = connection
            self._selector.register(connection, selectors.EVENT_READ, pid)
        else:
            self._forget()
            connection.close()
            _become(job, descriptors)
            return job
        for each in descriptors:
            os.close(each)
        return None

    def _job(
        self,
        arguments: list[str],
        environ: dict[bytes, bytes],
        session: int,
        group: int,
        umask: int,
        nice: int,
    ) -> Job | None:
        """What is wanted, where a fork does it as well as a fresh interpreter."""
        safe = arguments[:1] == ["-P"]
        if arguments[safe : safe + 1] != ["-m"]:
            return None
        module, rest = arguments[safe + 1], arguments[safe + 2 :]
        if module.partition(".")[0] != "firsthand" and module != _ITSELF:
            return None
        if session != os.getsid(0) or _read_at_start(environ) != self._read_at_start:
            return None
        return Job(module, rest, safe, environ, group, umask, nice)

    def _reap(self) -> None:
        """Say how those ended that have."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            if connection := self._launchers.pop(pid, None):
                self._selector.unregister(connection)
                with connection, suppress(OSError):
                    connection.sendall(status.to_bytes(4, "little"))

    def _pass_on(self, pid: int) -> None:
        """Send a process what its launcher got; where that was killed, so is the process."""
        if pid not in self._launchers:
            return  # it has just ended
        try:
            numbers = self._launchers[pid].recv(64)
        except ConnectionError:  # it was killed before it read that its process was begun
            numbers = b""
        for number in numbers or (signal.SIGKILL,):
            os.kill(pid, number)
        if not numbers:
            with self._launchers.pop(pid) as connection:
                self._selector.unregister(connection)

    def _forget(self) -> None:
        """Let go of all that is not the new process's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._selector.close()
        for each in (self._listener, self._ended, self._wake, *self._launchers.values()):
            each.close()


def _read_at_start(environ: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """What an interpreter reads of an environment, but for what `_open_streams` sees to."""
    return {
        name: value
        for name, value in environ.items()
        if (name.startswith(b"PYTHON") and name not in _GIVEN) or name in _LOCALE
    }


def _become(job: Job, descriptors: Sequence[int]) -> None:
    """Make this process what the job says, as if it had been started so."""
    *streams, folder = descriptors
    os.fchdir(folder)
    os.close(folder)
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    if os.getpgrp() != job.group:
        os.setpgid(0, job.group)
    os.umask(job.umask)
    os.nice(job.nice - os.nice(0))
    os.environb.clear()
    os.environb.update(job.environ)
    if not job.safe:
        sys.path.insert(0, os.getcwd())
    sys.argv = [job.module, *job.arguments]
    _open_streams(b"PYTHONUNBUFFERED" in job.environ)


def _open_streams(unbuffered: bool) -> None:
    """Open the three streams as an interpreter does at its start."""
    streams = []
    for number, errors in enumerate(("surrogateescape", "surrogateescape", "backslashreplace")):
        buffering = 0 if unbuffered and number else -1
        binary: Any = open(number, "wb" if number else "rb", buffering, closefd=False)  # noqa: SIM115 (for good)
        stream = io.TextIOWrapper(
            binary,
            "utf-8",
            errors,
            line_buffering=not unbuffered and (number == 2 or binary.isatty()),
            write_through=unbuffered,
        )
        streams.append(stream)
    sys.stdin, sys.stdout, sys.stderr = streams
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = streams  # type: ignore[misc]


def _load() -> None:
    """Import what a server or a command could."""
    import firsthand

    for each in pkgutil.walk_packages(firsthand.__path__, "firsthand."):
        if not each.name.endswith(".__main__"):
            importlib.import_module(each.name)
    for name in _LATER:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def main() -> None:
    """Fork until the end of the input; in a fork, run what is wanted."""
    listener, folder = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    # What a fork starts, such as the index process, has everything loaded as well.
    sys.executable = os.path.join(folder, "python")
    _load()
    if job := Forking(listener).run():
        runpy.run_module(job.module, run_name="__main__", alter_sys=True)
    else:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
