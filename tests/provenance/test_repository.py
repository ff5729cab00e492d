"""Who wrote what, through what git does to files: merges, conflicts, and history written anew."""

from pathlib import Path

import pytest
from tests.index.trees import git
from tests.provenance.following import origins
from tests.provenance.test_provenance import Scene

pytestmark = pytest.mark.asyncio
_BASE = "top = 0\nZ = 9\n"


class Repository(Scene):
    """One file in a repository, open in a session; what survived a commit is heard."""

    def __init__(self, folder: Path) -> None:
        self.counted: list[tuple[int, int]] = []
        super().__init__(folder, _BASE)

    async def begin(self) -> None:
        """Commit the file as nobody was seen to write it, and open it."""
        git(self.folder, "init", "-q")
        self.commit("base")
        await self.listen()

    async def listen(self) -> None:
        """Open the file, and hear of what a commit holds."""
        self.session.provenance.stores = self  # type: ignore[assignment]
        await self.open()

    @property
    def folder(self) -> Path:
        return self.file.parent

    def git(self, *arguments: str) -> None:
        git(self.folder, *arguments)

    def commit(self, name: str, *options: str) -> None:
        self.git("add", self.file.name)
        self.git("commit", "-q", "-m", name, *options)

    async def write(self, branch: str, new_text: str, *, accepted: bool = False) -> None:
        """On a branch that starts from the commit named main, put lines below the first one."""
        self.git("checkout", "-q", "-b", branch, "main")
        await self.reopen()
        lines = self.document.text.lines
        drawing = f"{lines[0]}║{''.join(lines[1:])}"
        if accepted:
            self.show(drawing, new_text)
            self.become(drawing.replace("║", new_text))
        else:
            self.type(drawing, new_text)
        self.save()
        await self.session.provenance.settled()
        self.commit(branch)

    async def looked(self) -> list[tuple[int, int]]:
        """What was counted after a commit, once the session has looked for one."""
        await self.session.provenance.moved([self.document], str(self.folder))
        return self.counted

    def by_line(self) -> list[str]:
        """Each line, with a letter for each origin in it."""
        kinds, found, at = origins(self.document), [], 0
        for line in self.document.text.lines:
            own = "".join(sorted(set(kinds[at : at + len(line)])))
            found += [f"{own} {line.strip()}"] if line else []
            at += len(line)
        return found

    def survived(self, after: str, _completion: object, counts: tuple[int, int], _: str) -> None:
        assert after == "commit"
        self.counted.append(counts)

    def record(self, *_: object) -> None: ...

    def wrote(self, *_: object) -> None: ...


async def test_a_merge_with_conflicts_keeps_both_sides(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    await repository.begin()
    await repository.write("ours", "ours = 1\n")
    await repository.write("theirs", "theirs = f(2)\nmore = 3\n", accepted=True)
    repository.git("checkout", "-q", "ours")
    await repository.reopen()
    with pytest.raises(Exception, match="merge"):
        repository.git("merge", "theirs")
    await repository.reopen()
    assert repository.by_line() == [
        "? top = 0",
        "? <<<<<<< HEAD",
        "T ours = 1",
        "? =======",
        "I theirs = f(2)",
        "I more = 3",
        "? >>>>>>> theirs",
        "? Z = 9",
    ]
    for mark in ("<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n"):
        repository.become(repository.document.text.string.replace(mark, ""))
    wanted = ["? top = 0", "T ours = 1", "I theirs = f(2)", "I more = 3", "? Z = 9"]
    assert repository.by_line() == wanted
    repository.save()
    repository.commit("merged")
    await repository.reopen()
    assert repository.by_line() == wanted
    repository.session.shut_down()


@pytest.mark.parametrize("side", ["ours", "theirs"])
async def test_a_conflict_that_git_resolves(side: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    await repository.begin()
    await repository.write("ours", "ours = 1\n")
    await repository.write("theirs", "theirs = 2\n")
    repository.git("checkout", "-q", "ours")
    await repository.reopen()
    with pytest.raises(Exception, match="merge"):
        repository.git("-c", "merge.conflictStyle=diff3", "merge", "theirs")
    await repository.reopen()
    repository.git("checkout", "-q", f"--{side}", "code.py")
    await repository.reopen()
    number = {"ours": 1, "theirs": 2}[side]
    assert repository.by_line() == ["? top = 0", f"T {side} = {number}", "? Z = 9"]
    repository.session.shut_down()


async def test_a_rebase_keeps_it_and_counts_a_commit_once(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    await repository.begin()
    await repository.write("mine", "kept = f(1)\n", accepted=True)
    assert await repository.looked() == [(12, 0)]
    repository.git("checkout", "-q", "main")
    repository.file.write_text(f"new = 1\n{_BASE}", encoding="utf-8")
    repository.commit("somebody's")
    repository.git("checkout", "-q", "mine")
    repository.git("rebase", "-q", "main")
    await repository.reopen()
    wanted = ["? new = 1", "? top = 0", "I kept = f(1)", "? Z = 9"]
    assert repository.by_line() == wanted
    repository.commit("said anew", "--amend")
    assert await repository.looked() == [(12, 0)]
    repository.git("reset", "-q", "--hard", "HEAD~1")
    await repository.reopen()
    assert repository.by_line() == ["? new = 1", "? top = 0", "? Z = 9"]
    repository.git("reset", "-q", "--hard", "HEAD@{1}")
    await repository.reopen()
    assert repository.by_line() == wanted
    repository.session.shut_down()


async def test_a_branch_that_somebody_else_wrote_anew(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    repository, elsewhere = Repository(tmp_path / "own"), tmp_path / "elsewhere"
    await repository.begin()
    await repository.write("mine", "one = 1\ntwo = 2\n")
    git(tmp_path, "clone", "-q", "own", "elsewhere")
    content = (elsewhere / "code.py").read_text(encoding="utf-8")
    (elsewhere / "code.py").write_text(content.replace("two", "too"), encoding="utf-8")
    git(elsewhere, "commit", "-q", "--amend", "-a", "-m", "mine, better")
    git(elsewhere, "push", "-q", "--force", "origin", "HEAD:refs/heads/better")
    repository.git("reset", "-q", "--hard", "better")
    await repository.reopen()
    assert repository.by_line() == ["? top = 0", "T one = 1", "? too = 2", "? Z = 9"]
    repository.session.shut_down()


async def test_a_shallow_clone(tmp_path: Path) -> None:
    origin, root = tmp_path / "origin", tmp_path / "shallow"
    origin.mkdir()
    for number in range(3):
        (origin / "code.py").write_text(f"{_BASE}# {number}\n", encoding="utf-8")
        if not number:
            git(origin, "init", "-q")
        git(origin, "add", "code.py")
        git(origin, "commit", "-q", "-m", str(number))
    git(tmp_path, "clone", "-q", "--depth", "1", origin.as_uri(), "shallow")
    repository = Repository(root)
    repository.git("checkout", "-q", "code.py")
    await repository.listen()
    await repository.write("mine", "kept = f(1)\n", accepted=True)
    assert await repository.looked() == [(12, 0)]
    repository.git("fetch", "-q", "--unshallow")
    await repository.reopen()
    assert await repository.looked() == [(12, 0)]
    assert repository.by_line() == ["? top = 0", "I kept = f(1)", "? Z = 9", "? # 2"]
    repository.session.shut_down()
