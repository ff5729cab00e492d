"""The connection to a server: made when it is first needed, and anew with another key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from firsthand.backends.base import Endpoint, Misconfigured
from firsthand.router.link import Server

if TYPE_CHECKING:
    from firsthand.router import Run


class _Closes(Protocol):
    async def aclose(self) -> None: ...


C = TypeVar("C", bound=_Closes)


class Connector(Generic[C]):
    """Makes the connections of one kind of servers, and closes them.

    Args:
        run: runs what may block (keys, certificates) away from the event loop.
        keys: reads an endpoint's secret; raises Misconfigured if it should have one and has not.
        make: a connection to an endpoint, with its secret; it may block.
    """

    def __init__(
        self,
        run: Run,
        keys: Callable[[Endpoint], str | None],
        make: Callable[[Endpoint, str | None], C],
    ) -> None:
        self._run = run
        self._keys = keys
        self._make = make

    async def connected(self, server: Server[C]) -> C:
        """The connection to a server, made when it is first needed.

        Raises:
            Misconfigured: its key is missing, or it can't be spoken to as it is configured.
        """
        if server.connection is None:
            made = await self._run(partial(self._connect, server))
            # Somebody else may have been faster while this one waited.
            if server.connection is None:
                server.connection = made
            else:
                await made.aclose()
        return server.connection

    async def look_again(self, server: Server[C]) -> None:
        """A key was not accepted, or was not there: begin anew where it is another one now."""
        if await self._run(partial(self._has_another_key, server)):
            server.begin_anew()
            await self.close(server)

    async def close(self, server: Server[C]) -> None:
        """Close the connection to a server, if there is one."""
        connection, server.connection = server.connection, None
        if connection is not None:
            await connection.aclose()

    def _connect(self, server: Server[C]) -> C:
        server.key = None
        server.key = self._keys(server.configured)
        return self._make(server.configured, server.key)

    def _has_another_key(self, server: Server[C]) -> bool:
        try:
            return self._keys(server.configured) != server.key
        except Misconfigured:
            return False
