"""Streams as real servers sent them, whole and in pieces of every small size.

`python -m tests.e2e.record` made them: llama.cpp's server by each of its interfaces, and LiteLLM's
proxy before it. What stands in `recordings` is written after each server's reference.
"""

from pathlib import Path

import pytest
from tests.backends.fakes import ASKED, LLAMA, OPENAI, TEMPLATED, Stream, collect, giving

from firsthand.backends.base import Endpoint, Usage

REAL = Path(__file__).parent / "real"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "endpoint", "usage"),
    [
        ("llamacpp-infill", LLAMA, Usage(51, 0, 6)),
        ("llamacpp-completion", TEMPLATED, Usage(30, 0, 6)),
        ("llamacpp-v1", OPENAI, Usage(30, 29, 6)),
        ("litellm", OPENAI, None),
    ],
)
async def test_what_a_real_server_sent_is_understood(
    name: str, endpoint: Endpoint, usage: Usage | None
) -> None:
    content = (REAL / f"{name}.sse").read_bytes()
    for size in (len(content), 1, 7, 64):
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        chunks = await collect(endpoint, giving(Stream(pieces)), ASKED)
        assert "".join(chunk.text for chunk in chunks) == "a + b"
        ending = chunks[-1].ending
        assert ending is not None
        assert (ending.early, ending.usage) == ("", usage)
