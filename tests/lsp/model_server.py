"""A model server over real HTTP, whose every answer a test writes, well-behaved or not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60.0


@dataclass
class Asked:
    """One request to the server, and the connection that its answer goes into.

    Attributes:
        path: what was asked for.
        body: its JSON.
        at: when it came, in seconds of the loop's clock.
        closed: done when the other side has closed the connection.
        closed_at: when that was.
    """

    path: str
    body: dict[str, Any]
    at: float
    writer: asyncio.StreamWriter
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    closed_at: float = 0.0

    @property
    def prompt(self) -> str:
        return str(self.body.get("prompt", ""))

    async def raw(self, content: bytes) -> None:
        """Send bytes, whatever they are; a closed connection ends the script."""
        self.writer.write(content)
        await self.writer.drain()

    async def begin(self, status: str = "200 OK", kind: str = "text/event-stream") -> None:
        """Send a head; the body goes on until the connection is closed."""
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n"
        await self.raw(head.encode())

    async def say(self, *texts: str) -> None:
        """Send texts as llama.cpp's server does."""
        for text in texts:
            await self.raw(_event({"content": text, "stop": False}))

    async def end(self) -> None:
        timings = {"cache_n": 0, "prompt_n": 10, "predicted_n": 5}
        await self.raw(_event({"content": "", "stop": True, "timings": timings}))


Script = Callable[[Asked], Awaitable[None]]


class ModelServer:
    """Listens on a port of this machine.

    Attributes:
        url: where.
        script: answers each request; the connection is closed when it returns.
        asked: what was asked, oldest first.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.url = ""
        self.asked: list[Asked] = []
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def wanted(self) -> list[Asked]:
        """What was asked for text; a server is also asked to read a prompt ahead."""
        return [each for each in self.asked if each.body.get("n_predict") != 0]

    def config(self, model: str = "qwen2.5-coder-1.5b") -> str:
        """A configuration that names this server alone."""
        return (
            '[inline]\nmodels = ["local"]\n[models.local]\nprovider = "llamacpp"\n'
            f'url = "{self.url}"\nmodel = "{model}"\n'
        )

    def asked_to_change(self, model: str = "large") -> str:
        """What to add to a configuration, so that escalations go to this server."""
        return (
            '[escalation]\nmodels = ["big"]\n[models.big]\nprovider = "litellm"\n'
            f'url = "{self.url}"\nmodel = "{model}"\n'
        )

    async def next(self, count: int) -> Asked:
        """The request of a number, counting from 1, gone by or to come."""
        async with asyncio.timeout(PATIENCE):
            while len(self.asked) < count:
                await asyncio.sleep(0.005)
        return self.asked[count - 1]

    async def quiet(self) -> None:
        """Return once nobody is connected any more, and forget what was asked."""
        async with asyncio.timeout(PATIENCE):
            while self._talks:
                await asyncio.sleep(0.005)
        self.asked.clear()

    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> asyncio.Server:
        server = await asyncio.start_server(self._accept, host, port)
        named = f"[{host}]" if ":" in host else host
        self.url = f"http://{named}:{server.sockets[0].getsockname()[1]}"
        return server

    async def hang_up(self) -> None:
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await asyncio.sleep(0)  # a connection is closed by the loop's next turn

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await self._talk(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()  # what nobody reads would keep it open
            raise
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length")]
        body = await reader.readexactly(int(lengths[0].split(":")[1]) if lengths else 0)
        path = head.split()[1]
        asked = Asked(path, json.loads(body) if body else {}, loop.time(), writer)
        if path not in ("/props", "/tokenize"):  # a question, not for text
            self.asked.append(asked)

        def closed() -> None:
            asked.closed_at = asked.closed_at or loop.time()
            asked.closed.set()

        async def watch() -> None:
            with suppress(ConnectionError):
                await reader.read(1)
            closed()

        watching = loop.create_task(watch())
        try:
            await self.script(asked)
        except ConnectionError:
            closed()
        finally:
            watching.cancel()


@asynccontextmanager
async def model_server(
    script: Script, port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[ModelServer]:
    """A server for as long as the context lasts."""
    this = ModelServer(script)
    async with await this.listen(port, host):
        try:
            yield this
        finally:
            await this.hang_up()


def answers(*texts: str) -> Script:
    """A script: the texts, at once."""

    async def script(asked: Asked) -> None:
        await asked.begin()
        await asked.say(*texts)
        await asked.end()

    return script


def refuses(status: str, body: bytes = b"{}", more: str = "") -> Script:
    """A script: an HTTP status, further lines of the head, and some body."""

    async def script(asked: Asked) -> None:
        await asked.begin(status, "application/json" + (more and f"\r\n{more}"))
        await asked.raw(body)

    return script


async def silence(asked: Asked) -> None:
    """A script: nothing, until the other side has enough."""
    await asked.closed.wait()


def _event(record: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(record)}\n\n".encode()
