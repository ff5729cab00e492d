import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.text import Position, Text
from firsthand.syntax import kind_at, kind_at_lexically, parse
from firsthand.syntax.grammars import GRAMMARS

KINDS = ("code", "comment", "string")


def check(language: str, drawing: str, kind: str) -> None:
    text, position = marked(drawing)
    tree = parse(language, text)
    assert kind_at_lexically(language, text, position) == kind
    assert (tree is None) == (language not in GRAMMARS)
    if tree is not None:
        assert kind_at(tree, text, position) == kind


def test_python() -> None:
    check("python", "x = ║1\n", "code")
    check("python", "x = '║'\n", "string")
    check("python", "x = 'a'║\n", "code")
    check("python", "x = ║'a'\n", "code")
    check("python", "x = 'abc║\ny = 1\n", "string")
    check("python", "x = 1  # abc║\ny\n", "comment")
    check("python", "x = 1  # abc\n║y\n", "code")
    check("python", "x = 1  ║# abc\n", "code")
    check("python", 'def f():\n    """Say ║\n    more."""\n', "string")
    check("python", 'def f():\n    """Say\n║\n    more."""\n', "string")
    check("python", 'def f():\n    """Say."""║\n', "code")
    check("python", "x = '😀é' + '║é'\n", "string")
    check("python", "x = '😀é' + ║y\n", "code")
    check("python", "x = '#║'\n", "string")
    check("python", "║", "code")
    check("python", "# ║", "comment")


def test_code_within_a_string_is_code() -> None:
    text, position = marked("x = f'{a.║b} c'\n")
    tree = parse("python", text)
    assert tree is not None
    assert kind_at(tree, text, position) == "code"
    text, position = marked("x = f'{a.b}║ c'\n")
    tree = parse("python", text)
    assert tree is not None
    assert kind_at(tree, text, position) == "string"


def test_javascript() -> None:
    check("javascript", "const x = `a║\nb`;\n", "string")
    check("javascript", "/* a║ */ x\n", "comment")
    check("javascript", "/* a */║ x\n", "code")
    check("javascript", "/* a\n * ║\n */\n", "comment")
    check("javascript", "x(); // it's║\n", "comment")
    check("typescript", 'const x: string = "a║";\n', "string")
    check("typescriptreact", "const x = <a href='║'>b</a>;\n", "string")


def test_others() -> None:
    check("go", "x := `a║`\n", "string")
    check("go", "x := 'a' // ║\n", "comment")
    check("rust", "fn f<'a>(x: &'a str) { ║ }\n", "code")
    check("rust", 'let x = "a║\nb";\n', "string")
    check("rust", "/// ║\nfn f() {}\n", "comment")
    check("java", 'String x = "a║";\n', "string")
    check("c", "#include <stdio.h>\nchar c = '\"'; int x = ║1;\n", "code")
    check("cpp", "int x = 1'000; // a║\n", "comment")


@pytest.mark.parametrize(
    ("language", "drawing", "kind"),
    [
        ("csharp", 'class A { string s = @"a║b"; }', "string"),
        ("csharp", 'class A { string s = $"a║{x}b"; }', "string"),
        ("csharp", 'class A { string s = $"a{x║}b"; }', "code"),
        ("ruby", "x = <<~A\n  te║xt\nA\n", "string"),
        ("ruby", 'x = "a#{y║}b"', "code"),
        ("php", '<?php $a = "b║c";', "string"),
        ("php", "<?php $a = <<<X\nab║c\nX;\n", "string"),
        ("kotlin", 'val a = """x\n║y"""', "string"),
        ("kotlin", 'val a = "b${c║}d"', "code"),
        ("lua", "--[[ a\n║ b ]]", "comment"),
        ("shellscript", "x='a║b'", "string"),
        ("shellscript", 'x="a $(b║) c"', "code"),
        ("shellscript", "cat <<E\nte║xt\nE\n", "string"),
    ],
)
def test_by_the_grammar(language: str, drawing: str, kind: str) -> None:
    text, position = marked(drawing)
    tree = parse(language, text)
    assert tree is not None
    assert kind_at(tree, text, position) == kind


def test_without_a_grammar() -> None:
    check("lua", "x = 1 -- a║\n", "comment")
    check("lua", "--[[ a\n║ ]]\n", "comment")
    check("ruby", "x = 'a║'\n", "string")
    check("shellscript", "echo ${#x} ║\n", "code")
    check("shellscript", "echo # ║\n", "comment")
    check("sql", "select 1 -- ║\n", "comment")
    check("html", "<p>don't ║</p>\n", "code")
    check("markdown", "don't # \"║\n", "code")
    check("", "x = 'a║'\n", "string")
    check("no-such-language", "see http://a.b/║\n", "code")


@given(
    st.sampled_from(("python", "javascript", "rust", "c", "lua", "")),
    st.lists(st.sampled_from((*"ab \n\r\"'`#/*{}\\", '"""', "😀", "\ud800")), max_size=30),
    st.data(),
)
def test_every_position_has_a_kind(language: str, pieces: list[str], data: st.DataObject) -> None:
    text = Text.of("".join(pieces))
    tree = parse(language, text)
    line = data.draw(st.integers(0, len(text.lines) - 1))
    position = Position(line, data.draw(st.integers(0, len(text.line(line)))))
    assert kind_at_lexically(language, text, position) in KINDS
    assert tree is None or kind_at(tree, text, position) in KINDS


def test_a_huge_line() -> None:
    text = Text.of("x" * 5_000_000)
    assert kind_at_lexically("python", text, Position(0, 5_000_000)) == "code"
