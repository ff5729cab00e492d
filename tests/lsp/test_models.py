"""Models that answer late, and what becomes of streams, over real HTTP to the real process."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import Asked, ModelServer, answers, model_server, refuses
from tests.lsp.modelled import FRESH, METHOD, Held, close, session, until, until_asked, until_shown

from firsthand.backends.discovery import PORTS

# One server process for each kind of client.
pytestmark = pytest.mark.asyncio(loop_scope="module")

Person = tuple[Editor, ModelServer]
REFRESH = "firsthand/refresh"


async def _began(folder: Path, client: dict[str, Any] | None) -> AsyncIterator[Person]:
    async with session(folder, answers(""), client and {"client": client}) as person:
        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    async for person in _began(tmp_path_factory.mktemp("plain"), None):
        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    client = {"name": "code", "refresh": "empty"}
    async for person in _began(tmp_path_factory.mktemp("empty"), client):
        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def extend_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    client = {"name": "nvim", "refresh": "extend"}
    async for person in _began(tmp_path_factory.mktemp("extend"), client):
        yield person


async def _fresh(person: Person) -> Person:
    this, models = person
    if this.uri:
        close(this)
        await this.command("firsthand.status")  # it was told of that by now
    await models.quiet()
    this.notes[REFRESH].clear()
    return person


@pytest_asyncio.fixture(loop_scope="module")
async def plain(plain_process: Person) -> Person:
    """An editor that can't be told of late answers."""
    return await _fresh(plain_process)


@pytest_asyncio.fixture(loop_scope="module")
async def empty(empty_process: Person) -> Person:
    """One that can, where it shows nothing, as VS Code."""
    return await _fresh(empty_process)


@pytest_asyncio.fixture(loop_scope="module")
async def extend(extend_process: Person) -> Person:
    """One that can also be told of a longer text, as our Neovim plugin."""
    return await _fresh(extend_process)


async def test_an_answer_in_time_is_typed_through(plain: Person) -> None:
    this, models = plain
    models.script = answers("open(", "name)")
    this.open("a1.py", FRESH)
    await until_asked(this, models, 1)
    assert await this.shown() == "open(name)"
    why = await this.command("firsthand.why")
    assert [why["completions"][0][key] for key in ("tier", "model")] == [
        "inline",
        "qwen2.5-coder-1.5b",
    ]
    sent = json.loads(why["context"]["prompt"])
    async with asyncio.timeout(PATIENCE):  # what was asked ahead may be on its way
        while sent not in [each.body for each in models.asked]:
            await asyncio.sleep(0.01)
    this.type("op")
    assert await this.shown() == "en(name)"
    this.backspace()
    assert await this.shown() == "pen(name)"
    assert "zebra = " in models.asked[0].prompt
    assert models.asked[0].path == "/completion"


async def test_an_explicit_request_has_three_different_texts(plain: Person) -> None:
    this, models = plain

    async def samples(asked: Asked) -> None:
        warmth = asked.body["temperature"]
        await answers("read(name)" if warmth > 0.8 else "load(name)" if warmth else "open(name)")(
            asked
        )

    models.script = samples
    this.open("a13.py", FRESH)
    assert await until_shown(this) == "open(name)"
    items = await this.ask(explicit=True)
    assert items
    assert [each.insert_text for each in items] == ["open(name)", "load(name)", "read(name)"]
    assert len({str(each.command) for each in items}) == 3


async def test_where_the_cursor_was_put_the_model_reads_ahead(plain: Person) -> None:
    this, models = plain
    this.open("a14.py", "".join(f"value_{n} = {n}\n" for n in range(40)) + "║")
    await this.command("firsthand.status")
    at = lsp.Range(lsp.Position(30, 0), lsp.Position(30, 0))
    context = lsp.CodeActionContext([], trigger_kind=lsp.CodeActionTriggerKind.Automatic)
    document = lsp.TextDocumentIdentifier(this.uri)
    async with asyncio.timeout(PATIENCE):
        while not models.asked:  # a file has to be judged before it is read
            params = lsp.CodeActionParams(document, at, context)
            assert not await this.client.text_document_code_action_async(params)
            await asyncio.sleep(0.01)
    assert models.asked[0].body["n_predict"] == 0
    assert "value_29 = 29\n<|fim_suffix|>value_30" in models.asked[0].prompt
    assert models.wanted == []


async def test_unsaved_documents_and_cells_are_completed(plain: Person) -> None:
    this, models = plain
    models.script = answers("open(", "name)")
    cell = f"vscode-notebook-cell:{this.root.as_posix()}/plots.ipynb#W0sZmlsZQ%3D%3D"
    for uri in ("untitled:Untitled-1", cell):
        this.open("", FRESH, uri=uri)
        async with asyncio.timeout(PATIENCE):
            while await this.shown() != "open(name)":
                pass
        close(this)


async def test_a_late_answer_reaches_an_editor_that_can_ask_again(empty: Person) -> None:
    script = Held("open(name)")
    this, models = empty
    models.script = script
    this.open("a2.py", FRESH)
    asked = await until_asked(this, models, 1)
    # It stands still for much longer than a plain editor's stream would live.
    began = time.monotonic()
    while time.monotonic() - began < 0.8:
        assert (await this.command("firsthand.status"))["thinking"]
    assert not asked.closed.is_set()
    assert this.notes[REFRESH] == []
    script.go.set()
    note = await this.until(REFRESH)
    assert (note.textDocument.uri, note.textDocument.version) == (this.uri, 1)
    assert (note.position.line, note.position.character) == (0, 8)
    assert await this.shown() == "open(name)"
    assert [each.prompt for each in models.asked].count(asked.prompt) == 1
    assert len(this.notes[REFRESH]) == 1


async def test_a_late_answer_extends_what_is_shown(extend: Person) -> None:
    script = Held()
    this, models = extend
    models.script = script
    this.open("a3.py", METHOD)
    this.type("if ")
    shown = await this.shown()
    assert shown == "amount <= 0:"
    await until_asked(this, models, 1)
    script.texts = (shown + "  # twice",)
    script.go.set()
    await this.until(REFRESH)
    assert await this.shown() == shown + "  # twice"


async def test_a_late_answer_that_contradicts_the_screen_waits_for_a_key(extend: Person) -> None:
    script = Held("amount > self.balance:")
    this, models = extend
    models.script = script
    this.open("a4.py", METHOD)
    this.type("if ")
    shown = await this.shown()
    assert shown.startswith("amount <= 0:")
    await until_asked(this, models, 1)
    script.go.set()
    await until(this, lambda status: not status["thinking"])
    # More of it may be worth showing once no model may contradict it any more.
    assert (await this.shown()).startswith(shown)
    assert this.notes[REFRESH] == []
    this.type("a")
    items = await this.ask()
    assert items
    texts = [str(each.insert_text) for each in items]
    assert texts[0] == "mount > self.balance:"
    assert texts[1].startswith("mount <= 0:")


async def test_a_plain_editor_gets_a_late_answer_at_the_next_key(plain: Person) -> None:
    script = Held("open(name)")
    this, models = plain
    models.script = script
    this.open("a5.py", FRESH)
    await until_asked(this, models, 1)
    script.go.set()
    await until(this, lambda status: not status["thinking"])
    this.type("o")
    assert await this.shown() == "pen(name)"
    # It is not asked for again; what follows it may be by now.
    assert all("zebra = open(name)" in each.prompt for each in models.wanted[1:])
    assert this.notes[REFRESH] == []


async def test_what_nobody_waits_for_is_closed(plain: Person) -> None:
    this, models = plain
    models.script = Held(first=("open(",))
    this.open("a6.py", FRESH)
    asked = await until_asked(this, models, 1)
    answered = asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE):
        await asked.closed.wait()
    # After 300 ms without a request; how soon then, `bench/keystroke` measures.
    assert asked.closed_at - answered > 0.25
    assert not (await this.command("firsthand.status"))["thinking"]


async def test_what_the_text_contradicts_is_closed_at_once(empty: Person) -> None:
    this, models = empty
    models.script = Held(first=("open(\n",))
    this.open("a7.py", FRESH)
    asked = await until_asked(this, models, 1)
    this.type("z")
    typed = asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE):
        await asked.closed.wait()
    assert asked.closed_at - typed < 0.25


async def test_a_newer_request_takes_over(plain: Person) -> None:
    script = Held("open(name)")
    this, models = plain
    models.script = script
    this.open("a8.py", FRESH)
    await until_asked(this, models, 1)
    this.type("x")  # nothing was said yet that it could contradict
    older = asyncio.create_task(this.ask())
    await asyncio.sleep(0)
    this.type("y")
    newer = asyncio.create_task(this.ask())
    assert not await older  # a model that is overdue is waited for no longer
    script.go.set()
    assert await newer is not None


async def test_a_closed_document_answers_whoever_waits(plain: Person) -> None:
    this, models = plain
    models.script = Held()
    this.open("a9.py", FRESH)
    asked = await until_asked(this, models, 1)
    automatic = asyncio.create_task(this.ask())
    explicit = asyncio.create_task(this.ask(explicit=True))
    await asyncio.sleep(0)
    close(this)
    assert not await automatic
    assert not await explicit
    await asked.closed.wait()
    assert this.messages == []


async def test_pause_closes_what_runs_and_resume_goes_on(empty: Person) -> None:
    this, models = empty
    models.script = Held(first=("open(",))
    this.open("a10.py", FRESH)
    asked = await until_asked(this, models, 1)
    assert await this.command("firsthand.pause", {"minutes": 5}) == {"paused": True}
    await asked.closed.wait()
    assert (await this.command("firsthand.status"))["level"] == "paused"
    assert await this.ask() == []
    status = await this.command("firsthand.status")
    assert (status["level"], status["reason"]) == ("paused", "paused")
    models.script = answers("open(name)")
    assert await this.command("firsthand.pause") == {"paused": False}
    await until_asked(this, models, 2)
    async with asyncio.timeout(PATIENCE):
        while (text := await this.shown()) != "open(name)":
            assert text == ""  # half a line from before the pause is not shown


@pytest.mark.parametrize("scope", ["all", "uri", "language"])
async def test_what_a_pause_held_back_comes_when_it_goes_on(empty: Person, scope: str) -> None:
    this, models = empty
    models.script = answers("open(name)")
    this.open(f"resumed_{scope}.py", FRESH)
    where = {"all": {}, "uri": {"uri": this.uri}, "language": {"language": "python"}}[scope]
    assert await until_shown(this) == "open(name)"
    assert await this.command("firsthand.pause", where) == {"paused": True}
    assert await this.command("firsthand.pause", where) == {"paused": False}
    await this.until(REFRESH)  # a pause hides what was there
    this.notes[REFRESH].clear()
    assert await this.command("firsthand.pause", where) == {"paused": True}
    this.type("o")
    assert await this.ask() == []
    assert await this.command("firsthand.pause", where) == {"paused": False}
    note = await this.until(REFRESH)
    assert (note.textDocument.version, note.position.character) == (2, 9)
    assert (await this.shown()).startswith("pen(name)")  # what follows may be known, too


async def test_what_was_answered_with_nothing_comes_when_it_is_switched_on(empty: Person) -> None:
    this, models = empty
    models.script = answers("open(name)")
    this.open("a12.py", FRESH)
    _configure(this, enabled=False)
    await until(this, lambda status: status["level"] == "off")
    this.type("f")
    assert await this.ask() == []
    this.backspace()
    assert await this.ask() == []
    _configure(this, enabled=True)
    note = await this.until(REFRESH)
    assert (note.textDocument.version, note.position.character) == (3, 8)
    assert await this.shown() == "open(name)"


def _configure(this: Editor, **settings: object) -> None:
    changed = lsp.DidChangeConfigurationParams({"firsthand": settings})
    this.client.workspace_did_change_configuration(changed)


async def test_found_models_are_announced_before_they_get_text(tmp_path: Path) -> None:
    said: list[bool] = []

    async def llamacpp(asked: Asked) -> None:
        if asked.path == "/props":
            await _json(asked, {"default_generation_settings": {}, "model_alias": "qwen2.5-coder"})
        elif asked.path == "/tokenize":
            tokens = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
            await _json(asked, {"tokens": [{"id": 1, "piece": each} for each in tokens]})
        elif asked.path != "/completion":
            await refuses("404 Not Found")(asked)
        elif "zebra" in asked.prompt:
            for _ in range(20):  # what was written before it may still be on its way to the editor
                await asyncio.sleep(0)
            said.append(any("found on this machine" in each for each in this.messages))
            await answers("open(name)")(asked)
        else:
            await answers(" + second")(asked)

    root = tmp_path / "project"
    root.mkdir()
    async with (
        model_server(llamacpp, await _free(PORTS)) as models,
        editor(tmp_path / "home", root, config="") as this,
    ):
        this.open("a.py", FRESH)
        async with asyncio.timeout(PATIENCE):
            while not said:
                await this.ask()
        assert said[0]
        assert await this.shown() == "open(name)"
        message = next(each for each in this.messages if "found on this machine" in each)
        assert f"qwen2.5-coder at llama.cpp ({models.url})" in message
        assert "inline.discover = false" in message


async def _json(asked: Asked, body: object) -> None:
    await asked.begin(kind="application/json")
    await asked.raw(json.dumps(body).encode())


async def _free(ports: tuple[int, ...]) -> int:
    for port in ports:
        try:
            server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", port)
        except OSError:
            continue
        server.close()
        await server.wait_closed()
        return port
    raise AssertionError(f"all of the ports {ports} are taken")
