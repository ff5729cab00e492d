"""How a request reaches a server: the transport, the headers and the proxy.

A transport is used without httpx's client, which would add cookies, redirects and authentication to
every request: nothing of it is wanted here, and it takes half a millisecond of the time that a
person waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from firsthand import __version__
from firsthand.backends.base import Endpoint
from firsthand.backends.hosted import HostedTransport
from firsthand.backends.plain import PlainTransport

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
        own = headers or ({"Authorization": f"Bearer {key}"} if key else {})
        self._headers = [
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
            (b"Content-Type", b"application/json"),
            (b"User-Agent", f"firsthand/{__version__}".encode("ascii")),
            *((name.encode("ascii"), value.encode("ascii")) for name, value in own.items()),
        ]
        waits = {"connect": connect, "read": None, "write": None, "pool": None}
        self._extensions = {"timeout": waits}

    async def send(self, url: str, body: bytes | None) -> httpx.Response:
        """The head of the answer to a POST of a body, or to a GET without one.

        The caller closes the answer.

        Raises:
            httpx.TransportError: there is none.
            httpx.InvalidURL: nothing can be sent there.
        """
        where, method = _parsed(url), "GET" if body is None else "POST"
        headers = [(b"Host", where.netloc), *self._headers]
        if body is not None:
            headers.append((b"Content-Length", b"%d" % len(body)))
        # What httpx would find out of a body by itself takes five times as long.
        stream, more = httpx.ByteStream(body or b""), self._extensions
        request = httpx.Request(method, where, headers=headers, stream=stream, extensions=more)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


def transport_for(endpoint: Endpoint) -> httpx.AsyncBaseTransport:
    """What carries requests to an endpoint; encrypted unless it is on this machine."""
    if endpoint.url.startswith("https:"):
        return HostedTransport(
            None if endpoint.loopback else proxy_for(endpoint.url, getproxies(), proxy_bypass)
        )
    return PlainTransport()


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
