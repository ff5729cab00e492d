"""Words in the middle, with servers that can't be held to how a word begins."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.fakes import collect, sse
from tests.backends.test_providers import endpoint

from firsthand.backends.base import Request
from firsthand.core.fim import TEMPLATES, Hole, Template, halves

BEFORE, BEGUN = "def f(x):\n   ", " retu"
HOLE = Hole(BEFORE + BEGUN, "\n")

TABLES = [
    *(
        f'provider = "{name}"\nmodel = "qwen2.5-coder"'
        for name in ("vllm", "sglang", "lmstudio", "tgi", "max", "ollama")
    ),
    'provider = "openai"\nurl = "https://a.example"\nmodel = "qwen2.5-coder"',
    'provider = "ollama"\nmodel = "my-own-model"',
    *(f'provider = "{name}"' for name in ("mistral", "codestral", "deepseek", "inception")),
]


async def check(table: str, request: Request, said: str) -> tuple[str, str, str]:
    """What a model that says something is asked (its prompt's end), gives, and how that ends."""
    sent = []

    def handle(asked: httpx.Request) -> httpx.Response:
        sent.append(json.loads(asked.content)["prompt"])
        if "ollama" in table:
            lines = [{"response": each, "done": False} for each in said]
            records = [*lines, {"response": "", "done": True}]
            return httpx.Response(200, content="\n".join(map(json.dumps, records)).encode())
        choices = [{"choices": [{"text": each, "finish_reason": None}]} for each in said]
        return httpx.Response(200, content=b"".join(sse(*choices, "[DONE]")))

    chunks = await collect(endpoint(table), handle, request)
    ending = chunks[-1].ending
    assert ending is not None
    template = TEMPLATES["qwen"]
    prompt = sent[0].removesuffix(f"{template.suffix}\n{template.middle}")
    return prompt[-len(HOLE.prefix) :], "".join(each.text for each in chunks), ending.early


@pytest.mark.asyncio
@pytest.mark.parametrize("table", TABLES)
async def test_a_word_is_healed_by_every_server(table: str) -> None:
    free = Request(HOLE, heal=BEGUN, free=True)
    prompt, text, early = await check(table, free, " return x")
    assert prompt.endswith(BEFORE)
    assert (text, early) == ("rn x", "")
    # Another word is not shown.
    assert (await check(table, free, " raise x"))[1:] == ("", "lead")
    assert (await check(table, free, " ret"))[1:] == ("", "lead")
    # Where the model has said something else there, it is told how the word begins.
    prompt, text, early = await check(table, Request(HOLE, heal=BEGUN), "rn x")
    assert prompt == HOLE.prefix
    assert (text, early) == ("rn x", "")


@given(st.sampled_from([None, *TEMPLATES.values()]), st.text("ab .(\n", max_size=20))
def test_what_is_left_out_of_a_prefix(template: Template | None, prefix: str) -> None:
    whole = Hole(prefix, "x", "a.py", "r", (("b.py", "b"),), "#")
    for cut in range(len(prefix) + 1):
        shorter = Hole(prefix[:cut], "x", "a.py", "r", (("b.py", "b"),), "#")
        assert halves(template, whole, prefix[cut:]) == halves(template, shorter)
