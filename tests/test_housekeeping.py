import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.index.trees import plant_environment

from firsthand import housekeeping
from firsthand.cache import Cache
from firsthand.cli import commands
from firsthand.core.text import Edit, Range, Text
from firsthand.ledger import Ledger
from firsthand.paths import (
    completions_folder,
    data_folder,
    proposals_folder,
    workspaces_folder,
)
from firsthand.provenance.store import Store, write_proposed
from firsthand.settings import Budget


def environ(tmp_path: Path) -> dict[str, str]:
    environment = plant_environment(tmp_path / "environment")
    return {"FIRSTHAND_HOME": str(tmp_path / "home"), "VIRTUAL_ENV": str(environment)}


def check(tmp_path: Path, *arguments: str) -> str:
    """What a command says."""
    result = CliRunner().invoke(commands, arguments, env=environ(tmp_path))
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of a cache and of an index with something in them."""
    completions, index = completions_folder(environ(tmp_path)), workspaces_folder(environ(tmp_path))
    completions.mkdir(parents=True)
    (index / "project" / "tier").mkdir(parents=True)
    (index / "project" / "tier" / "current").write_bytes(b"x" * 2_000_000)
    return completions, index


def test_sizes_are_those_of_the_files(tmp_path: Path, kept: tuple[Path, Path]) -> None:
    (kept[0] / "cache.db").write_bytes(b"x" * 1_500_000)
    assert check(tmp_path, "cache", "size") == "Completions 1.5 MB, indexes 2.0 MB."


def test_nothing_is_kept_before_the_first_use(tmp_path: Path) -> None:
    assert check(tmp_path, "cache", "size") == "Completions 0.0 MB, indexes 0.0 MB."
    assert check(tmp_path, "cache", "clear").startswith("Forgot: Completions 0.0 MB")


def test_clear_forgets_all_of_it(tmp_path: Path, kept: tuple[Path, Path]) -> None:
    assert check(tmp_path, "cache", "clear") == "Forgot: Completions 0.0 MB, indexes 2.0 MB."
    assert not kept[1].exists()
    assert check(tmp_path, "cache", "clear").endswith("indexes 0.0 MB.")


def test_clear_makes_a_damaged_cache_anew(tmp_path: Path, kept: tuple[Path, Path]) -> None:
    (kept[0] / "cache.db").write_bytes(b"nonsense" * 999)
    result = CliRunner().invoke(commands, ["cache", "clear"], env=environ(tmp_path))
    assert result.exit_code == 1
    assert "was damaged" in result.stderr
    assert check(tmp_path, "cache", "clear").startswith("Forgot: ")


@pytest.mark.skipif(os.name != "posix", reason="links need no rights there")
def test_links_lead_nowhere(tmp_path: Path, kept: tuple[Path, Path]) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_bytes(b"x" * 3_000_000)
    (kept[1] / "link").symlink_to(elsewhere)
    (kept[1] / "dangling").symlink_to(tmp_path / "nowhere")
    assert check(tmp_path, "cache", "size").endswith("indexes 2.0 MB.")
    check(tmp_path, "cache", "clear")
    assert (elsewhere / "precious").exists()


def test_words_for_people() -> None:
    indexed = housekeeping.Indexed("/p", "built", 1200, 3_400_000, 5_600_000, "2 were left out.")
    assert indexed.sentence == ("Learned 1,200 files, 3,400,000 tokens, 5.6 MB.\n2 were left out.")


def test_wipe_leaves_the_configuration_and_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("cache/completions/cache.db", "cache/workspaces/a/b", "data/ledger.sqlite3"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_bytes(b"x" * 500_000)
    for name in ("data/config.toml", "log/server.log", "config/config.toml"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"")
    # Where the person's file lies beside what is kept, as on macOS.
    environ_ = environ(tmp_path) | {"FIRSTHAND_CONFIG": str(home / "data" / "config.toml")}
    asked = CliRunner().invoke(commands, ["data", "wipe"], input="n\n", env=environ_)
    assert asked.exit_code != 0
    result = CliRunner().invoke(commands, ["data", "wipe", "--yes"], env=environ_)
    assert result.stdout.startswith("Removed 1.5 MB")
    left = [str(path.relative_to(home)) for path in sorted(home.rglob("*")) if path.is_file()]
    assert left == ["config/config.toml", "data/config.toml"]
    assert check(tmp_path, "data", "wipe", "--yes").startswith("Removed 0.0 MB")


@pytest.mark.skipif(os.name != "posix", reason="links need no rights there")
def test_wipe_follows_no_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_bytes(b"x")
    (tmp_path / "home" / "cache").mkdir(parents=True)
    (tmp_path / "home" / "cache" / "link").symlink_to(elsewhere)
    check(tmp_path, "data", "wipe", "--yes")
    assert (elsewhere / "precious").exists()


@pytest.mark.parametrize("where", [".firsthandignore", ".gitignore", "privacy.ignore"])
def test_a_new_rule_purges_every_store(tmp_path: Path, where: str) -> None:
    root, home = tmp_path / "project", tmp_path / "home"
    root.mkdir()
    recipe = "def secret_recipe(flour):\n    return flour_and_water(flour, 'salt')\n"
    (root / "recipe.py").write_text(recipe * 3, encoding="utf-8")
    (root / "other.py").write_text("def public():\n    return open('x').read()\n", encoding="utf-8")
    variables = environ(tmp_path) | {"FIRSTHAND_CONFIG": str(tmp_path / "config.toml")}
    (tmp_path / "config.toml").write_text("", encoding="utf-8")

    def index() -> None:
        result = CliRunner().invoke(commands, ["index", str(root)], env=variables)
        assert result.exit_code == 0, result.output

    index()
    cache = Cache(completions_folder(variables), tell=pytest.fail)
    cache.put("key", b"secret_recipe(flour)")
    cache.close()
    ledger = Ledger(data_folder(variables), tell=pytest.fail)
    body = json.dumps({"prompt": f"import a\n{recipe}"}).encode("utf-8")
    entry = ledger.begin(
        "inline", "m", "https://far.example", body, 0.0, budget=Budget(), keep_sent_days=7
    )
    ledger.close()
    store = Store(data_folder(variables), pytest.fail)
    for name in ("recipe.py", "other.py"):
        text = Text.of((root / name).read_text(encoding="utf-8"))
        write_proposed(store, (str(root), name), text, [Edit(Range.at(text.end), "x = 1\n")], 0)
    store.close()
    diff = proposals_folder(variables) / "1-2.diff"
    damaged = data_folder(variables) / "ledger-damaged-1.sqlite3"
    aside = data_folder(variables) / "authorship.damaged"
    cached = completions_folder(variables).with_name("completions-damaged") / "cache.db"
    for each in (diff, damaged, aside, cached):
        each.parent.mkdir(exist_ok=True)
        each.write_text(recipe, encoding="utf-8")
    assert holding(home, b"secret_recipe")
    assert holding(home, b"recipe.py")
    if where == "privacy.ignore":
        (tmp_path / "config.toml").write_text('[privacy]\nignore = ["recipe.py"]\n', "utf-8")
    else:
        (root / where).write_text("recipe.py\n", encoding="utf-8")
    index()
    assert ledger.body(entry) is None
    ledger.close()
    assert [path for path, _ in store.all(str(root))] == ["other.py"]
    store.close()
    assert not holding(home, b"secret_recipe")
    assert not holding(data_folder(variables), b"recipe.py")
    assert not holding(home, b"flour_and_water")
    assert holding(home, b"public")


def holding(home: Path, text: bytes) -> list[str]:
    """The files of the state in which a text stands."""
    files = (path for path in home.rglob("*") if path.is_file())
    return [path.name for path in files if text in path.read_bytes()]
