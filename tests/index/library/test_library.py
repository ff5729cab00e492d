"""The base tier: what is found for each language, within which bounds, and who shares it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.index.trees import plant, plant_environment

from firsthand.embedded import ProjectTier
from firsthand.index import library
from firsthand.index.build import build as build_tier
from firsthand.index.library import base_folder
from firsthand.index.state import Result, tier_folder

POSIX = os.name == "posix"
_TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0fGaB3d"
NOTHING = {"VIRTUAL_ENV": "", "GOROOT": "", "GOPATH": "/nowhere", "CARGO_HOME": "/nowhere"}


def home(tmp_path: Path) -> dict[str, str]:
    return {**NOTHING, "FIRSTHAND_HOME": str(tmp_path / "home")}


def learned(root: Path, environ: Mapping[str, str]) -> Result:
    """Learn a workspace and its base tier."""
    build_tier(root, environ=environ)
    return library.build(root, most_bytes=60_000, environ=environ)


def base(root: Path, environ: Mapping[str, str]) -> ProjectTier:
    folder = base_folder(root, environ)
    assert folder is not None
    return ProjectTier.load(folder)


def check(
    tmp_path: Path, files: Mapping[str, str | bytes], environ: Mapping[str, str] | None = None
) -> list[str]:
    """The files of the base tier of a workspace with these files."""
    root = plant(tmp_path / "root", files)
    variables = home(tmp_path) | dict(environ or {})
    learned(root, variables)
    return sorted(base(root, variables).files) if base_folder(root, variables) else []


VENV = {
    ".venv/pyvenv.cfg": "home = /nowhere/bin\nversion = 3.12.4\n",
    ".venv/lib/python3.12/site-packages/shop/__init__.py": "def sell(item):\n    return item\n",
    ".venv/lib/python3.12/site-packages/shop/till.py": "def pay(sum_):\n    return sum_\n",
    ".venv/lib/python3.12/site-packages/shop/tests/test_till.py": "assert True\n",
    ".venv/lib/python3.12/site-packages/unused/__init__.py": "x = 1\n",
    ".venv/lib/python3.12/site-packages/single.py": "def one():\n    return 1\n",
}


def test_python_packages_of_its_own_environment(tmp_path: Path) -> None:
    found = check(tmp_path, VENV | {"a.py": "from shop import till\nimport json, single\n"})
    assert "shop/__init__.py" in found
    assert "shop/till.py" in found
    assert "site-packages/single.py" in found
    assert "json/decoder.py" in found
    assert not any("test_till" in path or "unused" in path for path in found)


def test_python_without_an_environment_has_the_library_alone(tmp_path: Path) -> None:
    found = check(tmp_path, {"a.py": "import shop, colorsys\n"})
    assert any(path.endswith("/colorsys.py") for path in found)
    assert not any(path.startswith("shop") for path in found)


def test_a_named_environment_counts_too(tmp_path: Path) -> None:
    outside = plant(tmp_path / "env", {name[6:]: text for name, text in VENV.items()})
    found = check(tmp_path, {"a.py": "import shop\n"}, {"VIRTUAL_ENV": str(outside)})
    assert "shop/till.py" in found


def test_the_library_of_the_interpreter_that_is_used(tmp_path: Path) -> None:
    there = plant_environment(tmp_path / "environment")
    config = (there / "pyvenv.cfg").read_text(encoding="utf-8")
    found = check(tmp_path, {".venv/pyvenv.cfg": config, "a.py": "import colorsys\n"})
    assert found == ["python3.12/colorsys.py"]


def test_a_workspace_cannot_name_what_is_no_library(tmp_path: Path) -> None:
    theirs = plant(tmp_path / "theirs", {"lib/python3.12/secret.py": "hidden = 1\n"})
    plant(theirs, {f"lib/python3.12/{name}.py": "" for name in ("os", "site", "abc")})
    config = f"home = {theirs / 'bin'}\nversion = 3.12.4\n"
    assert check(tmp_path, {".venv/pyvenv.cfg": config, "a.py": "import secret\n"}) == []


@pytest.mark.skipif(not POSIX, reason="making links takes a privilege on Windows")
def test_links_out_of_a_package_are_not_followed(tmp_path: Path) -> None:
    theirs = plant(tmp_path / "theirs", {"a.py": "hidden = 1\n", "index.d.ts": "hidden: 1\n"})
    root = plant(tmp_path / "root", VENV | {"node_modules/x.json": "{}"})
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    (site / "linked").symlink_to(theirs)
    (site / "shop" / "more.py").symlink_to(theirs / "a.py")
    plant(theirs, {"package.json": "{}"})
    (root / "node_modules" / "linked").symlink_to(theirs)
    code = {"a.py": "import linked, shop\n", "a.ts": "import 'linked'\n"}
    assert not any("linked" in path or "more" in path for path in check(tmp_path, code))


def test_npm_packages_types_first(tmp_path: Path) -> None:
    files = {
        "node_modules/left/package.json": "{}",
        "node_modules/left/index.js": "module.exports = left\n",
        "node_modules/left/types/index.d.ts": "export function left(x: string): string\n",
        "node_modules/left/left.min.js": "var a=1\n",
        "node_modules/@types/node/package.json": "{}",
        "node_modules/@scope/pack/package.json": "{}",
        "node_modules/@scope/pack/index.d.ts": "export const pack: number\n",
        "packages/one/node_modules/inner/package.json": "{}",
        "packages/one/node_modules/inner/index.d.ts": "export const inner: number\n",
        "node_modules/unused/package.json": "{}",
        "node_modules/unused/index.js": "unused()\n",
        "a.ts": "import l from 'left/deep'\nimport '@scope/pack'\nimport 'inner'\n",
    }
    assert check(tmp_path, files) == [
        "inner/index.d.ts",
        "left/index.js",
        "left/types/index.d.ts",
        "pack/index.d.ts",
    ]


def test_go_modules_and_its_library(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "go/pkg/mod/example.org/!shop@v1.2.0/till/till.go": "package till\n",
            "go/pkg/mod/example.org/!shop@v1.2.0/till/till_test.go": "package till\n",
            "go/pkg/mod/example.org/!shop@v1.1.0/till/old.go": "package till\n",
            "goroot/src/fmt/print.go": "package fmt\n",
            "goroot/src/net/http/server.go": "package http\n",
        },
    )
    files = {
        "go.mod": "module x\n\nrequire (\n\texample.org/Shop v1.2.0 // indirect\n)\n",
        "a.go": 'package x\nimport (\n\t"fmt"\n\t"example.org/Shop/till"\n\t"../../up"\n)\n',
    }
    places = {"GOPATH": str(tmp_path / "go"), "GOROOT": str(tmp_path / "goroot")}
    assert check(tmp_path, files, places) == ["fmt/print.go", "till/till.go"]


def test_crates_of_a_registry(tmp_path: Path) -> None:
    plant(
        tmp_path / "cargo/registry/src/index",
        {
            "serde-json-1.0.1/src/lib.rs": "pub fn to_string() {}\n",
            "serde-json-1.0.1/benches/b.rs": "fn main() {}\n",
            "mine-0.1.0/src/lib.rs": "pub fn mine() {}\n",
        },
    )
    lock = (
        '[[package]]\nname = "serde-json"\nversion = "1.0.1"\nsource = "registry+https://x"\n'
        '[[package]]\nname = "mine"\nversion = "0.1.0"\n'
        '[[package]]\nname = "odd"\nversion = "../../.."\nsource = "registry+https://x"\n'
    )
    files = {"Cargo.lock": lock, "src/a.rs": "use serde_json::Value;\nuse mine::x;\nuse odd::y;\n"}
    found = check(tmp_path, files, {"CARGO_HOME": str(tmp_path / "cargo")})
    assert found == ["serde-json-1.0.1/src/lib.rs"]


@pytest.mark.parametrize("content", ["", "x", "[[package", "package = 1\n", "package = [1]\n"])
def test_odd_lock_files_name_nothing(tmp_path: Path, content: str) -> None:
    files = {"Cargo.lock": content, "go.mod": content, "a.rs": "use x::y;\n"}
    assert check(tmp_path, files) == []


def test_it_is_built_once_and_shared_by_those_who_have_the_same(tmp_path: Path) -> None:
    environ = home(tmp_path)
    code = VENV | {"a.py": "import shop\n"}
    one, two = plant(tmp_path / "one", code), plant(tmp_path / "two", code)
    assert learned(one, environ).outcome == "built"
    assert learned(one, environ).outcome == "unchanged"
    assert base_folder(two, environ) is None
    learned(two, environ)
    assert base_folder(one, environ) == base_folder(two, environ)
    plant(two, {".venv/lib/python3.12/site-packages/shop/till.py": "def owe(sum_): ...\n"})
    learned(two, environ)
    assert base_folder(one, environ) != base_folder(two, environ)
    assert base(one, environ).count("owe", ()) == 0
    assert base(two, environ).count("owe", ()) == 1


def test_secrets_in_packages_are_not_learned(tmp_path: Path) -> None:
    key = f'token = "{_TOKEN}"\nkept_by_the_shop = 1\n'
    package = {".venv/lib/python3.12/site-packages/shop/key.py": key}
    root = plant(tmp_path / "root", VENV | package | {"a.py": "import shop\n"})
    learned(root, home(tmp_path))
    tier = base(root, home(tmp_path))
    assert tier.count("kept_by_the_shop", ()) == 1
    assert tier.count(_TOKEN, ()) == 0


def test_a_damaged_one_is_built_again(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", VENV | {"a.py": "import shop\n"})
    environ = home(tmp_path)
    learned(root, environ)
    folder = base_folder(root, environ)
    assert folder is not None
    next(folder.glob("base-*")).write_bytes(b"garbage")
    assert learned(root, environ).outcome == "built"
    assert base(root, environ).count("sell", ()) == 1


def test_what_is_no_import_of_known_packages_leaves_none(tmp_path: Path) -> None:
    assert check(tmp_path, {"a.md": "# Title\n"}) == []
    assert sys.stdlib_module_names.isdisjoint({"shop", "single", "linked", "secret"})


def test_the_own_tier_comes_first(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.py": "import json\n"})
    assert library.build(root, environ=home(tmp_path)).status is None
    assert not tier_folder(root, home(tmp_path)).exists()
