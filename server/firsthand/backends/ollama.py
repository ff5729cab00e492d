"""Ollama's own /api/generate: prompt and suffix where the model can insert, else our template.

Source: Ollama docs/api.md. Three things to know: an empty prompt only loads the model, an empty
suffix makes a chat of the prompt, and another `num_ctx` than before loads the model anew.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from firsthand.backends import said
from firsthand.backends.base import Chunk, Misconfigured, Request, Usage
from firsthand.backends.confidence import numbers
from firsthand.backends.dialect import Dialect, prompt_of
from firsthand.backends.http import count, encoded, garbled
from firsthand.backends.reading import Piece
from firsthand.core.fim import Prompt, Template, halves


class Ollama(Dialect):
    """A connection to an Ollama server."""

    _inserts = True  # whether the model can, by what the server says
    _family: Template | None = None

    async def learn(self) -> None:
        """Ask whether the model can insert, for its template, and whether it runs elsewhere."""
        endpoint = self.endpoint
        asked = {"model": endpoint.model}
        shown = await self._connection.fetch(f"{self.root}/api/show", asked, self._ask_s)
        self._inserts = said.fills_holes(shown)
        self._family = said.ollama_template(endpoint.model, shown)
        template = endpoint.template
        if endpoint.guessed or not template:
            template = self._family.name if self._family and not self._inserts else ""
        self._is(template=template, remote=endpoint.remote or said.elsewhere(shown))
        self.known = True

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        endpoint, prompt = self.endpoint, self._prompt(request)
        asked: dict[str, object] = {"model": endpoint.model}
        options: dict[str, object] = {
            "num_predict": request.max_tokens + len(prompt.lead) // 3,
            "temperature": request.temperature,
        }
        if endpoint.fim:
            asked |= {"prompt": prompt.text, "raw": True}
            options["stop"] = prompt.stops
        elif self._inserts:
            prefix, suffix = halves(self._family, request.hole, prompt.lead)
            asked |= {"prompt": prefix or "\n", "suffix": suffix or "\n"}
        else:
            raise Misconfigured(
                f"{endpoint.name} has a model that Ollama cannot insert text with: use one that "
                'can, or set fim to the name of its template or to "chat".'
            )
        if request.certainty:
            asked["logprobs"] = True
        fixed = {"options": options, "think": False, "stream": True}
        return encoded({**asked, **fixed, **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        body, prompt = self.body(request), self._prompt(request)
        return self._answer("/api/generate", body, request, prompt, lines=True)

    def _prompt(self, request: Request) -> Prompt:
        prompt = prompt_of(self.endpoint.fim, request, request.freely)
        if self._family and not self.endpoint.fim:
            return Prompt("", self._family.stops, prompt.lead)
        return prompt

    def _read(self, record: Mapping[str, Any]) -> Piece:
        text, done = record.get("response"), record.get("done") is True
        if not isinstance(text, str):
            raise garbled(self.endpoint)
        usage = None
        if done:
            prompt, made = (count(record.get(key)) for key in ("prompt_eval_count", "eval_count"))
            usage = Usage(prompt, 0, made)
        tokens = said.listed(record, "logprobs")
        return Piece(
            text,
            last=done,
            cut=record.get("done_reason") == "length",
            usage=usage,
            logprobs=numbers([each.get("logprob") for each in tokens]),
        )
