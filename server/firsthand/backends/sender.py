"""How a request reaches a server: the transport, the headers and the proxy.

The transport of httpx is used without its client, which would add cookies, redirects and
authentication to every request: nothing of it is wanted here, and it takes half a millisecond of
the time that a person waits.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from firsthand import __version__
from firsthand.backends.base import Endpoint

# Seconds that a connection is kept which nobody uses, as in a person's pauses. A server that closes
# it earlier is noticed; routers between forget those that are silent, few before five minutes.
_KEPT = 240.0

# An address is parsed once: there are a few for each server.
_parsed = lru_cache(maxsize=64)(httpx.URL)


class Sender:
    """Sends requests to one server, over connections that are kept open.

    Args:
        transport: what carries them.
        key: the secret that goes with each, if any.
        connect: seconds that a connection may take to be made; other waits are the caller's.
        headers: how the secret is sent, where that is not as a bearer's.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        key: str | None,
        connect: float,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._transport = transport
        self._headers = [
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Content-Type", "application/json"),
            ("User-Agent", f"firsthand/{__version__}"),
            *(headers or ({"Authorization": f"Bearer {key}"} if key else {})).items(),
        ]
        waits = {"connect": connect, "read": None, "write": None, "pool": None}
        self._extensions = {"timeout": waits}
        self._given_up: set[asyncio.Task[None]] = set()

    async def send(self, url: str, body: bytes | None) -> httpx.Response:
        """The head of the answer to a POST of a body, or to a GET without one.

        Sent once more, over a new connection, when the server had closed one that was kept open
        and so has not read it. The caller closes the answer.

        Raises:
            httpx.TransportError: there is none.
            httpx.InvalidURL: nothing can be sent there.
        """
        steps = _Steps()
        try:
            return await self._once(url, body, steps)
        except httpx.RemoteProtocolError:
            if steps.connected:
                raise
            return await self._once(url, body, _Steps())

    async def aclose(self) -> None:
        """Close every connection."""
        for task in self._given_up:
            task.cancel()
        await asyncio.gather(*self._given_up, return_exceptions=True)
        await self._transport.aclose()

    async def _once(self, url: str, body: bytes | None, steps: _Steps) -> httpx.Response:
        """Send in a task of its own: it can't be cancelled at every point without a leak."""
        request = httpx.Request(
            "GET" if body is None else "POST",
            _parsed(url),
            headers=self._headers,
            content=body,
            extensions={**self._extensions, "trace": steps.trace},
        )
        sending = asyncio.ensure_future(self._transport.handle_async_request(request))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            giving_up = asyncio.ensure_future(steps.give_up(sending))
            self._given_up.add(giving_up)
            giving_up.add_done_callback(self._given_up.discard)
            raise


class _Steps:
    """Where a request is on its way, so that it can be given up without losing its connection.

    httpcore 1.0 keeps a connection for ever, and counts it, whose first request is cancelled after
    it was made and before anything was sent. There the next step is the one that fails.

    Attributes:
        connected: a new connection was made.
    """

    def __init__(self) -> None:
        self.connected = False
        self._between = False
        self._unwanted = False

    async def trace(self, name: str, _: Mapping[str, Any]) -> None:
        """Hear of a step: https://www.encode.io/httpcore/extensions/#trace."""
        self.connected = self.connected or name == "connection.connect_tcp.started"
        self._between = name.startswith("connection.") and name.endswith(".complete")
        if self._unwanted and name.endswith(".started") and not name.endswith("closed.started"):
            raise asyncio.CancelledError

    async def give_up(self, sending: asyncio.Task[httpx.Response]) -> None:
        """Stop at once, or at the next step, and close what came of it."""
        self._unwanted = True
        if not self._between:
            sending.cancel()
        await asyncio.wait([sending])
        if not sending.cancelled() and sending.exception() is None:
            await sending.result().aclose()


def transport_for(endpoint: Endpoint) -> httpx.AsyncHTTPTransport:
    """What carries requests to an endpoint: through no proxy on the way to this machine."""
    return httpx.AsyncHTTPTransport(
        # Loading the certificates takes longer than an answer may, so only where they are needed.
        verify=endpoint.url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        trust_env=True,  # SSL_CERT_FILE and SSL_CERT_DIR; proxies are named below
        limits=httpx.Limits(max_connections=8, keepalive_expiry=_KEPT),
        proxy=None if endpoint.loopback else proxy_for(endpoint.url, getproxies(), proxy_bypass),
    )


def proxy_for(
    url: str, proxies: Mapping[str, str], bypassed: Callable[[str], object]
) -> str | None:
    """The proxy on the way to an address, if any.

    Args:
        url: the address.
        proxies: the proxy for each scheme, as the environment or the system names them.
        bypassed: whether a host is reached without one.
    """
    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or bypassed(parts.hostname or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
