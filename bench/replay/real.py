"""The same typing against a real llama.cpp server: how much of its prompts it had computed already.

Its tiny model writes noise, so a server in between gives each request a grammar that allows nothing
but the known answer, and asks for timings with each token, as a request that is closed early gets
no last word about them.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from bench.loopback import Loopback, begin_stream, chunk
from bench.replay.editors import PLUGIN, Firsthand
from bench.replay.known import Known, answer, place, some_answers
from bench.replay.model_server import PREFIX
from bench.replay.runs import configured, learned
from bench.replay.screen import Screen
from bench.replay.script import Script
from bench.replay.typist import type_back
from tests.e2e.llama import serving, tiny_model

_CONTEXT = 16384  # tokens, of one byte each; the model is told that it was trained for as many
_ARGUMENTS = (
    *("--ctx-size", str(_CONTEXT)),
    *("--override-kv", f"llama.context_length=int:{_CONTEXT}"),
)


class Between(Loopback):
    """What stands between a client and a llama.cpp server.

    Attributes:
        requests: how many went through.
        timings: of each that was not closed before its first token, the file it was about and the
            last timings that came.
    """

    def __init__(self, url: str, http: httpx.AsyncClient, files: Sequence[Known]) -> None:
        """The server's address, what asks it, and what its model is to know."""
        super().__init__()
        self.requests = 0
        self.timings: list[tuple[str, dict[str, int]]] = []
        self._server = url
        self._http = http
        self._files = files

    async def complete(
        self, path: str, body: bytes, gone: asyncio.Future[bytes], writer: asyncio.StreamWriter
    ) -> None:
        """Ask the server, until it has answered or the client has closed the connection."""
        self.requests += 1
        passing: asyncio.Future[Any] = asyncio.ensure_future(
            self._pass(path, json.loads(body), writer)
        )
        await asyncio.wait([passing, gone], return_when=asyncio.FIRST_COMPLETED)
        if passing.done():
            passing.result()
            return
        passing.cancel()
        with suppress(asyncio.CancelledError):
            await passing
        raise ConnectionResetError

    async def _pass(self, path: str, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        prefix = PREFIX.search(asked["prompt"])
        found = place(self._files, prefix[1]) if prefix else None
        name = found[0].name if found else ""
        known = answer(self._files, prefix[1], some_answers) if prefix else ""
        told = {**asked, "grammar": f"root ::= {json.dumps(known)}", "timings_per_token": True}
        timings = None
        try:
            async with self._http.stream("POST", f"{self._server}{path}", json=told) as response:
                response.raise_for_status()
                begin_stream(writer)
                async for line in response.aiter_lines():
                    chunk(writer, f"{line}\n".encode())
                    if line.startswith("data: {"):
                        timings = json.loads(line[6:]).get("timings") or timings
            chunk(writer, b"")
        finally:
            if timings is not None:
                self.timings.append((name, timings))


async def real(
    workspace: Path, scripts: Sequence[Script], say: Callable[[str], None]
) -> dict[str, Any]:
    """Type everything; the share of the prompts' tokens that came from the server's cache.

    Raises:
        tests.e2e.debian.Missing: there is no llama.cpp server to be had here.
    """
    files = [script.known for script in scripts]
    with tempfile.TemporaryDirectory() as folder:
        model = tiny_model(Path(folder) / "qwen2.5-coder-tiny.gguf")
        with serving(model, *_ARGUMENTS) as llama:
            async with (
                httpx.AsyncClient(timeout=None) as http,
                Between(llama.url, http, files).serving() as between,
                learned(workspace, configured(between.url, "llamacpp"), PLUGIN) as server,
            ):
                screen = Screen(asyncio.get_running_loop().time)
                found = await type_back(Firsthand(server, screen, PLUGIN), scripts, say)
    return {
        **found,
        "requests": round(100 * between.requests / found["keys"], 1),
        "requests_timed": len(between.timings),
        **_reuse(between.timings),
    }


def _reuse(timings: Sequence[tuple[str, dict[str, int]]]) -> dict[str, float]:
    """How much of the prompts had been computed: of all, and without the first one of each file."""
    firsts = {name: number for number, (name, _) in reversed(list(enumerate(timings)))}
    later = [each for number, (name, each) in enumerate(timings) if firsts[name] != number]
    return {
        "prompt_tokens": sum(each["cache_n"] + each["prompt_n"] for _, each in timings),
        "computed": sum(each["prompt_n"] for _, each in timings),
        "reused_percent": _share([each for _, each in timings]),
        "reused_while_typing_percent": _share(later),
    }


def _share(timings: Sequence[dict[str, int]]) -> float:
    cached = sum(each["cache_n"] for each in timings)
    computed = sum(each["prompt_n"] for each in timings)
    return round(100 * cached / max(1, cached + computed), 1)
