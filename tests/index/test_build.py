"""What is learned, when it is learned again, and what a damaged state does."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from tests.index.trees import plant

from firsthand.embedded import TierStats
from firsthand.index.build import File, Learner, build
from firsthand.index.state import Result, status, tier_folder
from firsthand.paths import StateError

_TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0fGaB3d"


class Learned:
    """A learner that remembers what it was given."""

    def __init__(self, fault: str = "", error: OSError | None = None) -> None:
        self.files: list[tuple[str, str, str]] = []
        self.whole: frozenset[str] = frozenset()
        self.times = 0
        self.updates: list[tuple[list[str], list[str], bool]] = []
        self.full = False
        self._fault = fault
        self._error = error

    def seam(self) -> Learner:
        return Learner(self._learn, self._update, lambda folder: self._fault)

    def _learn(self, files: Iterable[File], folder: Path, far: Iterable[File] = ()) -> TierStats:
        if self._error:
            raise self._error
        self.files = [*files, *far]
        self.whole = frozenset(file[0] for file in self.files)
        self.times += 1
        return self._stats()

    def _update(
        self, changed: Iterable[File], gone: Collection[str], folder: Path, purge: bool
    ) -> TierStats | None:
        paths = [file[0] for file in changed]
        self.updates.append((paths, sorted(gone), purge))
        self.whole = self.whole.difference(gone).union(paths)
        return None if self.full else self._stats()

    def _stats(self) -> TierStats:
        return TierStats(len(self.whole), 10, 100, self.whole)


def check(tmp_path: Path, learned: Learned) -> Result:
    """Build the workspace in "root" with its state in "home"."""
    environ = {"FIRSTHAND_HOME": str(tmp_path / "home")}
    return build(tmp_path / "root", learner=learned.seam(), environ=environ)


def test_files_are_learned_without_their_secrets(tmp_path: Path) -> None:
    plant(
        tmp_path / "root",
        {"a.py": f'x = 1\nkey = "{_TOKEN}"\ny = 2\n', "b.rs": b"\0binary", "c.md": b"caf\xe9 " * 9},
    )
    learned = Learned()
    assert check(tmp_path, learned).outcome == "built"
    assert learned.files == [
        ("a.py", "python", "x = 1\ny = 2\n"),
        ("c.md", "markdown", "café " * 9),
    ]


def test_only_what_changed_is_learned_again(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {f"{name}.py": name for name in "abcdefgh"})
    for name in "abcdefgh":
        os.utime(root / f"{name}.py", (1, 1))
    learned = Learned()
    first = check(tmp_path, learned)
    again = check(tmp_path, learned)
    assert (first.outcome, again.outcome, learned.times) == ("built", "unchanged", 1)
    assert again.status == first.status
    assert status(root, {"FIRSTHAND_HOME": str(tmp_path / "home")}) == first.status

    os.utime(root / "a.py", (2, 2))
    assert check(tmp_path, learned).outcome == "unchanged"
    plant(root, {"a.py": "z"})
    assert check(tmp_path, learned).outcome == "built"
    (root / "b.py").rename(root / "i.py")
    assert check(tmp_path, learned).outcome == "built"
    (root / "i.py").unlink()
    assert check(tmp_path, learned).outcome == "built"
    plant(root, {".firsthandignore": "c.py"})
    assert check(tmp_path, learned).outcome == "built"
    plant(root, {"d.py": b"\0"})
    assert check(tmp_path, learned).outcome == "built"
    assert check(tmp_path, learned).outcome == "unchanged"
    assert learned.updates == [
        (["a.py"], [], False),
        (["i.py"], ["b.py"], False),
        ([], ["i.py"], False),
        ([], ["c.py"], True),
        ([], ["d.py"], True),
    ]
    assert learned.times == 1


def test_a_file_written_while_it_was_listed_is_read_again(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.py": "one", "b.py": "b"})
    check(tmp_path, Learned())
    written = (root / "a.py").stat()
    plant(root, {"a.py": "two"})
    os.utime(root / "a.py", ns=(written.st_atime_ns, written.st_mtime_ns))
    learned = Learned()
    assert check(tmp_path, learned).outcome == "built"
    assert learned.updates == [(["a.py"], [], False)]


def test_what_can_not_be_updated_is_learned_anew(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.py": "a", "b.py": "b"})
    learned = Learned()
    learned.full = True
    check(tmp_path, learned)
    plant(root, {"a.py": "c"})
    assert check(tmp_path, learned).outcome == "built"
    assert learned.times == 2
    assert learned.files == [("a.py", "python", "c"), ("b.py", "python", "b")]


def test_progress_counts_every_file(tmp_path: Path) -> None:
    plant(tmp_path / "root", {"a.py": "a", "b.py": b"\0", "c.py": "c"})
    seen: list[tuple[int, int]] = []
    build(
        tmp_path / "root",
        learner=Learned().seam(),
        on_progress=lambda done, total: seen.append((done, total)),
        environ={"FIRSTHAND_HOME": str(tmp_path / "home")},
    )
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_damaged_tier_is_built_again_and_said_once(tmp_path: Path) -> None:
    plant(tmp_path / "root", {"a.py": "a"})
    check(tmp_path, Learned())
    mended = check(tmp_path, Learned(fault="The tier is damaged."))
    assert (mended.outcome, mended.note) == ("built", "The tier is damaged.")
    assert check(tmp_path, Learned()).note == ""


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 99}', b"\xff\xfe", b"null"])
def test_a_damaged_state_is_built_again(tmp_path: Path, content: bytes) -> None:
    root = plant(tmp_path / "root", {"a.py": "a"})
    environ = {"FIRSTHAND_HOME": str(tmp_path / "home")}
    check(tmp_path, Learned())
    (tier_folder(root, environ).parent / "index.json").write_bytes(content)
    assert status(root, environ) is None
    assert check(tmp_path, Learned()).outcome == "built"
    assert status(root, environ) is not None


@pytest.mark.parametrize(
    "damage",
    [
        {"current": b"\xff\xfe"},
        {"current": b"tier-gone.bin"},
        {"current": b"../../../x\0"},
        {"current": None},
        {"tier": b""},
        {"tier": b"garbage" * 100},
    ],
)
def test_the_real_tier_is_checked(tmp_path: Path, damage: dict[str, bytes | None]) -> None:
    root = plant(tmp_path / "root", {"a.py": "def f(x):\n    return x\n"})
    environ = {"FIRSTHAND_HOME": str(tmp_path / "home")}
    assert build(root, environ=environ).outcome == "built"
    assert build(root, environ=environ).outcome == "unchanged"
    tier = tier_folder(root, environ)
    for name, content in damage.items():
        path = tier / name if name == "current" else next(tier.glob("base-*"))
        path.unlink()
        if content is not None:
            path.write_bytes(content)
    mended = build(root, environ=environ)
    assert mended.outcome == "built"
    assert "can't be used" in mended.note
    again = build(root, environ=environ)
    assert (again.outcome, again.note) == ("unchanged", "")


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    plant(tmp_path / "root", {"a.py": "a"})
    with pytest.raises(StateError, match="No space left"):
        check(tmp_path, Learned(error=OSError(28, "No space left on device")))


def test_a_home_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    plant(tmp_path / "root", {"a.py": "a"})
    plant(tmp_path, {"home": "a file"})
    with pytest.raises(StateError, match="FIRSTHAND_HOME"):
        check(tmp_path, Learned())


def test_an_empty_workspace_has_an_empty_index(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {})
    environ = {"FIRSTHAND_HOME": str(tmp_path / "home")}
    result = build(root, environ=environ)
    assert (result.outcome, result.status and result.status.files) == ("built", 0)
    assert build(root, environ=environ).outcome == "unchanged"


def test_what_was_left_out_is_said(tmp_path: Path) -> None:
    missing = build(tmp_path / "missing", environ={"FIRSTHAND_HOME": str(tmp_path / "home")})
    assert "not a folder" in missing.note
