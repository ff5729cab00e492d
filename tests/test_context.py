import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import pytest
from lsprotocol import types as lsp
from tests.codebase import Codebase
from tests.fakes import URI, Clock, Models, asking, make_session, tuned
from tests.relevance.store import DRAWING, VIEW
from tests.test_complete import until

from firsthand import commands, context
from firsthand.complete import complete
from firsthand.core.codeview import CodeView
from firsthand.core.snapshot import Snapshot
from firsthand.core.snippets import NAMES_PATH, PROBLEMS_PATH
from firsthand.core.text import Position
from firsthand.index.code.view import CodeReader
from firsthand.session import Session

pytestmark = pytest.mark.asyncio

HERE = "file:///project/app/new.py"


class Reader:
    """An index that is read; how often is counted."""

    def __init__(self, codebase: Codebase) -> None:
        self.codebase = codebase
        self.looks = 0

    @contextmanager
    def view(self) -> Iterator[CodeView]:
        self.looks += 1
        yield self.codebase

    def close(self) -> None: ...


def session_with(drawing: str, reader: Reader) -> tuple[Session, Models, Snapshot]:
    session, models, _, params = make_session(drawing)
    document = session.documents[URI]
    session.code[document.folder] = cast(CodeReader, reader)
    snapshot = session.snapshot(params)
    assert isinstance(snapshot, Snapshot)
    return session, models, snapshot


async def asked(session: Session, models: Models, line: int = 3) -> tuple[tuple[str, str], ...]:
    """What the model is shown when it is asked at the end of a line of the drawing."""
    document = session.documents[URI]
    position = Position(line, len(document.text.line(line)))
    snapshot = session.snapshot(asking(position))
    assert isinstance(snapshot, Snapshot)
    before = len(models.streams)
    waiting = asyncio.ensure_future(complete(session, snapshot))
    while len(models.streams) == before:
        await asyncio.sleep(0)
    models.streams[-1].say("")
    await waiting
    await until(lambda: document.generation is None)
    await looked(session)
    return models.streams[-1].request.hole.snippets


async def looked(session: Session) -> None:
    if (task := session.documents[URI].codebase.task) is not None:
        await task


def rewrite(session: Session, text: str) -> None:
    document = session.documents[URI]
    session.change(
        URI, document.version + 1, [lsp.TextDocumentContentChangeWholeDocument(text=text)]
    )


async def test_the_first_request_waits_a_moment_and_carries_what_was_found() -> None:
    session, models, _ = session_with(DRAWING, Reader(VIEW))
    shown = await asked(session, models)
    assert shown[0][0] == NAMES_PATH
    assert "Store: get(key) put(key, value)" in shown[0][1]


async def test_no_other_request_waits() -> None:
    session, models, _ = session_with(DRAWING, Reader(VIEW))
    first = await asked(session, models)
    codebase = session.documents[URI].codebase
    codebase.task = cast("asyncio.Task[None]", asyncio.get_running_loop().create_future())
    rewrite(session, DRAWING.replace("║", "x = 1\n        "))
    snapshot = session.snapshot(asking(Position(4, 8)))
    assert isinstance(snapshot, Snapshot)
    waiting = asyncio.ensure_future(complete(session, snapshot))
    for _ in range(3):
        await asyncio.sleep(0)
    assert models.streams[1].request.hole.snippets == first
    models.streams[1].say("")
    await waiting


async def test_it_is_looked_once_in_a_line() -> None:
    reader = Reader(VIEW)
    session, models, _ = session_with(DRAWING, reader)
    await asked(session, models)
    rewrite(session, DRAWING.replace("║", "st"))
    await asked(session, models)
    assert reader.looks == 1


async def test_the_index_is_asked_where_rare_names_came() -> None:
    reader = Reader(VIEW)
    session, models, _ = session_with(DRAWING, reader)
    await asked(session, models)
    rewrite(session, DRAWING.replace("║", "amount = 1\n        "))
    await asked(session, models, 4)
    assert reader.looks == 1
    lines = "paint(canvas.fill(colour))\n        backend.write(key)\n        "
    rewrite(session, DRAWING.replace("║", lines))
    await asked(session, models, 5)
    assert reader.looks == 2


async def test_what_still_serves_is_shown_again() -> None:
    session, models, _ = session_with(DRAWING, Reader(VIEW))
    await asked(session, models)
    rewrite(session, DRAWING.replace("║", "x = 1\n        "))
    first = await asked(session, models, 4)
    rewrite(session, DRAWING.replace("║", "x = 1\n        store.get(path)\n        "))
    await asked(session, models, 5)
    rewrite(session, DRAWING.replace("║", "x = 1\n        store.get(path)\n        y = 2\n"))
    assert await asked(session, models, 5) == first


async def test_what_was_found_is_read_ahead_once_the_model_has_answered() -> None:
    session, models, snapshot = session_with(DRAWING, Reader(VIEW))
    session.settings[""] = tuned(session, patience_ms=0)
    index = session.code.popitem()  # it comes while the model writes

    async def answered(snapshot: Snapshot, *pieces: str) -> None:
        before = len(models.streams)
        session.answered(snapshot, await complete(session, snapshot), session.clock())
        await until(lambda: len(models.streams) > before)
        session.code.update([index])
        context.look(session, snapshot)
        await looked(session)
        models.streams[-1].say(*pieces)
        await until(lambda: session.documents[URI].generation is None)

    await answered(snapshot, "store.get(path)\n", "        return x")
    await until(lambda: bool(models.warmed))
    assert models.streams[0].request.hole.snippets == ()
    assert models.warmed[0].hole.snippets
    assert session.documents[URI].codebase.carried is None
    rewrite(session, DRAWING.replace("║", "if"))
    later = session.snapshot(asking(Position(3, 10)))
    assert isinstance(later, Snapshot)
    await answered(later, " store.get(path):\n")
    await session.looker.run(len, "")  # a turn for whatever was started
    assert models.streams[1].request.hole.snippets == models.warmed[0].hole.snippets
    assert len(models.warmed) == 1


async def test_an_explicit_request_waits_a_moment() -> None:
    session, models, _ = session_with(DRAWING, Reader(VIEW))
    snapshot = session.snapshot(asking(Position(3, 8), explicit=True))
    assert isinstance(snapshot, Snapshot)
    waiting = asyncio.ensure_future(complete(session, snapshot))
    while not models.streams:
        await asyncio.sleep(0.001)
    models.streams[0].say("x")
    waiting.cancel()
    assert models.streams[0].request.hole.snippets


@pytest.mark.parametrize("drawing", ["# a comment ║\n", "x = 'a string ║\n"])
async def test_what_is_no_code_needs_nothing(drawing: str) -> None:
    session, models, _ = session_with(drawing, Reader(VIEW))
    await asked(session, models, 0)
    assert session.documents[URI].codebase.known is None


async def test_a_private_document_is_not_looked_at() -> None:
    reader = Reader(VIEW)
    session, _, snapshot = session_with(DRAWING, reader)
    session.documents[URI].private = True
    await complete(session, snapshot)
    assert reader.looks == 0


async def test_without_a_model_nothing_is_looked_for() -> None:
    reader = Reader(VIEW)
    session, models, snapshot = session_with(DRAWING, reader)
    models.endpoint = None
    await complete(session, snapshot)
    assert reader.looks == 0


async def test_what_was_changed_elsewhere_is_shown_as_a_diff() -> None:
    session, models, _ = session_with(DRAWING, Reader(VIEW))
    for uri, private in ((HERE, False), ("file:///project/app/hidden.py", True)):
        session.open(uri, "python", 1, "a = 1\n")
        await session.settled()
        session.change(uri, 2, [lsp.TextDocumentContentChangeWholeDocument(text="a = 2\n")])
        session.documents[uri].private = private
    await asked(session, models)
    rewrite(session, DRAWING.replace("║", "x = 1\n    "))
    shown = dict(await asked(session, models))
    assert shown["new.py"] == "-a = 1\n+a = 2\n"
    assert "hidden.py" not in shown


async def test_what_looks_have_in_common_is_kept_for_the_last_documents() -> None:
    session, _, snapshot = session_with(DRAWING, Reader(VIEW))
    uris = [f"file:///project/app/new{number}.py" for number in range(9)]
    for uri in uris:
        session.open(uri, "python", 1, snapshot.text.string)
        await session.settled()
        session.documents[uri].private = False
        cast(Clock, session.clock).now += 1
        await context.ready(session, replace(snapshot, uri=uri), 9)
    known = [session.documents[uri].codebase.known is not None for uri in uris]
    assert known == [False, *[True] * 8]
    await context.ready(session, replace(snapshot, uri=uris[0], position=Position(2, 0)), 9)
    assert session.documents[uris[0]].codebase.known is not None
    assert session.documents[uris[1]].codebase.known is None


async def test_a_document_may_be_closed_meanwhile() -> None:
    reader = Reader(VIEW)
    session, _, snapshot = session_with(DRAWING, reader)
    context.look(session, snapshot)
    task = session.documents[URI].codebase.task
    assert task is not None
    session.close(URI)
    await task
    context.look(session, snapshot)
    await context.ready(session, snapshot, 0.1)
    assert reader.looks == 1


async def test_a_model_is_shown_what_the_editor_reports_near_the_cursor() -> None:
    session, models, _ = session_with(DRAWING, Reader(VIEW))
    at = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 8}}
    said = {"range": at, "message": "save is not used", "severity": 2}
    commands.diagnostics(session, {"uri": URI, "diagnostics": [said]})
    await asked(session, models)
    rewrite(session, DRAWING.replace("║", "x = 1\n        "))
    shown = dict(await asked(session, models, 4))
    assert shown[PROBLEMS_PATH] == "save is not used: def save(path, value):\n"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"uri": "file:///elsewhere.py", "diagnostics": []},
        {"uri": URI, "diagnostics": "none"},
        {"uri": URI, "diagnostics": [{}, None, {"range": {"start": {"line": "1"}}}]},
    ],
)
async def test_reports_of_another_form_are_passed_over(given: dict[str, object]) -> None:
    session, _, _ = session_with(DRAWING, Reader(VIEW))
    commands.diagnostics(session, given)
    assert session.documents[URI].problems == ()
