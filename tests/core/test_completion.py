from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.completion import Completion, Offer, advance, consumed
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.core.text import advance as after


def offer(drawing: str, new_text: str, replaces: int = 0) -> Offer:
    text, position = marked(drawing)
    end = Position(position.line, position.character + replaces)
    return Offer(text, Completion(1, Range(position, end), new_text, "inline"))


def check(made: Offer, drawing: str, rest: str | None, replaced: str = "") -> None:
    text, position = marked(drawing)
    left = advance(made, text, position, 2)
    if rest is None:
        assert left is None
        return
    assert left is not None
    assert (left.new_text, text.slice(left.range)) == (rest, replaced)
    assert left.range.start == position
    assert left.version == 2


def test_typed_through() -> None:
    made = offer("x = ║\ny\n", "foo(bar)")
    check(made, "x = ║\ny\n", "foo(bar)")
    check(made, "x = fo║\ny\n", "o(bar)")
    check(made, "x = foo(bar║\ny\n", ")")
    check(made, "x = foo(bar)║\ny\n", None)


def test_diverged() -> None:
    made = offer("x = ║\ny\n", "foo(bar)")
    check(made, "x = fob║\ny\n", None)
    check(made, "x = fo║\nz\n", None)
    check(made, "z = fo║\ny\n", None)
    check(made, "x = fo║ \ny\n", None)
    check(made, "║x = fo\ny\n", None)
    check(made, "x = fo\n║y\n", None)


def test_across_lines() -> None:
    made = offer("if x:║\n", "\n    a()\n    b()")
    check(made, "if x:\n    a║\n", "()\n    b()")
    check(made, "if x:\n    a()\n    ║\n", "b()")
    check(made, "if x:\n  ║\n", "  a()\n    b()")
    check(made, "if x:\n\t║\n", None)


def test_after_a_backspace() -> None:
    made = offer("return║\n", " foo")
    check(made, "retu║\n", "rn foo")
    check(offer("a.b(║\n", "c)"), "a.b║\n", None)


def test_an_auto_closed_pair_is_replaced() -> None:
    made = offer("x = ║\n", "foo(bar)")
    check(made, "x = foo(║)\n", "bar)", replaced=")")
    check(made, "x = foo(b║)\n", "ar)", replaced=")")
    check(made, "x = foo(║]\n", None)
    check(made, "x = foo(bar)║)\n", None)


def test_a_replaced_tail_stays_replaced() -> None:
    made = offer("foo(║)\n", "a, b):", replaces=1)
    check(made, "foo(a║)\n", ", b):", replaced=")")
    check(made, "foo(a║\n", None)


def test_crlf() -> None:
    made = offer("if x:║\r\ny\r\n", "\n    a()")
    check(made, "if x:\r\n    ║\r\ny\r\n", "a()")
    assert made.accepted.string == "if x:\r\n    a()\r\ny\r\n"


PIECES = st.text(alphabet="ab (\n)é😀", min_size=1, max_size=12)


@given(PIECES, PIECES, PIECES, st.data())
def test_typed_and_rest_are_what_was_shown(
    head: str, new_text: str, tail: str, data: st.DataObject
) -> None:
    position = after(Position(0, 0), head)
    text = Text.of(head + tail)
    made = Offer(text, Completion(1, Range.at(position), new_text, "inline"))
    typed = data.draw(st.integers(0, len(new_text)))
    now = text.apply(Edit(Range.at(position), new_text[:typed]))
    cursor = after(position, new_text[:typed])
    left = advance(made, now, cursor, 2)
    if typed == len(new_text):
        assert left is None
    else:
        assert left is not None
        assert new_text[:typed] + left.new_text == new_text
        assert now.apply(Edit(left.range, left.new_text)) == made.accepted


@given(st.text(alphabet="ab \n", min_size=1, max_size=12), st.data())
def test_consumed_counts_what_the_text_holds(new_text: str, data: st.DataObject) -> None:
    text, position = marked("(x║ y)\nz\n")
    made = Offer(text, Completion(1, Range.at(position), new_text, "inline"))
    typed = data.draw(st.integers(0, len(new_text)))
    now = text.apply(Edit(Range.at(position), new_text[:typed]))
    assert consumed(made, now) == typed


def test_consumed_sees_divergence() -> None:
    made = offer("x = ║\ny\n", "foo")
    assert consumed(made, Text.of("x = fa\ny\n")) is None
    assert consumed(made, Text.of("x = fo\n")) is None
    assert consumed(made, Text.of("x = fo()\ny\n")) is None
    assert consumed(offer("retu║", "rn"), Text.of("re")) == -2
