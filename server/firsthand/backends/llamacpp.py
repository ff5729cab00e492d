"""llama.cpp's own server: /completion with our template, or /infill with the model's.

Source: tools/server/README.md of llama.cpp. /infill needs no configuration, as the server takes the
tokens from the model's file; but it calls every file "filename", and windows the text itself.

Words in the middle are healed by a grammar (GBNF) that wants the answer to begin with the word. It
costs nothing where the model would have written the word itself: the server tries the likeliest
token first, and goes through its whole vocabulary only where that one does not fit (once, about
40 ms of CPU for 150,000 tokens).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from firsthand.backends import said
from firsthand.backends.base import BackendError, Chunk, Request, Usage
from firsthand.backends.confidence import numbers
from firsthand.backends.dialect import Dialect, prompt_of
from firsthand.backends.http import count, encoded, garbled
from firsthand.backends.reading import Piece
from firsthand.core.fim import Prompt, detect

_MOST_SLOTS = 64


class LlamaCpp(Dialect):
    """A connection to a llama.cpp server."""

    _learned = ""  # the model's name as the server first gave it
    _context = 0  # tokens that a slot's model can read; 0 where the server does not say

    async def learn(self) -> None:
        """Ask for the model, its template where it is not configured, and the slots."""
        props = await self._connection.fetch(f"{self.root}/props", seconds=self._ask_s)
        endpoint = self.endpoint
        model = said.llamacpp_model(props) or endpoint.model
        template = endpoint.template
        if endpoint.guessed or (self._learned and model != self._learned):
            found = detect(model, await self._tokens())
            # Its own template is the second choice: it names every file the same and cuts the text.
            template = found.name if found else ""
        slots = count(props.get("total_slots")) if isinstance(props, dict) else 0
        self.slots = min(max(slots, 1), _MOST_SLOTS)
        context = _reads(props)
        self.changes += context != self._context
        self._learned, self._serving, self._context = model, "", context
        self._is(model=model, template=template)
        self.known = True

    async def warm(self, request: Request) -> bool:
        """Let the server read a request's prompt into its cache."""
        body = self._body(request, {"n_predict": 0})
        answer = self._answer(self._path, body, request, self._prompt(request))
        async with aclosing(answer) as chunks:
            async for _ in chunks:
                pass
        return True

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        return self._body(request, {})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        return self._answer(self._path, self.body(request), request, self._prompt(request))

    @property
    def _path(self) -> str:
        return "/completion" if self.endpoint.fim else "/infill"

    def _prompt(self, request: Request) -> Prompt:
        return prompt_of(self.endpoint.fim, request, request.heal)

    def _body(self, request: Request, changes: Mapping[str, object]) -> bytes:
        hole, prompt = request.hole, self._prompt(request)
        if self.endpoint.fim:
            asked: dict[str, object] = {"prompt": prompt.text, "stop": prompt.stops}
        else:
            asked = {
                "input_prefix": hole.prefix.removesuffix(prompt.lead),
                "input_suffix": hole.suffix,
                "input_extra": [{"filename": name, "text": text} for name, text in hole.snippets],
                "prompt": "",
            }
        asked["n_predict"] = request.max_tokens + len(prompt.lead) // 3
        asked["temperature"] = request.temperature
        if request.heal and prompt.lead:
            asked["grammar"] = f"root ::= {_literal(prompt.lead)} .*"
        if request.certainty:
            asked["n_probs"] = 1
        fixed = {"cache_prompt": True, "stream": True}
        return encoded({**asked, **fixed, **self._extra, **changes})

    async def _tokens(self) -> frozenset[str] | None:
        """Which control tokens the model has; None if the server does not say."""
        question = said.tokens_question()
        try:
            answer = await self._connection.fetch(f"{self.root}/tokenize", question, self._ask_s)
        except BackendError:
            return None
        return said.known_tokens(answer)

    def _read(self, record: Mapping[str, Any]) -> Piece:
        text, timings = record.get("content"), record.get("timings")
        if not isinstance(text, str):
            raise garbled(self.endpoint)
        usage = None
        if isinstance(timings, dict):
            cached, computed, made = (
                count(timings.get(name)) for name in ("cache_n", "prompt_n", "predicted_n")
            )
            usage = Usage(cached + computed, cached, made)
        last = record.get("stop") is True
        if last and self._another(serving := said.text(record, "model")):
            self._is(model=said.file_name(serving))  # what it wrote is that other model's
        # Its older versions said the same by a field of its own.
        cut = record.get("stop_type") == "limit" or record.get("stopped_limit") is True
        tokens = said.listed(record, "completion_probabilities")
        logprobs = numbers([each.get("logprob") for each in tokens])
        return Piece(text, last=last, cut=cut, usage=usage, logprobs=logprobs)


def _literal(text: str) -> str:
    """A text as a GBNF grammar writes it."""
    plain = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n"}
    return '"' + "".join(plain.get(each, each) for each in text) + '"'


def _reads(props: object) -> int:
    """How many tokens a slot's model can read, as the server says; 0 where it does not."""
    settings = props.get("default_generation_settings") if isinstance(props, dict) else None
    return count(settings.get("n_ctx")) if isinstance(settings, dict) else 0
