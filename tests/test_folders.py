"""Workspace folders that change while the editor runs, with the real index process."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.index.trees import git, plant

from firsthand import adapting, folders, learning
from firsthand.core.showing import Price
from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel
from firsthand.embedded.calibration import Experience
from firsthand.folders import Pace
from firsthand.session import Session

QUICK = Pace(look=0.01, settled=0.0, untold=1e9, later=1e9)
CODE = "def area(width):\n    return width * scale_of_everything(width)\n"


def ignored(_: Iterable[str]) -> None:
    return


class Folder:
    """A session with one folder whose files may change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes: list[Any] = []
        self.session = Session(tell=lambda method, params: self.notes.append(params))
        self.session.embedded = EmbeddedModel()
        self.session.folders = [str(root)]
        self.session.part_folders(self.session.folders)

    def suggested(self, code: str, name: str = "new.py") -> str:
        """What is suggested at the end of a new file."""
        model = self.session.embedded
        assert model is not None
        text = Text.of(code)
        path = self.root / name
        for _ in model.learning("uri", str(path), "python", text):
            pass
        last = len(text.lines) - 1
        at = Position(last, len(text.line(last)))
        found = model.suggest("uri", text, at, price=Price(0.0, 0.0))
        model.forget("uri")
        return found[0].text if found else ""

    async def until(self, condition: Callable[[], bool], pace: Pace = QUICK) -> None:
        """Keep the folder learned until something is so."""
        keeping = asyncio.create_task(folders.keep_learned(self.session, ignored, pace))
        try:
            async with asyncio.timeout(60):
                while not condition():
                    if keeping.done():
                        await keeping
                    await asyncio.sleep(0.01)
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))
    return tmp_path


def test_what_the_mixer_learned_is_there_the_next_time(home: Path) -> None:
    async def scenario() -> None:
        first = Folder(plant(home / "root", {"a.py": CODE}))
        root = str(first.root)
        await folders.learn(first.session, root, ignored)
        first.suggested("x = scale_of_e")
        await folders.learn(first.session, root, ignored)
        second = Folder(first.root)
        assert second.session.embedded
        assert first.session.embedded
        assert second.session.embedded.learned(root) is None
        await folders.learn(second.session, root, ignored)
        assert second.session.embedded.learned(root) is not None
        second.session.remove_folders([Path(root).as_uri()])
        assert second.session.embedded.learned(root) is None

    asyncio.run(scenario())


def test_what_was_learned_is_forgotten_while_an_editor_runs(home: Path) -> None:
    async def scenario() -> None:
        folder = Folder(plant(home / "root", {"a.py": CODE}))
        root, embedded = str(folder.root), folder.session.embedded
        assert embedded
        await folders.learn(folder.session, root, ignored)
        folder.suggested("x = scale_of_e")
        embedded.resume(root, Experience(shift=0.7))
        await folders.learn(folder.session, root, ignored)
        assert embedded.learned(root) is not None
        # How texts turned out is kept too.
        other = Folder(folder.root)
        await folders.learn(other.session, root, ignored)
        assert other.session.embedded
        assert other.session.embedded.experience(root).shift == 0.7
        learning.forget()
        await folders.learn(folder.session, root, ignored)
        assert embedded.learned(root) is None
        assert embedded.experience(root).shift != 0.7
        assert not list(home.rglob(adapting.MIXER))

    asyncio.run(scenario())


def test_what_indexing_taught_is_there_at_once_and_after_forgetting(home: Path) -> None:
    async def scenario() -> None:
        folder = Folder(plant(home / "root", {"a.py": 20 * CODE}))
        root, embedded = str(folder.root), folder.session.embedded
        assert embedded
        folder.suggested("x = scale_of_e")  # somebody types before it is indexed
        await folders.learn(folder.session, root, ignored)
        taught = embedded.learned(root)
        assert taught is not None
        assert "scale_of_everything" in taught.keys
        folder.suggested("x = scale_of_e")
        learning.forget()
        await folders.learn(folder.session, root, ignored)
        after = embedded.learned(root)
        assert after is not None
        assert after.raw() == taught.raw()

    asyncio.run(scenario())


def test_a_file_that_the_editor_tells_of_is_learned(home: Path) -> None:
    async def scenario() -> None:
        folder = Folder(plant(home / "root", {"a.py": CODE}))
        await folders.learn(folder.session, str(folder.root), ignored)
        assert "othing" not in folder.suggested("x = scale_of_n")
        plant(folder.root, {"b.py": CODE.replace("everything", "nothing_at_all")})
        folders.touched(folder.session, [(folder.root / "b.py").as_uri()])
        assert folder.session.stale
        await folder.until(lambda: folder.suggested("x = scale_of_n").startswith("othing_at_all"))
        assert not folder.session.stale

    asyncio.run(scenario())


def test_a_switch_of_branches_is_noticed(home: Path) -> None:
    async def scenario() -> None:
        root = plant(home / "root", {"a.py": CODE})
        git(root, "init")
        git(root, "add", ".")
        git(root, "commit", "-m", "one")
        git(root, "checkout", "-b", "other")
        plant(root, {"a.py": CODE.replace("everything", "nothing_at_all")})
        git(root, "commit", "-a", "-m", "two")
        folder = Folder(root)
        await folders.learn(folder.session, str(root), ignored)
        assert folder.suggested("x = scale_of_n").startswith("othing_at_all")
        git(root, "checkout", "main")
        await folder.until(lambda: folder.suggested("x = scale_of_e").startswith("verything"))
        assert "othing" not in folder.suggested("x = scale_of_n")

    asyncio.run(scenario())


def test_a_folder_that_nothing_tells_of_is_looked_through(home: Path) -> None:
    async def scenario() -> None:
        folder = Folder(plant(home / "root", {"a.py": CODE}))
        await folders.learn(folder.session, str(folder.root), ignored)
        plant(folder.root, {"b.py": CODE.replace("everything", "nothing_at_all")})
        pace = Pace(look=0.01, settled=0.0, untold=0.0, later=1e9)
        await folder.until(
            lambda: folder.suggested("x = scale_of_n").startswith("othing_at_all"), pace
        )

    asyncio.run(scenario())


def test_a_file_that_changes_under_the_editor_is_left_to_its_document(home: Path) -> None:
    async def scenario() -> None:
        folder = Folder(plant(home / "root", {"a.py": CODE, "b.py": "x = 1\n"}))
        await folders.learn(folder.session, str(folder.root), ignored)
        for text in (CODE.replace("everything", "nothing_at_all"), ""):
            # What lies on the disk is not what the editor has: its document counts alone.
            assert "thing" not in folder.suggested("x = scale_of_", "a.py")
            assert "thing" in folder.suggested("x = scale_of_", "b.py")
            plant(folder.root, {"a.py": text} if text else {"c.py": CODE})
            folders.touched(folder.session, [(folder.root / "a.py").as_uri()])
            await folder.until(lambda: not folder.session.stale)

    asyncio.run(scenario())


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "stale"),
    [
        ("a.py", True),
        ("deep/down/a.ts", True),
        (".gitignore", True),
        (".firsthandignore", True),
        ("a.png", False),
        ("node_modules/a/index.js", False),
        ("target/debug/a.rs", False),
        (".git/config.py", False),
        ("../elsewhere.py", False),
    ],
)
async def test_what_changes_of_files_matter(tmp_path: Path, name: str, stale: bool) -> None:
    folder = Folder(tmp_path / "root")
    path = (tmp_path / "root").joinpath(*name.split("/"))
    folders.touched(folder.session, [Path(path.as_posix().replace("root/../", "")).as_uri()])
    assert bool(folder.session.stale) is stale
    await folder.session.settled()


def test_very_many_changes_matter_whatever_they_are(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "root")
    folders.touched(folder.session, [f"file:///elsewhere/{number}.png" for number in range(200)])
    assert folder.session.stale
