"""How the demo looks: an editor's window with ghost text, plain lines, and the table at the end."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text as Styled

from firsthand.demo.play import Frame, Tally, percentile

_HEIGHT = 24  # lines of text in the window at most
_BACK = 200  # lines above the window that are read for its colours
_KEY, _LOOK, _ACCEPT = 0.030, 0.12, 0.25  # seconds: after a key, at new ghost text, before Tab


class Window:
    """The animated screen: the lines around the cursor as an editor would draw them."""

    def __init__(self, console: Console, title: str, path: str) -> None:
        self._live = Live(console=console, auto_refresh=False)
        self._title = title
        self._lexer = Syntax.guess_lexer(path)
        self._last_ghost = ""

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, traceback)

    async def show(self, frame: Frame) -> None:
        """Draw a frame, and wait as long as a person would look at it."""
        self._live.update(self._draw(frame), refresh=True)
        fresh = bool(frame.ghost) and not self._last_ghost.endswith(frame.ghost)
        self._last_ghost = frame.ghost
        await asyncio.sleep(_ACCEPT if frame.accepting else _LOOK if fresh else _KEY)

    def _draw(self, frame: Frame) -> RenderableType:
        height = max(3, min(_HEIGHT, self._live.console.height - 5))
        tally = frame.tally
        foot = Styled.assemble(
            (" Tab ", "reverse bold green") if frame.accepting else "     ",
            f" {tally.typed} keys typed, {tally.accepted} accepted, {tally.saved} saved",
            f" | {frame.level}",
            f" | {tally.latencies[-1]:.1f} ms" if tally.latencies else "",
            no_wrap=True,
            overflow="ellipsis",
        )
        body = view(frame, height, self._lexer)
        return Panel(Group(body, Rule(style="dim"), foot), title=self._title, title_align="left")


class Lines:
    """The screen without animation: one line for each accepted suggestion."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def show(self, frame: Frame) -> None:
        """Print the cursor's line where a suggestion is accepted, the suggested part marked."""
        if frame.accepting:
            line = Styled(f"{frame.cursor.line + 1:5}  {frame.text.before(frame.cursor)}")
            line.append("[").append(frame.ghost, "bold").append("]")
            self._console.print(line, soft_wrap=True)


class Nothing:
    """No screen: for output that goes to a file or a pipe, where the table alone is printed."""

    async def show(self, frame: Frame) -> None:
        """Draw nothing."""


def view(frame: Frame, height: int, lexer: str) -> Styled:
    """The lines around the cursor, highlighted, the ghost text dim after it.

    Args:
        frame: what to draw.
        height: the most lines to return.
        lexer: the name of the language's highlighting.
    """
    above = max(1, (height - frame.ghost.count("\n")) * 2 // 3)
    first = max(0, frame.cursor.line - above)
    styled, at = _highlighted(frame, first, first + height, lexer)
    after = styled[at:]
    ghost = Styled(frame.ghost, "dim italic")
    # A block cursor stands on the character it is before: the ghost's first, else the text's.
    under = ghost if ghost else after
    if under.plain[:1] in ("", "\n"):
        under = Styled(" ")
    elif under is ghost:
        ghost = ghost[1:]
    else:
        after = after[1:]
    block = under[:1]
    block.stylize("reverse")
    whole = Styled.assemble(styled[:at], block, ghost, after, no_wrap=True, overflow="crop")
    shown = whole.split("\n", allow_blank=True)[:height]
    return Styled("\n", no_wrap=True, overflow="crop").join(shown)


def _highlighted(frame: Frame, first: int, last: int, lexer: str) -> tuple[Styled, int]:
    """Some lines of the text with their colours, and the cursor's offset in them.

    A line inside a long comment or string gets its colours from where that begins: the reading
    starts at a line without indentation, which seldom is inside one.
    """
    start = first
    while start > max(0, first - _BACK) and not frame.text.lines[start][:1].isalpha():
        start -= 1
    lines = [frame.text.line(number) for number in range(start, min(last, len(frame.text.lines)))]
    code = "\n".join(lines)
    syntax = Syntax(code, lexer, theme="ansi_dark", background_color="default")
    passed = sum(len(line) + 1 for line in lines[: first - start])
    before = sum(len(line) + 1 for line in lines[first - start : frame.cursor.line - start])
    # The highlighting adds a final line feed.
    return syntax.highlight(code)[passed : len(code)], before + frame.cursor.character


def table(tally: Tally, title: str) -> Group:
    """The figures of a replay, under a title."""
    drawn = Table(box=box.SIMPLE, show_header=False)
    drawn.add_column(style="dim")
    drawn.add_column()
    for name, value in rows(tally):
        drawn.add_row(name, value)
    return Group(Styled(title, "bold", no_wrap=True, overflow="ellipsis"), drawn)


def rows(tally: Tally) -> list[tuple[str, str]]:
    """The table's lines: what is counted, and how much."""
    share = f" ({tally.saved / tally.by_hand:.0%} of {tally.by_hand})" if tally.by_hand else ""
    found = [
        ("keys typed", f"{tally.typed}, and Tab {tally.accepted} times"),
        ("keys saved", f"{tally.saved}{share}"),
        ("suggestions", f"{tally.shown} shown, {tally.accepted} right"),
    ]
    if tally.latencies:
        p50, p95, p99 = (percentile(tally.latencies, percent) for percent in (50, 95, 99))
        found.append(("latency", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms"))
    tiers = ", ".join(f"{name} {count}" for name, count in tally.tiers.most_common())
    found.append(("answers by tier", tiers or "none"))
    if tally.cut_short:
        done = tally.by_hand / tally.total
        found.append(("stopped early", f"the time was over after {done:.0%} of the function"))
    return found
