"""What is learned of a server, and what is done by it: slots, length, another model, warmth."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.backends.fakes import ASKED, Handler, Stream, giving, sse, streaming
from tests.router.world import END, ONE, World, says

from firsthand.backends.base import Endpoint, Request, request_key
from firsthand.core.fim import TEMPLATES, Hole
from firsthand.router import NoModel

pytestmark = pytest.mark.asyncio

GUESSED = replace(ONE, template="", guessed=True)
LONG = Request(Hole("line = 1\n" * 400, "\n" * 100))


def props(model: str, slots: int = 1, reads: int = 4096) -> dict[str, object]:
    settings = {"n_ctx": reads}
    return {"default_generation_settings": settings, "model_alias": model, "total_slots": slots}


def tokens(name: str) -> dict[str, object]:
    return {"tokens": [{"id": 1, "piece": each} for each in TEMPLATES[name].tokens]}


def refuses_over(size: int, bodies: list[int]) -> Handler:
    """A llama.cpp server whose model reads so many bytes."""

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(len(request.content))
        if len(request.content) > size:
            return httpx.Response(400, json={"error": {"type": "exceed_context_size_error"}})
        return says(request)

    return handle


class Held:
    """A llama.cpp server that answers when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.bodies: list[dict[str, object]] = []
        self.streams: list[Stream] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        async def waiting() -> AsyncIterator[bytes]:
            await self.go.wait()
            for each in sse({"content": "a + b", "stop": False}, END):
                yield each

        self.bodies.append(json.loads(request.content))
        self.streams.append(Stream([b": \n", waiting()]))
        return httpx.Response(200, stream=self.streams[-1])


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


# What the server says of itself


async def test_the_servers_word_comes_before_the_guess_by_the_name() -> None:
    world = World(replace(GUESSED, template="codegemma"))
    world.servers["1"] = says
    world.said = {"/props": props("/models/starcoder2.gguf"), "/tokenize": tokens("starcoder2")}
    assert world.router.choose() == world.router.endpoints[0]
    await world.ask()
    learned = world.router.choose()
    assert learned == replace(GUESSED, model="starcoder2", template="starcoder2")
    assert world.ending
    assert world.ending.endpoint == learned
    assert json.loads(world.requests[0].content)["prompt"].startswith("<fim_prefix>")
    (configured,) = world.router.endpoints
    assert world.router.latency(learned) == world.router.latency(configured)
    assert world.router.latency(GUESSED) is None
    assert request_key(learned, ASKED) != request_key(GUESSED, ASKED)


async def test_what_the_person_said_stays() -> None:
    world = World(ONE)
    world.servers["1"] = says
    world.said = {"/props": props("starcoder2"), "/tokenize": tokens("starcoder2")}
    await world.ask()
    assert world.ending
    assert world.ending.endpoint.template == "qwen"


async def test_it_is_asked_once_and_again_after_a_failure() -> None:
    world = World(GUESSED)
    world.servers["1"] = says
    world.said = {"/props": props("starcoder2"), "/tokenize": tokens("starcoder2")}
    for _ in range(3):
        await world.ask()
    assert [each.url.path for each in world.questions] == ["/props", "/tokenize"]
    world.servers["1"] = streaming(status=500)
    await world.fails("one")
    world.clock.now += 6
    world.servers["1"] = says
    world.said = {"/props": props("codegemma"), "/tokenize": tokens("codegemma")}
    await world.ask()
    assert world.ending
    assert world.ending.endpoint.template == "codegemma"


async def test_another_model_is_noticed_by_the_answers() -> None:
    def answers(model: str) -> Handler:
        return streaming({"content": "a + b", "stop": False}, {**END, "model": model})

    world = World(GUESSED)
    world.said = {"/props": props("starcoder2"), "/tokenize": tokens("starcoder2")}
    for _ in range(2):
        world.servers["1"] = answers("/models/starcoder2.gguf")
        await world.ask()
    world.servers["1"] = answers("/models/codegemma.gguf")
    await world.ask()
    assert world.ending
    assert world.ending.endpoint.model == "codegemma"  # so that it is not kept as the other's
    world.said = {"/props": props("codegemma"), "/tokenize": tokens("codegemma")}
    await world.ask()
    assert world.ending.endpoint.template == "codegemma"
    assert len(world.questions) == 4


@pytest.mark.parametrize(
    ("shows", "body"),
    [
        ({"capabilities": ["insert"]}, {"prompt": ASKED.hole.prefix, "suffix": ASKED.hole.suffix}),
        (
            {"template": "<|fim_prefix|>{{ .Prompt }}<|fim_suffix|>{{ .Suffix }}<|fim_middle|>"},
            {"raw": True},
        ),
    ],
)
async def test_ollamas_word(shows: dict[str, object], body: dict[str, object]) -> None:
    world = World(Endpoint("o", "ollama", "http://127.0.0.1:1", "mine", guessed=True))
    line = json.dumps({"response": "a", "done": True}).encode() + b"\n"
    world.servers["1"] = lambda _: httpx.Response(200, content=line)
    world.said = {"/api/show": shows}
    assert await world.ask() == "a"
    sent = json.loads(world.requests[0].content)
    assert {key: sent[key] for key in body} == body
    assert json.loads(world.questions[0].content) == {"model": "mine"}


async def test_ollama_with_a_model_that_cannot() -> None:
    world = World(Endpoint("o", "ollama", "http://127.0.0.1:1", "mine", guessed=True))
    world.servers["1"] = says
    world.said = {"/api/show": {"capabilities": ["completion"]}}
    await world.fails("cannot insert")
    assert world.requests == []


async def test_a_model_that_turns_out_to_run_elsewhere_is_treated_so(tmp_path: Path) -> None:
    shown = {"capabilities": ["insert"], "remote_host": "https://ollama.com"}
    line = json.dumps({"response": "a", "done": True}).encode() + b"\n"
    here = Endpoint("o", "ollama", "http://127.0.0.1:1", "mine")
    priced = replace(here, price_in=1.0, price_out=1.0)
    for endpoint, folder, local_only, words in (
        (priced, None, False, "cannot be recorded"),
        (priced, tmp_path, True, "does not run on this machine"),
        (here, tmp_path, False, "o has no known price"),
    ):
        world = World(endpoint, folder=folder)
        world.servers["1"] = lambda _: httpx.Response(200, content=line)
        world.said = {"/api/show": shown}
        await world.fails(words, local_only=local_only)
        assert world.requests == []
        if world.ledger:
            world.ledger.close()


async def test_a_compatible_servers_word() -> None:
    end = {"choices": [{"text": "a", "finish_reason": "stop"}]}
    world = World(Endpoint("v", "vllm", "http://127.0.0.1:1", guessed=True))
    world.servers["1"] = streaming(end)
    root = {"id": "mine", "root": "Qwen/Qwen2.5-Coder-7B"}
    world.said = {"/v1/models": {"data": [root, {"id": "other"}]}}
    await world.ask()
    assert world.ending
    assert (world.ending.endpoint.model, world.ending.endpoint.template) == ("mine", "qwen")
    assert json.loads(world.requests[0].content)["model"] == "mine"


async def test_a_compatible_server_that_changes_its_model() -> None:
    def answers(model: str) -> Handler:
        return streaming({"model": model, "choices": [{"text": "a", "finish_reason": "stop"}]})

    world = World(Endpoint("v", "vllm", "http://127.0.0.1:1", guessed=True))
    for model, words in (("starcoder2-3b", ""), ("codegemma-2b", "knows no such")):
        world.servers["1"] = answers(model)
        world.said = {"/v1/models": {"data": [{"id": model}]}}
        if words:  # it refuses the model that it had before
            world.servers["1"] = streaming(status=404)
            await world.fails(words)
            world.clock.now += 6
            world.servers["1"] = answers(model)
        await world.ask()
        assert world.ending
        assert world.ending.endpoint.model == model
    # Another one answers whatever it is asked for.
    world.servers["1"] = answers("qwen2.5-coder-7b")
    world.said = {"/v1/models": {"data": [{"id": "qwen2.5-coder-7b"}]}}
    for _ in range(2):
        await world.ask()
        assert world.ending
        assert world.ending.endpoint.model == "qwen2.5-coder-7b"
    assert world.ending
    assert world.ending.endpoint.template == "qwen"


# Slots


async def test_no_more_requests_than_slots() -> None:
    for slots in (1, 2):
        world, held = World(ONE), Held()
        world.said = {"/props": props("small", slots)}
        world.servers["1"] = says
        await world.ask()
        world.servers["1"] = held
        tasks = []
        for _ in range(4):
            tasks.append(asyncio.ensure_future(world.ask()))
            await settle()
        assert len(held.bodies) == slots
        held.go.set()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        superseded = [isinstance(each, NoModel) for each in ended]
        assert superseded == [False] * slots + [True] * (3 - slots) + [False]
        assert len(held.bodies) == slots + 1
        assert world.router.standing().reason == ""


# Too long


async def test_a_prompt_that_is_too_long_is_halved_and_the_length_remembered() -> None:
    world, bodies = World(ONE), list[int]()
    world.servers["1"] = refuses_over(3000, bodies)
    assert await world.ask(LONG) == "a + b"
    assert len(bodies) == 2
    assert await world.ask(LONG) == "a + b"
    assert len(bodies) == 3
    assert await world.ask() == "a + b"
    assert bodies[3] < 500
    assert world.router.standing().reason == ""
    prompt = json.loads(world.requests[1].content)["prompt"]
    assert "<|fim_prefix|>line = 1\n" in prompt


async def test_what_was_too_long_is_remembered_until_the_model_is_another_one() -> None:
    world, bodies = World(ONE), list[int]()
    world.said = {"/props": props("small", 1)}
    world.servers["1"] = refuses_over(3000, bodies)
    await world.ask(LONG)
    assert len(bodies) == 2
    del world.servers["1"]
    await world.fails_with(LONG, "cannot be reached")  # so it is asked about itself again
    asked = len(world.questions)
    world.servers["1"] = refuses_over(3000, bodies)
    assert await world.ask(LONG) == "a + b"
    assert (len(world.questions) > asked, len(bodies)) == (True, 3)
    for number, said in enumerate((props("small", reads=8192), props("large", reads=8192)), 1):
        del world.servers["1"]
        await world.fails_with(LONG, "cannot be reached")
        world.said = {"/props": said}
        world.servers["1"] = refuses_over(10_000, bodies)
        assert await world.ask(LONG) == "a + b"
        assert (len(bodies), bodies[-1] > 3000) == (3 * number + 1, True)
        world.servers["1"] = refuses_over(3000, bodies)
        assert await world.ask(LONG) == "a + b"


async def test_one_that_is_still_too_long_fits_later() -> None:
    world, bodies = World(ONE), list[int]()
    world.servers["1"] = refuses_over(1500, bodies)
    await world.fails_with(LONG, "larger context")
    assert len(bodies) == 2
    assert await world.ask(LONG) == "a + b"
    assert world.router.choose() == ONE


# Warmth


async def test_a_prompt_is_read_ahead() -> None:
    world = World(ONE)
    world.servers["1"] = streaming(END)
    assert await world.router.warm(ASKED)
    warmed = json.loads(world.requests[0].content)
    await world.ask()
    asked = json.loads(world.requests[1].content)
    assert warmed.pop("n_predict") == 0
    assert asked.pop("n_predict") == ASKED.max_tokens
    assert warmed == asked


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("openai", 'data: {"choices": [{"text": "x", "finish_reason": "length"}]}\n\n'),
        ("ollama", '{"response": "x", "done": true, "done_reason": "length"}\n'),
    ],
)
async def test_a_server_that_has_to_write_for_it_writes_one_token(
    provider: str, answer: str
) -> None:
    world = World(Endpoint("o", provider, "http://127.0.0.1:1", "m", "qwen"))
    world.servers["1"] = lambda _: httpx.Response(200, text=answer)
    assert await world.router.warm(ASKED)
    warmed = json.loads(world.requests[-1].content)
    assert (warmed.get("options") or {"num_predict": warmed.get("max_tokens")})["num_predict"] == 1


async def test_what_cannot_or_may_not_be_warmed() -> None:
    far = replace(ONE, url="https://far.example", remote=True)
    for endpoints in ((), (far,)):
        world = World(*endpoints)
        world.servers = {"1": says, "far.example": says}
        assert not await world.router.warm(ASKED)
        assert world.requests == []
    world = World(ONE)
    assert not await world.router.warm(ASKED)  # nobody listens
    assert world.router.choose() == ONE


async def test_a_request_ends_the_warming() -> None:
    world, held = World(ONE), Held()
    world.servers["1"] = held
    warming = asyncio.ensure_future(world.router.warm(ASKED))
    await settle()
    assert len(held.bodies) == 1
    assert not await world.router.warm(ASKED)
    world.servers["1"] = says
    assert await world.ask() == "a + b"
    assert held.streams[0].closed
    assert await warming is False


async def test_warming_is_cancelled_and_waits_behind_nobody() -> None:
    world, held = World(ONE), Held()
    world.servers["1"] = held
    warming = asyncio.ensure_future(world.router.warm(ASKED))
    await settle()
    warming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await warming
    assert held.streams[0].closed
    async with aclosing(world.router.stream(ASKED)) as chunks:
        reading = asyncio.ensure_future(anext(chunks))
        await settle()
        assert not await world.router.warm(ASKED)
        held.go.set()
        assert (await reading).text == "a + b"


# Words in the middle


async def test_a_word_is_healed() -> None:
    world = World(ONE)
    world.servers["1"] = streaming({"content": " retur", "stop": False}, {"content": "n x"}, END)
    healed = Request(Hole("def f(x):\n    retu", "\n"), heal=" retu")
    assert await world.ask(healed) == "rn x"
    body = json.loads(world.requests[0].content)
    assert "<|fim_prefix|>def f(x):\n   <|fim_suffix|>" in body["prompt"]
    assert body["grammar"] == 'root ::= " retu" .*'
    world.servers["1"] = streaming({"content": " pass", "stop": False}, END)
    assert await world.ask(healed) == ""
    assert world.ending
    assert world.ending.early == "lead"


async def test_what_is_no_end_of_the_prefix_is_not_healed() -> None:
    world = World(ONE)
    world.servers["1"] = giving(Stream(sse({"content": "x", "stop": False}, END)))
    assert await world.ask(Request(Hole("abc", "\n"), heal="zz")) == "x"
    assert "grammar" not in json.loads(world.requests[0].content)
