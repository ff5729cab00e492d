"""What we send beside what the providers' own clients send, and what they read in our recordings.

The clients are called with the question as their documentation says, and answered by a server on
this machine: address, body and the headers that matter are to be the same. Body and recordings are
held to the clients' own types too, because not all of them look into what they send and read.
"""

import json
import typing
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import UnionType
from typing import Any

import pytest
import typing_extensions
from pydantic import BaseModel, TypeAdapter, ValidationError
from tests.e2e.answering import RECORDINGS, answering

from firsthand.backends.base import Endpoint
from firsthand.backends.frontier import PATIENT, Message, Question
from firsthand.backends.frontier.anthropic import Anthropic
from firsthand.backends.frontier.chat import ChatCompletions
from firsthand.backends.frontier.gemini import Gemini
from firsthand.backends.frontier.responses import Responses
from firsthand.backends.frontier.talk import Talk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

TURNS = (Message("user", "q"), Message("assistant", "r"), Message("user", "s"))
ASKED = Question("task", "code", TURNS, 4096)


def with_anthropic(url: str, body: Mapping[str, Any]) -> str:
    import anthropic

    with anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client:
        said = [
            event.delta.text
            for event in client.messages.create(**body)
            if event.type == "content_block_delta" and event.delta.type == "text_delta"
        ]
    return "".join(said)


def with_responses(url: str, body: Mapping[str, Any]) -> str:
    import openai

    with openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        said = [
            event.delta
            for event in client.responses.create(**body)
            if event.type == "response.output_text.delta"
        ]
    return "".join(said)


def with_chat(url: str, body: Mapping[str, Any]) -> str:
    import openai

    with openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        said = [
            chunk.choices[0].delta.content or ""
            for chunk in client.chat.completions.create(**body)
            if chunk.choices
        ]
    return "".join(said)


def with_gemini(url: str, body: Mapping[str, Any]) -> str:
    """Its client takes other arguments than its service does, so the question is put again."""
    from google import genai
    from google.genai import types

    turns = [("user", "code\nq"), ("model", "r"), ("user", "s")]
    client = genai.Client(
        api_key="k", http_options=types.HttpOptions(base_url=url, api_version="v1beta")
    )
    said = client.models.generate_content_stream(
        model="m",
        contents=[types.Content(role=role, parts=[types.Part(text=text)]) for role, text in turns],
        config=types.GenerateContentConfig(
            system_instruction=types.Content(parts=[types.Part(text="task")]),
            max_output_tokens=body["generationConfig"]["maxOutputTokens"],
        ),
    )
    pieces: list[Any] = list(said)
    text = "".join(
        part.text or ""
        for piece in pieces
        for part in piece.candidates[0].content.parts
        if not part.thought
    )
    client.close()
    return text


Official = Callable[[str, Mapping[str, Any]], str]


@pytest.mark.parametrize(
    ("talk", "recording", "official", "headers"),
    [
        # Its client names a later version of the interface, and has the key in another header.
        (Anthropic, "anthropic", with_anthropic, ()),
        (Responses, "responses", with_responses, ("authorization",)),
        (ChatCompletions, "chat", with_chat, ("authorization",)),
        (Gemini, "gemini", with_gemini, ("x-goog-api-key",)),
    ],
)
async def test_the_official_client_sends_and_reads_the_same(
    talk: type[Talk], recording: str, official: Official, headers: tuple[str, ...]
) -> None:
    from firsthand.backends import http

    with answering(f"frontier/{recording}.sse") as told:
        endpoint = Endpoint("m", "openai", told.url, "m")
        ours = talk(http.connection(endpoint, "k", PATIENT, None, talk.headers))
        text = "".join([part.text async for part in ours.stream(ASKED)])
        await ours.aclose()
        sent = replace(told)
        assert official(told.url, sent.body) == text == "a + b"
    assert told.body == sent.body
    assert told.path == sent.path
    for name in headers:
        assert told.headers[name] == sent.headers[name]


@pytest.mark.parametrize("talk", [Anthropic, Responses, ChatCompletions])
async def test_the_body_is_of_the_official_types(talk: type[Talk]) -> None:
    from anthropic.types.message_create_params import MessageCreateParamsStreaming
    from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
    from openai.types.responses.response_create_params import ResponseCreateParamsStreaming

    from firsthand.backends import http

    types: Mapping[type[Talk], Any] = {
        Anthropic: MessageCreateParamsStreaming,
        Responses: ResponseCreateParamsStreaming,
        ChatCompletions: CompletionCreateParamsStreaming,
    }
    endpoint = Endpoint("m", "openai", "http://127.0.0.1:9", "m")
    ours = talk(http.connection(endpoint, "k", PATIENT, None, talk.headers))
    body = json.loads(ours.body(ASKED))
    await ours.aclose()
    assert fits(body, types[talk])
    assert not fits({**body, "unknown": 1}, types[talk])
    assert not fits({key: each for key, each in body.items() if key != "stream"}, types[talk])


async def test_each_recorded_event_is_of_the_official_types() -> None:
    """Complete, and with nothing beside but what OpenAI's servers and others' are known to add."""
    from anthropic.types import RawMessageStreamEvent
    from google.genai.types import GenerateContentResponse
    from openai.types.chat import ChatCompletionChunk
    from openai.types.responses import ResponseStreamEvent

    types: tuple[tuple[str, Any, set[str]], ...] = (
        ("anthropic", RawMessageStreamEvent, set()),
        ("responses", ResponseStreamEvent, {"obfuscation"}),
        ("chat", ChatCompletionChunk, {"reasoning_content"}),
        ("gemini", GenerateContentResponse, set()),
    )
    for recording, kind, known in types:
        reads: TypeAdapter[Any] = TypeAdapter(kind)
        for record in recorded(recording):
            if record.get("type") == "ping":  # which Anthropic's client drops before it reads it
                continue
            assert beside(reads.validate_python(record)) <= known
            for name in record.keys() & {"type", "object"}:
                with pytest.raises(ValidationError):
                    reads.validate_python({**record, name: "another"})


def recorded(recording: str) -> list[dict[str, Any]]:
    """What the records of a stream say."""
    lines = (RECORDINGS / "frontier" / f"{recording}.sse").read_text(encoding="utf-8").splitlines()
    said = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(each) for each in said if each != "[DONE]"]


def beside(read: Any) -> set[str]:
    """The names in what a client read that its types do not know."""
    if isinstance(read, BaseModel):
        return set(read.model_extra or ()).union(*map(beside, vars(read).values()))
    return set().union(*map(beside, read)) if isinstance(read, list) else set()


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type, with no key that a type of keys does not know.

    pydantic is no help here: it leaves unknown keys out, and iterables for later.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Annotated, typing.Required, typing.NotRequired):
        return fits(value, inner[0])
    if origin in (typing.Union, UnionType):
        return any(fits(value, each) for each in inner)
    if origin is typing.Literal:
        return value in inner
    if origin in (list, abc.Iterable, abc.Sequence):
        return isinstance(value, list) and all(fits(each, inner[0]) for each in value)
    if typing_extensions.is_typeddict(kind):
        return isinstance(value, dict) and _has_its_keys(value, kind)
    return kind is Any or (isinstance(kind, type) and type(value) is kind)


def _has_its_keys(value: dict[str, Any], kind: Any) -> bool:
    kinds = typing.get_type_hints(kind, include_extras=True)
    needed = {key for key, each in kinds.items() if typing.get_origin(each) is typing.Required}
    known = needed <= value.keys() <= kinds.keys()
    return known and all(fits(each, kinds[key]) for key, each in value.items())
