"""A person's own file with faults, read by the real process while somebody types."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from tests.lsp.editor import PATIENCE, Editor
from tests.lsp.model_server import ModelServer, answers
from tests.lsp.modelled import FRESH, METHOD, close, session, until, until_asked, until_shown

pytestmark = pytest.mark.asyncio(loop_scope="module")

Person = tuple[Editor, ModelServer, Path]
ONLY = "until then only the embedded model is used"
# The last table of the file is the model's.
CLOSED = {
    "no TOML": ("x = \n", "is not valid TOML"),
    "too long": ("#" * 70_000, "is larger than 64 KiB"),
    "bytes": ("# \udcff\n", "is not UTF-8 text"),
    "a key in the file": ('api_key = "sk-SECRET1"\n', "models.local.api_key may not stand here"),
    "a price": ("price_in = -1\n", "models.local.price_in must be a number of USD"),
    "a model": ('[models.other]\nurl = "http://127.0.0.1:9"\n', "models.other.provider is missing"),
    "a table": ("[models]\nother = 3\n", "models.other must be a table"),
    "privacy": ('[privacy]\nredact = "yes"\n', "privacy.redact must be true or false"),
    "privacy, misspelt": ('[privcy]\nignore = ["x"]\n', "privcy is not a known key"),
    "budget": ("[budget]\nday_usd = -1\n", "budget.day_usd must be a number of USD"),
    "budget, misspelt": ("[budget]\nday_us = 1\n", "budget.day_us is not a known key"),
}
ALONE = {
    "max_lines": ("max_lines = 0", "inline.max_lines must be a whole number"),
    "agression": ("agression = 1", "inline.agression is not a known key"),
    "discover": ('discover = "no"', "inline.discover must be true or false"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    folder = tmp_path_factory.mktemp("settings")
    async with session(folder, answers("open(name)")) as (this, models):
        yield this, models, folder / "home" / "config.toml"


def write(this: Editor, file: Path, text: str) -> None:
    """Save the person's file; that anything was configured anew has the server read it again."""
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    this.client.messages.clear()
    this.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({}))


async def said_once(this: Editor, *parts: str) -> str:
    """The only message there is, which holds all of these parts, when the file was read twice."""
    async with asyncio.timeout(PATIENCE):
        while not this.messages:
            await asyncio.sleep(0.01)
    this.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({}))
    await this.command("firsthand.status")
    (message,) = this.messages
    for part in parts:
        assert part in message
    assert "SECRET1" not in message
    return str(message)


@pytest.mark.parametrize("name", CLOSED)
async def test_a_fault_that_could_loosen_something_keeps_models_off(
    person: Person, name: str
) -> None:
    this, models, file = person
    fault, said = CLOSED[name]
    write(this, file, models.config() + fault)
    await until(this, lambda status: status["level"] == "embedded")
    await said_once(this, str(file), said, ONLY)
    status = await this.command("firsthand.status")
    assert "A fault in the settings keeps models off" in status["reason"]
    models.asked.clear()
    this.open(f"closed {name}.py", METHOD)
    this.type("if am")
    assert await until_shown(this) == "ount <= 0:"
    this.type("o")
    assert await this.shown() == "unt <= 0:"
    close(this)
    assert models.asked == []

    write(this, file, models.config())
    await until(this, lambda status: status["level"] == "inline")
    this.open(f"mended {name}.py", FRESH.replace("zebra", f"zebra_{len(name)}_{ord(name[0])}"))
    await until_asked(this, models, 1)
    close(this)
    assert this.messages == []


@pytest.mark.parametrize("name", ALONE)
async def test_a_bad_key_falls_back_alone(person: Person, name: str) -> None:
    this, models, file = person
    line, said = ALONE[name]
    write(this, file, models.config().replace("[inline]", f"[inline]\n{line}"))
    assert ONLY not in await said_once(this, f"{file}: {said}")
    await until(this, lambda status: status["level"] == "inline")
    models.asked.clear()
    this.open(f"alone {name}.py", FRESH.replace("zebra", name))
    await until_asked(this, models, 1)
    assert await until_shown(this) == "open(name)"
    close(this)
