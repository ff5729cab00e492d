"""What is learned, when it is learned again, and what a damaged state does."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.index.trees import plant

from firsthand.embedded import TierStats
from firsthand.index.build import Learner, build
from firsthand.index.state import Result, status, tier_folder
from firsthand.paths import StateError

_TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0fGaB3d"


class Learned:
    """A learner that remembers what it was given."""

    def __init__(self, fault: str = "", error: OSError | None = None) -> None:
        self.files: list[tuple[str, str, str]] = []
        self.times = 0
        self._fault = fault
        self._error = error

    def seam(self) -> Learner:
        return Learner(self._learn, lambda folder: self._fault)

    def _learn(self, files: Iterable[tuple[str, str, str]], folder: Path) -> TierStats:
        if self._error:
            raise self._error
        self.files = list(files)
        self.times += 1
        return TierStats(len(self.files), 10, 5, 100)


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


def test_unchanged_files_are_not_learned_again(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.py": "a", "b.py": "b"})
    learned = Learned()
    first = check(tmp_path, learned)
    again = check(tmp_path, learned)
    assert (first.outcome, again.outcome, learned.times) == ("built", "unchanged", 1)
    assert again.status == first.status
    assert status(root, {"FIRSTHAND_HOME": str(tmp_path / "home")}) == first.status

    os.utime(root / "a.py", (1, 1))
    assert check(tmp_path, learned).outcome == "built"
    (root / "b.py").rename(root / "c.py")
    assert check(tmp_path, learned).outcome == "built"
    (root / "c.py").unlink()
    assert check(tmp_path, learned).outcome == "built"
    assert check(tmp_path, learned).outcome == "unchanged"


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
        path = tier / name if name == "current" else next(tier.glob("tier-*"))
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
