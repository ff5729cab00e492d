"""A person whose editor completes with a model server that the test scripts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import Asked, ModelServer, Script, model_server

from firsthand.core.text import Encoding

METHOD = CODE + "    def move(self, amount):\n        ║\n"
# Nothing that an embedded model could go on with.
FRESH = "zebra = ║\n"
# A model that runs elsewhere, by its name: what it gets is entered and priced.
PRICED = """
[inline]
models = ["far"]
[models.far]
provider = "llamacpp"
url = "{url}"
model = "coder-cloud"
fim = "qwen"
price_in = 1.0
price_out = 1.0
"""


@asynccontextmanager
async def session(
    folder: Path,
    script: Script,
    options: dict[str, Any] | None = None,
    encoding: Encoding = "utf-16",
) -> AsyncIterator[tuple[Editor, ModelServer]]:
    """An editor and a model server, ready for keys."""
    root = folder / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    async with (
        model_server(script) as models,
        editor(
            folder / "home", root, options=options, encoding=encoding, config=models.config()
        ) as this,
    ):
        await until(this, lambda status: status["level"] == "inline")
        await this.ready()
        yield this, models


async def until(this: Editor, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first status that is as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            status: dict[str, Any] = await this.command("firsthand.status")
            if wanted(status):
                return status
            await asyncio.sleep(0.01)


async def until_asked(this: Editor, models: ModelServer, count: int) -> Asked:
    """Ask without a key until the server was asked: a file has to be judged before it is sent."""
    async with asyncio.timeout(PATIENCE):
        while len(models.asked) < count:
            await this.ask()
    return models.asked[count - 1]


async def until_it_failed(this: Editor) -> dict[str, Any]:
    """The first status without a model.

    On a busy machine an answer may come after nobody waited for it any more, which says nothing of
    its server: it is asked until it does.
    """
    async with asyncio.timeout(PATIENCE):
        while (status := await this.command("firsthand.status"))["level"] != "embedded":
            await this.ask()
    return dict(status)


async def until_shown(this: Editor) -> str:
    """Ask without a key until something is shown: a model that failed is not waited for."""
    async with asyncio.timeout(PATIENCE):
        while not (shown := await this.shown()):
            pass
    return shown


async def reconfigure(this: Editor, folder: Path, config: str) -> None:
    """Change the person's file and let the server read it again."""
    (folder / "home" / "config.toml").write_text(config, encoding="utf-8")
    model = config.rpartition('model = "')[2].partition('"')[0]
    this.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({}))
    await until(this, lambda status: status["model"] == model)


def close(this: Editor) -> None:
    this.client.text_document_did_close(
        lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(this.uri))
    )


class Held:
    """A script whose every answer waits until the test lets it go."""

    def __init__(self, *texts: str, first: tuple[str, ...] = ()) -> None:
        self.texts, self.first = texts, first
        self.go = asyncio.Event()

    async def __call__(self, asked: Asked) -> None:
        await asked.begin()
        await asked.say(*self.first)
        waits = [asyncio.ensure_future(each.wait()) for each in (self.go, asked.closed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        await asked.say(*self.texts)
        await asked.end()
