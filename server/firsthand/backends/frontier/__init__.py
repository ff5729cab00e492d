"""Frontier models: one file for each wire format behind one seam, `stream(question) -> parts`.

They are asked questions and answer in words, other than the models that fill holes; what they share
with those is the connection, its deadlines and the tree of errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from firsthand.backends.base import Deadlines, Endpoint
from firsthand.backends.frontier.question import Declined, End, Message, Part, Question, Talker

if TYPE_CHECKING:
    import httpx

    from firsthand.backends.frontier.talk import Talk

__all__ = ["Declined", "End", "Message", "Part", "Question", "Talker", "open_talk"]

# A model that thinks says nothing for long; who asked sees that it does, and can cancel.
PATIENT = Deadlines(connect=10.0, first=120.0, stall=120.0, total=600.0)


def open_talk(
    endpoint: Endpoint,
    key: str | None = None,
    *,
    deadlines: Deadlines = PATIENT,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Talker:
    """A connection to a model that answers questions.

    The HTTP library is loaded here, and for https the certificates are: call it off the event loop.

    Args:
        endpoint: what to talk to.
        key: the secret it asks for, if any.
        deadlines: how long to wait.
        transport: stands in for the network.

    Raises:
        Misconfigured: nothing may or can be sent there.
    """
    from firsthand.backends import http
    from firsthand.backends.frontier import anthropic, chat, gemini, responses

    formats: Mapping[str, type[Talk]] = {
        "anthropic": anthropic.Anthropic,
        "chat": chat.ChatCompletions,
        "gemini": gemini.Gemini,
        "responses": responses.Responses,
    }
    made = formats[endpoint.talk]
    connection = http.connection(endpoint, key, deadlines, transport, made.headers)
    return made(connection)
