"""What reads text from outside, and what has to hold whatever the text is.

Each target takes any bytes. What it raises, other than the errors its reader names, is a fault.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache

from firsthand.backends import openai
from firsthand.backends.base import BackendError, Deadlines, Endpoint
from firsthand.backends.frontier.anthropic import Anthropic
from firsthand.backends.frontier.chat import ChatCompletions
from firsthand.backends.frontier.gemini import Gemini
from firsthand.backends.frontier.responses import Responses
from firsthand.backends.frontier.talk import Talk
from firsthand.backends.http import connection
from firsthand.core.patch import Malformed, Reply, parse_insertion, parse_reply
from firsthand.core.redact import redact
from firsthand.core.restoring import Restorer
from firsthand.core.stream import EventDecoder, LineTooLong, RecordDecoder, Stopper
from firsthand.settings import Loaded
from firsthand.settings.sources import parse_user, with_editor, with_workspace

_TARGET = "def f(a):\n    if a:\n        return 1\n    return 2\n"
_AT = Endpoint("m", "openai", "http://127.0.0.1:1", "m")
_ANSWER = 80  # bytes that are taken for a completion: it is looked at after each character
_TALKS: tuple[type[Talk], ...] = (Anthropic, ChatCompletions, Gemini, Responses)


def stream(data: bytes) -> None:
    """The lines and events of a stream, cut anywhere, and the end of a completion in them."""
    cut = data[0] if data else 0
    for make in (EventDecoder, RecordDecoder):
        try:
            assert _decoded(make(), data, 1 << 30) == _decoded(make(), data, 1 + cut % 7)
        except LineTooLong:
            continue
    text = data[:_ANSWER].decode("utf-8", "replace")
    whole, step = text.replace("\r", ""), 1 + cut % 5
    said = _stopped([text])
    assert said == _stopped([text[at : at + step] for at in range(0, len(text), step)])
    assert whole.startswith(said)


def records(data: bytes) -> None:
    """What a provider's record says, whatever JSON it is."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(record, dict):
        return
    for talk in _talks():
        try:
            talk.reader()(record)
        except BackendError:
            continue
    try:
        openai.piece(_AT, record)
    except BackendError:
        return


def patch(data: bytes) -> None:
    """A frontier model's reply: it is understood or refused, and stays inside the range."""
    text = data.decode("utf-8", "replace")
    for told in (
        parse_reply(text, _TARGET, "import a\n", "x = 1\n"),
        parse_reply(text, ""),
        parse_insertion(text, ""),
    ):
        assert isinstance(told, Reply | Malformed)


def configuration(data: bytes) -> None:
    """The person's file, a workspace's file and an editor's settings."""
    text = data.decode("utf-8", "replace")
    loaded = parse_user(text, "config.toml")
    tightened = with_workspace(Loaded(), text, ".firsthand.toml").settings
    usual = Loaded().settings
    assert tightened.models == usual.models
    assert tightened.budget.day_usd <= usual.budget.day_usd
    assert tightened.privacy.redact
    assert tightened.tuning.aggression <= usual.tuning.aggression
    for fault in loaded.faults:
        assert str(fault)
    try:
        with_editor(Loaded(), json.loads(text))
    except (ValueError, RecursionError):
        return


def redaction(data: bytes) -> None:
    """Secrets out and in again: nothing is lost, lines stay, and twice is once."""
    text = data.decode("utf-8", "replace")
    # A salt that the input cannot know, as nobody outside knows that of a process.
    redacted = redact(text, hashlib.sha256(data).digest())
    assert redacted.text.count("\n") == text.count("\n")
    assert not redact(redacted.text).found
    restorer = Restorer(lambda: redacted.secrets)
    half = len(redacted.text) // 2
    pieces = (redacted.text[:half], redacted.text[half:])
    assert "".join([*map(restorer.feed, pieces), restorer.flush()]) == text


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (stream, records, patch, configuration, redaction)
}


def _stopped(pieces: Sequence[str]) -> str:
    stopper = Stopper(_TARGET, "\n)]}\n", ("<stop>",), max_lines=4)
    return "".join([*map(stopper.feed, pieces), stopper.flush()])


@cache
def _talks() -> tuple[Talk, ...]:
    return tuple(talk(connection(_AT, None, Deadlines())) for talk in _TALKS)


def _decoded(decoder: EventDecoder | RecordDecoder, data: bytes, step: int) -> list[object]:
    found: list[object] = []
    for at in range(0, len(data), step):
        found += decoder.decode(data[at : at + step])
    return [*found, *decoder.flush()]
