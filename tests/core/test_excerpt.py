from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.excerpt import Excerpt, excerpt
from firsthand.core.text import Edit, Position, Range, Text, advance

SOURCE = st.text(st.sampled_from("ab (:\n\r\té😀\ud800"), max_size=300)
LINES = "".join(f"    line_{number} = {number % 7}\n" for number in range(400))


def check(drawing: str, prefix: str, suffix: str, prefix_chars: int, suffix_chars: int) -> None:
    text, position = marked(drawing)
    got = excerpt(text, position, prefix_chars, suffix_chars)
    assert (got.prefix, got.suffix) == (prefix, suffix)


def plain(string: str) -> str:
    string = string.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in string)


def typed(text: Text, position: Position, keys: str) -> list[tuple[Text, Position]]:
    states = [(text, position)]
    for key in keys:
        text, position = states[-1]
        states.append((text.apply(Edit(Range.at(position), key)), advance(position, key)))
    return states


def starts(got: list[Excerpt]) -> int:
    return sum(one.start != other.start for one, other in pairwise(got))


def test_a_small_document_is_given_whole() -> None:
    check("a\nb║c\nd\n", "a\nb", "c\nd\n", 100, 100)
    check("║", "", "", 100, 100)
    check("a\r\nb║\r\nc\rd", "a\nb", "\nc\nd", 100, 100)


def test_windows_are_whole_lines() -> None:
    check("aaaa\nbbbb\ncc║\ndddd\neeee\n", "bbbb\ncc", "\ndddd\n", 8, 6)
    check("aaaa\nbbbb\ncccc║\ndddd\neeee\n", "cccc", "\n", 4, 1)


def test_nothing_is_asked_for() -> None:
    check("aa\nbb║cc\ndd", "", "", 0, 0)


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    check("x = '\ud83d║' \udc00", "x = '\ufffd", "' \ufffd", 100, 100)


def test_a_huge_line_is_cut_inside() -> None:
    text = Text.of("x" * 5_000_000 + "\ny\n")
    for character in (0, 10, 2_500_000, 4_999_999, 5_000_000):
        got = excerpt(text, Position(0, character), 2_000, 500)
        assert min(character, 1_000) <= len(got.prefix) <= 2_000
        assert got.start.character + len(got.prefix) == character
        assert len(got.suffix) <= 500


@given(SOURCE, st.data(), st.integers(0, 120), st.integers(0, 120))
def test_windows_touch_the_cursor_and_are_bounded(
    source: str, data: st.DataObject, prefix_chars: int, suffix_chars: int
) -> None:
    text = Text.of(source)
    line = data.draw(st.integers(0, len(text.lines) - 1))
    position = Position(line, data.draw(st.integers(0, len(text.line(line)))))
    got = excerpt(text, position, prefix_chars, suffix_chars)
    before = text.slice(Range(Position(0, 0), position))
    after = text.slice(Range(position, text.end))
    assert plain(before).endswith(got.prefix)
    assert plain(after).startswith(got.suffix)
    assert got.prefix == plain(text.slice(Range(got.start, position)))
    assert len(got.prefix) <= prefix_chars
    assert len(got.suffix) <= suffix_chars
    (got.prefix + got.suffix).encode()
    if max(map(len, text.lines)) <= min(prefix_chars, suffix_chars) // 2:
        assert len(got.prefix) >= min(len(plain(before)), prefix_chars // 2 - before.count("\r\n"))
        assert len(got.suffix) >= min(len(plain(after)), suffix_chars // 2 - after.count("\r\n"))


@given(st.integers(0, 399), st.integers(200, 4_000), st.booleans())
def test_the_beginning_stands_still_while_typing(line: int, size: int, remembers: bool) -> None:
    text = Text.of(LINES)
    keys = ("    value = call(1)\n" * (size // 80))[: size // 4]
    got: list[Excerpt] = []
    for text_now, position in typed(text, Position(line, 0), keys):
        previous = got[-1] if got and remembers else None
        got.append(excerpt(text_now, position, size, 100, previous))
    assert starts(got) <= (1 if remembers else 4)


def test_the_beginning_seldom_moves() -> None:
    states = typed(Text.of(LINES), Position(200, 0), "    value = call(1)\n" * 100)
    alone = [excerpt(text, position, 1_000, 100) for text, position in states]
    assert starts(alone) <= 2_000 // 200
    kept: list[Excerpt] = []
    for text, position in states:
        kept.append(excerpt(text, position, 1_000, 100, kept[-1] if kept else None))
    assert starts(kept) <= 2_000 // 200


@given(st.integers(0, 390), st.integers(50, 1_000))
def test_the_suffix_stands_still_while_typing(line: int, size: int) -> None:
    states = typed(Text.of(LINES), Position(line, 0), "if x:\n  y\n")
    assert len({excerpt(*state, 100, size).suffix for state in states}) == 1


def test_a_suffix_that_hardly_changed_is_kept() -> None:
    def kept(before: str, after: str, size: int = 1_000) -> bool:
        first = excerpt(*marked(before), 100, size)
        second = excerpt(*marked(after), 100, size, first)
        assert second.suffix in (first.suffix, excerpt(*marked(after), 100, size).suffix)
        assert second.kept == (second.suffix != excerpt(*marked(after), 100, size).suffix)
        return second.suffix == first.suffix

    below = "".join(f"line {number}\n" for number in range(20))
    assert kept(f"foo║\n{below}", f"foo(║)\n{below}")
    assert kept(f"foo(║)\n{below}", f"foo(a)║\n{below}")
    assert kept(f'foo("║")\n{below}', f'foo("a", ║)\n{below}')
    assert kept(f"foo║\n{below}", f"foo║\n{below.replace('line 9', 'line nine')}")
    assert kept(f"foo║\n{below}", f"foo║\n{below.replace('line 9', '')}")
    assert not kept(f"foo║\n{below}", f"foo║\n{below.replace('line 0', 'line zero')}")
    assert not kept(f"foo║ + 1\n{below}", f"foo║ + 2\n{below}")
    assert not kept(f"foo║\n{below}", f"foo║\n{below.replace('line 1', 'row 1')}")
    assert not kept(f"foo║\n{below}", f"foo\n{below.replace('line 5', 'line 5║')}")
    assert not kept("foo║\n", f"foo║\n{below}")
    assert not kept(f"foo║\n{below}", "foo║\n")


def test_a_kept_suffix_does_not_drift() -> None:
    below = "".join(f"line {number}\n" for number in range(40))
    text, position = marked(f"x║\n{below}")
    got = excerpt(text, position, 100, 300)
    for number in range(3, 9):
        text = text.apply(Edit(Range.at(Position(number, 0)), "new "))
        got = excerpt(text, position, 100, 300, got)
        there = text.slice(Range(position, text.end))
        assert sum(each not in there for each in got.suffix.splitlines(keepends=True)) <= 2


def test_other_windows_than_before() -> None:
    text, position = marked(LINES[:4_000] + "║" + LINES[4_000:])
    wide = excerpt(text, position, 3_000, 1_000)
    narrow = excerpt(text, position, 300, 100, wide)
    assert narrow == excerpt(text, position, 300, 100)
    assert excerpt(text, position, 3_000, 1_000, narrow) == wide
