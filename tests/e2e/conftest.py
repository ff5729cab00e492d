"""What several of these tests share: one real llama.cpp server, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.e2e.llama import serving, tiny_model
from tests.e2e.servers import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[Server]:
    """One llama.cpp server for all tests that leave it as it is."""
    with serving(tiny_model(folder / "qwen2.5-coder-tiny.gguf")) as running:
        yield running


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the extension for VS Code keeps of its own, made by the first window that starts."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of the module's own: while it runs, the thread has a loop of events."""
    from tests.e2e.vscode import browsing

    with browsing() as running:
        yield running
