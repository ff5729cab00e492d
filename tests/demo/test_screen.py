"""What the demo draws: ghost text after the cursor, accepted lines, and the table."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from tests.marked import marked

from firsthand.demo.play import Frame, Tally
from firsthand.demo.screen import Lines, Window, rows, table, view


def frame(drawing: str, ghost: str = "", accepting: bool = False) -> Frame:
    text, cursor = marked(drawing)
    tally = Tally(10, typed=3, accepted=1, by_hand=8, shown=2, latencies=[1.0, 2.0])
    return Frame(text, cursor, ghost, accepting, tally, "embedded")


def check(drawing: str, ghost: str, expected: str, height: int = 20) -> None:
    """The lines around the cursor, with the ghost text in them."""
    assert view(frame(drawing, ghost), height, "python").plain == expected


def test_ghost_text_stands_after_the_cursor() -> None:
    check("a = 1\nb = ║\nc = 3", "a + 2", "a = 1\nb = a + 2\nc = 3")
    check("b = ║", "a + 2", "b = a + 2")
    check("f(║)", "a", "f(a)")


def test_the_cursor_needs_a_place_at_a_line_s_end() -> None:
    check("a = 1║\nb = 2", "", "a = 1 \nb = 2")
    check("a = 1║", "", "a = 1 ")
    check("║\nb", "", " \nb")


def test_ghost_text_of_several_lines_pushes_the_rest_down() -> None:
    check("if a:║\nb = 2", "\n    c\n    d", "if a: \n    c\n    d\nb = 2")


def test_characters_outside_ascii_keep_their_places() -> None:
    check("# é😀\ns = '😀║'", "ü", "# é😀\ns = '😀ü'")


def test_a_window_shows_the_lines_around_the_cursor() -> None:
    numbered = "".join(f"x{number}\n" for number in range(100))
    at = numbered.index("x50\n")
    shown = view(frame(numbered[:at] + "║" + numbered[at:]), 6, "python").plain.split("\n")
    assert len(shown) == 6
    assert shown[0] == "x46"
    assert "x50" in shown


def test_ghost_text_is_dim_and_the_cursor_reversed() -> None:
    drawn = view(frame("b = ║", "abc"), 5, "python")
    styles = {drawn.plain[span.start : span.end]: str(span.style) for span in drawn.spans}
    assert styles["bc"] == "dim italic"
    assert "a" in styles


@pytest.mark.asyncio
async def test_the_animated_window_draws_text_counts_and_the_tab_key() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, height=20, _environ={})
    with Window(console, "def f", "f.py") as window:
        await window.show(frame("b = ║", "a + 2", accepting=True))
    assert "def f" in out.getvalue()
    assert "Tab" in out.getvalue()
    assert "3 keys typed, 1 accepted, 4 saved" in out.getvalue()
    assert "2.0 ms" in out.getvalue()


@pytest.mark.asyncio
async def test_lines_are_printed_only_where_a_suggestion_is_accepted() -> None:
    out = io.StringIO()
    lines = Lines(Console(file=out, width=40, highlight=False))
    await lines.show(frame("a\n  b║", "c[1]"))
    assert out.getvalue() == ""
    await lines.show(frame("a\n  b║", "c[1]", accepting=True))
    assert out.getvalue() == "    2    b[c[1]]\n"


def test_the_table_says_what_was_counted() -> None:
    tally = Tally(100, 30, 5, 80, 9, [float(value) for value in range(1, 101)], cut_short=True)
    tally.tiers.update({"embedded": 7, "typed-through": 3})
    assert dict(rows(tally)) == {
        "keys typed": "30, and Tab 5 times",
        "keys saved": "45 (56% of 80)",
        "suggestions": "9 shown, 5 right",
        "latency": "p50 50.0 ms, p95 95.0 ms, p99 99.0 ms",
        "answers by tier": "embedded 7, typed-through 3",
        "stopped early": "the time was over after 80% of the function",
    }


def test_an_empty_replay_has_a_table_too() -> None:
    out = io.StringIO()
    Console(file=out, width=60).print(table(Tally(10), "nothing"))
    assert "0 shown, 0 right" in out.getvalue()
