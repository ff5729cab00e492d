"""One real llama.cpp server for all tests that leave it as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.llama import Server, serving, tiny_model


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[Server]:
    with serving(tiny_model(folder / "qwen2.5-coder-tiny.gguf")) as running:
        yield running
