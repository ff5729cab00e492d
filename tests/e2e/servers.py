"""Real servers of models, as processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.debian import Missing

_NOTHING: Mapping[str, str] = {}
_FAREWELL = 10  # seconds to end in when asked to


@dataclass(slots=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it with no time to say goodbye."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    url: str,
    health: str,
    *,
    seconds: float,
    environment: Mapping[str, str] = _NOTHING,
) -> Iterator[Server]:
    """A program that serves, alive before it is given and ended after.

    Args:
        name: for people.
        command: the program and its arguments.
        url: where it serves.
        health: a path that answers with 200 once it is alive.
        seconds: how long that may take.
        environment: variables on top of this process's own.

    Raises:
        Missing: it did not come to life.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        server = Server(url, process)
        try:
            if not _alive(server, health, seconds):
                log.seek(0)
                tail = log.read()[-3000:].decode("utf-8", "replace")
                raise Missing(f"{name} did not come to life:\n{tail}")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(_FAREWELL)
            except subprocess.TimeoutExpired:
                server.kill()


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _alive(server: Server, health: str, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}{health}", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.02)
    return False
