"""Model servers: one file for each wire format behind one seam, `stream(request) -> chunks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from firsthand.backends.base import Backend, Deadlines, Endpoint

if TYPE_CHECKING:
    import httpx

    from firsthand.backends.dialect import Dialect


def connect(
    endpoint: Endpoint,
    key: str | None = None,
    *,
    deadlines: Deadlines | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    extra: Mapping[str, object] | None = None,
) -> Backend:
    """The backend for an endpoint.

    The HTTP library is loaded here, and for https the certificates are: call it off the event loop.

    Args:
        endpoint: what to talk to.
        key: the secret it asks for, if any.
        deadlines: how long to wait; by default what fits the endpoint's place.
        transport: stands in for the network.
        extra: further fields for the body of every request.

    Raises:
        Misconfigured: nothing may or can be sent there.
    """
    from firsthand.backends import chat, deepseek, fim, http, llamacpp, ollama, openai

    dialects: dict[str, type[Dialect]] = {
        "llamacpp": llamacpp.LlamaCpp,
        "ollama": ollama.Ollama,
        "openai": openai.OpenAI,
        "fim": fim.Fim,
        "deepseek": deepseek.DeepSeek,
        "chat": chat.Chat,
    }
    limits = deadlines or Deadlines.near(endpoint.loopback)
    connection = http.connection(endpoint, key, limits, transport)
    return dialects[endpoint.wire](connection, extra or {})
