"""Which servers of this machine are used, and what is said of the others."""

import asyncio
import json
from collections.abc import Mapping

import httpx
import pytest
from tests.backends.fakes import Stream, giving, streaming, transport

from firsthand.backends.discovery import Found, PassedOver, discover
from firsthand.backends.trial import SNIPPET
from firsthand.core.fim import TEMPLATES

pytestmark = pytest.mark.asyncio

ANSWER = " + second"
PROPS = {"default_generation_settings": {}, "model_alias": "/models/qwen2.5-coder-1.5b.gguf"}

Routes = Mapping[str, object]


def llamacpp(answer: str = ANSWER, tokens: bool = True, infill: int = 200) -> Routes:
    known = sorted(TEMPLATES["qwen"].tokens) if tokens else ["<", "|"]
    record = {"content": answer, "stop": True}
    return {
        "/props": PROPS,
        "/tokenize": {"tokens": [{"id": 1, "piece": piece} for piece in known]},
        "/completion": streaming(record),
        "/infill": streaming(record, status=infill),
    }


def ollama(
    *models: Mapping[str, object],
    loaded: str = "",
    answer: str = ANSWER,
    shows: Mapping[str, object] | None = None,
) -> Routes:
    line = json.dumps({"response": answer, "done": True, "done_reason": "stop"}) + "\n"
    return {
        "/api/version": {"version": "0.34.1"},
        "/api/tags": {"models": list(models)},
        "/api/ps": {"models": [{"name": loaded}]},
        "/api/show": shows or {"capabilities": ["completion"], "template": "{{ .Prompt }}"},
        "/api/generate": giving(Stream([line.encode()])),
    }


def compatible(owner: str, *models: str, answer: str = ANSWER) -> Routes:
    return {
        "/v1/models": {"data": [{"id": each, "owned_by": owner} for each in models]},
        "/v1/completions": streaming({"choices": [{"text": answer, "finish_reason": "stop"}]}),
    }


async def look(
    servers: Mapping[int, Routes], requests: list[httpx.Request] | None = None
) -> tuple[Found | PassedOver, ...]:
    def handle(request: httpx.Request) -> httpx.Response:
        if requests is not None:
            requests.append(request)
        routes = servers.get(request.url.port or 0)
        if routes is None:
            raise httpx.ConnectError("refused")
        route = routes.get(request.url.path, 404)
        if isinstance(route, int):
            return httpx.Response(route)
        if callable(route):
            response: httpx.Response = route(request)
            return response
        return httpx.Response(200, json=route)

    return await discover((1, 2, 3), transport=transport(handle))


async def found(routes: Routes) -> tuple[str, str, str, str]:
    (one,) = await look({1: routes})
    assert isinstance(one, Found), one
    assert not one.endpoint.remote
    return one.server, one.endpoint.provider, one.endpoint.model, one.endpoint.template


async def passed_over(routes: Routes, *words: str) -> None:
    results = await look({1: routes})
    assert len(results) == len(words)
    for each, word in zip(results, words, strict=True):
        assert isinstance(each, PassedOver), each
        assert each.url == "http://127.0.0.1:1"
        assert word in str(each)


async def test_nobody_listens() -> None:
    assert await look({}) == ()


async def test_a_port_that_never_answers_is_not_waited_for() -> None:
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            raise AssertionError

    async with asyncio.timeout(30):
        (one,) = await discover((1,), transport=Silent())
    assert isinstance(one, PassedOver)


async def test_llamacpp_with_our_template() -> None:
    assert await found(llamacpp()) == ("llama.cpp", "llamacpp", "qwen2.5-coder-1.5b", "qwen")


async def test_llamacpp_with_its_own_template() -> None:
    routes = {**llamacpp(tokens=False), "/completion": 500}
    assert (await found(routes))[3] == ""
    assert (await found({**routes, "/tokenize": 500}))[3] == ""


async def test_llamacpp_that_is_of_no_use() -> None:
    await passed_over(llamacpp(answer="Sure! Here is"), "did not fill in the middle")
    await passed_over(llamacpp(answer=""), "did not fill in the middle")
    await passed_over(llamacpp(tokens=False, infill=501), "cannot fill in the middle")


async def test_a_server_that_loads_or_asks_for_a_key() -> None:
    await passed_over({"/props": 503, "/v1/models": 503}, "loaded")
    await passed_over({"/props": 401, "/v1/models": 401}, "key")


async def test_ollama() -> None:
    small = {"name": "qwen2.5-coder:0.5b", "size": 1}
    large = {"name": "starcoder2:3b", "size": 3}
    other = {"name": "llama3.2:1b", "size": 0}
    assert await found(ollama(large, other, small)) == (
        "Ollama",
        "ollama",
        "qwen2.5-coder:0.5b",
        "qwen",
    )
    assert (await found(ollama(small, large, loaded="starcoder2:3b")))[2] == "starcoder2:3b"


@pytest.mark.parametrize(
    ("shows", "template"),
    [
        ({"capabilities": ["completion", "insert"]}, ""),
        ({"template": "<fim_prefix>{{ .Prompt }}<fim_suffix>{{ .Suffix }}<fim_middle>"}, "granite"),
        ({"model_info": {"general.basename": "Qwen2.5-Coder-1.5B"}}, "qwen"),
    ],
)
async def test_ollamas_word_about_a_model_with_any_name(
    shows: Mapping[str, object], template: str
) -> None:
    routes = ollama({"name": "mine:latest"}, shows=shows)
    assert await found(routes) == ("Ollama", "ollama", "mine:latest", template)


async def test_a_name_is_believed_where_ollamas_template_agrees() -> None:
    shows = {"template": "<fim_prefix>{{ .Prompt }}<fim_suffix>{{ .Suffix }}<fim_middle>"}
    for model, template in (("starcoder2:3b", "starcoder2"), ("qwen2.5-coder:1.5b", "granite")):
        assert (await found(ollama({"name": model}, shows=shows)))[3] == template


async def test_lm_studio() -> None:
    models = [
        {"id": "nomic-embed", "type": "embeddings", "state": "loaded"},
        {"id": "qwen2.5-coder-7b", "type": "llm", "state": "not-loaded"},
        {"id": "starcoder2-3b", "type": "llm", "state": "loaded"},
        {"id": "llama-3.2-3b", "type": "llm", "state": "loaded"},
    ]
    routes = {**compatible("organization_owner"), "/api/v0/models": {"data": models}}
    assert await found(routes) == ("LM Studio", "lmstudio", "starcoder2-3b", "starcoder2")
    await passed_over({**routes, "/api/v0/models": {"data": models[3:]}}, "no model known")


async def test_ollama_without_a_model_to_use() -> None:
    await passed_over(ollama(), "no model known")
    await passed_over(ollama({"name": "llama3.2:1b"}), "no model known")
    await passed_over(
        ollama({"name": "qwen2.5-coder:7b"}, answer="Here is the code"), "did not fill"
    )


async def test_a_model_that_runs_elsewhere_is_never_used() -> None:
    requests: list[httpx.Request] = []
    models = (
        {"name": "qwen3-coder:480b-cloud"},
        {"name": "qwen3-coder:latest", "remote_host": "https://ollama.com:443"},
        {"name": "codestral:latest", "remote_model": "codestral"},
    )
    shown = ollama({"name": "codestral:latest"}, shows={"remote_host": "https://ollama.com"})
    await passed_over(shown, "elsewhere", "no model known")
    results = await look({1: ollama(*models)}, requests)
    assert [isinstance(each, PassedOver) for each in results] == [True] * 4
    assert "elsewhere" in str(results[0])
    assert all(request.method == "GET" for request in requests)


async def test_compatible_servers() -> None:
    assert (await found(compatible("vllm", "Qwen/Qwen2.5-Coder-7B")))[0] == "vLLM"
    root = {"id": "mine", "owned_by": "vllm", "root": "/models/Qwen2.5-Coder-7B"}
    mine = {**compatible("vllm"), "/v1/models": {"data": [root]}}
    assert await found(mine) == ("vLLM", "vllm", "mine", "qwen")
    assert (await found(compatible("organization_owner", "nomic", "starcoder2-3b")))[2:] == (
        "starcoder2-3b",
        "starcoder2",
    )


async def test_a_gateway_is_not_used() -> None:
    for owner in ("openai", "mistral", ""):
        await passed_over(compatible(owner, "codestral-latest"), "if you trust it")
    await passed_over({"/v1/models": {"data": []}}, "if you trust it")


@pytest.mark.parametrize("odd", [[], 5, "text", None, {}, {"models": 5}, {"data": [5, None]}])
async def test_odd_answers(odd: object) -> None:
    paths = ("/props", "/api/version", "/api/tags", "/api/ps", "/v1/models")
    (one,) = await look({1: dict.fromkeys(paths, odd)})
    assert isinstance(one, PassedOver)


async def test_names_that_would_steer_a_terminal_are_left_out() -> None:
    await passed_over(ollama({"name": "codestral\x1b[2J"}), "no model known")


async def test_several_servers_keep_the_order_of_the_ports() -> None:
    results = await look({3: llamacpp(), 1: ollama(), 2: {"/": 200}})
    assert [type(each).__name__ for each in results] == ["PassedOver", "PassedOver", "Found"]
    assert [str(each)[:18] for each in results[:2]] == ["http://127.0.0.1:1", "http://127.0.0.1:2"]


async def test_nothing_of_the_persons_is_sent() -> None:
    requests: list[httpx.Request] = []
    await look({1: llamacpp(), 2: ollama({"name": "codestral"})}, requests)
    posted = [request for request in requests if request.method == "POST"]
    assert {request.url.host for request in requests} == {"127.0.0.1"}
    assert len(posted) == 4
    for request in posted:
        body = json.loads(request.content)
        assert (
            "content" in body or body == {"model": "codestral"} or SNIPPET.suffix in body["prompt"]
        )
