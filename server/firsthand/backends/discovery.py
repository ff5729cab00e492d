"""Model servers on this machine, found without configuration.

Only ports of this machine are asked, and nothing of the person's is sent: GET requests, the
spellings of control tokens, and the fixed snippet of a trial. A model that its server runs
elsewhere is never used, and neither is one of a server that does not say where it runs its models.

Sources: llama.cpp tools/server/README.md (/props, /tokenize), Ollama docs/api.md (/api/version,
/api/tags with `remote_host` for cloud models, /api/ps, /api/show), LM Studio's REST API
(/api/v0/models), OpenAI's API reference (/v1/models).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx

from firsthand.backends import connect, said
from firsthand.backends.base import BackendError, Deadlines, Endpoint, Refused, Unreachable
from firsthand.backends.http import Connection, connection
from firsthand.backends.trial import Trial, fire
from firsthand.core.fim import detect
from firsthand.settings import Provider

PORTS = (8012, 8080, 11434, 1234)
"""Where llama.cpp (for its editor plugins, and by default), Ollama and LM Studio listen."""

_PROBE = Deadlines(connect=0.2, first=0.2, stall=0.2, total=0.4)
_TRIAL = Deadlines(connect=0.25, first=30, stall=5, total=40)  # a model may have to be loaded first
_PATHS = ("/props", "/api/version", "/api/tags", "/api/ps", "/api/v0/models", "/v1/models")
_MOST_TRIALS = 2
_MOST_SHOWN = 20  # models of Ollama that are looked at

# What servers that run models themselves put into `owned_by`; a gateway names a company there.
_RUN_HERE: Mapping[str, tuple[str, Provider]] = {
    "vllm": ("vLLM", "vllm"),
    "sglang": ("SGLang", "sglang"),
    "organization_owner": ("LM Studio", "lmstudio"),
    "organization-owner": ("LM Studio", "lmstudio"),
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
        async with aclosing(link.sender):
            answers = await asyncio.gather(*(_ask(link, self.url + path) for path in _PATHS))
            props, version, tags, loaded, studio, models = answers
            if all(isinstance(each, Unreachable) for each in answers):
                return ()
            if isinstance(props, dict) and "default_generation_settings" in props:
                return await self._llamacpp(link, props)
            if isinstance(version, dict) and isinstance(version.get("version"), str):
                running = said.listed(loaded, "models")
                return await self._ollama(link, said.listed(tags, "models"), running)
            if names := said.lm_studio_models(studio):
                tries = [self._endpoint("LM Studio", "lmstudio", each) for each in names]
                return await self._try("LM Studio", filter(None, tries))
            if isinstance(models, dict) and isinstance(models.get("data"), list):
                return await self._compatible(said.listed(models, "data"))
        return (PassedOver(self.url, _why_not(answers)),)

    async def _llamacpp(
        self, link: Connection, props: Mapping[str, Any]
    ) -> Sequence[Found | PassedOver]:
        name = said.llamacpp_model(props) or "its model"
        answer = await _ask(link, self.url + "/tokenize", said.tokens_question())
        template = detect(name, said.known_tokens(answer))
        # Its own template is the second choice: it names every file the same and cuts the text.
        templates = [template.name, ""] if template else [""]
        tries = [Endpoint(f"llama.cpp {name}", "llamacpp", self.url, name, t) for t in templates]
        return await self._try("llama.cpp", tries)

    async def _ollama(
        self,
        link: Connection,
        models: Sequence[Mapping[str, Any]],
        loaded: Sequence[Mapping[str, Any]],
    ) -> Sequence[Found | PassedOver]:
        elsewhere, here = [], []
        for model in models:
            name = said.text(model, "name")
            if said.elsewhere(model) or name.endswith("cloud"):
                elsewhere.append(PassedOver(self.url, f"Ollama runs {name} elsewhere"))
            elif name:
                here.append(model)
        in_memory = {said.text(each, "name") for each in loaded}
        # One that is loaded answers at once; of the others the smallest takes the least memory.
        here.sort(key=lambda each: (said.text(each, "name") not in in_memory, _size(each)))
        tries = []
        for model in here[:_MOST_SHOWN]:
            name = said.text(model, "name")
            shown = await _ask(link, self.url + "/api/show", {"model": name})
            template = said.ollama_template(name, shown)
            if said.elsewhere(shown):
                elsewhere.append(PassedOver(self.url, f"Ollama runs {name} elsewhere"))
            elif said.fills_holes(shown):
                tries.append(Endpoint(f"Ollama {name}", "ollama", self.url, name))
            elif template:
                tries.append(Endpoint(f"Ollama {name}", "ollama", self.url, name, template.name))
        return [*elsewhere, *await self._try("Ollama", tries)]

    async def _compatible(
        self, models: Sequence[Mapping[str, Any]]
    ) -> Sequence[Found | PassedOver]:
        owners = [_RUN_HERE.get(said.text(each, "owned_by")) for each in models]
        owner = next(filter(None, owners), None)
        if owner is None or not all(owners):
            reason = "does not say that it runs its models on this machine"
            mend = "if you trust it with your code, name it under [models] in the configuration"
            return (PassedOver(self.url, f"{reason}; {mend}"),)
        tries = [
            self._endpoint(*owner, said.text(each, "id"), said.text(each, "root"))
            for each in models
        ]
        return await self._try(owner[0], filter(None, tries))

    def _endpoint(
        self, server: str, provider: Provider, model: str, root: str = ""
    ) -> Endpoint | None:
        """A model whose template is known by its name, or by the name of what it is made of."""
        template = detect(root) or detect(model)
        if template is None:
            return None
        return Endpoint(f"{server} {model}", provider, self.url, model, template.name)

    async def _try(self, server: str, tries: Iterable[Endpoint]) -> Sequence[Found | PassedOver]:
        """The first of some endpoints whose trial succeeds, else why none did."""
        few = tuple(islice(tries, _MOST_TRIALS))
        if not few:
            return (PassedOver(self.url, f"{server} has no model known to fill in the middle"),)
        passed = {}
        for endpoint in few:
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
