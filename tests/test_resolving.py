"""Names that a resolver does not find or never answers for, and handshakes that never come."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from firsthand.backends import connect
from firsthand.backends.base import BackendError, Deadlines, Endpoint, Request
from firsthand.core.fim import Hole
from firsthand.resolving import Loop

ASKED = Request(Hole("def f(a):\n    return ", "\n"))
QUICK = Deadlines(connect=0.02, first=0.02, stall=0.02, total=0.05)


class Resolver:
    """Never answers for one name, until it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.free = threading.Event()

    def __call__(self, host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode("ascii") if isinstance(host, bytes) else host
        self.asked.append(name)
        if name == "hangs.example":
            self.free.wait()
            raise socket.gaierror(socket.EAI_NONAME, "nobody knows it")
        return socket.getaddrinfo(host, *args, **options)


async def fails(name: str, times: int) -> None:
    backend = connect(Endpoint("far", "openai", f"https://{name}", "m", "qwen"), deadlines=QUICK)
    for _ in range(times):
        with pytest.raises(BackendError, match="far"):
            async for _ in backend.stream(ASKED):
                pass
    await backend.aclose()


def threads() -> int:
    return sum(each.name == "resolver" for each in threading.enumerate())


def test_a_name_that_hangs_costs_one_thread_and_nobody_else_anything() -> None:
    resolver = Resolver()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def talk() -> None:
        server = await asyncio.start_server(served, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await fails("hangs.example", 40)  # more than asyncio has threads
        assert resolver.asked.count("hangs.example") == 1
        assert threads() == 1
        _, writer = await asyncio.open_connection("localhost", port, family=socket.AF_INET)
        writer.close()
        server.close()

    with asyncio.Runner(loop_factory=lambda: Loop(resolver)) as runner:
        runner.run(talk())  # and its end waits for nothing
    resolver.free.set()
    for each in threading.enumerate():
        if each.name == "resolver":
            each.join()


def test_a_handshake_that_never_comes_ends_at_its_deadline() -> None:
    async def talk() -> None:
        gone = asyncio.Event()

        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()  # until the other side has had enough
            writer.close()
            gone.set()

        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        await fails(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", 1)
        await gone.wait()
        server.close()

    asyncio.run(talk())


def test_a_name_that_nobody_knows_is_asked_for_again() -> None:
    resolver = Resolver()
    resolver.free.set()

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(2):
            both = [loop.getaddrinfo("hangs.example", 80) for _ in range(3)]
            for each in await asyncio.gather(*both, return_exceptions=True):
                assert isinstance(each, socket.gaierror)
        found = await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
        assert [each[4] for each in found] == [("127.0.0.1", 80)]

    with asyncio.Runner(loop_factory=lambda: Loop(resolver)) as runner:
        runner.run(talk())
    assert resolver.asked == ["hangs.example"] * 2 + ["127.0.0.1"]
