"""What is typed, accepted, undone and configured, and what the ledger says of it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from tests.lsp.conftest import CODE
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.modelled import METHOD, close, until

from firsthand.core.text import Edit, Position, Range, advance

# Most of it shares one server process.
pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = "ount <= 0:"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Editor, Path]]:
    folder = tmp_path_factory.mktemp("shared")
    root = folder / "project"
    root.mkdir()
    (root / "account.py").write_text(CODE, encoding="utf-8")
    # Of one line each: a longer text that goes on from what is shown may take its place.
    config = "[inline]\nmodels = []\ndiscover = false\nmax_lines = 1\n"
    async with editor(folder / "home", root, config=config) as this:
        # The stores are opened last, before the models are looked for.
        await until(this, lambda status: bool(status["reason"]))
        yield this, folder / "home"


class Ledger:
    """What became of suggestions since this was made, as it was entered."""

    def __init__(self, home: Path) -> None:
        self._file = home / "data" / "ledger.sqlite3"
        self._before = len(self._all())

    async def says(self, *wanted: tuple[str, int]) -> None:
        """Return once exactly these kinds and characters are entered."""
        try:
            async with asyncio.timeout(PATIENCE):
                while self._all()[self._before :] != list(wanted):
                    await asyncio.sleep(0.01)
        except TimeoutError:
            assert self._all()[self._before :] == list(wanted)

    def _all(self) -> list[tuple[str, int]]:
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(self._file)) as database:
            try:
                rows = database.execute(
                    "SELECT kind, characters FROM event "
                    "WHERE kind IN ('shown', 'accepted', 'rejected') ORDER BY rowid"
                )
                return [(kind, characters) for kind, characters in rows]
            except sqlite3.OperationalError:  # it is being made
                return []


Person = tuple[Editor, Ledger]


@pytest.fixture
def person(process: tuple[Editor, Path], request: pytest.FixtureRequest) -> Person:
    """An editor with a method begun, its cursor behind `if am`, nothing asked yet."""
    this, home = process
    if this.uri:
        close(this)
    this.open(f"{request.node.name}.py", METHOD)
    this.type("if am")
    return this, Ledger(home)


def take(this: Editor, item: lsp.InlineCompletionItem, count: int | None = None) -> Edit:
    """Do what an editor does with an item, or its first characters; gives the edit that undoes."""
    assert item.range is not None
    start, end = item.range.start, item.range.end
    taken = Range(Position(start.line, start.character), Position(end.line, end.character))
    text = str(item.insert_text)[:count]
    before = this.text.slice(taken)
    after = advance(taken.start, text)
    this.edit(Edit(taken, text), after)
    return Edit(Range(taken.start, after), before)


async def accept(this: Editor, item: lsp.InlineCompletionItem) -> None:
    assert item.command is not None
    assert item.command.arguments is not None
    await this.command(item.command.command, item.command.arguments[0])


async def first(this: Editor) -> lsp.InlineCompletionItem:
    items = await this.ask()
    assert items
    return items[0]


async def test_typed_through_to_the_end(person: Person) -> None:
    this, ledger = person
    for typed in range(len(SHOWN)):
        assert await this.shown() == SHOWN[typed:]
        this.type(SHOWN[typed])
    this.type("\n")
    await ledger.says(("shown", len(SHOWN)))


async def test_a_backspace_brings_back_what_was_typed(person: Person) -> None:
    this, ledger = person
    assert await this.shown() == SHOWN
    this.type("oun")
    assert await this.shown() == SHOWN[3:]
    this.backspace(2)
    assert await this.shown() == SHOWN[1:]
    this.backspace(2)  # more than was typed, within the word
    assert await this.shown() == "m" + SHOWN
    await ledger.says(("shown", len(SHOWN)))


async def test_accepted_undone_and_done_again_counts_once(person: Person) -> None:
    this, ledger = person
    item = await first(this)
    undo = take(this, item)
    await accept(this, item)
    await ledger.says(("shown", len(SHOWN)), ("accepted", len(SHOWN)))
    end = this.cursor
    this.edit(undo, undo.range.start)
    assert await this.shown() == SHOWN
    this.edit(Edit(Range.at(undo.range.start), SHOWN), end)
    this.type("\n")
    await this.ask()
    await ledger.says(("shown", len(SHOWN)), ("accepted", len(SHOWN)))


async def test_accepted_and_typed_on_at_once_is_not_rejected(person: Person) -> None:
    this, ledger = person
    take(this, await first(this))
    this.type("\n        x")
    await ledger.says(("shown", len(SHOWN)), ("accepted", len(SHOWN)))


async def test_accepted_by_words(person: Person) -> None:
    this, ledger = person
    take(this, await first(this), 4)
    rest = await first(this)
    assert str(rest.insert_text) == SHOWN[4:]
    take(this, rest)
    await accept(this, rest)
    await ledger.says(("shown", len(SHOWN)), ("accepted", 4), ("accepted", len(SHOWN) - 4))


async def test_accepted_is_said_before_the_change_comes(person: Person) -> None:
    this, ledger = person
    item = await first(this)
    await accept(this, item)
    take(this, item)
    await ledger.says(("accepted", len(SHOWN)), ("shown", len(SHOWN)))


async def test_what_stood_and_was_contradicted_is_rejected_once(person: Person) -> None:
    this, ledger = person
    assert await this.shown() == SHOWN
    await ledger.says(("shown", len(SHOWN)))
    this.type("z")
    await this.ask()
    this.type("z")
    await ledger.says(("shown", len(SHOWN)), ("rejected", len(SHOWN)))


async def test_what_nobody_saw_is_not_rejected(person: Person) -> None:
    this, ledger = person
    assert await this.shown() == SHOWN
    this.type("zz")
    this.backspace(2)
    assert await this.shown() == SHOWN
    await ledger.says(("shown", len(SHOWN)))


@pytest.mark.parametrize(
    "argument",
    [None, {}, {"id": 10**9, "characters": 3}, {"id": "x"}, {"id": True, "characters": -1}, 3],
)
async def test_odd_acceptances_change_nothing(person: Person, argument: Any) -> None:
    this, ledger = person
    await this.command("firsthand.accepted", argument)
    assert await this.shown() == SHOWN
    await ledger.says(("shown", len(SHOWN)))


async def test_paused_for_a_file_and_a_language(person: Person) -> None:
    this, _ = person
    for scope in ({"uri": this.uri}, {"language": "python"}):
        assert await this.command("firsthand.pause", scope) == {"paused": True}
        assert await this.ask() == []
        assert (await this.command("firsthand.status"))["reason"] == "paused"
        assert await this.shown(explicit=True) == SHOWN
        assert await this.command("firsthand.pause", scope) == {"paused": False}
        assert await this.shown() == SHOWN
    assert await this.command("firsthand.pause", {"minutes": -5}) == {"paused": False}


@pytest.mark.parametrize(("word", "shown"), [("amount", SHOWN), ("amplitude", "")])
async def test_an_open_menu_is_extended_or_nothing_is_shown(
    person: Person, word: str, shown: str
) -> None:
    this, _ = person
    assert await this.shown() == SHOWN  # a menu is opened over it
    params = this.params()
    place = lsp.Range(lsp.Position(params.position.line, 11), params.position)
    params.context.selected_completion_info = lsp.SelectedCompletionInfo(place, word)
    items = await this.client.text_document_inline_completion_async(params)
    assert isinstance(items, list)
    assert [each.insert_text for each in items] == ([shown] if shown else [])
    status = await this.command("firsthand.status")
    assert ("menu" in status["reason"]) is not bool(shown)
    assert await this.shown() == SHOWN  # the menu was closed


async def test_settings_of_the_editor_act_at_once(person: Person) -> None:
    this, _ = person
    assert await this.shown() == SHOWN
    reasons: dict[str, dict[str, Any]] = {
        "switched off in the settings": {"enabled": False},
        "completes only when asked": {"trigger": "manual"},
        "switched off for this language": {"languages_off": ["python"]},
    }
    for reason, settings in reasons.items():
        configure(this, settings)
        await silent(this, reason)
        explicit = "" if "enabled" in settings else SHOWN
        assert await this.shown(explicit=True) == explicit
    configure(this, {})
    async with asyncio.timeout(PATIENCE):
        while await this.shown() != SHOWN:
            await asyncio.sleep(0.01)


def configure(this: Editor, settings: dict[str, Any]) -> None:
    this.client.workspace_did_change_configuration(
        lsp.DidChangeConfigurationParams({"firsthand": settings})
    )


async def silent(this: Editor, reason: str) -> None:
    """Return once requests are answered with nothing, for a reason."""
    async with asyncio.timeout(PATIENCE):
        while await this.ask() or reason not in (await this.command("firsthand.status"))["reason"]:
            await asyncio.sleep(0.01)


async def test_configuration_that_comes_at_once_loses_no_document(
    tmp_path: Path, root: Path
) -> None:
    async with editor(tmp_path / "home", root) as this:
        configure(this, {})
        this.open("bank.py", METHOD)
        configure(this, {})
        this.type("if am")
        await this.ready()
        async with asyncio.timeout(PATIENCE):
            while await this.shown() != SHOWN:
                this.backspace()
                this.type("m")


HOSTILE = """\
enabled = true
[inline]
models = ["evil"]
aggression = 1.0
[models.evil]
provider = "openai"
url = "https://evil.example/v1"
api_key = "sk-secret"
[privacy]
redact = false
ignore = ["!.env"]
"""


async def test_others_can_neither_loosen_nor_redirect(tmp_path: Path, root: Path) -> None:
    (root / ".firsthand.toml").write_text(HOSTILE, encoding="utf-8")
    options = {"firsthand": {"models": {"evil": {"url": "https://evil.example"}}, "api_key": "k"}}
    async with editor(tmp_path / "home", root, options=options) as this:
        await this.ready()
        said = "\n".join(this.messages)
        for key in ("firsthand.models", "firsthand.api_key"):
            assert f"editor settings: {key} is refused" in said
        # However much somebody wrote into it, a folder's file has one message.
        (refused,) = (each for each in this.messages if ".firsthand.toml" in each)
        assert "is refused: a workspace may not set it" in refused
        assert refused.endswith(" 3 more: `firsthand config show` prints all of them.")
        assert "sk-secret" not in said
        assert "evil.example" not in said
        this.open("bank.py", METHOD)
        this.type("if am")
        assert await this.shown() == SHOWN


async def test_a_broken_configuration_leaves_the_embedded_model(tmp_path: Path, root: Path) -> None:
    config = '[inline]\nmodels = ["local"\n[models.local]\nurl = "http://127.0.0.1:1"\n'
    async with editor(tmp_path / "home", root, config=config) as this:
        await this.ready()
        (said,) = this.messages
        assert str(tmp_path / "home" / "config.toml") in said
        assert "is not valid TOML" in said
        assert "only the embedded model is used" in said
        assert (await this.command("firsthand.status"))["level"] == "embedded"
        this.open("bank.py", METHOD)
        this.type("if am")
        assert await this.shown() == SHOWN


async def test_projects_do_not_leak_into_each_other(tmp_path: Path, root: Path) -> None:
    other = tmp_path / "project-other"  # its name begins like the first one's
    other.mkdir()
    secret = "".join(f"quokka_{n} = wombat.forage(meadow, {n})\n" for n in range(9))
    (other / "animals.py").write_text(secret, encoding="utf-8")
    async with editor(tmp_path / "home", root, others=[other]) as this:
        await this.ready()
        this.open(str(other / "more.py"), secret + "quokka_9 = wom║\n")
        assert (await this.shown()).startswith("bat.forage")
        this.open("bank.py", CODE + "quokka_9 = wom║\n")
        assert "bat" not in await this.shown(explicit=True)
        this.uri = (other / "more.py").as_uri()
        close(this)
        this.client.workspace_did_change_workspace_folders(
            lsp.DidChangeWorkspaceFoldersParams(
                lsp.WorkspaceFoldersChangeEvent(
                    added=[], removed=[lsp.WorkspaceFolder(other.as_uri(), other.name)]
                )
            )
        )
        this.open(str(other / "again.py"), "quokka_9 = wom║\n")
        assert "bat" not in await this.shown(explicit=True)
