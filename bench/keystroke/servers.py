"""Server processes under measurement: how they are started, and what they use."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from bench.keystroke.watched import FILE

from firsthand.core.text import Text
from firsthand.demo.client import SERVE, Client, Editor
from firsthand.demo.play import percentile

BARE = (sys.executable, str(Path(__file__).with_name("bare.py")))
RELAY = (sys.executable, str(Path(__file__).with_name("relay.py")))
WATCHED = (sys.executable, "-m", "bench.keystroke.watched")
EMBEDDED_ONLY = "[inline]\nmodels = []\ndiscover = false\n"

_MEGABYTE = 1_000_000
_LEARNING = 120.0  # seconds after which an index that is not built is a fault


@dataclass(slots=True)
class Server:
    """One running server, the client at its other end, and its index's state.

    Attributes:
        started: seconds from the spawn to the answer of `initialize`.
        learned: set once the server said that it has read the workspace.
        home: its state folder.
    """

    client: Client
    process: psutil.Process
    started: float
    learned: asyncio.Event
    home: Path

    def open(self, path: Path, text: Text) -> Editor:
        """Open a Python document in it."""
        return Editor(self.client, path, "python", text)

    def cpu_ms(self) -> float:
        """CPU time of the server's own process so far, user and system, in milliseconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system) * 1000

    def resident_mb(self) -> tuple[float, float]:
        """Resident megabytes of the server's process, and with its children's; shared ones too."""
        own = self.process.memory_info().rss / _MEGABYTE
        children = 0.0
        for child in self.process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                children += child.memory_info().rss / _MEGABYTE
        return own, own + children

    def private_mb(self) -> float | None:
        """Megabytes of the server's process that are no file's and nobody else's; Linux says it.

        What is mapped of files, as of the embedded model's tiers, the system takes back at will.
        """
        with suppress(OSError):
            rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii")
            found = next(line for line in rollup.splitlines() if line.startswith("Anonymous:"))
            return int(found.split()[1]) * 1024 / _MEGABYTE
        return None

    def held(self) -> list[dict[str, Any]]:
        """The callbacks of a watched server that held its event loop, as `watched` notes them."""
        file = self.home / FILE
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]

    async def learn(self) -> None:
        """Wait until the workspace is learned.

        Raises:
            TimeoutError: it is not after two minutes.
        """
        async with asyncio.timeout(_LEARNING):
            await self.learned.wait()


@asynccontextmanager
async def running(
    workspace: Path,
    command: tuple[str, ...] = SERVE,
    config: str = EMBEDDED_ONLY,
    options: Mapping[str, Any] | None = None,
    home: Path | None = None,
) -> AsyncIterator[Server]:
    """A server with state and configuration of its own; ended and removed after the block.

    Args:
        workspace: the folder it works on.
        command: the server.
        config: what its configuration file holds.
        options: `initializationOptions`.
        home: the state folder of another server, to share it.
    """
    with tempfile.TemporaryDirectory(prefix="firsthand-bench-", ignore_cleanup_errors=True) as own:
        state = home or Path(own)
        began = time.perf_counter()
        environment = _settings(state, config)
        client = await Client.start(command, environment=environment)
        try:
            learning, learned = asyncio.Event(), asyncio.Event()

            def hear(status: dict[str, Any]) -> None:
                if status["indexing"] is not None:
                    learning.set()
                elif learning.is_set() or (home and status["level"] != "off"):
                    learned.set()  # what another has learned is taken up before anything is said

            client.on("firsthand/status", hear)
            await client.initialize(workspace, options)
            started = time.perf_counter() - began
            process = psutil.Process(client.process.pid)
            yield Server(client, process, started, learned, state)
        finally:
            await client.close()


def _settings(home: Path, config: str) -> dict[str, str]:
    file = home / "config.toml"
    file.write_text(config, encoding="utf-8")
    return {"FIRSTHAND_HOME": str(home), "FIRSTHAND_CONFIG": str(file)}


def summary(latencies: list[float]) -> dict[str, float]:
    """Percentiles of some times, rounded to hundredths."""
    found = {f"p{percent}": percentile(latencies, percent) for percent in (50, 95, 99)}
    return {name: round(ms, 2) for name, ms in {**found, "max": max(latencies)}.items()}
