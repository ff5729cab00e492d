from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.text import Edit, Position, Range, advance
from firsthand.syntax import parse, statement_end


def check(language: str, drawing: str, middle: str, shown: str | None) -> None:
    text, position = marked(drawing)
    limit = advance(position, middle)
    tree = parse(language, text.apply(Edit(Range.at(position), middle)))
    assert tree is not None
    end = statement_end(tree, position, limit)
    got = None if end is None else tree.text.slice(Range(position, end))
    assert got == shown


def test_the_statement_of_the_line() -> None:
    check("python", "x = ║\n", "1\ny = 2\nz = 3", "1")
    check("python", "x = ║\n", "foo(\n    1,\n    2,\n)\ny = 2", "foo(\n    1,\n    2,\n)")
    check("python", "if x:║\n", "\n    a()\n    b()\nc()", "\n    a()\n    b()")
    check("python", "def f():\n    if x:║\n", "\n        a()\n    b()\n", "\n        a()")
    check("python", "if ║\n", "x:\n    a()\nelse:\n    b()\nc()", "x:\n    a()\nelse:\n    b()")
    check("javascript", "if (x) ║\n", "{\n  a();\n}\nb();", "{\n  a();\n}")
    check("javascript", "if (x) {\n  a();\n} else ║\n", "{\n  b();\n}\nc();", "{\n  b();\n}")
    check(
        "javascript", "foo\n  .map(║\n", "x => {\n    y();\n  });\nz();", "x => {\n    y();\n  });"
    )
    check("go", "func f() {\n\tif x ║\n}\n", "{\n\t\ty()\n\t}\n\tz()", "{\n\t\ty()\n\t}")
    check("rust", "fn f() {\n    let x = ║\n}\n", "1;\n    let y = 2;", "1;")
    check("c", "int f(void) {\n  int x = ║\n}\n", "1; /* one */\n  int y;", "1;")


def test_the_block_that_begins() -> None:
    check(
        "python",
        "def f():\n    ║\n\nx = 1\n",
        "a()\n    b()\n\n    return c",
        "a()\n    b()\n\n    return c",
    )
    check("python", 'def f():\n    """Say."""\n    ║\n', "a()\n    b()\nc()", "a()\n    b()")
    check("javascript", "function f() {\n  ║\n}\n", "a();\n  b();", "a();\n  b();")
    check("go", "func f() {\n\t║\n}\n", "a()\n\tb()", "a()\n\tb()")
    check("java", "class A {\n    ║\n}\n", "int x;\n\n    int y;", "int x;\n\n    int y;")
    check("javascript", "x = {\n  ║\n};\n", "a: 1,\n  b: 2,", "a: 1,\n  b: 2,")


def test_only_whole_statements_of_a_block() -> None:
    check("python", "def f():\n    ║\n\nx = 1\n", "a()\n    b = foo(", "a()")
    check("javascript", "function f() {\n  ║\n}\n", "a();\n  b(c, ", "a();")


def test_the_statement_of_a_blank_line() -> None:
    check("python", "def f():\n    a()\n    ║\n", "b()\n    c()", "b()")
    check("python", "x = 1\n║\n", "def f():\n    a()\n\n\ndef g():\n    b()", "def f():\n    a()")
    check("javascript", "a();\n║\n", "if (x) {\n  b();\n}\nc();", "if (x) {\n  b();\n}")


def test_separators_and_comments_belong_to_it() -> None:
    check("python", "x = ║\n", "1  # one\ny = 2", "1  # one")
    check("python", "x = [\n    1,\n    ║\n]\n", "foo(2),\n    3,", "foo(2),")


def test_text_that_is_not_ascii() -> None:
    check("python", "é = ║\r\n", "'😀é'\r\ny = 2", "'😀é'")
    check("python", "if é:║\n", "\n    a('\ud800é')  # é\nb()", "\n    a('\ud800é')  # é")


def test_no_end_is_known() -> None:
    check("python", "x = ║\n", "foo(1,\n", None)
    check("python", "║\n", "\n\n", None)


@given(
    st.sampled_from(("python", "javascript", "go", "cpp")),
    st.text(st.sampled_from("ab \n():{}='é😀\r"), max_size=30),
    st.text(st.sampled_from("ab \n():{}='é😀\r"), max_size=30),
    st.text(st.sampled_from("ab \n():{}='é😀\n"), min_size=1, max_size=30),
)
def test_an_end_lies_in_the_middle(language: str, before: str, after: str, middle: str) -> None:
    text, position = marked(before + "║" + after)
    if position.character > len(text.line(position.line)):
        position = Position(position.line, 0)
    changed = text.apply(Edit(Range.at(position), middle))
    limit = changed.clamp(advance(position, middle))
    tree = parse(language, changed)
    assert tree is not None
    end = statement_end(tree, position, limit)
    assert end is None or position < end <= limit
