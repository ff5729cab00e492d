"""Model servers on this machine, found without configuration.

Only ports of this machine are asked, and nothing of the person's is sent: GET requests, the
spellings of control tokens, and the fixed snippet of a trial. A model that its server runs
elsewhere is never used, and neither is one of a server that does not say where it runs its models.

Sources: llama.cpp tools/server/README.md (/props, /tokenize), Ollama docs/api.md (/api/version,
/api/tags with `remote_host` for cloud models, /api/ps), OpenAI's API reference (/v1/models).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import httpx

from firsthand.backends import connect
from firsthand.backends.base import BackendError, Deadlines, Endpoint, Refused, Unreachable
from firsthand.backends.http import Connection, connection
from firsthand.backends.trial import Trial, fire
from firsthand.core.fim import detect, special_tokens

PORTS = (8012, 8080, 11434, 1234)
"""Where llama.cpp (for its editor plugins, and by default), Ollama and LM Studio listen."""

_PROBE = Deadlines(connect=0.2, first=0.2, stall=0.2, total=0.4)
_TRIAL = Deadlines(connect=0.25, first=30, stall=5, total=40)  # a model may have to be loaded first
_PATHS = ("/props", "/api/version", "/api/tags", "/api/ps", "/v1/models")
_MOST_TRIALS = 2

# What servers that run models themselves put into `owned_by`; a gateway names a company there.
_RUN_HERE = {
    "vllm": "vLLM",
    "sglang": "SGLang",
    "organization_owner": "LM Studio",
    "organization-owner": "LM Studio",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model on this machine that fills in the middle."""

    endpoint: Endpoint
    server: str
    trial: Trial

    def __str__(self) -> str:
        return f"{self.endpoint.model} at {self.server} ({self.endpoint.url})"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A server on this machine, or a model of one, that is not used, and why."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


async def discover(
    ports: Iterable[int] = PORTS,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    extra: Mapping[str, object] | None = None,
) -> tuple[Found | PassedOver, ...]:
    """Every model server on this machine, in the order of the ports.

    A port that nobody listens on gives nothing.

    Args:
        ports: where to look, on 127.0.0.1.
        transport: stands in for the network.
        extra: further fields for the body of a trial.
    """
    servers = (_Server(f"http://127.0.0.1:{port}", transport, extra or {}) for port in ports)
    results = await asyncio.gather(*(server.look() for server in servers))
    return tuple(each for result in results for each in result)


@dataclass(frozen=True, slots=True)
class _Server:
    url: str
    transport: httpx.AsyncBaseTransport | None
    extra: Mapping[str, object]

    async def look(self) -> Sequence[Found | PassedOver]:
        """Who listens, and whether it has a model to use."""
        link = connection(Endpoint(self.url, "openai", self.url), None, _PROBE, self.transport)
        async with aclosing(link.http):
            answers = await asyncio.gather(*(_ask(link, self.url + path) for path in _PATHS))
            props, version, tags, loaded, models = answers
            if all(isinstance(each, Unreachable) for each in answers):
                return ()
            if isinstance(props, dict) and "default_generation_settings" in props:
                return await self._llamacpp(link, props)
            if isinstance(version, dict) and isinstance(version.get("version"), str):
                return await self._ollama(_listed(tags, "models"), _listed(loaded, "models"))
            if isinstance(models, dict) and isinstance(models.get("data"), list):
                return await self._compatible(_listed(models, "data"))
        return (PassedOver(self.url, _why_not(answers)),)

    async def _llamacpp(
        self, link: Connection, props: Mapping[str, Any]
    ) -> Sequence[Found | PassedOver]:
        path = _text(props, "model_alias") or _text(props, "model_path")
        name = PurePosixPath(path.replace("\\", "/")).name.removesuffix(".gguf") or "its model"
        template = detect(name, await _known_tokens(link, self.url))
        # Its own template is the second choice: it names every file the same and cuts the text.
        templates = [template.name, ""] if template else [""]
        tries = [Endpoint(f"llama.cpp {name}", "llamacpp", self.url, name, t) for t in templates]
        return await self._try("llama.cpp", tries)

    async def _ollama(
        self, models: Sequence[Mapping[str, Any]], loaded: Sequence[Mapping[str, Any]]
    ) -> Sequence[Found | PassedOver]:
        elsewhere, here = [], []
        for model in models:
            name = _text(model, "name")
            if model.get("remote_host") or model.get("remote_model") or name.endswith("cloud"):
                elsewhere.append(PassedOver(self.url, f"Ollama runs {name} elsewhere"))
            else:
                here.append(model)
        in_memory = {_text(each, "name") for each in loaded}
        # One that is loaded answers at once; of the others the smallest takes the least memory.
        here.sort(key=lambda each: (_text(each, "name") not in in_memory, _size(each)))
        tries = self._candidates("Ollama", [_text(each, "name") for each in here])
        return [*elsewhere, *await self._try("Ollama", tries)]

    async def _compatible(
        self, models: Sequence[Mapping[str, Any]]
    ) -> Sequence[Found | PassedOver]:
        owners = [_RUN_HERE.get(_text(each, "owned_by")) for each in models]
        server = next((owner for owner in owners if owner), None)
        if server is None or not all(owners):
            reason = "does not say that it runs its models on this machine"
            mend = "if you trust it with your code, name it under [models] in the configuration"
            return (PassedOver(self.url, f"{reason}; {mend}"),)
        names = [_text(each, "id") for each in models]
        return await self._try(server, self._candidates(server, names))

    def _candidates(self, server: str, models: Iterable[str]) -> list[Endpoint]:
        known = ((model, detect(model)) for model in models)
        return [
            Endpoint(f"{server} {model}", "openai", self.url, model, template.name)
            for model, template in known
            if template
        ]

    async def _try(self, server: str, tries: Sequence[Endpoint]) -> Sequence[Found | PassedOver]:
        """The first of some endpoints whose trial succeeds, else why none did."""
        if not tries:
            return (PassedOver(self.url, f"{server} has no model known to fill in the middle"),)
        passed = {}
        for endpoint in tries[:_MOST_TRIALS]:
            backend = connect(
                endpoint, deadlines=_TRIAL, transport=self.transport, extra=self.extra
            )
            try:
                trial = await fire(backend)
            except BackendError as error:
                passed[endpoint.model] = str(error).removesuffix(".")
                continue
            finally:
                await backend.aclose()
            if trial.sensible:
                return (Found(endpoint, server, trial),)
            passed[endpoint.model] = (
                f"{endpoint.model} at {server} did not fill in the middle of a test snippet: "
                "use a model trained for it"
            )
        return [PassedOver(self.url, reason) for reason in passed.values()]


async def _ask(
    link: Connection, url: str, body: Mapping[str, object] | None = None
) -> object | BackendError:
    try:
        return await link.fetch(url, body)
    except BackendError as error:
        return error


async def _known_tokens(link: Connection, url: str) -> frozenset[str] | None:
    """Which of our templates' control tokens a llama.cpp server's model has; None if unknown."""
    asked = special_tokens()
    body = {"content": "\n".join(sorted(asked)), "parse_special": True, "with_pieces": True}
    answer = await _ask(link, url + "/tokenize", body)
    pieces = {str(each.get("piece")) for each in _listed(answer, "tokens")}
    return frozenset(pieces & asked) if pieces else None


def _listed(answer: object, name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in an answer, however odd the answer."""
    values = answer.get(name) if isinstance(answer, dict) else None
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _text(record: Mapping[str, Any], name: str) -> str:
    """A name in an answer, empty if it is none that may be shown on a terminal."""
    value = record.get(name)
    return value if isinstance(value, str) and value.isprintable() and len(value) < 500 else ""


def _size(model: Mapping[str, Any]) -> int:
    size = model.get("size")
    return size if isinstance(size, int) else 0


def _why_not(answers: Iterable[object]) -> str:
    statuses = {each.status for each in answers if isinstance(each, Refused)}
    if statuses & {401, 403}:
        return "asks for a key; name it under [models] in the configuration with its api_key_env"
    if 503 in statuses:
        return "is not ready; look again when it has loaded its model"
    return "is no model server that Firsthand knows"
