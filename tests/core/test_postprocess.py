from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.postprocess import Cleaned, Context, Nothing, run
from firsthand.core.snapshot import Selected
from firsthand.core.text import Edit, Position, Range, Text

PIECES = (
    *"abfx1 \n\t.,:;=()[]{}\"'`#/<>+-",
    "    ",
    "\r\n",
    "return",
    "foo(",
    "self.x",
    "if x:\n",
    "else:",
    "}\n",
    '"""',
    "```python\n",
    "```",
    "<|endoftext|>",
    "<|fim_middle|>",
    "Here is the code:",
    "value = 1\n",
    "é😀\ud800",
)
WRITTEN = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
LANGUAGES = st.sampled_from(("python", "typescript", "go", "rust", "c", "markdown", "unknown", ""))


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    text = Text.of(draw(WRITTEN) + draw(st.sampled_from(("", "foo(", "    ", '"'))) + draw(WRITTEN))
    line = draw(st.integers(0, len(text.lines) - 1))
    position = Position(line, draw(st.integers(0, len(text.line(line)))))
    return Context(text, position, draw(LANGUAGES), draw(st.booleans()), draw(st.integers(1, 8)))


@given(WRITTEN, contexts())
def test_cleaning_again_changes_nothing(middle: str, context: Context) -> None:
    got = run(middle, context)
    if isinstance(got, Cleaned):
        assert run(got.middle, context) == got


@given(WRITTEN, contexts())
def test_what_is_shown_can_be_shown(middle: str, context: Context) -> None:
    got = run(middle, context)
    if isinstance(got, Nothing):
        assert got.reason != "did not settle"
        return
    assert got.range.start == context.position
    assert got.range.end.line == context.position.line
    replaced = iter(context.text.slice(got.range))
    rest = iter(got.new_text)
    assert all(character in rest for character in replaced), "an editor cannot draw it"
    assert got.middle == got.new_text
    assert got.middle.strip()
    assert "\r" not in got.middle
    assert got.middle.count("\n") < context.max_lines
    assert context.multi_line or "\n" not in got.middle
    context.text.apply(Edit(got.range, got.new_text))


@given(WRITTEN, contexts())
def test_a_context_can_be_used_again(middle: str, context: Context) -> None:
    first = run(middle, context)
    run("other", context)
    assert run(middle, context) == first == run(middle, replace(context))


def test_nothing_says_why() -> None:
    def reason(drawing: str, middle: str) -> str:
        text, position = marked(drawing)
        got = run(middle, Context(text, position, "python"))
        assert isinstance(got, Nothing)
        return got.reason

    assert reason("x = ║\n", " \n ") == "was empty"
    assert reason("x = ║\n", "<|endoftext|>") == "held only control tokens"
    assert reason("x = ║\n", "I am sorry, I cannot do that.") == "talked instead of completing"
    assert reason("import sys\n║\n", "import sys") == "repeated the lines above"
    assert reason("║\nimport sys\n", "import sys") == "repeated the lines below"
    assert reason("foo(║bar)\n", "a, b)") == "does not fit the text after the cursor"


def test_huge_lines_and_texts() -> None:
    text = Text.of("x" * 3_000_000 + "\ny = 1\n")
    got = run("abc", Context(text, Position(0, 2_000_000), "python"))
    assert isinstance(got, Cleaned)
    assert got.new_text == "abc"
    got = run("x = foo(1)\ny = bar(x)\n" * 100_000, Context(Text.of(""), Position(0, 0), "python"))
    assert isinstance(got, Cleaned)
    assert got.new_text == "x = foo(1)\ny = bar(x)"


def check_selected(drawing: str, typed: str, item: str, middle: str, shown: str | None) -> None:
    text, position = marked(drawing)
    start = Position(position.line, position.character - len(typed))
    selected = Selected(Range(start, position), item)
    got = run(middle, Context(text, position, "python", selected=selected))
    if shown is None:
        assert isinstance(got, Nothing)
    else:
        assert isinstance(got, Cleaned)
        assert (got.range, got.new_text) == (Range(start, position), shown)
        assert run(got.middle, Context(text, position, "python", selected=selected)) == got


def test_the_selected_item_is_extended_or_nothing_is_shown() -> None:
    check_selected("x = con║\n", "con", "console", "sole.log(1)", "console.log(1)")
    check_selected("x = con║\n", "con", "console", "sole", None)
    check_selected("x = con║\n", "con", "console", "text.foo()", None)
    check_selected("x = con║\n", "con", "Console", "sole.log(1)", None)
    check_selected("x = ║\n", "", "console", "console.log(1)", "console.log(1)")
