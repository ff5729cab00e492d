"""Our formats for questions against a real LiteLLM proxy before a real llama.cpp server."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.asking import ENDLESS, KNOWN
from tests.e2e.litellm_proxy import KEY, proxying
from tests.e2e.llama import serving, tiny_model
from tests.e2e.servers import Server

from firsthand.backends.base import Endpoint, Refused
from firsthand.backends.frontier import PATIENT, End, Message, Question, Talker, open_talk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

TURNS = (Message("user", "add"), Message("assistant", "how?"), Message("user", "so"))
ASKED = Question("You write code.", "def add(a, b):\n", TURNS, 64)
ENDS = 512  # tokens that nobody waits for

Open = Callable[[Endpoint, str], Talker]


@pytest.fixture(scope="module")
def proxy(server: Server, folder: Path) -> Iterator[Server]:
    with serving(tiny_model(folder / "barred.gguf"), "--api-key", "another") as barred:
        models = {"known": (server, KNOWN), "endless": (server, ENDLESS), "barred": (barred, {})}
        with proxying(models) as running:
            yield running


def by_provider(endpoint: Endpoint, key: str) -> Talker:
    return open_talk(endpoint, key)


def by_responses(endpoint: Endpoint, key: str) -> Talker:
    """OpenAI's newer format, which is otherwise spoken to OpenAI's own servers alone."""
    from firsthand.backends import http
    from firsthand.backends.frontier.responses import Responses

    return Responses(http.connection(endpoint, key, PATIENT, None, Responses.headers))


FORMATS = pytest.mark.parametrize(
    ("provider", "opened"),
    [
        pytest.param("litellm", by_provider, id="chat completions"),
        pytest.param("anthropic", by_provider, id="messages"),
        pytest.param("litellm", by_responses, id="responses"),
    ],
)


def at(proxy: Server, provider: str, model: str) -> Endpoint:
    return Endpoint("m", provider, proxy.url, model)


async def answer(talker: Talker, question: Question = ASKED) -> tuple[str, End | None, int]:
    """All that a model says, the end, and how many pieces of it held text."""
    try:
        parts = [part async for part in talker.stream(question)]
    finally:
        await talker.aclose()
    return "".join(part.text for part in parts), parts[-1].end, sum(bool(p.text) for p in parts)


@FORMATS
async def test_text_and_usage(proxy: Server, provider: str, opened: Open) -> None:
    text, end, pieces = await answer(opened(at(proxy, provider, "known"), KEY))
    assert text == "return a + b"
    assert pieces > 2
    assert end is not None
    assert not end.cut
    assert end.usage is not None
    assert end.usage.prompt > 40
    assert 12 <= end.usage.completion <= 14


async def test_an_answer_that_is_cut_says_so(proxy: Server) -> None:
    """In the other formats LiteLLM, and llama.cpp itself, say that the model ended it."""
    question = Question(ASKED.task, ASKED.context, ASKED.messages, 5)
    text, end, _ = await answer(by_provider(at(proxy, "litellm", "known"), KEY), question)
    assert "return a + b".startswith(text)
    assert end is not None
    assert end.cut


@FORMATS
async def test_errors_are_mapped(proxy: Server, provider: str, opened: Open) -> None:
    for model, mend in (
        ("none", "did not accept the request"),
        ("barred", "did not accept the key"),
    ):
        with pytest.raises(Refused) as caught:
            await answer(opened(at(proxy, provider, model), KEY))
        assert mend in str(caught.value)


@FORMATS
async def test_a_cancel_reaches_the_model(
    server: Server, proxy: Server, provider: str, opened: Open
) -> None:
    """The connection is closed, and the server behind the proxy stops working."""
    talker = opened(at(proxy, provider, "endless"), KEY)
    question = Question(ASKED.task, ASKED.context, ASKED.messages, ENDS)
    heard = asyncio.Event()

    async def listen() -> None:
        async for part in talker.stream(question):
            if part.text:
                heard.set()

    listening = asyncio.ensure_future(listen())
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        async with asyncio.timeout(30):
            await heard.wait()
        listening.cancel()
        await asyncio.wait([listening])
        async with asyncio.timeout(5):
            while any(slot["is_processing"] for slot in (await http.get("/slots")).json()):
                await asyncio.sleep(0.02)
    assert listening.cancelled()
    await talker.aclose()
