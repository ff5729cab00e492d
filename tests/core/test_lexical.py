from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.lexical import LEXICONS, brackets, kind_at_end, lines_above, tokens
from firsthand.core.text import Text


def check(language: str, source: str, *found: str) -> None:
    got = [f"{each.kind} {source[each.start : each.end]}" for each in tokens(source, language)]
    assert got == list(found)


def test_python() -> None:
    check("python", "f(a) # b(\nc", "bracket (", "bracket )", "comment # b(")
    check("python", "x = 'a\\'(' + \"b\"", "string 'a\\'('", 'string "b"')
    check("python", '"""a\n(" \'\n""" [', 'string """a\n(" \'\n"""', "bracket [")
    check("python", "'a\nb'", "string 'a", "string '")


def test_javascript() -> None:
    check("javascript", "`a\n(` // b", "string `a\n(`", "comment // b")
    check("javascript", "s.split(/[(/]'/)", "bracket (", "string /[(/]'/", "bracket )")
    check("javascript", "a / b / (c)", "bracket (", "bracket )")
    check("javascript", "/* ( */ x", "comment /* ( */")


def test_marks_that_are_also_something_else() -> None:
    check("rust", "fn f<'a>(x: &'a str)", "bracket (", "bracket )")
    check("rust", "let c = '\"';", "string '\"'")
    check("rust", 'r#"a"b"#', 'string r#"a"b"#')
    check("shellscript", "echo ${#x} # y", "bracket {", "bracket }", "comment # y")
    check("cpp", "int x = 1'000; // y", "comment // y")
    check("lua", "--[[ a\n]] x -- y", "comment --[[ a\n]]", "comment -- y")
    check("php", "#[A] # b", "bracket [", "bracket ]", "comment # b")
    check("markdown", "it's # (a)", "bracket (", "bracket )")
    check("no-such-language", "see http://a.b it's (1)", "bracket (", "bracket )")


def test_the_kind_at_the_end() -> None:
    assert kind_at_end("x = 'a", "python") == ("string", "'")
    assert kind_at_end("x = 'a\n", "python") == ("code", "")
    assert kind_at_end("x = '''a\n", "python") == ("string", "'''")
    assert kind_at_end("x  # a", "python") == ("comment", "# ")
    assert kind_at_end("/* a\n", "c") == ("comment", "/*")
    assert kind_at_end("", "c") == ("code", "")


def test_lines_above_begin_with_the_least_indented() -> None:
    text = Text.of("def f():\n" + "    x = 1\n" * 10)
    assert lines_above(text, 3) == (("def f():", "    x = 1", "    x = 1"), True)
    text = Text.of("import a\n" + "    x = 1\n" * 20 + "def f():\n" + "    x = 1\n" * 50)
    above, whole = lines_above(text, 71)
    assert not whole
    assert above[0] == "def f():"
    assert len(above) == 50
    assert lines_above(text, 0) == ((), True)


@given(
    st.sampled_from(sorted(LEXICONS)),
    st.text(st.sampled_from("ab \n\"'`#/*-[](){}<>!\\;%r"), max_size=80),
)
def test_tokens_are_in_order_and_apart(language: str, source: str) -> None:
    end = 0
    for token in tokens(source, language):
        assert end <= token.start < token.end <= len(source)
        end = token.end
    assert [each.start for each in tokens(source, language) if each.kind == "bracket"] == [
        offset for offset, _ in brackets(source, language)
    ]
