import math
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from tests.fakes import URI, Models, Told, asking, make_session, tuned
from tests.test_complete import SURE, ask, texts, until

from firsthand import folders, judging, level
from firsthand.client import Client
from firsthand.core.outcome import Silence
from firsthand.core.text import Position
from firsthand.document import Document
from firsthand.embedded import EmbeddedModel
from firsthand.paths import path_to_uri
from firsthand.session import Session
from firsthand.settings import Loaded

pytestmark = pytest.mark.asyncio

ANIMALS = "".join(f"quokka_{n} = wombat.forage(meadow, {n})\n" for n in range(9))


def learned(*folders: str) -> Session:
    """A session with the real embedded model and no index yet."""
    session = Session(tell=Told())
    session.folders.extend(folders)
    session.embedded = EmbeddedModel()
    session.part_folders(session.folders)
    session.start()
    return session


async def guess(session: Session, uri: str) -> str:
    """What is shown at the end of a document."""
    await session.settled()
    document = session.documents[uri]
    snapshot = session.snapshot_at(document, document.text.end, explicit=True)
    assert session.embedded is not None
    guesses = session.embedded.suggest(uri, snapshot.text, snapshot.position)
    return guesses[0].text if guesses else ""


async def test_folders_without_an_index_are_apart(tmp_path: Path) -> None:
    one, two = tmp_path / "app", tmp_path / "app2"
    session = learned(str(one), str(two))
    session.open(path_to_uri(two / "animals.py"), "python", 1, ANIMALS)
    for folder, text in ((one, ""), (two, "bat")):
        uri = path_to_uri(folder / "more.py")
        session.open(uri, "python", 1, "quokka_9 = wom")
        assert (await guess(session, uri))[:3] == text
    session.shut_down()


async def test_a_folder_that_comes_later_is_apart_as_well(tmp_path: Path) -> None:
    session = learned(str(tmp_path / "one"))
    session.add_folders([path_to_uri(tmp_path / "two"), path_to_uri(tmp_path / "two")])
    assert session.folders == [str(tmp_path / "one"), str(tmp_path / "two")]
    session.open(path_to_uri(tmp_path / "two" / "animals.py"), "python", 1, ANIMALS)
    uri = path_to_uri(tmp_path / "one" / "more.py")
    session.open(uri, "python", 1, "quokka_9 = wom")
    assert await guess(session, uri) == ""
    session.shut_down()


async def test_new_settings_are_asked_whether_a_file_may_be_sent(tmp_path: Path) -> None:
    session = learned(str(tmp_path))
    uri = path_to_uri(tmp_path / "plan.py")
    session.open(uri, "python", 1, "x = 1\n")
    document = session.documents[uri]
    assert document.private
    await until(lambda: not document.private)
    loaded = Loaded()
    privacy = replace(loaded.settings.privacy, ignore=("plan.py",))
    settings = replace(loaded.settings, privacy=privacy)
    session.settings[str(tmp_path)] = replace(loaded, settings=settings)
    session.start()
    assert document.private
    await session.settled()
    assert document.private
    session.settings[str(tmp_path)] = loaded
    session.start()
    await until(lambda: not document.private)
    session.shut_down()


async def test_a_rule_that_comes_keeps_an_open_file_from_models_at_once(tmp_path: Path) -> None:
    session = learned(str(tmp_path))
    session.open(uri := path_to_uri(tmp_path / "plan.py"), "python", 1, "x = 1\n")
    document = session.documents[uri]
    await until(lambda: not document.private)
    await judging.judge_anew(session)
    assert not document.private
    assert not session.stale
    (tmp_path / ".firsthandignore").write_text("plan.py\n", encoding="utf-8")
    folders.touched(session, [path_to_uri(tmp_path / ".firsthandignore")])
    await until(lambda: document.private)
    await session.settled()
    assert document.private
    assert document.judged_by == ()
    assert session.stale[str(tmp_path)] == -math.inf
    (tmp_path / ".firsthandignore").unlink()
    await judging.judge_anew(session)  # as happens every two seconds, whoever tells of changes
    await until(lambda: not document.private)
    session.shut_down()


async def test_other_settings_hold_no_file_back_that_may_be_sent(tmp_path: Path) -> None:
    session, anew = learned(str(tmp_path)), list[Document]()
    session.anew = anew.append
    session.open(uri := path_to_uri(tmp_path / "plan.py"), "python", 1, "x = 1\n")
    document = session.documents[uri]
    await until(lambda: anew == [document])
    assert not document.private
    session.settings[str(tmp_path)] = tuned(session, max_lines=3)
    session.start()
    assert not document.private
    await until(lambda: anew == [document, document])
    session.shut_down()


@pytest.mark.parametrize("name", [".env", "id_rsa", "server.pem"])
async def test_sensitive_files_are_neither_learned_nor_sent(tmp_path: Path, name: str) -> None:
    session = learned(str(tmp_path))
    uri = path_to_uri(tmp_path / name)
    session.open(uri, "python", 1, ANIMALS + "quokka_9 = wom")
    assert await guess(session, uri) == ""
    assert session.documents[uri].private
    other = path_to_uri(tmp_path / "more.py")
    session.open(other, "python", 1, "quokka_9 = wom")
    assert await guess(session, other) == ""
    session.shut_down()


@pytest.mark.parametrize(
    ("uri", "name", "sent"),
    [
        ("untitled:Untitled-1", "Untitled-1", True),
        ("vscode-notebook-cell:{}/plots.ipynb#W0sZmlsZQ%3D%3D", "plots", True),
        ("vscode-notebook-cell:{}/secret.ipynb#W0sZmlsZQ%3D%3D", "secret", False),
        ("untitled:{}/new.py", "new.py", True),
        ("untitled:{}/.env", ".env", False),
    ],
)
async def test_unsaved_documents_and_cells(tmp_path: Path, uri: str, name: str, sent: bool) -> None:
    (tmp_path / ".firsthandignore").write_text("secret.ipynb\n", encoding="utf-8")
    session = learned(str(tmp_path))
    models = Models()
    session.router = models  # type: ignore[assignment]
    uri = uri.format(path_to_uri(tmp_path).removeprefix("file://"))
    session.open(uri, "python", 1, ANIMALS + "quokka_9 = wom")
    document = session.documents[uri]
    assert (await guess(session, uri) != "") == sent
    assert (document.path, document.folder) == (name, str(tmp_path))
    assert (session.endpoint_for(document) is not None) == sent
    session.shut_down()


async def test_an_unsaved_document_goes_nowhere_that_an_open_folder_forbids(
    tmp_path: Path,
) -> None:
    session, models, _, _ = make_session("x = ║\n")
    session.open("untitled:Untitled-1", "python", 1, "x = 1\n")
    document, loaded = session.documents["untitled:Untitled-1"], Loaded()
    assert session.endpoint_for(document) is not None
    settings = replace(loaded.settings, local_only=True)
    session.settings[str(tmp_path)] = replace(loaded, settings=settings)
    session.endpoint_for(document)
    session.endpoint_for(session.documents[URI])
    assert models.limits == [False, True, False]


async def test_why_a_model_is_silent_is_said_once_to_who_shows_no_status() -> None:
    for client, said in ((Client(), ["It is too slow."]), (Client("code"), [])):
        session, models, _, _ = make_session("x = ║\n", client=client)
        heard: list[str] = []
        session.say = heard.append
        level.show(session)
        models.reason = "It is too slow."
        level.show(session)
        level.show(session)
        assert heard == said


async def test_what_is_asked_before_all_is_loaded_has_nothing() -> None:
    session = Session(tell=Told())
    session.open(URI, "python", 1, "x = 1\n")
    assert session.snapshot(asking(Position(0, 0))) is Silence.STARTING
    session.shut_down()


async def test_a_doubt_says_less_than_a_models_fault() -> None:
    session, models, _, params = make_session("x = ║\n")
    models.endpoint = None
    await ask(session, params)
    assert session.board.status.reason == Silence.UNSURE.value
    models.reason = "local (127.0.0.1:1) is not ready."
    await ask(session, params)
    assert session.board.status.reason == models.reason
    session.settings[""] = tuned(session, trigger="manual")
    await ask(session, params)
    assert session.board.status.reason == Silence.MANUAL.value


async def test_a_pasted_file_is_left_alone_until_it_is_opened_anew() -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    models.endpoint = None
    assert texts(await ask(session, params)) == ["foo(bar)"]
    at = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    for pasted, silence in (
        ("y" * 200_000, Silence.LONG_LINE),
        ("y\n" * 2_000_001, Silence.TOO_LARGE),
    ):
        session.change(URI, 2, [lsp.TextDocumentContentChangePartial(at, "y" * 9_999)])
        assert session.documents[URI].silence is None
        session.change(URI, 3, [lsp.TextDocumentContentChangePartial(at, pasted)])
        assert session.snapshot(params) is silence
        session.change(URI, 4, [lsp.TextDocumentContentChangePartial(at, "z")])
        assert session.documents[URI].text.string == ""
        session.open(URI, "python", 5, "x = \n")
        assert texts(await ask(session, params)) == ["foo(bar)"]


async def test_an_ignored_document_is_forgotten_and_not_sent(tmp_path: Path) -> None:
    (tmp_path / ".firsthandignore").write_text("secret.py\n", encoding="utf-8")
    session = learned(str(tmp_path))
    embedded = session.embedded
    assert embedded is not None
    for name in ("secret.py", "open.py"):
        session.open(
            (tmp_path / name).as_uri(), "python", 1, "zebrafoo_quux = zebrafoo_quux\nzebra"
        )
    await session.settled()
    guesses = {
        document.path: embedded.suggest(uri, document.text, Position(1, 5))
        for uri, document in session.documents.items()
    }
    session.shut_down()
    assert session.documents == {}
    assert guesses["secret.py"] == ()
    assert [each.text for each in guesses["open.py"]][:1]
