"""`python -m tests.e2e.record`: record what real servers send, for `tests/backends/test_real.py`.

A real llama.cpp server with the tiny model is asked by each of its interfaces, and once more behind
a real LiteLLM proxy; what it may write is held to a known answer. The bytes are kept as they came,
but for the folder in which the model lay.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import httpx
from tests.e2e.litellm_proxy import KEY, proxying
from tests.e2e.llama import serving, tiny_model

from firsthand.backends import connect
from firsthand.backends.base import Endpoint, Request
from firsthand.core.fim import Hole

FOLDER = Path(__file__).parents[1] / "backends" / "real"
GRAMMAR = 'root ::= "a + b"'
ASKED = Request(Hole("def add(a, b):\n    return ", "\n"), max_tokens=32)


def main() -> None:
    """Ask each server and write what it sent."""
    with tempfile.TemporaryDirectory() as folder:
        model = tiny_model(Path(folder) / "qwen2.5-coder-tiny.gguf")
        with serving(model, "--grammar", GRAMMAR) as server:
            kept = partial(keep, model.parent)
            url = server.url
            kept("llamacpp-infill", "/infill", Endpoint("m", "llamacpp", url, "m"))
            kept("llamacpp-completion", "/completion", Endpoint("m", "llamacpp", url, "m", "qwen"))
            kept("llamacpp-v1", "/v1/completions", Endpoint("m", "openai", url, "m", "qwen"))
            with proxying({"m": (server, {"grammar": GRAMMAR})}) as proxy:
                kept("litellm", "/v1/completions", Endpoint("m", "openai", proxy.url, "m", "qwen"))


def keep(folder: Path, name: str, path: str, endpoint: Endpoint) -> None:
    body = connect(endpoint, None).body(ASKED)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    answer = httpx.post(endpoint.url + path, content=body, headers=headers, timeout=60)
    answer.raise_for_status()
    content = answer.content.replace(f"{folder}/".encode(), b"")
    (FOLDER / f"{name}.sse").write_bytes(content)


if __name__ == "__main__":
    main()
