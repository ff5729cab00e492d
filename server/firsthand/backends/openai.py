"""Servers that are compatible with OpenAI's /v1/completions, asked with our own FIM template.

Source: OpenAI's API reference, "Completions (legacy)". `suffix` is never sent: some servers ignore
it in silence, others refuse it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from firsthand.backends import said
from firsthand.backends.base import BackendError, Chunk, Endpoint, Misconfigured, Request, Usage
from firsthand.backends.confidence import numbers
from firsthand.backends.dialect import Dialect, prompt_of
from firsthand.backends.http import count, encoded, garbled
from firsthand.backends.reading import Piece
from firsthand.core.fim import Template

_MOST_STOPS = 4  # of OpenAI's own interface; the Stopper looks for all of them


class OpenAI(Dialect):
    """A connection to a server with OpenAI's completions."""

    async def learn(self) -> None:
        """Ask for the model, and what it is made of, where that is not configured."""
        endpoint = self._configured
        sure = endpoint.template and not (endpoint.guessed and endpoint.loopback)
        if not (sure and endpoint.model):
            model, template = await self._model()
            found = template.name if template else endpoint.template
            self._is(model=model, template=endpoint.template if sure else found)
        self._serving = ""
        self.known = True

    def body(self, request: Request) -> bytes:
        """What is sent, as `Backend.body` says."""
        endpoint, prompt = self.endpoint, prompt_of(self._template, request, request.freely)
        body: dict[str, object] = {
            "model": endpoint.model,
            "prompt": prompt.text,
            "max_tokens": request.max_tokens + len(prompt.lead) // 3,
            "temperature": request.temperature,
            "stop": prompt.stops[:_MOST_STOPS],
            "stream": True,
        }
        if endpoint.preset.logprobs or request.certainty:
            body["logprobs"] = 1
        return encoded({**body, **counted(endpoint), **self._extra})

    def stream(self, request: Request) -> AsyncGenerator[Chunk]:
        """The answer, as `Backend.stream` says."""
        prompt = prompt_of(self._template, request, request.freely)
        return self._answer("/v1/completions", self.body(request), request, prompt)

    @property
    def _template(self) -> Template:
        template = self.endpoint.fim
        if template is None:
            raise Misconfigured(
                f"{self.endpoint.name} has a model whose fim template is not known: "
                'set fim to the name of its template, or to "chat".'
            )
        return template

    async def _model(self) -> tuple[str, Template | None]:
        """The model's name, and its template as far as the server's word says."""
        name = self._configured.model
        if self.endpoint.provider == "lmstudio" and not name:
            name = await self._loaded()
        answer = await self._connection.fetch(f"{self.root}/v1/models", seconds=self._ask_s)
        return said.compatible_model(said.listed(answer, "data"), name)

    async def _loaded(self) -> str:
        """The model that LM Studio has in memory, else its first."""
        try:
            answer = await self._connection.fetch(f"{self.root}/api/v0/models", seconds=self._ask_s)
        except BackendError:
            return ""
        return next(iter(said.lm_studio_models(answer)), "")

    def _read(self, record: Mapping[str, Any]) -> Piece:
        serving = said.text(record, "model")
        if self._another(serving) and not self._configured.model:
            self._is(model=serving)  # what it wrote is that other model's
        return piece(self.endpoint, record)


def counted(endpoint: Endpoint) -> dict[str, object]:
    """What asks an OpenAI-compatible server to count tokens: what is paid for has to be known.

    Mistral counts unasked, and refuses the question.
    """
    asks = endpoint.remote and endpoint.preset.wire != "fim"
    return {"stream_options": {"include_usage": True}} if asks else {}


def piece(endpoint: Endpoint, record: Mapping[str, Any]) -> Piece:
    """One record of OpenAI's shape, of a completion or of a chat.

    Raises:
        Garbled: it is none.
    """
    choices, usage = record.get("choices"), _usage(record.get("usage"))
    if not isinstance(choices, list):
        raise garbled(endpoint)
    if not choices:
        return Piece(last=usage is not None, usage=usage)
    choice = choices[0]
    if not isinstance(choice, dict):
        raise garbled(endpoint)
    finish, delta = choice.get("finish_reason"), choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else choice.get("text")
    if isinstance(text, list):
        text = _spoken(endpoint, delta)
    if text is None and (isinstance(delta, dict) or finish is not None):
        text = ""  # a role, a thought, or the end alone
    if not isinstance(text, str):
        raise garbled(endpoint)
    return Piece(
        text,
        last=finish is not None,
        cut=finish == "length",
        usage=usage,
        logprobs=_logprobs(choice.get("logprobs")),
    )


def _spoken(endpoint: Endpoint, delta: object) -> str:
    """What content in parts says, beside thoughts: Mistral's models that think send it so."""
    parts = (each for each in said.listed(delta, "content") if each.get("type") == "text")
    texts = [each.get("text") for each in parts]
    spoken = [each for each in texts if isinstance(each, str)]
    if len(spoken) < len(texts):
        raise garbled(endpoint)
    return "".join(spoken)


def _usage(record: object) -> Usage | None:
    if not isinstance(record, dict):
        return None
    given = record.get("prompt_tokens_details")
    details = given if isinstance(given, dict) else {}
    prompt, total = count(record.get("prompt_tokens")), count(record.get("total_tokens"))
    if not prompt:
        return None  # LiteLLM says 0 of all where it did not count: such an answer was not free
    return Usage(
        prompt,
        # The latter is DeepSeek's.
        count(details.get("cached_tokens")) or count(record.get("prompt_cache_hit_tokens")),
        # xAI counts thoughts in the total alone.
        max(count(record.get("completion_tokens")), total - prompt),
        count(details.get("cache_write_tokens")),
    )


def _logprobs(record: object) -> tuple[float, ...]:
    """The log-probabilities of a record's tokens: of a completion, or of a chat."""
    if not isinstance(record, dict):
        return ()
    tokens = said.listed(record, "content")
    return numbers(record.get("token_logprobs")) or numbers(
        [each.get("logprob") for each in tokens]
    )
