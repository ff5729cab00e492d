"""Requests to a server anywhere: TLS, proxies and authorities by the transport of httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

# Seconds that a connection is kept which nobody uses, as in a person's pauses. A server that closes
# it earlier is noticed; routers between forget those that are silent, few before five minutes.
_KEPT = 240.0
_MOST = 8  # connections


class HostedTransport(httpx.AsyncBaseTransport):
    """Connections that are kept open from one request to the next.

    Args:
        proxy: the address of the proxy on the way, if any.
        transport: stands in for the network.
    """

    def __init__(
        self, proxy: str | None = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._transport = transport or httpx.AsyncHTTPTransport(
            trust_env=True,  # SSL_CERT_FILE and SSL_CERT_DIR; a proxy is named by the caller
            limits=httpx.Limits(max_connections=_MOST, keepalive_expiry=_KEPT),
            proxy=proxy,
        )
        self._given_up: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer to a request.

        Sent once more, over a new connection, when the server had closed one that was kept open
        and so has not read it.

        Raises:
            httpx.TransportError: there is none.
        """
        steps = _Steps()
        try:
            return await self._once(request, steps)
        except httpx.RemoteProtocolError:
            if steps.connected:
                raise
            return await self._once(request, _Steps())

    async def aclose(self) -> None:
        """Close every connection."""
        for task in self._given_up:
            task.cancel()
        await asyncio.gather(*self._given_up, return_exceptions=True)
        await self._transport.aclose()

    async def _once(self, request: httpx.Request, steps: _Steps) -> httpx.Response:
        """Send in a task of its own: it can't be cancelled at every point without a leak."""
        request.extensions = {**request.extensions, "trace": steps.trace}
        sending = asyncio.ensure_future(self._transport.handle_async_request(request))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            # Where all connections are closed before it has stopped, it fails, and nobody minds.
            sending.add_done_callback(lambda sent: sent.cancelled() or sent.exception())
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
