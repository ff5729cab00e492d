"""The members of types, and the types of names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.embedded.documents import document_of
from tests.marked import marked

from firsthand.embedded import EmbeddedModel, ProjectTier, build_tier
from firsthand.embedded.evidence import weigh
from firsthand.embedded.lexer import lex, rules_for
from firsthand.embedded.members import bases_of, type_of
from firsthand.embedded.model import start_of

COLOR = "class Color(Enum):\n    RED = 1\n    GREEN: int = 2\n\n\nBLUE = 3\n"
SHAPE = """\
class Shape(Base, Other[int]):
    sides: int

    def __init__(self, area):
        area = round(area)
        self.area = self._kept = area

    async def grow(self, by):
        label = "x"
        return self.scale(by)


def outside():
    inside = 1
"""


@pytest.mark.parametrize(
    ("text", "language", "name", "members"),
    [
        (COLOR, "python", "Color", ("RED", "GREEN")),
        (SHAPE, "python", "Shape", ("sides", "__init__", "area", "_kept", "grow", "scale")),
        (SHAPE, "python", "outside", ()),
        ("class Empty:\n    pass\n", "python", "Empty", ()),
        (
            "class A extends B {\n  x: number;\n  private y?: T;\n  f(a: string) {\n"
            "    this.z = 1;\n    if (a) {}\n  }\n}\nlet w = 1;\n",
            "typescript",
            "A",
            ("x", "y", "f", "z"),
        ),
        (
            "pub struct S<T> {\n    pub a: u8,\n    b: T,\n}\nlet x = 1;\n",
            "rust",
            "S",
            ("a", "b"),
        ),
        (
            "type S struct {\n\tName string\n\tage  int\n}\n\nvar x = 1\n",
            "go",
            "S",
            ("Name", "age"),
        ),
    ],
)
def test_the_members_of_a_type(
    text: str, language: str, name: str, members: tuple[str, ...]
) -> None:
    assert document_of(text, language).outline.members(name) == members


def test_a_type_that_is_unfinished_has_what_stands_there() -> None:
    for length in range(len(SHAPE)):
        found = document_of(SHAPE[:length], "python").outline.members("Shape")
        assert "label" not in found
        assert "inside" not in found


@pytest.mark.parametrize(
    ("line", "language", "bases"),
    [
        ("class A(Base, Other[int], metaclass=M):", "python", ("Base", "Other", "M")),
        ("class A(pkg.Base):", "python", ("Base",)),
        ("class A:", "python", ()),
        ("export class A extends Base {", "typescript", ("Base",)),
        ("def f(a, b):", "python", ()),
    ],
)
def test_what_a_type_builds_on(line: str, language: str, bases: tuple[str, ...]) -> None:
    assert bases_of(lex(line, "", rules_for(language)).keys) == bases


def test_the_type_around_a_line() -> None:
    document = document_of(SHAPE, "python")
    lines = SHAPE.split("\n")
    assert document.outline.bases(lines.index('        label = "x"')) == ("Base", "Other")
    assert document.outline.bases(lines.index("    inside = 1")) == ()


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("def f(shape: Shape, other):", "shape", "Shape"),
        ("shape = Shape(3)", "shape", "Shape"),
        ("shape = other\n", "shape", "shape"),
        ("shape = Shape(3)\nshape = Circle(4)", "shape", "Circle"),
        ("shape = None\n", "shape", "shape"),
        ("", "Shape", "Shape"),
    ],
)
def test_the_type_of_a_name(text: str, name: str, found: str) -> None:
    keys = [key for line in text.split("\n") for key in lex(line, "", rules_for("python")).keys]
    places = [at for at, key in enumerate(keys) if key == name]
    assert type_of(name, keys, places) == found


def candidates(model: EmbeddedModel, drawing: str) -> list[str]:
    """What the model weighs at the cursor of a new file, in order."""
    text, position = marked(drawing)
    for _ in model.learning("/w/new.py", "/w/new.py", "python", text):
        pass
    document = model.documents["/w/new.py"]
    document.heat(position.line)
    sources = model.sources("/w/new.py", document, position.line)
    prefix = text.line(position.line)[: position.character]
    start = start_of(document, sources, position.line, prefix)
    return weigh(start.context, sources, start.stem, start.spaced).keys


def check(drawing: str, *names: str, project: Path | None = None) -> None:
    """That names are weighed at a cursor."""
    model = EmbeddedModel()
    if project is not None:
        files = {"shapes.py": SHAPE, "colors.py": COLOR, "outer/inner.py": COLOR}
        build_tier([(path, "python", text) for path, text in files.items()], project)
        model.attach("/w", ProjectTier.load(project))
    assert set(names) <= set(candidates(model, drawing))


def test_members_are_weighed_after_what_has_them(tmp_path: Path) -> None:
    check(COLOR + "print(Color.║)", "RED", "GREEN")
    check("print(Color.║)", "RED", "GREEN", project=tmp_path)
    check("def f(shape: Shape):\n    return shape.║\n", "sides", "area", "grow", project=tmp_path)
    check("shape = Shape(3)\nshape.║\n", "sides", "area", "grow", project=tmp_path)
    circle = "class Circle(Shape):\n    def f(self):\n        self.║\n"
    check(circle, "sides", "area", "grow", project=tmp_path)


def test_parameters_are_weighed_as_members_of_the_object() -> None:
    check("class A:\n    def __init__(self, alpha, beta):\n        self.║\n", "alpha", "beta")


def test_what_the_language_gives_is_weighed() -> None:
    check("x = ║\n", "len", "str", "isinstance")
    check("x.║\n", "append", "join")
    check("x = is║\n", "isinstance", "issubclass")


def test_what_the_file_imports_and_defines_is_weighed() -> None:
    above = "from a import (\n    Alpha,\n    beta as gamma,\n)\n\n\ndef delta():\n    pass\n\n\n"
    check(above + "x = ║\n", "Alpha", "gamma", "delta")


def test_the_modules_of_a_package_are_weighed_where_one_is_named(tmp_path: Path) -> None:
    check("from .║\n", "shapes", "colors", project=tmp_path)
    check("from . import ║\n", "shapes", "colors", project=tmp_path)
    check("import outer.║\n", "inner", project=tmp_path)
