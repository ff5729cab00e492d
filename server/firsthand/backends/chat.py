"""Chat models that cannot fill in the middle, asked to write what is missing.

Source: OpenAI's API reference, "Chat completions". What they write around the code (fences, prose,
the line's beginning once more) is taken off where any model's text is cleaned.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import replace

from firsthand.backends.base import Chunk, Request
from firsthand.backends.dialect import prompt_of
from firsthand.backends.http import encoded
from firsthand.backends.openai import OpenAI, counted
from firsthand.core.fim import Hole

_TASK = (
    "You complete code at a cursor. You are given the text after the cursor and the text before "
    "it. Reply with only the text that belongs between them, so that it can be inserted as it is: "
    "no explanation, no Markdown, nothing that stands before or after already. Begin exactly where "
    "the text before the cursor ends, and stop as soon as the statement or block is complete. If "
    "nothing belongs there, reply with nothing."
)
_FENCE_LINES = 2  # that a model may put around the code all the same


class Chat(OpenAI):
    """A connection to a server with OpenAI's chat completions."""

    async def learn(self) -> None:
        """Ask for the model where none is configured."""
        if not self._configured.model:
            model, _ = await self._model()
            self._is(model=model)
        self.known = True

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        endpoint = self.endpoint
        body: dict[str, object] = {
            "model": endpoint.model,
            "messages": [
                {"role": "system", "content": _TASK},
                {"role": "user", "content": _question(request.hole)},
            ],
            endpoint.preset.limit: request.max_tokens,
            "temperature": request.temperature,
            "stream": True,
        }
        if request.certainty:
            body["logprobs"] = True
        return encoded({**body, **counted(endpoint), **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        room = replace(request, max_lines=request.max_lines + _FENCE_LINES)
        # Some have their own version in the address.
        version = "" if re.search(r"/(v\d+|beta)$", self.root) else "/v1"
        path = f"{version}/chat/completions"
        return self._answer(path, self.body(request), room, prompt_of(None, request))


def _question(hole: Hole) -> str:
    """What is shown of the file: what changes with every key comes last, for servers' caches."""
    others = "".join(f"<file path={path!r}>\n{text}\n</file>\n" for path, text in hole.snippets)
    return (
        f"{others}The file is {hole.path or 'not named'}.\n"
        f"<after_cursor>{hole.suffix}</after_cursor>\n"
        f"<before_cursor>{hole.prefix}"
    )
