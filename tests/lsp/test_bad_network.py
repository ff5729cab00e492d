"""Systems with few file descriptors, without a network, or with IPv6 alone: typing goes on."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.editor import PATIENCE, editor
from tests.lsp.model_server import answers, model_server
from tests.lsp.modelled import FRESH, until_asked
from tests.lsp.test_bad_state import completes, offered

pytestmark = pytest.mark.asyncio

ALONE = ("unshare", "--user", "--map-root-user", "--net")
AWAY = """
[inline]
models = ["near"]
[models.near]
provider = "llamacpp"
url = "http://127.0.0.1:9"
"""


@pytest.mark.skipif(os.name != "posix", reason="sets a limit as POSIX shells do")
async def test_few_file_descriptors(tmp_path: Path, root: Path) -> None:
    few = ("sh", "-c", f"ulimit -n 64; exec '{sys.executable}' -m firsthand serve")
    async with (
        model_server(answers("open(name)")) as models,
        editor(tmp_path / "home", root, config=models.config(), command=few) as this,
    ):
        await completes(this)
        for number in range(80):  # more documents than descriptors
            this.open(f"{number}.py", FRESH)
        await until_asked(this, models, 1)
        await offered(this, "open(name)")
        assert this.messages == []


def offline() -> tuple[str, ...]:
    """A command that has no network, where the system lets one be made."""
    serve = (sys.executable, "-m", "firsthand", "serve")
    try:
        made = subprocess.run((*ALONE, "true"), capture_output=True, timeout=PATIENCE, check=False)
    except OSError:
        return serve
    return (*ALONE, *serve) if made.returncode == 0 else serve


async def test_no_network(tmp_path: Path, root: Path) -> None:
    """Not even this machine's own, where the system lets a process have none."""
    async with editor(tmp_path / "home", root, config=AWAY, command=offline()) as this:
        await this.ready()
        async with asyncio.timeout(PATIENCE):
            while not lost(await this.command("firsthand.status")):
                await completes(this)


def lost(status: dict[str, Any]) -> bool:
    named = "near (127.0.0.1:9) cannot be reached" in status["reason"]
    return bool(status["level"] == "embedded" and named)


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
async def test_a_model_that_has_ipv6_alone(tmp_path: Path, root: Path) -> None:
    async with (
        model_server(answers("open(name)"), host="::1") as models,
        editor(tmp_path / "home", root, config=models.config()) as this,
    ):
        assert models.url.startswith("http://[::1]:")
        this.open("b.py", FRESH)
        await until_asked(this, models, 1)
        await offered(this, "open(name)")
