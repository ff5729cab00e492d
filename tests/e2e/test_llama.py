"""Our backends, discovery and FIM table against a real llama.cpp server.

Its model writes noise; a grammar in the request makes its answer known.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from tests.e2e.asking import ENDLESS, HOLE, KNOWN, answer, backend, taken
from tests.e2e.llama import FIM_TOKENS, serving, tiny_model
from tests.e2e.servers import Server

from firsthand.backends.base import (
    Chunk,
    Endpoint,
    Failed,
    Refused,
    Request,
    Unreachable,
)
from firsthand.backends.discovery import Found, PassedOver, discover
from firsthand.core.fim import TEMPLATES, Hole, render
from firsthand.doctor import Surroundings, examine, models

T = TypeVar("T")

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

WAYS = pytest.mark.parametrize(
    ("provider", "template"), [("llamacpp", ""), ("llamacpp", "qwen"), ("openai", "qwen")]
)


@pytest_asyncio.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


async def idle(http: httpx.AsyncClient) -> bool:
    return not any(slot["is_processing"] for slot in (await http.get("/slots")).json())


@WAYS
async def test_answers(server: Server, provider: str, template: str) -> None:
    model = backend(server, provider, template, KNOWN)
    chunks = await answer(model, Request(HOLE))
    assert "".join(chunk.text for chunk in chunks) == "return a + b"
    usage = taken(chunks)
    assert usage.prompt > 40
    assert 12 <= usage.completion <= 14
    await model.aclose()


@WAYS
async def test_the_prompt_cache_is_reused_while_typing(
    server: Server, provider: str, template: str
) -> None:
    model = backend(server, provider, template, KNOWN)
    await answer(model, Request(HOLE))
    usage = taken(await answer(model, Request(HOLE)))
    assert usage.cached > 0.9 * usage.prompt
    await model.aclose()


@WAYS
async def test_an_answer_that_was_cut_by_its_tokens(
    server: Server, provider: str, template: str
) -> None:
    for extra, early in ((ENDLESS, "length"), (KNOWN, "")):
        model = backend(server, provider, template, extra)
        ending = (await answer(model, Request(HOLE, max_tokens=20)))[-1].ending
        assert ending is not None
        assert ending.early == early
        await model.aclose()


@WAYS
async def test_closing_the_answer_frees_the_slot(
    server: Server, http: httpx.AsyncClient, provider: str, template: str
) -> None:
    model = backend(server, provider, template, ENDLESS)
    for cancelled in (False, True):
        stream = model.stream(Request(HOLE, max_tokens=3500))
        await anext(stream)
        assert not await idle(http)
        if cancelled:
            waiting = asyncio.ensure_future(_last(stream))
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait([waiting])
        else:
            await stream.aclose()
        for _ in range(20):
            if await idle(http):
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("the server still works on an answer that was closed 200 ms ago")
    await model.aclose()


async def _last(stream: AsyncIterator[Chunk]) -> None:
    async for _ in stream:
        pass


@WAYS
async def test_killed_in_the_middle_of_an_answer(
    folder: Path, provider: str, template: str
) -> None:
    with serving(tiny_model(folder / "qwen2.5-coder-killed.gguf")) as doomed:
        model = backend(doomed, provider, template, ENDLESS)
        stream = model.stream(Request(HOLE, max_tokens=3500))
        first = await anext(stream)
        doomed.kill()
        with pytest.raises(Failed, match="broke off"):
            await _last(stream)
        assert re.fullmatch("[a-z]+", first.text)
        with pytest.raises(Unreachable, match="start it"):
            await answer(model, Request(HOLE))
        await model.aclose()


@pytest.mark.parametrize("provider", ["llamacpp", "openai"])
async def test_a_prompt_that_is_too_long_is_refused_in_one_sentence(
    server: Server, provider: str
) -> None:
    model = backend(server, provider, "qwen")
    with pytest.raises(Refused) as caught:
        await answer(model, Request(Hole("x" * 9000, "")))
    assert caught.value.status == 400
    assert "xxx" not in str(caught.value)
    await model.aclose()


@WAYS
async def test_certainty(server: Server, provider: str, template: str) -> None:
    model = backend(server, provider, template)
    for certainty in (True, False):
        chunks = await answer(model, Request(HOLE, max_tokens=8, certainty=certainty))
        ending = chunks[-1].ending
        assert ending is not None
        assert (ending.confidence is not None) is certainty
        assert not certainty or 0 < (ending.confidence or 0) <= 1
    await model.aclose()


async def test_a_persons_text_never_becomes_a_control_token(http: httpx.AsyncClient) -> None:
    spelled = "".join(FIM_TOKENS.values())
    prompt = render(TEMPLATES["qwen"], replace(HOLE, prefix=spelled, suffix=spelled)).text
    body = {"content": prompt, "parse_special": True, "with_pieces": True}
    tokens = (await http.post("/tokenize", json=body)).json()["tokens"]
    control = [each["piece"] for each in tokens if each["id"] > 256]
    assert control == [
        *("<|repo_name|>", "<|file_sep|>", "<|file_sep|>"),
        *("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ]


async def test_discovery(server: Server, folder: Path) -> None:
    with serving(tiny_model(folder / "odd.gguf", fim=False)) as odd:
        ports = [urlsplit(each.url).port or 0 for each in (server, odd)]
        found, passed = await discover(ports, extra={"grammar": 'root ::= " + second"'})
    assert isinstance(found, Found)
    assert found.endpoint == Endpoint(
        "llama.cpp qwen2.5-coder-tiny", "llamacpp", server.url, "qwen2.5-coder-tiny", "qwen"
    )
    assert isinstance(passed, PassedOver)
    assert "cannot fill in the middle" in str(passed)


async def test_doctor_and_models(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[models.tiny]\nprovider = "llamacpp"\nurl = "{server.url}"\n', encoding="utf-8"
    )
    around = Surroundings(
        tmp_path,
        {"FIRSTHAND_HOME": str(tmp_path), "FIRSTHAND_CONFIG": str(config)},
        [urlsplit(server.url).port or 0],
        extra={"grammar": 'root ::= " + second"'},
    )
    # Both run an event loop of their own.
    text = (await asyncio.to_thread(examine, around)).to_text()
    assert "ok     discovery: qwen2.5-coder-tiny at llama.cpp" in text
    assert "fault  model tiny: answers, but does not fill in the middle" in text
    listed = await asyncio.to_thread(models, around)
    assert [each.endpoint.template for each in listed.found] == ["qwen"]
    assert [each.template for each in listed.configured] == [""]


async def test_discovery_passes_over_a_model_that_writes_noise(server: Server) -> None:
    (passed,) = await discover([urlsplit(server.url).port or 0])
    assert isinstance(passed, PassedOver)
    assert "did not fill in the middle" in str(passed)
