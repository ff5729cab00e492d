"""What an editor's plugin says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Client:
    """What an editor's plugin declares in `initializationOptions.client`.

    Attributes:
        name: what it calls itself.
        refresh: whether it asks again when told `firsthand/refresh`: only where nothing is shown,
            or also for a text that extends what is shown; None for a plain LSP client.
        proposals: whether it shows `firsthand/proposal`.
        trusted: whether the person trusts the workspace; false only where the editor says so.
    """

    name: str = ""
    refresh: Literal["empty", "extend"] | None = None
    proposals: bool = False
    trusted: bool = True

    @classmethod
    def declared(cls, options: object) -> Client:
        """The client that initialization options declare; anything unknown is ignored."""
        client = options.get("client") if isinstance(options, Mapping) else None
        if not isinstance(client, Mapping):
            return cls()
        refresh = client.get("refresh")
        name = client.get("name")
        return cls(
            name=name if isinstance(name, str) else "",
            refresh=refresh if refresh in ("empty", "extend") else None,
            proposals=client.get("proposals") is True,
            trusted=client.get("trusted") is not False,
        )
