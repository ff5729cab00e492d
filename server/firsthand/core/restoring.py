"""Secrets back in their places, in what came back for a text without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from firsthand.core.redact import PLACEHOLDER

# A placeholder that was begun at the end of a text.
_BEGUN = re.compile(
    r"\[(?:R(?:E(?:D(?:A(?:C(?:T(?:E(?:D(?::[a-z_]*(?::[0-9a-f]*)?)?)?)?)?)?)?)?)?)?\Z"
)


class Restorer:
    """Puts secrets back into a text that comes in pieces.

    Args:
        secrets: gives them as `Redacted` has them, once a placeholder comes; one may hold others'.
    """

    def __init__(self, secrets: Callable[[], Iterable[tuple[str, str]]]) -> None:
        self._find = secrets
        self._found: Mapping[str, str] | None = None
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be told of the text with one more piece of it."""
        text = self._held + piece
        keep = len(text) - len(self._unsure(text))
        self._held = text[keep:]
        return self._restored(text[:keep])

    def flush(self) -> str:
        """The rest, at the end of the text."""
        text, self._held = self._held, ""
        return self._restored(text)

    @property
    def _secrets(self) -> Mapping[str, str]:
        if self._found is None:
            self._found = dict(self._find())
        return self._found

    def _unsure(self, text: str) -> str:
        """The end of a text that may be the beginning of a placeholder and its lines."""
        begun = _BEGUN.search(text)
        if begun is not None:
            return begun[0]
        at = text.rfind("[REDACTED:")
        last = PLACEHOLDER.match(text, at) if at >= 0 else None
        if last is None or text[last.end() :].strip("\r\n"):
            return ""
        some = any(each.startswith(last[0]) and each != last[0] for each in self._secrets)
        whole = text[last.start() :] in self._secrets
        return text[last.start() :] if some and not whole else ""

    def _restored(self, text: str) -> str:
        if "[REDACTED:" not in text or not self._secrets:
            return text
        pieces, end = [], 0
        while (match := PLACEHOLDER.search(text, end)) is not None:
            pieces.append(text[end : match.start()])
            end = match.end()
            known = next((each for each in self._secrets if each.startswith(match[0])), None)
            if known is None:
                pieces.append(match[0])
                continue
            # The ends of lines behind it, as many of them as came back.
            ends = _common(known[len(match[0]) :], text[end:])
            pieces.append(self._restored(self._secrets[known]))
            end += len(ends)
        return "".join((*pieces, text[end:]))


def _common(one: str, other: str) -> str:
    """What two texts begin with."""
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return min(one, other, key=len) if length is None else one[:length]
