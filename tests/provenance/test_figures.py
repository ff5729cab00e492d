"""How much of a folder was written first hand, as the command and the editor hear of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.agreed import answer_departs
from tests.index.trees import git
from tests.provenance.test_provenance import Scene

from firsthand import commands
from firsthand.cli import commands as program
from firsthand.core.authorship import Authorship, Mark, Origin
from firsthand.core.text import Text
from firsthand.provenance import figures
from firsthand.provenance.record import Record
from firsthand.provenance.store import Store

_AT = 1_764_115_200_000  # 2025-11-26
_TYPED = Mark(Origin.TYPED, _AT).packed
_WHOLE = Mark(Origin.FRONTIER, _AT + 1).packed


def keep(state: Path, root: Path, name: str, content: str, runs: list[tuple[int, int]]) -> None:
    """A file in a folder, of which something is known."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content, encoding="utf-8")
    text = Text.of(content)
    store = Store(state, print)
    store.save((str(root), name), Record.of(text, Authorship.of(text, runs), {}))
    store.close()


def test_an_empty_history(tmp_path: Path) -> None:
    found = figures.measure(Store(tmp_path / "state", print), tmp_path)
    assert found.total.first_hand is None
    assert not answer_departs("firsthand.grip", found.to_json())


def test_shares_by_file_folder_and_week(tmp_path: Path) -> None:
    root, state = tmp_path.resolve() / "root", tmp_path / "state"
    large = "".join(f"line {n}\n" for n in range(8))
    keep(state, root, "a.py", "x = 1\n" + large, [(6, _TYPED), (len(large), _WHOLE)])
    keep(state, root, "sub/b.py", "y = 2\nz = 3\n", [(6, _TYPED), (6, 0)])
    keep(state, root, "gone.py", "y = 2\n", [(6, _TYPED)])
    (root / "gone.py").unlink()
    found = figures.measure(Store(state, print), root)
    assert [(path, each.typed) for path, each in found.files] == [("a.py", 6), ("sub/b.py", 6)]
    assert dict(found.folders)["sub"].unknown == 6
    assert found.total.first_hand == 12 / (12 + len(large))
    assert [week for week, _ in found.weeks] == ["2025-W48"]
    assert [(each.path, each.line, each.lines) for each in found.reading] == [("a.py", 2, 8)]
    assert not answer_departs("firsthand.grip", found.to_json())
    only = figures.measure(Store(state, print), root / "sub" / "b.py")
    assert [path for path, _ in only.files] == ["b.py"]


def test_a_block_that_was_read_need_not_be_read(tmp_path: Path) -> None:
    content = "line\n" * 8
    text, whole = Text.of(content), len(content)
    read = Mark(Origin.FRONTIER, _AT + 1, read=True).packed
    assert list(figures.untouched("a", text, [(whole, _WHOLE)]))
    assert list(figures.untouched("a", text, [(9, _WHOLE), (1, _TYPED), (30, _WHOLE)]))
    assert not list(figures.untouched("a", text, [(whole, read)]))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("before", "after"),
    [("line 4\n", ""), ("line 7\n", ""), ("line 4\n", "line 4 # all of it\n"), ("line 3", "lin 3")],
)
async def test_the_reading_list_has_what_was_never_touched(
    before: str, after: str, tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    await scene.open()
    whole = "".join(f"line {number}\n" for number in range(8))
    scene.show("║", whole)
    scene.become(whole)
    scene.type(f"{whole}║", "more = 1\n")

    async def listed() -> list[int]:
        await scene.again()
        store = scene.session.provenance.store
        assert store is not None
        return [each.lines for each in figures.measure(store, tmp_path).reading]

    assert await listed() == [8]
    scene.become(scene.document.text.string.replace(before, after))
    assert await listed() == []
    scene.session.shut_down()


def test_what_a_generator_wrote_since_is_not_claimed(tmp_path: Path) -> None:
    root, state = tmp_path.resolve() / "root", tmp_path / "state"
    keep(state, root, "a.py", "x = 1\ny = 2\n", [(12, _TYPED)])
    (root / "a.py").write_text("generated = 1\ny = 2\n", encoding="utf-8")
    found = figures.measure(Store(state, print), root)
    assert (found.total.typed, found.total.unknown) == (6, 14)
    (root / "a.py").write_bytes(b"\xff\x00")
    assert figures.measure(Store(state, print), root).files == ()


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))
    root = tmp_path.resolve() / "root"
    keep(tmp_path / "home" / "data", root, "a.py", "x = 1\n", [(6, _TYPED)])
    said = CliRunner().invoke(program, ["grip", str(root)])
    assert "100 %" in said.output
    assert said.exit_code == 0
    told = json.loads(CliRunner().invoke(program, ["grip", str(root), "--json"]).output)
    assert told["schema"] == 1
    assert told["share"]["typed"] == 6
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "Nothing is known" in CliRunner().invoke(program, ["grip", str(empty)]).output


@pytest.mark.asyncio
async def test_the_editor_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))
    scene = Scene(tmp_path.resolve())
    store = Store(tmp_path / "home" / "data", print)
    scene.session.provenance.store = store
    await scene.open()
    scene.type("║", "x = 1\n")
    scene.file.write_text("x = 1\n", encoding="utf-8")
    found = await commands.grip(scene.session, {"uri": scene.document.uri})
    assert not answer_departs("firsthand.grip", found)
    assert found["share"]["typed"] == 6  # type: ignore[typeddict-item]
    assert commands.mark_read(scene.session, {"uri": scene.document.uri}) == {"characters": 0}
    scene.session.folders.clear()
    assert "reason" in await commands.grip(scene.session, {})
    scene.session.shut_down()
    store.close()


@pytest.mark.asyncio
async def test_what_a_commit_holds_has_survived(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    await scene.open()
    counted: list[tuple[str, tuple[int, int]]] = []

    class Heard:
        def survived(
            self, after: str, _completion: object, counts: tuple[int, int], _: str
        ) -> None:
            counted.append((after, counts))

        def record(self, *_: object) -> None: ...

        def wrote(self, *_: object) -> None: ...

    scene.session.provenance.stores = Heard()  # type: ignore[assignment]
    scene.show("║", "foo(bar)")
    scene.become("foo(bar)")
    await scene.session.provenance.settled()
    scene.file.write_text("foo(bar)", encoding="utf-8")
    documents, folder = [scene.document], str(tmp_path)
    git(tmp_path, "checkout", "-q", "-b", "other")
    await scene.session.provenance.moved(documents, folder)
    assert not counted
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "-q", "-m", "two")
    git(tmp_path, "commit", "-q", "--amend", "-m", "rewritten")
    for _ in range(2):
        await scene.session.provenance.moved(documents, folder)
    assert counted == [("commit", (8, 0))]
    scene.session.shut_down()
