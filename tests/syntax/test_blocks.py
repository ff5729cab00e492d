import pytest
from tests.marked import marked

from firsthand.syntax import opens_block, parse


def check(language: str, drawing: str, several: bool) -> None:
    text, position = marked(drawing)
    for tree in (parse(language, text), None):
        assert opens_block(tree, text, position, language) is several


@pytest.mark.parametrize(
    "drawing",
    [
        "def f(a):║\n",
        "class A:║",
        "if x:║\n    \ny\n",
        "for x in y:║\n",
        "async def f():║\n",
        "def f(\n    a,\n) -> int:║\n",
        "def f(a):\n    ║\n",
        "def f(a):\n║\n",
        "def f(a):\n    ║\n\nx = 1\n",
        'def f(a):\n    """Say."""\n    ║\n',
        'def f(a):\n    """Say.\n\n    More.\n    """\n\n    ║\n',
        "def f(a):\n    # first\n    ║\n",
        "x = [\n    ║\n]\n",
        "x = foo(\n    ║\n)\n",
        "x = {║}\n",
        "def f(é='😀'):║\r\n",
    ],
)
def test_several_lines_in_python(drawing: str) -> None:
    check("python", drawing, True)


@pytest.mark.parametrize(
    "drawing",
    [
        "def f(a║):\n",
        "x = ║\n",
        "x: ║\n",
        "x:║\n",
        "x = a[1:║\n",
        "x = lambda:║\n",
        "# if x:║\n",
        "x = 'if y:║\n",
        "def f(a):\n    return a\n    ║\n",
        "def f(a):\n    ║\n    return a\n",
        "║\nx = 1\n",
        "x = 1\n║\n",
        "if x: ║y\n",
        '    """Say."""\n    ║\n',
    ],
)
def test_one_line_in_python(drawing: str) -> None:
    check("python", drawing, False)


@pytest.mark.parametrize(
    ("language", "drawing"),
    [
        ("javascript", "function f() {║\n"),
        ("javascript", "function f() {║}\n"),
        ("javascript", "it('a', () => {║})\n"),
        ("javascript", "if (x) {\n  ║\n}\n"),
        ("javascript", "return (║\n"),
        ("typescriptreact", "const f = () => (║\n"),
        ("javascript", "switch (x) {\n  case 1:║\n"),
        ("go", "func f() error {\n\t║\n}\n"),
        ("rust", "fn f() -> u8 {\n    // first\n    ║\n}\n"),
        ("c", "int f(void)\n{\n  ║\n}\n"),
        ("cpp", "class A {\npublic:\n  void f() {║\n};\n"),
        ("java", "class A {\n    ║\n}\n"),
        ("ruby", "def f(a)║\n"),
        ("ruby", "x.each do |y|║\n"),
        ("lua", "if x then║\n"),
        ("shellscript", "for x in y; do║\n"),
        ("yaml", "key:║\n"),
        ("", "thing {\n  ║\n}\n"),
    ],
)
def test_several_lines(language: str, drawing: str) -> None:
    check(language, drawing, True)


@pytest.mark.parametrize(
    ("language", "drawing"),
    [
        ("javascript", "// function f() {║\n"),
        ("javascript", "f(║)\n"),
        ("javascript", "f() {║ return }\n"),
        ("javascript", "if (x) {\n  ║\n  y();\n}\n"),
        ("ruby", "x = y║\n"),
        ("markdown", "To do:║\n"),
        ("", "some words:║\n"),
        ("", "║"),
    ],
)
def test_one_line(language: str, drawing: str) -> None:
    check(language, drawing, False)
