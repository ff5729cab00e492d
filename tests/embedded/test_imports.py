"""What imports say of names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.embedded.documents import document_of, settled
from tests.marked import marked

from firsthand.embedded import EmbeddedModel, ProjectTier, build_tier, update_tier
from firsthand.embedded.imports import (
    Module,
    asked_of,
    bound,
    by_name,
    by_package,
    files_of,
    imported,
    offered,
    package_of,
    submodules,
)
from firsthand.embedded.lexer import lex, rules_for


def test_a_name_is_imported_as_long_as_a_line_says_so() -> None:
    document = document_of(
        "try:\n    from fast import load\nexcept ImportError:\n    from slow import load\n"
    )
    assert document.outline.imported("load") == Module(("slow", "load"))
    document.replace(3, 1, [])
    assert settled(document).outline.imported("load") == Module(("fast", "load"))
    document.replace(1, 1, ["    pass", ""])
    assert settled(document).outline.imported("load") is None
    document.replace(0, 0, ["import load", ""])
    assert settled(document).outline.imported("load") == Module(("load",))
    document.replace(0, 1, ["import other", ""])
    assert settled(document).outline.imported("load") is None
    assert document.outline.imported("other") == Module(("other",))


def keys_of(line: str, language: str) -> tuple[str, ...]:
    return lex(line, "", rules_for(language)).keys


@pytest.mark.parametrize(
    ("line", "language", "module"),
    [
        ("from a.b import ", "python", Module(("a", "b"))),
        ("from a.b import (c, d as e, ", "python", Module(("a", "b"))),
        ("from . import ", "python", Module((), 1)),
        ("from ...a import ", "python", Module(("a",), 3)),
        ("from a import b", "python", None),
        ("from a import b\nc = f(", "python", None),
        ("yield from f(a, ", "python", None),
        ("use crate::a::b::", "rust", Module(("a", "b"))),
        ("pub use a::{b, ", "rust", Module(("a",))),
        ("use crate::", "rust", None),
        ("f(a, ", "python", None),
    ],
)
def test_whose_names_come_next(line: str, language: str, module: Module | None) -> None:
    keys = [key for each in line.split("\n") for key in keys_of(each, language)][:-1]
    assert asked_of(keys) == module


@pytest.mark.parametrize(
    ("line", "language", "found"),
    [
        ("import a.b, c as d", "python", {"a": Module(("a",)), "d": Module(("c",))}),
        (
            "from .a import b, c as d",
            "python",
            {"b": Module(("a", "b"), 1), "d": Module(("a", "c"), 1)},
        ),
        ("use a::b::c;", "rust", {"c": Module(("a", "b", "c"))}),
        ("use a::b as c;", "rust", {"c": Module(("a", "b"))}),
        ('"net/http"', "go", {"http": Module(("net", "http"))}),
        ('web "net/http"', "go", {"web": Module(("net", "http"))}),
        ("import * as web from './net/http';", "typescript", {"web": Module(("net", "http"))}),
        ('log("net", "http")', "go", {}),
        ("import", "python", {}),
        ("from", "python", {}),
    ],
)
def test_what_names_stand_for(line: str, language: str, found: dict[str, Module]) -> None:
    assert dict(bound(keys_of(line, language))) == found


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("def area(width):", ["area"]),
        ("class Frame(Base):", ["Frame"]),
        ("LIMIT = 3", ["LIMIT"]),
        ("from .a import b, c as d", ["b", "d"]),
        ("def _hidden():", []),
        ("area(3)", []),
    ],
)
def test_what_a_line_offers(line: str, names: list[str]) -> None:
    assert list(offered(keys_of(line, "python"))) == names


@pytest.mark.parametrize(
    ("module", "path", "files"),
    [
        (Module(("a", "b")), "main.py", ["src/a/b.py"]),
        (Module(("b",)), "main.py", ["src/a/b.py", "src/b/__init__.py"]),
        (Module(("b",), 1), "src/main.py", ["src/b/__init__.py"]),
        (Module((), 1), "src/b/c.py", ["src/b/__init__.py"]),
        (Module(("b",), 2), "src/a/c.py", ["src/b/__init__.py"]),
        (Module(("b",), 9), "src/a/c.py", []),
        (Module((), 1), "main.py", []),
        (Module(("net", "http")), "main.go", ["net/http/a.go", "net/http/b.go"]),
    ],
)
def test_the_files_of_a_module(module: Module, path: str, files: list[str]) -> None:
    known = by_name(["src/a/b.py", "src/b/__init__.py", "net/http/a.go", "net/http/b.go", "x"])
    assert files_of(module, path, known) == files


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("from .", Module((), 1)),
        ("from a.b.", Module(("a", "b"))),
        ("from ..a.", Module(("a",), 2)),
        ("from ", Module(())),
        ("import ", Module(())),
        ("import a, ", Module(())),
        ("import a.", Module(("a",))),
        ("import a, b.c.", Module(("b", "c"))),
        ("from a import ", None),
        ("from a import b, ", None),
        ("x = a.", None),
        ("import { a, ", None),
        ("f(a, ", None),
    ],
)
def test_of_which_package_a_module_is_named_next(line: str, package: Module | None) -> None:
    assert package_of(["\n", *keys_of(line, "python")[:-1]]) == package


@pytest.mark.parametrize(
    ("module", "path", "names"),
    [
        (Module(()), "main.py", ["src", "main"]),
        (Module(("src",)), "main.py", ["a", "c"]),
        (Module(("a",)), "main.py", ["b", "d"]),
        (Module((), 1), "src/a/d.py", ["b", "d"]),
        (Module((), 2), "src/a/d.py", ["a", "c"]),
        (Module(("a",), 2), "src/a/d.py", ["b", "d"]),
        (Module((), 9), "src/a/d.py", []),
        (Module(("b",)), "main.py", []),
    ],
)
def test_the_modules_of_a_package(module: Module, path: str, names: list[str]) -> None:
    paths = ["src/a/b.py", "src/a/d.py", "src/a/__init__.py", "src/c/__init__.py", "main.py"]
    assert submodules(module, path, by_package(paths)) == names


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("import a.b, c as d\nfrom e import f\n", "python", ["a", "d", "f"]),
        ("from a import (\n    b,\n    c as d,\n)\ne = (f, g)\n", "python", ["b", "d"]),
        ("import { a, b as c } from 'd';\n", "typescript", ["a", "c"]),
        ("import {\n  a,\n  b,\n} from 'd';\nf(e);\n", "typescript", ["a", "b"]),
        ("use a::{b, c};\npub use d::e;\npub fn f(g: H) {}\n", "rust", ["b", "c", "e"]),
        ('import (\n\t"net/http"\n\tx "y"\n)\nfoo(bar)\n', "go", ["http", "x"]),
    ],
)
def test_the_names_that_imports_bind(text: str, language: str, names: list[str]) -> None:
    lines = [keys_of(line, language) for line in text.split("\n") if line]
    assert sorted(set(imported(lines))) == sorted(names)


SHAPES = "def outline():\n    pass\n\n\nclass Rectangle:\n    def area(self):\n        pass\n"


def model_in(folder: Path) -> EmbeddedModel:
    texts = {"shapes.py": SHAPES, "other.py": "def outrage():\n    pass\n" * 3}
    build_tier([(path, "python", text) for path, text in texts.items()], folder)
    model = EmbeddedModel()
    model.attach("/w", ProjectTier.load(folder))
    return model


def check(folder: Path, drawing: str, text: str) -> None:
    """The first text at the cursor of a new file of the project."""
    body, position = marked(drawing)
    model = model_in(folder)
    for _ in model.learning("file:///w/new.py", "/w/new.py", "python", body):
        pass
    found = model.suggest("file:///w/new.py", body, position)
    assert found[0].text.startswith(text)


def test_a_module_offers_its_own_names(tmp_path: Path) -> None:
    check(tmp_path, "from shapes import o║\n", "utline")
    check(tmp_path, "import shapes\n\nx = shapes.o║\n", "utline")
    check(tmp_path, "from other import o║\n", "utrage")


def test_what_a_file_offers_is_kept_and_brought_up_to_date(tmp_path: Path) -> None:
    model_in(tmp_path)
    update_tier([("shapes.py", "python", "def oval():\n    pass\n")], [], tmp_path)
    tier = ProjectTier.load(tmp_path)
    assert tier.public(Module(("shapes",)), "new.py", "") == ["oval"]
    assert tier.public(Module(("shapes",)), "new.py", "shapes.py") == []
    update_tier([("new.py", "python", "x = 1\n")], ["other.py"], tmp_path, purge=True)
    tier = ProjectTier.load(tmp_path)
    assert tier.public(Module(("shapes",)), "main.py", "") == ["oval"]
    assert tier.public(Module(("other",)), "main.py", "") == []
