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
