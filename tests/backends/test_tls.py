"""Certificates, authorities and proxies as they are met outside, asked by a process of its own."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

pytestmark = pytest.mark.asyncio

ASK = """
import asyncio, sys
from firsthand.backends.base import BackendError, Deadlines, Endpoint
from firsthand.backends.http import connection

async def ask(url):
    endpoint = Endpoint("far", "openai", url, "m", remote=True)
    made = connection(endpoint, "k", Deadlines())
    try:
        print("got", await made.fetch(f"{url}/v1/models"))
    except BackendError as error:
        print(type(error).__name__, error)
    await made.sender.aclose()

asyncio.run(ask(sys.argv[1]))
"""
_PAUSE = 0.002  # seconds between two pieces of what comes slowly
HOST = "models.example.test"


@dataclass
class Site:
    """A server with a certificate, and a proxy on the way to it.

    Attributes:
        port: the server's.
        proxy: the proxy's.
        authority: a file with the authority's certificate.
        asked: what the proxy was asked for, and by whom.
        answer: what the server says.
        step: how many bytes the proxy passes back at once, each after a pause; 0 for all.
    """

    authority: Path
    wanted: str = ""
    step: int = 0
    port: int = 0
    proxy: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    answer: bytes = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}'

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
            await writer.drain()
        writer.close()

    async def tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        lines = head.split("\r\n")
        said = [line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-auth")]
        self.asked.append((lines[0].split()[1], said[0] if said else ""))
        if self.wanted and said != [self.wanted]:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, back), _pump(there, writer, self.step))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, step: int = 0) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(step or 65536):
            writer.write(piece)
            await writer.drain()
            if step:
                await asyncio.sleep(_PAUSE)
    with suppress(ConnectionError):
        writer.close()


@asynccontextmanager
async def site(folder: Path, host: str = HOST, days: float = 1.0) -> AsyncIterator[Site]:
    """A server whose certificate is for a host, and for so many days from now."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    until = datetime.now(UTC) + timedelta(days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made = authority.issue_cert(host, not_before=until - timedelta(days=9), not_after=until)
    made.configure_cert(context)
    this = Site(folder / "ca.pem")
    server = await asyncio.start_server(this.serve, "127.0.0.1", 0, ssl=context)
    proxy = await asyncio.start_server(this.tunnel, "127.0.0.1", 0)
    this.port = server.sockets[0].getsockname()[1]
    this.proxy = proxy.sockets[0].getsockname()[1]
    try:
        yield this
    finally:
        server.close()
        proxy.close()


async def ask(url: str, **variables: str) -> str:
    """What a process says that asks there, with some variables in its environment."""
    named = ("proxy", "ssl_cert")
    clean = {k: v for k, v in os.environ.items() if not any(n in k.lower() for n in named)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ASK, url),
        env=clean | variables,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return said.decode("utf-8").strip()


async def test_a_handshake_that_comes_slowly_but_whole(tmp_path: Path) -> None:
    async with site(tmp_path) as this:
        this.step = 16  # a hundred pieces or so, each in a segment of its own
        proxy = f"http://127.0.0.1:{this.proxy}"
        said = await ask(f"https://{HOST}", HTTPS_PROXY=proxy, SSL_CERT_FILE=str(this.authority))
        assert said == "got {'a': 1}"


async def test_an_own_authority_and_a_proxy_are_named_by_the_environment(tmp_path: Path) -> None:
    async with site(tmp_path) as this:
        proxy = f"http://127.0.0.1:{this.proxy}"
        said = await ask(f"https://{HOST}", HTTPS_PROXY=proxy, SSL_CERT_FILE=str(this.authority))
        assert said == "got {'a': 1}"
        assert this.asked == [(f"{HOST}:443", "")]


async def test_an_authority_that_nobody_named_is_not_trusted(tmp_path: Path) -> None:
    async with site(tmp_path) as this:
        said = await ask(f"https://{HOST}", HTTPS_PROXY=f"http://127.0.0.1:{this.proxy}")
        assert said.startswith("Unreachable far")
        assert "SSL_CERT_FILE" in said


@pytest.mark.parametrize(
    ("host", "days", "words"), [(HOST, -1.0, "expired"), ("other.example.test", 1.0, "mismatch")]
)
async def test_certificates_that_are_out_of_date_or_anothers(
    tmp_path: Path, host: str, days: float, words: str
) -> None:
    async with site(tmp_path, host, days) as this:
        proxy = f"http://127.0.0.1:{this.proxy}"
        said = await ask(f"https://{HOST}", HTTPS_PROXY=proxy, SSL_CERT_FILE=str(this.authority))
        assert said.startswith("Unreachable far")
        assert words in said


async def test_a_server_of_this_machine_is_held_to_its_certificate_and_to_no_proxy(
    tmp_path: Path,
) -> None:
    async with site(tmp_path, "localhost") as this:
        url, proxy = f"https://localhost:{this.port}", f"http://127.0.0.1:{this.proxy}"
        assert "SSL_CERT_FILE" in await ask(url, HTTPS_PROXY=proxy)
        said = await ask(url, HTTPS_PROXY=proxy, SSL_CERT_FILE=str(this.authority))
        assert said == "got {'a': 1}"
        assert this.asked == []


async def test_a_proxy_that_asks_who_it_is(tmp_path: Path) -> None:
    async with site(tmp_path) as this:
        this.wanted = f"Basic {b64encode(b'ada:sesame').decode('ascii')}"
        authority = str(this.authority)
        for user, words in (
            ("ada:sesame@", "got {'a': 1}"),
            ("", "HTTPS_PROXY"),
            ("x:y@", "PROXY"),
        ):
            proxy = f"http://{user}127.0.0.1:{this.proxy}"
            said = await ask(f"https://{HOST}", HTTPS_PROXY=proxy, SSL_CERT_FILE=authority)
            assert words in said
            assert "sesame" not in said


async def test_hosts_that_are_reached_without_the_proxy(tmp_path: Path) -> None:
    async with site(tmp_path) as this:
        proxy = f"http://127.0.0.1:{this.proxy}"
        said = await ask(f"https://{HOST}", HTTPS_PROXY=proxy, NO_PROXY="example.test")
        assert said.startswith("Unreachable far")  # there is no such host
        assert this.asked == []


async def test_a_redirect_is_not_followed_wherever_it_points(tmp_path: Path) -> None:
    async with site(tmp_path) as this:
        this.answer = (
            b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://elsewhere.example.test/\r\n"
            b"Content-Length: 0\r\n\r\n"
        )
        proxy = f"http://127.0.0.1:{this.proxy}"
        said = await ask(f"https://{HOST}", HTTPS_PROXY=proxy, SSL_CERT_FILE=str(this.authority))
        assert "points elsewhere, which is not followed" in said
        assert [host for host, _ in this.asked] == [f"{HOST}:443"]
