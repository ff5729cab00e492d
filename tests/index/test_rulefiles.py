"""Whether the files that say what is ignored stand as they did."""

import os
from pathlib import Path

import pytest
from tests.index.trees import GIT, git, plant, repository

from firsthand.index.ignore import may_read
from firsthand.index.rulefiles import RuleFiles


def test_rules_inside_are_those_from_the_file_up(tmp_path: Path) -> None:
    root = plant(tmp_path / "work", {"a/b/c.py": "c", "a/d/.gitignore": "c.py\n"})
    rules = RuleFiles.around(root, root / "a/b/c.py")
    assert rules.hold()
    plant(root, {"a/d/.gitignore": "*.py\n", "a/b/c.py": "more"})
    plant(tmp_path, {".gitignore": "work\n"})  # above the workspace, which is no repository
    assert rules.hold()
    for name in (".gitignore", ".firsthandignore", "a/.firsthandignore", "a/b/.gitignore"):
        plant(root, {name: "# none\n"})
        assert not rules.hold()
        rules = RuleFiles.around(root, root / "a/b/c.py")
        assert rules.hold()
    (root / "a/.firsthandignore").unlink()
    assert not rules.hold()


def test_a_folder_in_a_repository_heeds_what_is_above_it(tmp_path: Path) -> None:
    root = repository(tmp_path / "work", {"one/a.py": "a"})
    rules = RuleFiles.around(root / "one", root / "one/a.py", GIT)
    plant(root, {".gitignore": "b.py\n"})
    assert not rules.hold()


@pytest.mark.parametrize("inside", ["info/exclude", "config"])
def test_what_git_keeps_of_a_repository(tmp_path: Path, inside: str) -> None:
    root = repository(tmp_path / "work", {"a.py": "a"})
    rules = RuleFiles.around(root, root / "a.py", GIT)
    assert rules.hold()
    with open(root / ".git" / inside, "a", encoding="utf-8") as file:
        file.write("\n# more\n")
    assert not rules.hold()


def test_the_persons_own_excludes_wherever_they_are(tmp_path: Path) -> None:
    root = repository(tmp_path / "work", {"a.py": "a"})
    excludes, included = tmp_path / "own excludes", tmp_path / "included"
    plant(root, {"new.py": "n"})
    included.write_text(f'[core]\n\texcludesFile = "{excludes.as_posix()}"\n', encoding="utf-8")
    git(root, "config", "include.path", included.as_posix())
    rules = RuleFiles.around(root, root / "new.py", GIT)
    assert str(excludes) in {os.path.normpath(each) for each in rules.stood}
    assert may_read(root, root / "new.py", (), GIT)
    excludes.write_text("new.py\n", encoding="utf-8")
    assert not rules.hold()
    assert not may_read(root, root / "new.py", (), GIT)
    rules = RuleFiles.around(root, root / "new.py", GIT)
    included.write_text("[core]\n", encoding="utf-8")
    assert not rules.hold()
