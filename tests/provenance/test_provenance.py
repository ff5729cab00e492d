"""What a session knows of who wrote what, and what it keeps of that."""

import asyncio
import gc
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from tests.fakes import Clock
from tests.marked import marked
from tests.provenance.following import following, origins

from firsthand import commands, convert, offering
from firsthand.core.authorship import Mark
from firsthand.core.completion import Completion
from firsthand.core.outcome import Answer
from firsthand.core.proposal import Hunk, Proposal
from firsthand.core.text import Edit, Position, Range, Text, difference
from firsthand.document import Document
from firsthand.paths import path_to_uri
from firsthand.provenance.store import Store, write_proposed

pytestmark = pytest.mark.asyncio


class Scene:
    """One file, open in a session."""

    def __init__(self, folder: Path, content: str = "") -> None:
        self.clock = Clock()
        self.said: list[str] = []
        self.session = following(folder, self.clock, self.said.append)
        self.file = folder / "code.py"
        self.file.write_text(content, encoding="utf-8")
        self.version = 0

    @property
    def document(self) -> Document:
        return self.session.documents[path_to_uri(self.file)]

    async def open(self) -> None:
        content = self.file.read_text(encoding="utf-8")
        self.session.open(path_to_uri(self.file), "python", 0, content)
        self.document.private = False
        await self.session.provenance.settled()

    async def again(self) -> None:
        """Save, close and open it."""
        self.save()
        await self.reopen()

    def save(self) -> None:
        """Write it to its file, as an editor does."""
        self.file.write_text(self.document.text.string, encoding="utf-8")
        self.session.provenance.saved(self.document)

    async def reopen(self) -> None:
        """Close it, and open what the file holds now."""
        self.session.close(self.document.uri)
        await self.open()

    def become(self, content: str, *, whole: bool = False) -> None:
        """Have the editor tell of another content, by one edit."""
        self.clock.now += 1.0
        self.version += 1
        before = self.document.text
        edit = difference(before, Text.of(content))
        range_ = Range(Position(0, 0), before.end) if whole else edit.range
        change = lsp.TextDocumentContentChangePartial(
            convert.to_range(range_, before, "utf-16"), content if whole else edit.new_text
        )
        self.session.change(self.document.uri, self.version, [change])

    def type(self, drawing: str, keys: str) -> None:
        text, cursor = marked(drawing)
        assert text == self.document.text
        head = text.slice(Range(Position(0, 0), cursor))
        tail = text.string[len(head) :]
        for end in range(1, len(keys) + 1):
            self.become(head + keys[:end] + tail)

    def show(self, drawing: str, new_text: str) -> int:
        text, cursor = marked(drawing)
        assert text == self.document.text
        snapshot = self.session.snapshot_at(self.document, cursor, explicit=False)
        completion = Completion(self.version, Range.at(cursor), new_text, "inline", "m")
        answer = self.session.answered(snapshot, Answer((completion,)), self.clock())
        return answer.completions[0].id


async def test_typed_accepted_and_changed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "a = 1\n")
    await scene.open()
    scene.type("a = 1\n║", "b = ")
    scene.show("a = 1\nb = ║", "foo(bar)")
    scene.become("a = 1\nb = foo(bar)")
    assert origins(scene.document) == "??????TTTTIIIIIIII"
    scene.become("a = 1\nb = foo(xbar)")
    scene.become("a = 1\nb = foo(xr)")
    assert origins(scene.document) == "??????TTTTIIIICII"
    scene.session.shut_down()


async def test_undo_and_redo_restore_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.show("║", "foo(bar)")
    scene.become("foo(bar)")
    scene.become("")
    scene.become("foo(bar)")
    assert origins(scene.document) == "IIIIIIII"
    scene.session.shut_down()


async def test_what_the_editor_says_is_certain(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    id_ = scene.show("║", ")foo(bar)")
    scene.become(")")
    assert origins(scene.document) == "T"
    commands.accepted(scene.session, {"id": id_, "characters": 1})
    assert origins(scene.document) == "I"
    authored = scene.document.authored
    assert authored is not None
    assert Mark.of(authored.authorship.runs()[0][1]).certain
    scene.become(")foo(bar)")
    assert all(Mark.of(mark).certain for _, mark in authored.authorship.runs())
    scene.session.shut_down()


async def test_pasted_text_is_not_claimed_as_typed_and_moved_text_keeps_its_origin(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x = typed_line(one)\n")
    scene.become("x = typed_line(one)\ndef pasted(one, two):\n    return one\n")
    assert origins(scene.document) == "T" * 20 + "P" * 37
    scene.become("def pasted(one, two):\n    return one\n")
    scene.become("def pasted(one, two):\n    return one\nx = typed_line(one)\n")
    assert origins(scene.document) == "P" * 37 + "T" * 20
    scene.session.shut_down()


async def test_formatting_keeps_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.show("║", "f(a,b)")
    scene.become("f(a,b)")
    scene.type("f(a,b)║", "\ny=1\n")
    scene.become("f(a, b)\ny = 1\n", whole=True)
    assert origins(scene.document) == "I" * 7 + "T" * 7
    scene.session.shut_down()


async def test_it_is_kept_without_the_text_and_for_the_person_alone(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "secret_word = 1\n")
    await scene.again()
    assert origins(scene.document) == "T" * 16
    store = scene.session.provenance.store
    assert store is not None
    scene.session.shut_down()
    store.close()
    assert b"secret_word" not in store.file.read_bytes()
    if os.name == "posix":
        assert store.file.stat().st_mode & 0o777 == 0o600


async def test_a_renamed_file_is_known_by_its_content(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x = 1\ny = 2\n")
    await scene.again()
    scene.session.close(scene.document.uri)
    scene.file = scene.file.rename(tmp_path / "other.py")
    await scene.open()
    assert origins(scene.document) == "T" * 12
    scene.session.shut_down()


async def test_a_switch_of_branches_and_back(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x = 1\ny = 2\n")
    await scene.again()
    for content, wanted in (
        ("x = 1\nz = 3\n", "TTTTTT??????"),
        ("generated = True\n" * 50, "?" * 17 * 50),
        ("<<<<<<< ours\nx = 1\n=======\nz = 3\n>>>>>>> theirs\n", None),
        ("x = 1\ny = 2\n", "T" * 12),
    ):
        scene.session.close(scene.document.uri)
        scene.file.write_text(content, encoding="utf-8")
        await scene.open()
        assert wanted in (None, origins(scene.document))
    scene.session.shut_down()


async def test_what_an_open_file_was_changed_to_is_not_claimed_as_typed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x = 1\n")
    await scene.again()
    scene.file.write_text("x = 1\ny\n", encoding="utf-8")
    scene.become("x = 1\ny\n")
    assert origins(scene.document) == "TTTTTTTT"
    await scene.session.provenance.compare(scene.document)
    assert origins(scene.document) == "TTTTTT??"
    scene.type("x = 1\ny\n║", "z")
    await scene.session.provenance.compare(scene.document)  # the file does not hold that
    assert origins(scene.document) == "TTTTTT??T"
    scene.session.shut_down()


async def test_what_the_command_escalate_wrote_is_the_frontiers(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x = 1\n")
    await scene.again()
    before, content = scene.document.text, "x = 1\ny = 2\n"
    scene.file.write_text(content, encoding="utf-8")
    store = Store(tmp_path / "state", print)
    edit = Edit(Range.at(Position(1, 0)), "y = 2\n")
    write_proposed(store, (str(tmp_path), "code.py"), before, [edit], 1_764_115_200_000)
    store.close()
    scene.become(content)
    await scene.session.provenance.compare(scene.document)
    assert origins(scene.document) == "TTTTTTFFFFFF"
    scene.session.shut_down()


async def test_an_applied_proposal_is_the_frontiers_until_it_is_read(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "def f():\n    return 1\n")
    await scene.open()
    text = scene.document.text
    range_ = Range(Position(1, 0), Position(2, 0))
    hunk = Hunk(1, range_, "    x = 2\n    return x\n")
    proposal = Proposal(7, scene.document.uri, 0, range_, (hunk,), model="big")

    async def apply(method: str, params: object) -> object:
        assert method == "workspace/applyEdit"
        scene.become("def f():\n    x = 2\n    return x\n")
        return {"applied": True}

    scene.session.escalations.ask = apply
    scene.session.escalations.proposals[7] = proposal, text
    assert await offering.accept(scene.session, 7) == ""
    assert origins(scene.document).count("F") == 6
    assert commands.mark_read(scene.session, {"uri": scene.document.uri}) == {"characters": 6}
    assert commands.mark_read(scene.session, {"uri": scene.document.uri}) == {"characters": 0}
    assert commands.mark_read(scene.session, {"uri": "file:///none.py"}) == {"characters": 0}
    scene.session.shut_down()


async def test_what_survives_is_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    scene.show("║", "foo(bar)")
    scene.become("foo(bar)")
    scene.become("foo()")
    scene.session.provenance.committed(scene.document, Text.of("foo()"))
    scene.session.provenance.committed(scene.document, Text.of("foo()"))  # once
    scene.session.shut_down()
    with closing(sqlite3.connect(tmp_path / "state" / "ledger.sqlite3")) as database:
        events = database.execute("SELECT kind, characters FROM event").fetchall()
    assert ("accepted", 8) in events
    assert ("survived_commit", 5) in events
    assert ("lost_commit", 3) in events
    assert len([each for each in events if "commit" in each[0]]) == 2


async def test_a_session_that_ends_at_once_leaves_no_fault(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    scene.show("║", "foo(bar)")
    scene.become("foo(bar)")
    scene.session.shut_down()
    for _ in range(3):  # what was begun begins, ends, and is forgotten
        await asyncio.sleep(0)
    gc.collect()
    assert not faults


async def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    file = tmp_path / "state" / "authorship.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x")
    await scene.again()
    assert origins(scene.document) == "?"
    scene.session.shut_down()
    assert "newer version" in scene.said[0]
    assert len(scene.said) == 1


async def test_a_damaged_store_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "authorship.sqlite3").write_bytes(b"no database" * 400)
    scene = Scene(tmp_path)
    await scene.open()
    scene.type("║", "x")
    await scene.again()
    await scene.again()
    scene.type("x║", "y")
    await scene.again()
    assert origins(scene.document) == "TT"
    scene.session.shut_down()


async def test_a_clock_that_goes_back_keeps_acceptances_apart(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    times = iter(range(10_000, 0, -1))
    scene.session.provenance._now = lambda: next(times)
    await scene.open()
    scene.show("║", "foo(bar)")
    scene.become("foo(bar)")
    scene.show("foo(bar)║", "baz(x)")
    scene.become("foo(bar)baz(x)")
    authored = scene.document.authored
    assert authored is not None
    assert len(authored.authorship.runs()) == 2
    scene.session.shut_down()
